"""Group commit: one thread a shard, which writes everything that came while it was busy in one transaction.

    event loop: put(mail) ... put(mail)      collected within one turn of the loop
         |  one SimpleQueue.put a turn
    writer thread: BEGIN, all rows, COMMIT   one fsync for all of them
         |  one call_soon_threadsafe a transaction
    event loop: every mail's future is set

A delivery that ended is not urgent: losing its removal in a crash makes a duplicate, never a loss. So removals wait a
moment for the next accepted mail's transaction, and one mail accepted and delivered costs about one commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from gatepost.core.errors import SpoolError
from gatepost.edge.spool import faults
from gatepost.edge.spool.database import Batch, checkpoint, shrink, write

_LINGER = 0.05  # seconds that a removal waits for company
_IDLE = 1.0  # seconds without work, after which failed removals are tried again and free room is given back
_MAX_MAILS = 512  # a transaction; bounds the latency of those who wait for it

Done = Callable[[SpoolError | None], None]


class _Group:
    """One turn's work: the rows, and who waits for which mail (in the order of ``batch.mails``)."""

    __slots__ = ("batch", "flushes", "waiting")

    def __init__(self) -> None:
        self.batch = Batch()
        self.waiting: list[Done] = []
        self.flushes: list[asyncio.Future[None]] = []


class Writer:
    """The shard's only writer in this process. All methods are for the event loop's thread."""

    def __init__(self, connection: sqlite3.Connection, directory: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._connection = connection
        self._directory = directory
        self._loop = loop
        self._group = _Group()
        self._scheduled = False
        self._queue: queue.SimpleQueue[_Group | None] = queue.SimpleQueue()
        self._owed = Batch()  # removals that could not be written yet; the thread's own, as is the next
        self._slack = True  # the file may have room to give back
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    def add(self, row: tuple[int, bytes, int, bytes | None], done: Done) -> None:
        """Insert a mail; ``done`` is called in the loop after the commit, with None or what went wrong."""
        self._group.batch.mails.append(row)
        self._group.waiting.append(done)
        self._schedule()

    def remove(self, row: int, file: Path | None) -> None:
        """Delete a mail that is done with, and its file."""
        self._group.batch.removals.append(row)
        if file is not None:
            self._group.batch.files.append(file)
        self._schedule()

    def note(self, row: int, next_attempt: float, state: bytes) -> None:
        """Remember a mail's progress."""
        self._group.batch.progress.append((row, next_attempt, state))
        self._schedule()

    def flush(self) -> asyncio.Future[None]:
        """Done when everything put so far was tried to be written."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._group.flushes.append(future)
        self._schedule()
        return future

    async def stop(self) -> None:
        """Write what was put, and end the thread. Nothing may be put afterwards."""
        await self.flush()
        self._queue.put(None)
        await self._loop.run_in_executor(None, self._thread.join)

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        self._scheduled = False
        group, self._group = self._group, _Group()
        self._queue.put(group)

    # What follows runs in the thread.

    def _run(self) -> None:
        while (groups := self._gather()) is not None:
            self._write(groups)
        self._settle_debts()
        self._connection.close()

    def _gather(self) -> list[_Group] | None:
        """Wait for work, and take all there is. None: the end."""
        try:
            first = self._queue.get(timeout=_IDLE) if self._owed or self._slack else self._queue.get()
        except queue.Empty:
            self._tidy()
            return []
        groups: list[_Group] = []
        mails = 0
        while first is not None:
            groups.append(first)
            mails += len(first.waiting)
            urgent = mails or first.flushes
            if mails >= _MAX_MAILS:
                return groups
            try:
                first = self._queue.get_nowait() if urgent else self._queue.get(timeout=_LINGER)
            except queue.Empty:
                return groups
        self._queue.put(None)
        return groups or None

    def _tidy(self) -> None:
        try:
            self._slack = shrink(self._connection)
        except sqlite3.Error:  # a full disk, perhaps; the next removal asks for it again
            self._slack = False

    def _write(self, groups: list[_Group]) -> None:
        batch = Batch()
        for group in groups:
            batch.extend(group.batch)
        batch.extend(self._owed)
        self._owed = Batch()
        self._slack = self._slack or bool(batch.removals)
        waiting = [done for group in groups for done in group.waiting]
        flushes = [future for group in groups for future in group.flushes]
        error = self._try(batch)
        if error is None:
            results: list[SpoolError | None] = [None] * len(waiting)
        else:
            results = self._one_by_one(batch, error)
        if waiting or flushes:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(_settle, waiting, results, flushes)

    def _try(self, batch: Batch) -> SpoolError | None:
        if batch:
            try:
                write(self._connection, batch)
            except sqlite3.Error as error:
                return faults.from_sqlite(error, self._directory)
        for file in batch.files:
            with contextlib.suppress(OSError):  # what is left of it goes when the shard is opened again
                file.unlink(missing_ok=True)
        return None

    def _one_by_one(self, batch: Batch, error: SpoolError) -> list[SpoolError | None]:
        """After a failed transaction: what can be freed first, then each mail alone, so that a small one may fit."""
        checkpoint(self._connection)
        self._owed.extend(batch)
        mails, self._owed.mails = self._owed.mails, []
        self._settle_debts()
        if len(mails) == 1 and self._owed:
            return [error]
        results = []
        for row in mails:
            single = Batch()
            single.mails.append(row)
            results.append(self._try(single))
        return results

    def _settle_debts(self) -> None:
        if self._owed and self._try(self._owed) is None:
            self._owed = Batch()


def _settle(waiting: list[Done], results: list[SpoolError | None], flushes: list[asyncio.Future[None]]) -> None:
    for done, result in zip(waiting, results, strict=True):
        done(result)
    for future in flushes:
        if not future.done():
            future.set_result(None)
