"""Gatepost in a lab, served from the same directory as the real Postfix in its own lab."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from peers.configuration import DIRECTORY, MAIL_LOG, install_configuration, smtp_port
from peers.lab import Lab, LabError, wait_for

STATE = "/var/lib/postfix/gatepost"


class Gatepost:
    """A context manager like RealPostfix. Nothing is built: Gatepost reads the tables' source text.

    ``output`` holds the lines of standard output and error so far.
    """

    name = "Gatepost"

    def __init__(self, lab: Lab, source: Path, parameters: dict[str, str] | None = None, *, workers: int = 1) -> None:
        self.lab = lab
        self.source = source
        self.parameters = parameters or {}
        self.workers = workers
        self.port = 0
        self.output: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        ours = {"gatepost_state_directory": STATE, "gatepost_journal_directory": f"{STATE}/journal"}
        directory = install_configuration(self.lab, self.source, self.parameters | ours)
        self.port = smtp_port((directory / "master.cf").read_text())
        self.lab.inside(STATE).mkdir(parents=True, exist_ok=True)
        command = Path(sys.executable).with_name("gatepost")
        self.process = self.lab.spawn(
            str(command), "serve", "--config", DIRECTORY, "--workers", str(self.workers),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        wait_for("Gatepost to be ready", self._ready)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.lab.signal(self.process, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired as stuck:
                raise LabError(f"Gatepost did not end on SIGTERM\n{self._said()}") from stuck

    def log(self) -> list[str]:
        path = self.lab.inside(MAIL_LOG)
        return path.read_text(errors="replace").splitlines() if path.exists() else []

    def pids(self) -> list[int]:
        """The supervisor and its workers, as seen from outside."""
        assert self.process is not None
        found = [self.lab.pid(self.process)]
        for pid in found:
            found += [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return found

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.output.append(line.decode(errors="replace").rstrip())

    def _ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise LabError(f"Gatepost ended with status {self.process.returncode}\n{self._said()}")
        return any("ready" in line for line in list(self.output))

    def _said(self) -> str:
        return "\n".join(self.output[-40:])
