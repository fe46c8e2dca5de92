"""The supervisor with real processes: they are killed, reloaded, drained, orphaned."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("supervised.py")
SECONDS = 20.0


class Talk:
    """A client's connection; what it is told first is in ``worker``, ``pid``, ``loaded``."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self.file = self.socket.makefile("rwb", buffering=0)
        _, self.worker, pid, loaded = self.file.readline().decode().split()
        self.pid, self.loaded = int(pid), int(loaded)

    def ask(self, line: str) -> str:
        self.file.write(line.encode() + b"\n")
        return self.file.readline().decode().strip()

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def __enter__(self) -> Talk:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Running:
    """The program, and the lines that it prints."""

    def __init__(self, readable: Path, drain_seconds: float, **environment: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, str(PROGRAM), str(self.port), str(readable), str(drain_seconds)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
        self.lines: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip())

    def expect(self, text: str) -> str:
        deadline = time.monotonic() + SECONDS
        while True:
            line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            if text in line:
                return line

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def talk(self) -> Talk:
        return Talk(self.port)

    def talk_to(self, wanted: Callable[[Talk], bool]) -> Talk:
        """Connect until a worker that is ``wanted`` answers: the kernel chooses which one does."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            talk = self.talk()
            if wanted(talk):
                return talk
            talk.close()
        raise AssertionError("no such worker answered")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "key").write_text("secret")
    (tmp_path / "key").chmod(0o600)
    program = Running(tmp_path / "key", 10.0)
    program.expect("ready")
    yield program
    program.process.kill()
    program.process.wait()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_killed_worker_is_replaced_and_the_port_is_served(running: Running) -> None:
    with running.talk() as talk:
        os.kill(talk.pid, signal.SIGKILL)
        # Some of these wait in the dead worker's queue, and are served by its successor.
        waiting = [running.talk() for _ in range(20)]
        assert f"worker {talk.worker} pid {talk.pid} was killed by signal 9" in running.expect("killed by signal")
        with running.talk_to(lambda new: new.worker == talk.worker) as successor:
            assert successor.pid != talk.pid
        assert all(each.ask("hello") == "again" for each in waiting)
        for each in waiting:
            each.close()


def test_a_worker_that_keeps_ending_is_replaced_later_and_later(running: Running) -> None:
    delays = []
    for _ in range(3):
        with running.talk_to(lambda talk: talk.worker == "0") as talk:
            talk.ask("die 7")
        line = running.expect("worker 0")
        assert "exited with status 7" in line
        delays.append(float(line.split("a new one in ")[1].split()[0]))
    assert delays == [0.05, 0.1, 0.2]


def test_sigterm_drains_a_slow_session(running: Running) -> None:
    with running.talk() as slow:
        running.signal(signal.SIGTERM)
        running.expect("terminating on signal 15")
        until(lambda: refused(running.port))
        assert slow.ask("still there?") == "again"
        assert running.process.poll() is None
        slow.file.write(b"bye\n")
        assert running.process.wait(SECONDS) == 0


def refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=SECONDS).close()
    except ConnectionRefusedError:
        return True
    return False


def test_draining_ends_at_its_time_limit(tmp_path: Path) -> None:
    program = Running(tmp_path / "none", 0.2)
    program.expect("ready")
    with program.talk() as slow:
        program.signal(signal.SIGTERM)
        program.expect("did not drain in 0.2 seconds")
        assert program.process.wait(SECONDS) == 0
        assert not alive(slow.pid)


def test_the_second_sigterm_kills(running: Running) -> None:
    with running.talk() as slow:
        running.signal(signal.SIGTERM)
        running.expect("terminating")
        running.signal(signal.SIGTERM)
        assert running.process.wait(SECONDS) == 0
        assert not alive(slow.pid)


def test_sighup_reloads_every_worker_and_ends_no_session(running: Running) -> None:
    with running.talk() as talk:
        running.signal(signal.SIGHUP)
        running.expect("reloading")
        for number in ("0", "1"):
            with running.talk_to(lambda new, number=number: new.worker == number and new.loaded == 2):  # type: ignore[misc]
                pass
        assert talk.ask("hello") == "again"


def test_workers_leave_signals_to_the_supervisor(running: Running) -> None:
    with running.talk() as talk:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(talk.pid, number)
        assert talk.ask("hello") == "again"


def test_a_worker_without_its_supervisor_exits(running: Running) -> None:
    pids = []
    for number in ("0", "1"):
        with running.talk_to(lambda talk, number=number: talk.worker == number) as talk:  # type: ignore[misc]
            pids.append(talk.pid)
    running.signal(signal.SIGKILL)
    for pid in pids:
        until(lambda pid=pid: not alive(pid))  # type: ignore[misc]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to give up")
def test_the_supervisor_opens_what_it_was_told_to_and_nothing_else(running: Running) -> None:
    readable = running.process.args[3]  # type: ignore[index]
    with running.talk() as talk:
        assert talk.ask("drop") == "nobody"
        assert talk.ask(f"open {readable}") == "secret"
        assert talk.ask("open /etc/shadow") == "Permission denied"
        os.unlink(readable)
        assert talk.ask(f"open {readable}") in ("No such file or directory", "Permission denied")


def test_a_configuration_that_cannot_start_is_not_tried_again(tmp_path: Path) -> None:
    program = Running(tmp_path / "none", 5.0, REFUSE="1")
    program.expect("fatal: worker")
    assert program.process.wait(SECONDS) == os.EX_CONFIG


def test_the_supervisor_loads_no_event_loop() -> None:
    code = (
        "import sys, gatepost.edge.supervisor, gatepost.edge.listeners, gatepost.edge.log_sink;"
        "sys.exit(bool({'asyncio', 'uvloop'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
