"""A mail in the spool, as the runner and the delivery agents hold it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gatepost.core.envelope import Envelope, Progress

CHUNK = 65536


class Mail:
    """One accepted mail: ``row`` is its number in the shard, and its content is in memory or in a file.

    Exactly one of ``content`` and ``file`` is set. ``progress`` is replaced, never changed in place.
    """

    __slots__ = ("content", "envelope", "file", "held", "progress", "row")

    def __init__(self, row: int, envelope: Envelope, content: bytes | None, file: Path | None) -> None:
        self.row = row
        self.envelope = envelope
        self.content = content
        self.file = file
        self.held = envelope.hold
        self.progress = Progress()

    def chunks(self) -> Iterator[bytes]:
        """The content in pieces. Blocks on a large one, so call it off the event loop. Raises OSError."""
        if self.content is not None:
            yield self.content
            return
        assert self.file is not None
        with self.file.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
