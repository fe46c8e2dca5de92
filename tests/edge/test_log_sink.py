"""The log sink: grouping, rotation, faults of the world; and the three outputs."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gatepost.core.config.settings import Settings
from gatepost.edge.log_outputs import (
    FileOutput,
    StreamOutput,
    SyslogOutput,
    configured_output,
    log_problems,
    open_log_file,
)
from gatepost.edge.log_sink import LogSink

NOON = time.mktime((2026, 11, 2, 12, 0, 5, 0, 0, -1))
HEADER = f"Nov  2 12:00:05 mx postfix/smtpd[{os.getpid()}]: "


class Recorder:
    """An output that takes ``room`` lines a time, or fails."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.room = 1_000_000
        self.fault: OSError | None = None

    def header(self, stamp: str, host: str, tag: str, level: str) -> str:
        return ""

    def write(self, lines: Sequence[str]) -> int:
        if self.fault is not None:
            raise self.fault
        if self.room:
            self.groups.append(list(lines[: self.room]))
        return min(len(lines), self.room)

    def reopen(self) -> None:
        if self.fault is not None:
            raise self.fault

    def close(self) -> None:
        pass


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


async def until_async(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.002)


def test_a_file_gets_postfix_s_form(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    sink = LogSink(FileOutput(str(path)), "mx", clock=lambda: NOON)
    sink.line("postfix/smtpd", "connect from localhost[127.0.0.1]")
    sink.line("postfix/submission/smtpd", "two\nlines", "warning")
    sink.close()
    assert path.read_text() == (
        f"{HEADER}connect from localhost[127.0.0.1]\n{HEADER.replace('postfix/', 'postfix/submission/')}two?lines\n"
    )


def test_lines_are_written_in_groups_and_warnings_at_once() -> None:
    async def main() -> None:
        output = Recorder()
        sink = LogSink(output, "mx")
        sink.attach(asyncio.get_running_loop())
        for number in range(3):
            sink.line("smtpd", str(number))
        assert output.groups == []
        await until_async(lambda: bool(output.groups))
        assert output.groups == [["0", "1", "2"]]
        sink.line("smtpd", "warning: x", "warning")
        await asyncio.sleep(0)
        assert output.groups[1:] == [["warning: x"]]
        sink.line("smtpd", "y" * 400)
        for _ in range(200):
            sink.line("smtpd", "y" * 400)
        assert len(output.groups) == 3  # 64 kB do not wait for the timer
        sink.line("smtpd", "last")
        sink.close()
        assert output.groups[-1][-1] == "last"

    asyncio.run(main())


def test_a_full_disk_loses_the_oldest_lines_and_says_so_when_it_is_over() -> None:
    output, said = Recorder(), []
    sink = LogSink(output, "mx", complain=said.append, max_waiting=10)
    output.fault = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for number in range(30):
        sink.line("smtpd", str(number))
    assert len(said) == 1
    assert "No space left on device" in said[0]
    output.fault = None
    sink.line("smtpd", "again")
    lines = [line for group in output.groups for line in group]
    kept = [line for line in lines if line.isdigit()]
    assert kept == [str(number) for number in range(30 - len(kept), 30)]
    assert f"warning: {30 - len(kept)} log lines were lost: No space left on device" in lines
    assert said[1:] == ["gatepost: the log is written again"]


def test_a_slow_output_gets_the_rest_later_in_order() -> None:
    async def main() -> None:
        output = Recorder()
        output.room = 2
        sink = LogSink(output, "mx")
        sink.attach(asyncio.get_running_loop())
        for number in range(5):
            sink.line("smtpd", str(number))
        await until_async(lambda: len(output.groups) == 3)
        assert output.groups == [["0", "1"], ["2", "3"], ["4"]]

    asyncio.run(main())


def test_reopening_in_vain_is_only_said() -> None:
    output = Recorder()
    output.fault = PermissionError(errno.EACCES, "Permission denied")
    sink = LogSink(output, "mx", complain=lambda text: None)
    sink.reopen()
    output.fault = None
    sink.flush()
    assert output.groups[0] == ["warning: cannot reopen the log: Permission denied"]


@pytest.mark.parametrize("removed", [False, True])
def test_a_rotated_file_is_opened_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removed: bool) -> None:
    path = tmp_path / "mail.log"
    output = FileOutput(str(path))
    output.write(["before"])
    if removed:
        path.unlink()
    else:
        path.rename(tmp_path / "mail.log.1")
    later = time.monotonic() + 1
    monkeypatch.setattr("gatepost.edge.log_outputs.time.monotonic", lambda: later)
    output.write(["after"])
    output.close()
    assert path.read_text() == "after\n"


