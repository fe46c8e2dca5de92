"""spawn services of master.cf: a command for each connection, which is its standard input, output and error (spawn(8)).

A process with root's privileges runs this, for the command's user; without root the command runs as we do. No shell,
nothing of our environment but export_environment, a session of its own, so that it ends with everything it started.
"""

from __future__ import annotations

import asyncio
import grp
import os
import pwd
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatepost.core.config.master import Service, spawn_of
from gatepost.core.config.settings import Settings
from gatepost.core.errors import Problem, Severity

PATH = "/usr/bin:/bin"  # where export_environment does not name PATH
ACCEPT_DELAY = 1.0  # seconds before another connection is taken where accepting, or starting the command, failed
TERM_GRACE = 2.0  # seconds between SIGTERM and SIGKILL when we stop


@dataclass(frozen=True, slots=True)
class Command:
    """What a spawn service runs, all names looked up.

    ``uid`` and ``gid`` are None where we have no privilege to change them. ``time_limit`` is in seconds,
    ``process_limit`` 0 for none.
    """

    service: str
    argv: tuple[str, ...]
    uid: int | None
    gid: int | None
    directory: Path
    environment: Mapping[str, str]
    time_limit: float
    process_limit: int


def prepare(
    service: Service, settings: Settings, environment: Mapping[str, str], *, is_root: bool | None = None
) -> tuple[Command | None, tuple[Problem, ...]]:
    """The command of a spawn service, with ``settings`` its own; None where a Problem is an error.

    Postfix: root and the mail owner are refused as the command's user, here as there.
    """
    spawn = spawn_of(service)
    if isinstance(spawn, Problem):
        return None, (spawn,)
    is_root = os.geteuid() == 0 if is_root is None else is_root
    try:
        uid, gid = _identity(spawn.user, spawn.group, settings.text("mail_owner"))
    except ValueError as error:
        if is_root:
            return None, (Problem(str(error), service.place),)
        uid = gid = -1
    problems: tuple[Problem, ...] = ()
    if not is_root and uid != os.geteuid():
        text = f"service {service.name}: without root its command runs as this process's user, not as {spawn.user}"
        problems = (Problem(text, service.place, Severity.WARNING),)
    own_limit = f"{service.name}_time_limit"
    limit = settings.seconds(own_limit if settings.knows(own_limit) else "command_time_limit")
    maxproc = settings.number("default_process_limit") if service.maxproc is None else service.maxproc
    directory = Path(settings.text("queue_directory"))
    command = Command(
        service.name,
        spawn.argv,
        uid if is_root else None,
        gid if is_root else None,
        directory if directory.is_dir() else Path("/"),
        _exported(settings.words("export_environment"), environment),
        limit,
        maxproc,
    )
    return command, problems


def _identity(user: str, group: str, mail_owner: str) -> tuple[int, int]:
    """User and group ids. Raises ValueError with Postfix's complaint."""
    try:
        entry = pwd.getpwnam(user)
    except KeyError as error:
        raise ValueError(f"unknown user name: {user}") from error
    gid = entry.pw_gid
    if group:
        try:
            gid = grp.getgrnam(group).gr_gid
        except KeyError as error:
            raise ValueError(f"unknown group name: {group}") from error
    if entry.pw_uid == 0:
        raise ValueError("request to deliver as root")
    if gid == 0:
        raise ValueError("request to use privileged group")
    if user == mail_owner:
        raise ValueError("request to deliver as mail system owner")
    return entry.pw_uid, gid


