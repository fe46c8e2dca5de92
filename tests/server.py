"""The real ``gatepost serve`` as a process, on free loopback ports, with a configuration directory made by the test.

    with Server(place, main={"smtpd_client_restrictions": "reject"}) as server:
        client = Client(server.port("smtp"))

``place`` is a directory that every user may pass through (fixture ``place``): as root, the workers drop to ``nobody``.
Mail for box@dragon.lab lies below ``server.mailboxes``.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from gatepost.edge.journal import records
from gatepost.edge.journal_record import Record
from gatepost.edge.spool import listing

T = TypeVar("T")

GATEPOST = str(Path(sys.executable).with_name("gatepost"))
OWNER = "nobody"
PATIENCE = 15.0  # seconds that a test waits for anything before it fails

MAIN = {
    "compatibility_level": "3.6",
    "myhostname": "mx.dragon.lab",
    "mydomain": "dragon.lab",
    "mydestination": "",
    "mynetworks": "127.0.0.0/8",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "virtual_mailbox_domains": "dragon.lab",
    "virtual_mailbox_maps": "hash:$config_directory/mailboxes",
    "virtual_uid_maps": "",
    "virtual_gid_maps": "",
    "local_recipient_maps": "",
    "alias_maps": "",
    "alias_database": "",
    "smtpd_authorized_xclient_hosts": "127.0.0.0/8",
    "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
}
SMTP = "smtp inet n - n - - smtpd\n"
MAILBOXES = {"box@dragon.lab": "box/", "other@dragon.lab": "other/"}


def wait_until(what: str, found: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Look again and again until ``found`` gives something that is true, and return it."""
    deadline = time.monotonic() + seconds
    while not (result := found()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} seconds for {what}")
        time.sleep(0.005)
    return result


def free_port() -> int:
    """A loopback port that nobody has now, outside the range from which the kernel hands out ports to others."""
    while True:
        port = 10_000 + int.from_bytes(os.urandom(2), "big") % 22_000
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def write_configuration(directory: Path, main: Mapping[str, str], master: str = SMTP) -> None:
    """A directory with MAIN, changed by ``main``, and the mailboxes."""
    directory.mkdir(exist_ok=True)
    (directory / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in {**MAIN, **main}.items()))
    (directory / "master.cf").write_text(master)
    (directory / "mailboxes").write_text("".join(f"{name} {path}\n" for name, path in MAILBOXES.items()))


