"""The shard's SQLite database: schema, opening, and one transaction for a whole batch.

Knows rows and transactions; no threads, no event loop. A mail's row is written once; what becomes of it later is a
row of ``progress``, so that a retry does not write the content again.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from gatepost.core.errors import SpoolError
from gatepost.edge.spool import faults

FILE = "spool.sqlite3"
VERSION = 1

_SCHEMA = """
CREATE TABLE mail (id INTEGER PRIMARY KEY, envelope BLOB NOT NULL, file INTEGER NOT NULL, content BLOB);
CREATE TABLE progress (mail INTEGER PRIMARY KEY, held INTEGER, next REAL NOT NULL DEFAULT 0, state BLOB);
"""
_ROWS = 64  # at most so many rows an INSERT: each count is a statement of its own in the cache
_SLACK = 1000  # free pages that may stay in the file
_PAGES = 4000  # of 4 KB in the WAL before a checkpoint


class Batch:
    """What goes into one transaction. ``files`` are unlinked after it."""

    __slots__ = ("files", "mails", "progress", "removals")

    def __init__(self) -> None:
        self.mails: list[tuple[int, bytes, int, bytes | None]] = []
        self.progress: list[tuple[int, float, bytes]] = []
        self.removals: list[int] = []
        self.files: list[Path] = []

    def __bool__(self) -> bool:
        return bool(self.mails or self.removals or self.progress)

    def extend(self, other: Batch) -> None:
        self.mails += other.mails
        self.progress += other.progress
        self.removals += other.removals
        self.files += other.files


def connect(path: Path, *, wait: float = 10.0) -> sqlite3.Connection:
    """A connection without implicit transactions. May be used by any one thread at a time. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        path, timeout=wait, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def open_database(directory: Path, alarm: Callable[[str], None]) -> sqlite3.Connection:
    """Open the shard's database, made if there is none. One that cannot be read is set aside, with an alarm.

    Raises SpoolError where it was made by a later version, and SpoolFull or SpoolError where the file system refuses.
    """
    path = directory / FILE
    try:
        try:
            return _open(path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            place = _set_aside(directory)
            alarm(f"the spool database {path} is damaged ({error}); it was moved to {place} and an empty one begun")
            return _open(path)
    except sqlite3.Error as error:
        raise faults.from_sqlite(error, directory) from error
    except OSError as error:
        raise faults.from_system(error) from error


def _open(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise SpoolError(f"{path} has schema version {version}; this program knows {VERSION}")
        if version == 0:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
        if (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(found)
        connection.execute(f"PRAGMA wal_autocheckpoint = {_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {_PAGES * 4096}")
    except BaseException:
        connection.close()
        raise
    return connection


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    name = getattr(error, "sqlite_errorname", None)
    return name is None or name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def _set_aside(directory: Path) -> Path:
    place = directory / f"damaged-{time.time_ns()}"
    place.mkdir()
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        with contextlib.suppress(FileNotFoundError):
            (directory / name).rename(place / name)
    return place


def write(connection: sqlite3.Connection, batch: Batch) -> None:
    """All of the batch, durably, or nothing. Raises sqlite3.Error.

    Few statements, each over many rows: a thread gives the interpreter lock away around every statement, and waits
    for it again afterwards.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        for start in range(0, len(batch.mails), _ROWS):
            rows = batch.mails[start : start + _ROWS]
            values = ",".join(["(?,?,?,?)"] * len(rows))
            connection.execute(f"INSERT INTO mail VALUES {values}", [column for row in rows for column in row])
        if batch.progress:
            connection.executemany(
                "INSERT INTO progress(mail, next, state)"
                " SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM mail WHERE id = ?1)"
                " ON CONFLICT(mail) DO UPDATE SET next = excluded.next, state = excluded.state",
                batch.progress,
            )
        if batch.removals:
            rows_json = json.dumps(batch.removals)
            connection.execute("DELETE FROM mail WHERE id IN (SELECT value FROM json_each(?))", (rows_json,))
            connection.execute("DELETE FROM progress WHERE mail IN (SELECT value FROM json_each(?))", (rows_json,))
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def shrink(connection: sqlite3.Connection) -> bool:
    """Give some of the file's free pages back to the file system; whether there are more. Raises sqlite3.Error."""
    free = connection.execute("PRAGMA freelist_count").fetchone()[0]
    if free <= _SLACK:
        return False
    connection.executescript(f"PRAGMA incremental_vacuum({_SLACK})")  # execute() would stop after the first page
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return bool(free > 2 * _SLACK)


def checkpoint(connection: sqlite3.Connection) -> None:
    """Make the WAL's room usable again, as far as the disk allows."""
    with contextlib.suppress(sqlite3.Error):
        connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
