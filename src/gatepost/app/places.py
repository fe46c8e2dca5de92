"""Where a server keeps its state: below gatepost_state_directory.

spool/N/        worker N's shard of the queue        private to the workers
journal/        evidence, a file a day and worker    gatepost_journal_directory
maildrop/       what ``gatepost sendmail`` left      anybody may put something in
private/        the steward's sockets                private to the workers
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from gatepost.core.config.settings import Settings
from gatepost.edge.spool import maildrop


@dataclass(frozen=True, slots=True)
class Places:
    """Absolute paths."""

    state: Path
    journal: Path

    @classmethod
    def of(cls, settings: Settings) -> Places:
        state = Path(settings.text("gatepost_state_directory")).absolute()
        return cls(state, Path(settings.text("gatepost_journal_directory")).absolute())

    @property
    def private(self) -> Path:
        return self.state / "private"

    @property
    def steward(self) -> Path:
        """Where mail for mailboxes is handed over; no spawn service has this name."""
        return self.private / "gatepost-steward"

    @property
    def maildrop(self) -> Path:
        return self.state / "maildrop"

    @property
    def spools(self) -> Path:
        return self.state / "spool"

    def spool(self, worker: int) -> Path:
        return self.spools / str(worker)

    def prepare(self, owner: str) -> None:
        """Make the directories; as root they are given to ``owner``, whom the workers run as. Raises OSError."""
        for directory in (self.state, self.journal, self.private, self.spools):
            directory.mkdir(parents=True, exist_ok=True)
        self.state.chmod(0o755)
        for directory in (self.private, self.journal, self.spools):
            directory.chmod(0o700)
        maildrop.prepare(self.maildrop, shared=os.geteuid() == 0)
        if os.geteuid() != 0:
            return
        try:
            user = pwd.getpwnam(owner)
        except KeyError:
            return
        for directory in (self.journal, self.private, self.spools, self.maildrop, *self.spools.iterdir()):
            # What lies in spool/ is the workers' own doing: a link there must not make us give anything away.
            os.chown(directory, user.pw_uid, user.pw_gid, follow_symlinks=False)
