"""A mail that is being received, before its commit.

Nothing of it is promised to anybody yet: whatever goes wrong is remembered and told by the commit, so that the session
can read the content to its end first.
"""

from __future__ import annotations

import os
from pathlib import Path

from gatepost.core.errors import SpoolError
from gatepost.edge.spool import faults

_FILE_CHUNK = 65536


class Memory:
    """How many octets of content all open mails of a shard may hold in memory before they go to files early."""

    __slots__ = ("left",)

    def __init__(self, limit: int) -> None:
        self.left = limit


class Incoming:
    """An open mail: write the content, then commit it through the Spool, or abandon it.

    ``arrived`` is seconds since the epoch and ``date`` the same as an RFC 5322 date-time for the Received: header.
    ``size`` counts the octets written. Content up to ``limit`` octets stays in memory, more goes to ``path``.
    """

    __slots__ = (
        "_chunks",
        "_descriptor",
        "_limit",
        "_memory",
        "_path",
        "_waiting",
        "arrived",
        "date",
        "failure",
        "queue_id",
        "row",
        "size",
    )

    def __init__(
        self, row: int, queue_id: str, arrived: float, date: str, path: Path, limit: int, memory: Memory
    ) -> None:
        self.row = row
        self.queue_id = queue_id
        self.arrived = arrived
        self.date = date
        self.size = 0
        self.failure: SpoolError | None = None
        self._path = path
        self._limit = limit
        self._memory = memory
        self._chunks: list[bytes] = []
        self._waiting = 0  # octets in _chunks
        self._descriptor = -1

    def write(self, data: bytes) -> None:
        """Add to the content. Never raises: after a failure the rest is dropped, and the commit tells."""
        if self.failure is not None:
            return
        length = len(data)
        self.size += length
        self._waiting += length
        self._memory.left -= length
        self._chunks.append(data)
        if self._descriptor >= 0:
            if self._waiting >= _FILE_CHUNK:
                self._flush()
        elif self.size > self._limit or (self._memory.left < 0 and self._waiting >= _FILE_CHUNK):
            self._to_file()

    def abandon(self) -> None:
        """Forget the mail. Harmless when it is done already."""
        self._release()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            self._path.unlink(missing_ok=True)

    def take(self) -> tuple[bytes | None, int]:
        """The whole content, or the descriptor of its file (then the caller syncs and closes it). For the Spool."""
        if self._descriptor >= 0:
            self._flush()
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self._release()
            return None, descriptor
        content = b"".join(self._chunks)
        self._release()
        return content, -1

    @property
    def path(self) -> Path:
        return self._path

    def _release(self) -> None:
        self._memory.left += self._waiting
        self._waiting = 0
        self._chunks = []

    def _to_file(self) -> None:
        try:
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            self._fail(error)
        else:
            self._flush()

    def _flush(self) -> None:
        """Write what waits. The page cache takes it; the sync comes with the commit."""
        try:
            data = memoryview(b"".join(self._chunks))
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            self._fail(error)
        self._release()

    def _fail(self, error: OSError) -> None:
        self.failure = faults.from_system(error)
        self.abandon()