class Server:
    """A context manager; ``start`` and ``kill`` may also be called by hand, again and again, on the same state.

    ``main`` and ``master`` make the configuration directory ``place``/etc; without them it must be there already.
    ``options`` are -o values. ``command`` goes before the server's own, as unshare(1) would.
    """

    def __init__(
        self,
        place: Path,
        *,
        main: Mapping[str, str] | None = None,
        master: str = SMTP,
        services: Sequence[str] = ("smtp",),
        options: Mapping[str, str] | None = None,
        nameserver: str = "127.0.0.1:9",
        workers: int = 1,
        command: Sequence[str] = (),
    ) -> None:
        self.place = place
        self.directory = place / "etc"
        self.state = place / "state"
        self.mailboxes = place / "mail"
        self.log_file = place / "mail.log"
        self.workers = workers
        self.nameserver = nameserver
        self.command = tuple(command)
        self.output: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None
        self._ports = {name: free_port() for name in services}
        self._options = {
            "gatepost_state_directory": str(self.state),
            "virtual_mailbox_base": str(self.mailboxes),
            "maillog_file": str(self.log_file),
            "maillog_file_prefixes": str(place),
            "queue_directory": str(place),
            "mail_owner": OWNER,
            **(options or {}),
        }
        if main is not None:
            write_configuration(self.directory, main, master)
        give_to_workers(self.mailboxes)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self.process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    @property
    def arguments(self) -> list[str]:
        """Everything after ``gatepost serve``."""
        found = ["--config", str(self.directory), "--workers", str(self.workers), "--nameserver", self.nameserver]
        for name, value in self._options.items():
            found += ["-o", f"{name}={value}"]
        for name, port in self._ports.items():
            found += ["--listen", f"{name}=127.0.0.1:{port}"]
        return found

    def port(self, service: str = "smtp") -> int:
        return self._ports[service]

    def start(self) -> Self:
        """Start the process and wait for its ready line."""
        before = len(self.output)
        self.process = process = subprocess.Popen(
            [*self.command, GATEPOST, "serve", *self.arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        said = threading.Event()
        threading.Thread(target=self._read, args=(process, said), daemon=True).start()
        if not said.wait(PATIENCE) or process.poll() is not None:
            self.kill()
            raise AssertionError("the server did not start:\n" + "\n".join(self.output[before:]))
        return self

    def _read(self, process: subprocess.Popen[bytes], said: threading.Event) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.output.append(line.decode(errors="replace").rstrip())
            if self.output[-1].startswith("gatepost is ready"):
                said.set()
        process.wait()
        said.set()

    def kill(self) -> None:
        """SIGKILL for the supervisor and its workers at once; waits until all have gone."""
        assert self.process is not None
        pids = [self.pid, *self.worker_pids()] if self.process.poll() is None else []
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        wait_until("the workers to be gone", lambda: not any(is_alive(pid) for pid in pids))

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def children(self) -> list[int]:
        """The supervisor's processes: workers and, as root, the steward."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(pid) for pid in children]

    def worker_pids(self) -> list[int]:
        """Without the steward: as root, those that gave root up."""
        return [pid for pid in self.children() if os.geteuid() != 0 or uid_of(pid) != 0]

    def steward_pid(self) -> int:
        """The one that keeps root, once there is no other (a worker that has just been started is still root)."""
        (pid,) = wait_until("one process of root's", lambda: [one for one in self.children() if uid_of(one) == 0])
        return pid

    def log(self) -> list[str]:
        """The mail log's lines so far."""
        return self.log_file.read_text(errors="replace").splitlines() if self.log_file.exists() else []

    def wait_for_log(self, pattern: str, count: int = 1, seconds: float = PATIENCE) -> list[str]:
        """The lines that match, once there are ``count``."""

        def found() -> list[str]:
            lines = [line for line in self.log() if re.search(pattern, line)]
            return lines if len(lines) >= count else []

        try:
            return wait_until(f"{count} log lines with {pattern}", found, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n" + "\n".join(self.log()[-30:] + self.output[-10:])) from None

    def records(self) -> list[Record]:
        """Today's journal and yesterday's, of all workers."""
        today = int(time.time() // 86400)
        return [one for day in (today - 1, today) for one in records(self.state / "journal", day)]

    def delivered(self, box: str = "box") -> list[bytes]:
        """The mails in a Maildir."""
        directory = self.mailboxes / box / "new"
        return [path.read_bytes() for path in sorted(directory.iterdir())] if directory.exists() else []

    def wait_for_mail(self, box: str = "box", count: int = 1, seconds: float = PATIENCE) -> list[bytes]:
        """All mails in a Maildir, once there are ``count``."""
        wait_until(f"{count} mails in {box}", lambda: len(self.delivered(box)) >= count, seconds)
        return self.delivered(box)

    def spooled(self) -> int:
        """How many mails all shards of the spool hold."""
        return sum(1 for _ in listing.entries(self.state / "spool"))


def give_to_workers(path: Path) -> None:
    """A directory that the workers may write to, whoever they are."""
    path.mkdir(exist_ok=True, parents=True)
    path.chmod(0o777)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def uid_of(pid: int) -> int:
    """The user that a process runs as; -1 where it has gone."""
    try:
        match = re.search(r"^Uid:\s+\d+\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except (FileNotFoundError, ProcessLookupError):
        return -1
    return int(match[1]) if match else -1


def resident(pid: int) -> int:
    """A process's memory (VmRSS) in octets."""
    match = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert match is not None
    return int(match[1]) * 1024


class Client:
    """A plain SMTP client that says exactly what it is told. Every read ends after PATIENCE."""

    def __init__(self, port: int, *, greet: str = "", tls: bool = False) -> None:
        self.socket: socket.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._rest = b""
        if tls:
            self._wrap()
        if greet:
            self.reply()
            assert self.ask(f"EHLO {greet}").startswith("250")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> str:
        """The next line of the server; empty where it has hung up."""
        while b"\n" not in self._rest:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return ""
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode().rstrip("\r")

    def reply(self) -> str:
        """A whole reply, its lines joined by LF; empty where the server has hung up."""
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return "\n".join(lines)

    def ask(self, command: str) -> str:
        """Say a command and return the reply."""
        self.send(command.encode() + b"\r\n")
        return self.reply()

    def starttls(self) -> None:
        """After the 220."""
        self._wrap()

    def _wrap(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)

    def envelope(self, sender: str = "ann@example.com", recipient: str = "box@dragon.lab") -> None:
        """Up to the 354."""
        assert self.ask(f"MAIL FROM:<{sender}>").startswith("250")
        assert self.ask(f"RCPT TO:<{recipient}>").startswith("250")
        assert self.ask("DATA").startswith("354")

    def mail(self, content: bytes = b"Subject: hello\n\nhello\n", sender: str = "ann@example.com") -> str:
        """A whole mail; the reply to its end."""
        self.envelope(sender)
        self.send(content.replace(b"\n", b"\r\n") + b".\r\n")
        return self.reply()


@contextmanager
def connected(port: int, greet: str = "client.example") -> Iterator[Client]:
    """A client that has said EHLO."""
    with Client(port, greet=greet) as client:
        yield client