def _exported(words: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """export_environment: ``name`` is passed on, ``name=value`` is set, be it in braces."""
    found = {"PATH": PATH}
    for word in words:
        text = word[1:-1].strip() if word.startswith("{") else word
        name, equals, value = (part.strip() for part in text.partition("="))
        if equals:
            found[name] = value
        elif name in environment:
            found[name] = environment[name]
    return found


class Spawner:
    """Runs one spawn service on its listening sockets, from ``start`` to ``stop``. Lines for ``log`` are Postfix's.

    No connection is accepted while ``process_limit`` commands run: the next ones wait in the kernel's queue, as they do
    under master(8).
    """

    def __init__(
        self, command: Command, listeners: Sequence[socket.socket], *, log: Callable[[str], None] = lambda line: None
    ) -> None:
        self.command = command
        self._listeners = tuple(listeners)
        self._log = log
        self._room = asyncio.Semaphore(command.process_limit or 1_000_000)
        self._stopping = False
        self._accepting: list[asyncio.Task[None]] = []
        self._running: dict[asyncio.Task[None], subprocess.Popen[bytes]] = {}

    @property
    def running(self) -> int:
        """How many commands run."""
        return len(self._running)

    def start(self) -> None:
        """Begin to accept, on the running event loop."""
        for listener in self._listeners:
            listener.setblocking(False)
            self._accepting.append(asyncio.get_running_loop().create_task(self._accept(listener)))

    async def stop(self, grace: float = TERM_GRACE) -> None:
        """Accept no more and end every command: SIGTERM to its process group, SIGKILL after ``grace`` seconds."""
        self._stopping = True
        for task in self._accepting:
            task.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        for process in self._running.values():
            _kill(process, signal.SIGTERM)
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        for process in self._running.values():
            _kill(process, signal.SIGKILL)
        if self._running:
            await asyncio.wait(self._running)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._room.acquire()
            try:
                connection, _ = await loop.sock_accept(listener)
                process = self._run(connection)
            except OSError as error:
                self._log(f"warning: command {self.command.argv[0]}: {error.strerror or error}")
                await asyncio.sleep(ACCEPT_DELAY)
                process = None
            except asyncio.CancelledError:
                self._room.release()
                raise
            if process is None:
                self._room.release()
                continue
            task = loop.create_task(self._watch(process))
            self._running[task] = process
            task.add_done_callback(self._ended)

    def _run(self, connection: socket.socket) -> subprocess.Popen[bytes]:
        """Start the command. Raises OSError where it cannot be executed."""
        command = self.command
        with connection:
            connection.setblocking(True)  # a flag of the connection itself: the command would inherit ours
            return subprocess.Popen(
                command.argv,
                stdin=connection.fileno(),
                stdout=connection.fileno(),
                stderr=connection.fileno(),
                cwd=command.directory,
                env=dict(command.environment),
                start_new_session=True,
                user=command.uid,
                group=command.gid,
                extra_groups=None if command.gid is None else [command.gid],
            )

    async def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the command's end, no longer than its time limit, and reap it."""
        name = self.command.argv[0]
        try:
            async with asyncio.timeout(self.command.time_limit):
                await _until_over(process.pid)
        except TimeoutError:
            self._log(f"warning: {name}: process id {process.pid}: command time limit exceeded")
            _kill(process, signal.SIGKILL)
            await _until_over(process.pid)
            process.wait()
            return
        if self._stopping:
            _kill(process, signal.SIGKILL)  # what it started and left behind
        status = process.wait()
        if status > 0:
            self._log(f"warning: command {name} exit status {status}")
        elif status < 0 and not self._stopping:
            self._log(f"warning: command {name} killed by signal {-status}")

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._room.release()


async def _until_over(pid: int) -> None:
    """Until the process, a child of ours, has ended; it is not reaped, so that its id stays its own."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    try:
        handle = os.pidfd_open(pid)
    except OSError:  # a kernel or a sandbox without pidfd
        _wait_in_thread(pid, lambda: loop.call_soon_threadsafe(over.set))
        await over.wait()
        return
    loop.add_reader(handle, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


def _wait_in_thread(pid: int, over: Callable[[], object]) -> None:
    def wait() -> None:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        over()

    threading.Thread(target=wait, name=f"wait-{pid}", daemon=True).start()


def _kill(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the whole group of a process that has not been reaped."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        process.send_signal(number)
