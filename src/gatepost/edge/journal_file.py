"""A journal file: SQLite, one for a UTC day and a worker, ``journal-2026-11-22-0.sqlite``.

Each worker writes a file of its own, so that writers never wait for each other's lock; readers put them in order. A
row is a batch of records with the range of numbers in it: a decision costs no row and no index entry of its own, and
an id still finds it by one key. WAL with synchronous=NORMAL: a crash of the machine may cost the last moments, never
the file.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from gatepost.core.access.verdict import Item
from gatepost.edge.journal_record import (
    DAY_TICKS,
    Entry,
    ItemNumbers,
    Record,
    decode_batch,
    decode_item,
    encode_batch,
)

_NAME = re.compile(r"journal-(\d{4}-\d\d-\d\d)-(\d{1,4})\.sqlite")
_SIDE_FILES = ("", "-wal", "-shm")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS item (number INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS generation (number INTEGER PRIMARY KEY, digest TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS batch (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
"""


def file_name(day: int, worker: int) -> str:
    """``day`` is the number of days since the epoch."""
    return f"journal-{date(1970, 1, 1) + timedelta(days=day)}-{worker}.sqlite"


def journal_files(directory: Path) -> list[tuple[int, int, Path]]:
    """(day, worker, path) of each file, oldest first; empty where there is no directory."""
    found = []
    try:
        for path in directory.iterdir():
            match = _NAME.fullmatch(path.name)
            if match:
                day = (date.fromisoformat(match[1]) - date(1970, 1, 1)).days
                found.append((day, int(match[2]), path))
    except (OSError, ValueError):
        return sorted(found)
    return sorted(found)


def remove_older(directory: Path, day: int) -> None:
    """Remove the files of days before ``day``; what cannot be removed stays."""
    for file_day, _, path in journal_files(directory):
        if file_day < day:
            for suffix in _SIDE_FILES:
                try:
                    Path(f"{path}{suffix}").unlink(missing_ok=True)
                except OSError:
                    continue


def set_aside(path: Path) -> Path:
    """Rename a damaged file, so that it can be looked at and a new one be made. Raises OSError."""
    moment = datetime.now(UTC).strftime("%H%M%S%f")
    aside = path.with_name(f"{path.name}.damaged-{moment}")
    for suffix in _SIDE_FILES:
        part = Path(f"{path}{suffix}")
        if part.exists():
            part.rename(f"{aside}{suffix}")
    return aside


class JournalWriter:
    """The one writer of a file. Opening and writing raise sqlite3.Error or OSError; then it is to be closed."""

    def __init__(self, directory: Path, day: int, worker: int) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = directory / file_name(day, worker)
        self.day = day
        self._base = day * DAY_TICKS
        # Not bound to the thread that opened it: the writing thread opens, and whoever joins it closes.
        self._database = sqlite3.connect(self.path, isolation_level=None, timeout=1, check_same_thread=False)
        try:
            self._database.execute("PRAGMA page_size = 16384")  # a batch fills several; larger ones cost less
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.executescript(_SCHEMA)
            items, generations = _names(self._database)
            self._numbers = ItemNumbers(items, generations)
            (last,) = self._database.execute("SELECT max(last) FROM batch").fetchone()
        except BaseException:
            self._database.close()
            raise
        self.last_number = self._base + (-1 if last is None else last)

    def write(self, entries: Sequence[Entry]) -> None:
        """Add a batch; the numbers must rise, and be of this day. All of it is written, or nothing."""
        data = encode_batch(entries, self._numbers)
        items, generations = self._numbers.fresh()
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            database.executemany("INSERT INTO item VALUES (?, ?)", items)
            database.executemany("INSERT INTO generation VALUES (?, ?)", generations)
            bounds = (entries[0][0] - self._base, entries[-1][0] - self._base)
            database.execute("INSERT INTO batch VALUES (?, ?, ?)", (*bounds, data))
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        self.last_number = entries[-1][0]

    def close(self) -> None:
        self._database.close()


def _names(database: sqlite3.Connection) -> tuple[list[Item], list[str]]:
    items = [decode_item(data) for (data,) in database.execute("SELECT data FROM item ORDER BY number")]
    generations = [digest for (digest,) in database.execute("SELECT digest FROM generation ORDER BY number")]
    return items, generations


def read_file(path: Path, worker: int, tick: int | None = None, *, damage: list[str]) -> Iterator[Record]:
    """The records of a file in order; with ``tick``, only of the batch that would hold that number.

    What cannot be read is passed over, and told in ``damage``.
    """
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)
    except sqlite3.Error as error:
        damage.append(f"{path}: {error}")
        return
    try:
        items, generations = _names(database)
        batches: Iterable[tuple[int, bytes]]
        if tick is None:
            batches = database.execute("SELECT first, data FROM batch ORDER BY first")
        else:
            query = "SELECT first, data FROM batch WHERE first <= ? ORDER BY first DESC LIMIT 1"
            batches = database.execute(query, (tick,))
        for first, data in batches:
            try:
                yield from decode_batch(data, worker, items, generations)
            except ValueError as error:
                damage.append(f"{path}: batch {first}: {error}")
    except (sqlite3.Error, ValueError) as error:
        damage.append(f"{path}: {error}")
    finally:
        database.close()
