"""The journal of evidence: every decision, kept for ``why``, ``replay`` and whoever asks what happened.

The event loop only appends to a list; a thread writes what has come every tenth of a second. The journal never stops
mail: what cannot be written is dropped, with an alarm when that begins and when it is over; a damaged file is set
aside.
The format is in edge.journal_file and edge.journal_record.
"""

from __future__ import annotations

import heapq
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from gatepost.core.access.verdict import Decision
from gatepost.core.facts import Facts
from gatepost.edge.journal_file import JournalWriter, file_name, journal_files, read_file, remove_older, set_aside
from gatepost.edge.journal_record import DAY_TICKS, TICKS, Entry, Record, decision_id, parse_decision_id

GROUP_SECONDS = 0.1
MAX_BATCH = 2_000  # records a row; encoding them holds up the event loop for some milliseconds
MAX_WAITING = 100_000  # records that wait for a slow disk; more are dropped
RETRY_SECONDS = 1.0


class Journal:
    """One worker's journal in ``directory``; files of more than ``days`` days ago are removed.

    ``alarm`` is told, in the writing thread, what an operator should know. ``start`` begins the thread: after any fork.
    """

    def __init__(
        self,
        directory: Path,
        worker: int,
        *,
        days: int = 7,
        alarm: Callable[[str], None],
        clock: Callable[[], float] = time.time,
        group_seconds: float = GROUP_SECONDS,
    ) -> None:
        self._directory = directory
        self._worker = worker
        self._days = days
        self._alarm = alarm
        self._clock = clock
        self._group_seconds = group_seconds
        self._entries: list[Entry] = []
        self._last = 0
        self._writer: JournalWriter | None = None
        self._dropped = 0
        self._fault = ""
        self._retry_at = 0.0
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def start(self) -> None:
        """Open today's file, so that a fault shows early and numbers go on where they ended; begin to write."""
        with self._writing:
            self._open(int(self._clock() * TICKS) // DAY_TICKS)
            if self._writer is not None:
                self._last = self._writer.last_number
        self._thread.start()

    def append(self, generation: str, session: str, facts: Facts, decision: Decision) -> int:
        """Record a decision; the number that ``id`` makes an id of. Costs a list append; never fails."""
        number = int(self._clock() * TICKS)
        if number <= self._last:
            number = self._last + 1
        self._last = number
        entries = self._entries
        if len(entries) >= MAX_WAITING:
            self._dropped += 1
            return number
        entries.append((number, generation, session, facts, decision))
        if len(entries) == 1:
            self._wake.set()
        return number

    def id(self, number: int) -> str:
        """The id that a client is told and ``find`` understands."""
        return decision_id(self._worker, number)

    def flush(self) -> None:
        """Write what has come until now; waits for it."""
        with self._writing:
            self._write_waiting()

    def close(self) -> None:
        """Write what is left and end the thread."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self.flush()
        with self._writing:
            self._close()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            self._stop.wait(self._group_seconds)
            self.flush()

    def _write_waiting(self) -> None:
        # The loop appends meanwhile: only what is there now is taken, by operations that are whole under the GIL.
        waiting = len(self._entries)
        while waiting:
            batch = self._entries[: min(waiting, MAX_BATCH)]
            day = batch[0][0] // DAY_TICKS
            if batch[-1][0] // DAY_TICKS != day:
                batch = [entry for entry in batch if entry[0] // DAY_TICKS == day]
            self._write(day, batch)
            del self._entries[: len(batch)]
            waiting -= len(batch)
        if self._entries:
            self._wake.set()

    def _write(self, day: int, batch: list[Entry]) -> None:
        try:
            if self._writer is None or self._writer.day != day:
                self._open(day)
            if self._writer is not None:
                self._writer.write(batch)
                self._recovered()
                return
        except Exception as error:  # even a record that cannot be encoded must not end the thread
            self._failed(error)
        self._dropped += len(batch)

    def _open(self, day: int) -> None:
        """Open the day's file; ``_writer`` stays None where that cannot be, or was tried a moment ago."""
        self._close()
        if time.monotonic() < self._retry_at:
            return
        try:
            remove_older(self._directory, day - self._days)
            self._writer = JournalWriter(self._directory, day, self._worker)
        except (sqlite3.Error, OSError, ValueError) as error:
            if not self._replace_damaged(day, error):
                self._failed(error)

    def _replace_damaged(self, day: int, error: Exception) -> bool:
        if not _is_damage(error):
            return False
        with suppress(sqlite3.Error, OSError):
            aside = set_aside(self._directory / file_name(day, self._worker))
            self._writer = JournalWriter(self._directory, day, self._worker)
            self._tell(f"the journal was damaged ({error}): set aside as {aside}, a new one begun")
            return True
        return False

    def _failed(self, error: Exception) -> None:
        day = self._writer.day if self._writer else None
        self._close()
        if day is not None and self._replace_damaged(day, error):
            return
        self._retry_at = time.monotonic() + RETRY_SECONDS
        if not self._fault:
            self._fault = str(error)
            self._tell(f"the journal cannot be written: {error}; mail goes on without it")

    def _recovered(self) -> None:
        if not self._fault and not self._dropped:
            return
        dropped, self._dropped, fault, self._fault = self._dropped, 0, self._fault, ""
        reason = fault or "the disk is too slow"
        self._tell(f"the journal is written again; {dropped} records were lost: {reason}")

    def _tell(self, text: str) -> None:
        with suppress(Exception):  # whoever is told may be gone already, as an event loop at the end
            self._alarm(text)

    def _close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(sqlite3.Error):
                writer.close()


def _is_damage(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    # An item that does not decode: the file opens, but it is not what was written.
    return isinstance(error, msgspec.DecodeError)


def find(directory: Path, id: str, *, damage: list[str] | None = None) -> Record | None:
    """The decision with this id, or None. What could not be read is told in ``damage``."""
    parsed = parse_decision_id(id)
    if parsed is None:
        return None
    told = damage if damage is not None else []
    for day, worker, path in journal_files(directory):
        if worker == parsed.worker and parsed.is_of(day):
            wanted = decision_id(worker, day * DAY_TICKS + parsed.tick)
            for record in read_file(path, worker, parsed.tick, damage=told):
                if record.id == wanted:
                    return record
    return None


def records(directory: Path, day: int, *, damage: list[str] | None = None) -> Iterator[Record]:
    """Every worker's decisions of a day (days since the epoch, UTC) in order of time."""
    told = damage if damage is not None else []
    files = [read_file(path, worker, damage=told) for d, worker, path in journal_files(directory) if d == day]
    return heapq.merge(*files, key=lambda record: record.time)