def test_a_file_that_cannot_be_opened_anew_keeps_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    openings: list[str] = []

    def once(name: str) -> int:
        openings.append(name)
        if len(openings) > 1:
            raise PermissionError(errno.EACCES, "Permission denied")
        return open_log_file(name)

    output = FileOutput(str(path), once)
    path.rename(tmp_path / "old")
    with pytest.raises(PermissionError):
        output.reopen()
    output.write(["still here"])
    output.close()
    assert (tmp_path / "old").read_text() == "still here\n"


def test_a_line_that_was_cut_by_a_full_disk_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mail.log"
    output = FileOutput(str(path))
    write, room = os.write, [7]

    def short(fd: int, data: bytes) -> int:
        done = write(fd, data[: room[0]])
        room[0] -= done
        if not done:
            raise OSError(errno.ENOSPC, "No space left on device")
        return done

    monkeypatch.setattr("gatepost.edge.log_outputs.os.write", short)
    assert output.write(["one", "second", "third"]) == 2
    with pytest.raises(OSError, match="No space"):
        output.write(["third"])
    room[0] = 100
    assert output.write(["third"]) == 1
    output.close()
    assert path.read_text() == "one\nsecond\nthird\n"


def test_a_full_pipe_does_not_block() -> None:
    reader, writer = os.pipe()
    output = StreamOutput(writer)
    lines = ["x" * 999] * 1000
    done = output.write(lines)
    assert 0 < done < 1000
    received = b""
    while done < len(lines) or received.count(b"\n") < len(lines):
        received += os.read(reader, 65_536)
        done += output.write(lines[done:])
    assert received == b"".join(line.encode() + b"\n" for line in lines)
    os.close(reader)
    os.close(writer)


def test_syslog_gets_datagrams_and_survives_its_daemon(tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    said: list[str] = []
    sink = LogSink(SyslogOutput("local1", path), "mx", clock=lambda: NOON, complain=said.append)
    sink.line("postfix/smtpd", "nobody listens yet")
    assert len(said) == 1
    for _ in range(2):
        daemon = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        daemon.bind(path)
        daemon.settimeout(5)
        sink.line("postfix/smtpd", "warning: hear, hear", "warning")
        sink.flush()
        line = daemon.recv(4096).decode()
        while "hear, hear" not in line:  # what waited for a daemon comes first
            assert line.startswith(("<142>", "<140>"))
            line = daemon.recv(4096).decode()
        assert line == f"<140>{HEADER.replace(' mx', '')}warning: hear, hear"
        daemon.close()
        os.unlink(path)
        sink.line("postfix/smtpd", "gone")
    sink.close()


def test_a_syslog_daemon_that_does_not_read_does_not_block(tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    daemon = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    daemon.bind(path)
    output = SyslogOutput("mail", path)
    lines = [str(number) for number in range(5000)]
    done = output.write(lines)
    assert 0 < done < 5000
    assert [daemon.recv(100) for _ in range(done)] == [line.encode() for line in lines[:done]]
    daemon.close()
    output.close()


def test_where_lines_go_is_checked(tmp_path: Path) -> None:
    good = Settings.of({"maillog_file": str(tmp_path / "log"), "maillog_file_prefixes": f"/var, {tmp_path}"})
    assert log_problems(good) == ()
    output = configured_output(good)
    assert isinstance(output, FileOutput)
    output.close()
    assert isinstance(configured_output(Settings.of({"maillog_file": "/dev/stdout"})), StreamOutput)
    assert isinstance(configured_output(Settings.of()), SyslogOutput)
    bad = Settings.of({"maillog_file": "/etc/passwd", "syslog_facility": "smoke"})
    assert [problem.message for problem in log_problems(bad)] == [
        "maillog_file /etc/passwd matches no prefix in maillog_file_prefixes",
        "unknown syslog_facility smoke",
    ]
