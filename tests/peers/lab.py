"""A lab: network, mount and process namespaces of their own, with a DNS server, where real servers run side by side.

Every lab has its own 127.0.0.1 and its own empty /etc/postfix, /var/spool/postfix, /var/lib/postfix, /var/log, ...
(private directories, bind-mounted), so two servers can serve the very same configuration on the same ports, one lab
each, and nothing of the machine's is read or written. /etc/resolv.conf names a test DNS server on 127.0.0.53.

    with Lab("mx.example A 192.0.2.1") as lab:
        lab.run("postfix", "start")              inside
        lab.connect(25)                          a socket of this process, connected inside

The test's own process stays outside; only sockets are made inside (setns for the moment). When the process ends, by
whatever cause, the kernel ends everything in the lab. Needs root; where namespaces are not allowed, LabError says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

NAMESERVER = "127.0.0.53"
TESTS = Path(__file__).resolve().parent.parent

# A private directory for each; only those that the machine has can be mounted over.
PRIVATE = (
    "/etc/postfix",
    "/etc/postgrey",
    "/var/spool/postfix",
    "/var/lib/postfix",
    "/var/lib/postgrey",
    "/var/log",
    "/var/mail",
)

_CLONE_NEWNET = 0x40000000
# The first process inside: ignoring SIGCHLD makes the kernel reap orphans; it ends when its standard input does.
_INSIDE = """
set -e
trap '' CHLD
ip link set lo up
while [ "$1" ]; do mount --bind "$1" "$2"; shift 2; done
echo inside
exec cat >/dev/null
"""


class LabError(Exception):
    """The lab, or a server in it, could not be started; says why."""


def wait_until_quiet(read: Callable[[], list[str]], *, quiet: float = 0.15) -> None:
    """Until what ``read`` gives (a log) has not grown for ``quiet`` seconds: servers write it in the background."""
    size, since = -1, time.monotonic()
    while time.monotonic() - since < quiet:
        if (now := len(read())) != size:
            size, since = now, time.monotonic()
        time.sleep(0.02)


def wait_for(what: str, condition: Callable[[], Any], *, seconds: float = 20.0, pause: float = 0.01) -> Any:
    """The condition's value as soon as it is true; LabError naming ``what`` after ``seconds``."""
    end = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > end:
            raise LabError(f"waited {seconds:g} seconds for {what}")
        time.sleep(pause)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Lab:
    """A context manager. ``root`` holds the private directories: ``root / "etc/postfix"`` is /etc/postfix inside.

    ``zone`` is text as tests/dns_server.py reads it. ``files`` are further files to replace: path inside -> content.
    """

    def __init__(self, zone: str = "", *, files: dict[str, str] | None = None) -> None:
        self.zone = zone
        self.files = {"/etc/resolv.conf": f"nameserver {NAMESERVER}\noptions timeout:1 attempts:2\n"} | (files or {})
        self.root = Path()
        self._holder: subprocess.Popen[bytes] | None = None
        self._dns: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        if os.geteuid() != 0:
            raise LabError("real servers are tested in namespaces of their own, which needs root")
        self.root = Path(tempfile.mkdtemp(prefix="gatepost-lab-"))
        self.root.chmod(0o755)  # the servers' own users must get through
        try:
            self._unshare(self._private_files())
            self._start_dns()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End everything inside, remove the private directories."""
        for process in (*self._processes, self._dns):
            if process is not None and process.poll() is None:
                process.kill()
        if self._holder is not None:
            self._holder.kill()
            self._holder.wait()
        for process in (*self._processes, self._dns):
            if process is not None:
                process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def inside(self, path: str) -> Path:
        """Where a private path of the lab, such as ``/var/log/mail.log``, lies outside."""
        return self.root / path.lstrip("/")

    def run(
        self, *command: str, check: bool = True, timeout: float = 60, stdin: bytes = b""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside; LabError with its output where it fails (unless ``check`` is False)."""
        done = subprocess.run(
            [*self._enter(), *command],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )
        text = done.stdout.decode(errors="replace")
        if check and done.returncode:
            raise LabError(f"{' '.join(command)}: exit status {done.returncode}\n{text}")
        return subprocess.CompletedProcess(command, done.returncode, text)

    def spawn(self, *command: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start a command inside; it ends with the lab. ``options`` are Popen's."""
        process = subprocess.Popen([*self._enter(), *command], **options)
        self._processes.append(process)
        return process

    def pids(self) -> list[int]:
        """Every process in the lab, as seen from outside, but for its first and the DNS server."""
        namespace = os.readlink(f"/proc/{self._pid}/ns/pid")
        apart = {self._pid, *(_children(self._dns.pid) if self._dns is not None else ())}
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and os.readlink(entry / "ns/pid") == namespace:
                    found.append(int(entry.name))
        return [pid for pid in found if pid not in apart]

    @contextlib.contextmanager
    def network(self) -> Iterator[None]:
        """Sockets that this thread makes meanwhile belong to the lab."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net") as outside, open(f"/proc/{self._pid}/ns/net") as within:
            if libc.setns(within.fileno(), _CLONE_NEWNET):
                raise LabError(f"setns: {os.strerror(ctypes.get_errno())}")
            try:
                yield
            finally:
                libc.setns(outside.fileno(), _CLONE_NEWNET)

    def socket(self) -> socket.socket:
        with self.network():
            return socket.socket(socket.AF_INET, socket.SOCK_STREAM)

    def connect(self, port: int, *, host: str = "127.0.0.1", timeout: float = 30.0) -> socket.socket:
        sock = self.socket()
        sock.settimeout(timeout)
        try:
            sock.connect((host, port))
        except OSError:
            sock.close()
            raise
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def wait_for_port(self, port: int, *, greeting: bool = True, alive: Callable[[], str] = lambda: "") -> None:
        """Until the port accepts (and, with ``greeting``, says something). ``alive`` returns why waiting is in vain."""

        def answers() -> bool:
            if why := alive():
                raise LabError(why)
            try:
                with self.connect(port, timeout=5) as sock:
                    return not greeting or bool(sock.recv(1))
            except OSError:
                return False

        wait_for(f"port {port}", answers, pause=0.02)

    def set_zone(self, zone: str) -> None:
        """Serve another zone (the servers' own caches live on)."""
        self.inside("zone").write_text(zone)
        if self._dns is not None:
            self.signal(self._dns, signal.SIGHUP)

    def signal(self, process: subprocess.Popen[bytes], number: int) -> None:
        """Send a signal to what ``spawn`` started (Popen's own pid is the one that entered the namespaces)."""
        for child in _children(process.pid):
            os.kill(child, number)

    def pid(self, process: subprocess.Popen[bytes]) -> int:
        """The process id, as seen from outside, of what ``spawn`` started."""
        return int(wait_for("the process inside", lambda: _children(process.pid))[0])

    def _private_files(self) -> list[str]:
        mounts: list[str] = []
        for path in PRIVATE:
            mine = self.inside(path)
            mine.mkdir(parents=True)
            if Path(path).is_dir():
                mounts += [str(mine), path]
        for path, content in self.files.items():
            mine = self.inside(path)
            mine.parent.mkdir(parents=True, exist_ok=True)
            mine.write_text(content)
            mounts += [str(mine), path]
        return mounts

    def _unshare(self, mounts: list[str]) -> None:
        command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        self._holder = subprocess.Popen(
            [*command, "sh", "-c", _INSIDE, "sh", *mounts],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._holder.stdout is not None
        said = self._holder.stdout.readline()
        if said != b"inside\n":
            said += self._holder.stdout.read()
            raise LabError(f"namespaces are not to be had here: {said.decode(errors='replace').strip()}")
        self._pid = _children(self._holder.pid)[0]

    def _start_dns(self) -> None:
        zone = self.inside("zone")
        zone.write_text(self.zone)
        listen = f"{NAMESERVER}:53"
        self._dns = self.spawn(
            sys.executable, str(TESTS / "dns_server.py"), "--listen", listen, str(zone), stdout=subprocess.PIPE
        )
        assert self._dns.stdout is not None
        if not self._dns.stdout.readline():
            raise LabError("the DNS server did not start")

    def _enter(self) -> list[str]:
        return ["nsenter", f"--target={self._pid}", "--mount", "--net", "--pid", "--"]
