"""The spool as seen and changed by other processes (``gatepost queue``): list, read, hold, release, remove.

Each change is a transaction of its own in the shard's database; then the file ``changed`` is touched, which the worker
looks at every second. A mail that is being delivered at that moment may still go out.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gatepost.core.envelope import Envelope, Progress
from gatepost.core.errors import SpoolError
from gatepost.edge.spool import faults
from gatepost.edge.spool.database import FILE, connect
from gatepost.edge.spool.queue_ids import queue_id, row_number

CHANGED = "changed"

_SELECT = (
    "SELECT mail.id, envelope, state, held, length(content) FROM mail LEFT JOIN progress ON progress.mail = mail.id"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One mail: ``size`` in octets, and where it is: ``shard`` and ``row``."""

    shard: Path
    row: int
    envelope: Envelope
    progress: Progress
    held: bool
    size: int


def shards(root: Path) -> list[Path]:
    """The shards below ``root``, or ``root`` itself where it is one."""
    if (root / FILE).exists():
        return [root]
    return sorted(path.parent for path in root.glob(f"*/{FILE}"))


def entries(root: Path) -> Iterator[Entry]:
    """Every mail, shard by shard, oldest first. Raises SpoolError."""
    for shard in shards(root):
        with _open(shard) as connection:
            for found in connection.execute(f"{_SELECT} ORDER BY mail.id"):
                yield _entry(shard, *found)


def find(root: Path, name: str) -> Entry | None:
    """The mail with this queue id, or None. Raises SpoolError."""
    row = row_number(name)
    for shard in shards(root) if row is not None else ():
        with _open(shard) as connection:
            found = connection.execute(f"{_SELECT} WHERE mail.id = ?", (row,)).fetchone()
            if found is not None:
                return _entry(shard, *found)
    return None


def content(entry: Entry) -> bytes:
    """The mail's content, whole. Raises SpoolError, also where it is gone."""
    with _open(entry.shard) as connection:
        found = connection.execute("SELECT content FROM mail WHERE id = ?", (entry.row,)).fetchone()
    if found is None:
        raise SpoolError(f"{entry.envelope.queue_id}: no longer in the spool")
    if found[0] is not None:
        return bytes(found[0])
    try:
        return _file(entry).read_bytes()
    except OSError as error:
        raise faults.from_system(error) from error


def set_held(entry: Entry, held: bool) -> None:
    """Hold or release a mail. Raises SpoolError."""
    with _open(entry.shard) as connection:
        connection.execute(
            "INSERT INTO progress(mail, held) SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM mail WHERE id = ?1)"
            " ON CONFLICT(mail) DO UPDATE SET held = excluded.held",
            (entry.row, int(held)),
        )
    _touch(entry.shard)


def remove(entry: Entry) -> None:
    """Delete a mail for good, without any notification. Raises SpoolError."""
    with _open(entry.shard) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM mail WHERE id = ?", (entry.row,))
        connection.execute("DELETE FROM progress WHERE mail = ?", (entry.row,))
        connection.execute("COMMIT")
    with contextlib.suppress(OSError):
        _file(entry).unlink(missing_ok=True)
    _touch(entry.shard)


def flags(shard: Path) -> dict[int, bool]:
    """Each mail's row, and whether it is held. Raises SpoolError."""
    with _open(shard) as connection:
        rows = connection.execute(
            "SELECT mail.id, envelope, held FROM mail LEFT JOIN progress ON progress.mail = mail.id"
        )
        return {
            row: bool(held) if held is not None else msgspec.msgpack.decode(envelope, type=Envelope).hold
            for row, envelope, held in rows
        }


@contextlib.contextmanager
def _open(shard: Path) -> Iterator[sqlite3.Connection]:
    try:
        with contextlib.closing(connect(shard / FILE)) as connection:
            yield connection
    except (sqlite3.Error, msgspec.DecodeError) as error:
        if isinstance(error, sqlite3.Error):
            raise faults.from_sqlite(error, shard) from error
        raise SpoolError(f"{shard}: a record cannot be read: {error}") from error


def _entry(shard: Path, row: int, envelope: bytes, state: bytes | None, held: int | None, size: int | None) -> Entry:
    decoded = msgspec.msgpack.decode(envelope, type=Envelope)
    progress = msgspec.msgpack.decode(state, type=Progress) if state is not None else Progress()
    if size is None:
        try:
            size = (shard / "large" / queue_id(row)).stat().st_size
        except OSError:
            size = 0
    return Entry(shard, row, decoded, progress, bool(held) if held is not None else decoded.hold, size)


def _file(entry: Entry) -> Path:
    return entry.shard / "large" / queue_id(entry.row)


def _touch(shard: Path) -> None:
    try:
        (shard / CHANGED).touch()
    except OSError as error:
        raise faults.from_system(error) from error
