"""Where log lines go: a file (maillog_file), standard output, or syslog; what each needs, and which one is configured.

An output takes finished lines in groups and never waits: what it cannot take now, it leaves with the sink. It knows
nothing of time, lateness or loss; that is edge.log_sink's.
"""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from gatepost.core.config.settings import Settings
from gatepost.core.errors import Problem

# syslog(3); RFC 3164 section 4.1.1.
_FACILITIES = {
    "kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "syslog": 5, "lpr": 6, "news": 7, "uucp": 8, "cron": 9,
    "authpriv": 10, "ftp": 11, "local0": 16, "local1": 17, "local2": 18, "local3": 19, "local4": 20, "local5": 21,
    "local6": 22, "local7": 23,
}  # fmt: skip
_SEVERITIES = {"fatal": 2, "error": 3, "warning": 4, "info": 6}

_PIPE_CHUNK = 4096  # PIPE_BUF: a pipe that polls writable takes this much without blocking

Opener = Callable[[str], int]


class Output(Protocol):
    def header(self, stamp: str, host: str, tag: str, level: str) -> str:
        """What stands before a line's text. ``stamp`` is ``Nov 22 16:02:32``, ``tag`` ``postfix/smtpd[123]``."""
        ...

    def write(self, lines: Sequence[str]) -> int:
        """Write as many of ``lines`` as can be written without waiting; how many. Raises OSError where none can be."""
        ...

    def reopen(self) -> None:
        """Begin anew at the configured place; raises OSError and goes on with the old one where that cannot be."""
        ...

    def close(self) -> None: ...


LOG_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOCTTY


def open_log_file(path: str) -> int:
    """A descriptor that appends to ``path``, made if need be with the mode that Postfix gives it."""
    return os.open(path, LOG_FLAGS | os.O_CLOEXEC, 0o644)


class FileOutput:
    """A file that several processes append to: each group is one write, so lines stay whole.

    A file that was renamed or removed is opened anew within a second, as log rotation expects. ``opener`` is asked for
    the descriptor, for a worker that may not open it any more leaves that to its supervisor.
    """

    def __init__(self, path: str, opener: Opener = open_log_file) -> None:
        self._path = path
        self._opener = opener
        self._fd = opener(path)
        self._checked = int(time.monotonic())
        self._rest = b""

    def header(self, stamp: str, host: str, tag: str, level: str) -> str:
        return f"{stamp} {host} {tag}: "

    def write(self, lines: Sequence[str]) -> int:
        now = int(time.monotonic())
        if now != self._checked:
            self._checked = now
            if self._rotated():
                self.reopen()
        if self._rest:  # a line that a full disk had cut in two
            self._rest = self._rest[os.write(self._fd, self._rest) :]
            if self._rest:
                return 0
        data = "\n".join([*lines, ""]).encode(errors="replace")
        done = os.write(self._fd, data)
        if done == len(data):
            return len(lines)
        whole = data.count(b"\n", 0, done)
        if data[done - 1 : done] == b"\n":
            return whole
        self._rest = data[done : data.index(b"\n", done) + 1]
        return whole + 1

    def _rotated(self) -> bool:
        try:
            there = os.stat(self._path)
        except OSError:
            return True
        ours = os.fstat(self._fd)
        return (there.st_ino, there.st_dev) != (ours.st_ino, ours.st_dev)

    def reopen(self) -> None:
        fd = self._opener(self._path)
        os.close(self._fd)
        self._fd = fd
        self._rest = b""

    def close(self) -> None:
        os.close(self._fd)


class StreamOutput:
    """Standard output: a terminal, a file, or a pipe whose reader may be slow.

    Its descriptor is shared with others, so it is not made non-blocking; a pipe that polls writable takes a chunk.
    """

    def __init__(self, fd: int = 1) -> None:
        self._fd = fd
        self._poll = select.poll()
        self._poll.register(fd, select.POLLOUT)
        self._rest = b""

    def header(self, stamp: str, host: str, tag: str, level: str) -> str:
        return f"{stamp} {host} {tag}: "

    def write(self, lines: Sequence[str]) -> int:
        for index, line in enumerate(lines):
            if len(self._rest) >= _PIPE_CHUNK and not self._drain():
                return index
            self._rest += line.encode(errors="replace") + b"\n"
        self._drain()
        return len(lines)

    def _drain(self) -> bool:
        while self._rest and self._poll.poll(0):
            self._rest = self._rest[os.write(self._fd, self._rest[:_PIPE_CHUNK]) :]
        return len(self._rest) < _PIPE_CHUNK

    def reopen(self) -> None:
        pass

    def close(self) -> None:
        self._drain()


class SyslogOutput:
    """The syslog daemon's datagram socket, in RFC 3164's form; the daemon adds the host's name."""

    def __init__(self, facility: str = "mail", path: str = "/dev/log") -> None:
        self._path = path
        self._facility = _FACILITIES[facility.removeprefix("LOG_").lower()] << 3
        self._socket: socket.socket | None = None

    def header(self, stamp: str, host: str, tag: str, level: str) -> str:
        return f"<{self._facility | _SEVERITIES.get(level, 6)}>{stamp} {tag}: "

    def write(self, lines: Sequence[str]) -> int:
        if self._socket is None:
            self.reopen()
        assert self._socket is not None
        for index, line in enumerate(lines):
            try:
                self._socket.send(line.encode(errors="replace"))
            except BlockingIOError:
                return index
            except OSError:
                # The daemon went away, or began anew: connect once more, with whatever came of the lines before kept.
                self.close()
                if index:
                    return index
                raise
        return len(lines)

    def reopen(self) -> None:
        fresh = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            fresh.setblocking(False)
            fresh.connect(self._path)
        except OSError:
            fresh.close()
            raise
        self.close()
        self._socket = fresh

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def log_problems(settings: Settings) -> tuple[Problem, ...]:
    """What is wrong with maillog_file and syslog_facility (postconf(5))."""
    problems = []
    path = settings.text("maillog_file")
    if path and not path.startswith(settings.words("maillog_file_prefixes")):
        place = settings.place("maillog_file")
        problems.append(Problem(f"maillog_file {path} matches no prefix in maillog_file_prefixes", place))
    facility = settings.text("syslog_facility")
    if facility.removeprefix("LOG_").lower() not in _FACILITIES:
        place = settings.place("syslog_facility")
        problems.append(Problem(f"unknown syslog_facility {facility}", place))
    return tuple(problems)


def configured_output(settings: Settings, opener: Opener = open_log_file) -> Output:
    """The output that maillog_file asks for. Raises OSError if the file cannot be opened; see log_problems."""
    path = settings.text("maillog_file")
    if path == "/dev/stdout":
        return StreamOutput()
    if path:
        return FileOutput(path, opener)
    return SyslogOutput(settings.text("syslog_facility"))
