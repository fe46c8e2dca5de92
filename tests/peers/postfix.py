"""The real Postfix in a lab."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from peers.configuration import DIRECTORY, MAIL_LOG, build_tables, install_configuration, smtp_port
from peers.lab import Lab


class RealPostfix:
    """A context manager: ``source`` (a Postfix directory) served from the lab's /etc/postfix.

    ``built`` is what postmap said about the tables. ``port`` is that of the first smtpd service.
    """

    name = "Postfix"

    def __init__(self, lab: Lab, source: Path, parameters: dict[str, str] | None = None) -> None:
        self.lab = lab
        self.source = source
        self.parameters = parameters or {}
        self.built = ""
        self.port = 0

    def __enter__(self) -> Self:
        directory = install_configuration(self.lab, self.source, self.parameters)
        self.port = smtp_port((directory / "master.cf").read_text())
        self.built = build_tables(self.lab)
        self.lab.run("chown", "postfix", "/var/lib/postfix")
        self.lab.run("postfix", "-c", DIRECTORY, "start")
        self.lab.wait_for_port(self.port, alive=self._trouble)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lab.run("postfix", "-c", DIRECTORY, "stop", check=False)

    def log(self) -> list[str]:
        """The log so far."""
        path = self.lab.inside(MAIL_LOG)
        return path.read_text(errors="replace").splitlines() if path.exists() else []

    def queue(self) -> list[Path]:
        """The queue files that are there now (incoming, active, deferred, hold)."""
        spool = self.lab.inside("/var/spool/postfix")
        return [p for q in ("incoming", "active", "deferred", "hold") for p in (spool / q).rglob("*") if p.is_file()]

    def _trouble(self) -> str:
        return "\n".join(line for line in self.log() if "fatal:" in line)
