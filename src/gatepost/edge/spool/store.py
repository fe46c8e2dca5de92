"""A worker's spool shard: durable acceptance before the 250, and what is left to do after a restart.

All methods belong to the event loop's thread and none blocks, except ``open``, ``read`` and ``unfinished``.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path

import msgspec

from gatepost.core.envelope import Envelope, Progress
from gatepost.core.errors import SpoolError, SpoolFull
from gatepost.edge.spool import faults, listing
from gatepost.edge.spool.database import FILE, connect, open_database
from gatepost.edge.spool.incoming import Incoming, Memory
from gatepost.edge.spool.mail import Mail
from gatepost.edge.spool.queue_ids import QueueIds, queue_id
from gatepost.edge.spool.writer import Writer

IN_MEMORY = 128 * 1024  # octets of a content kept in memory and in the database
ALL_IN_MEMORY = 256 * 1024 * 1024  # of all open mails together

_encode = msgspec.msgpack.Encoder().encode
_decode_envelope = msgspec.msgpack.Decoder(Envelope).decode
_decode_progress = msgspec.msgpack.Decoder(Progress).decode


class Gone(SpoolError):
    """The mail was removed by another process."""


class Spool:
    """One shard. ``on_commit`` is called with each accepted mail right after its commit, before its future is set."""

    def __init__(
        self,
        directory: Path,
        *,
        worker: int = 0,
        minfree: int = 0,
        in_memory: int = IN_MEMORY,
        alarm: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Open the shard in ``directory`` (made if need be); needs a running event loop.

        ``minfree`` is the free space in octets below which no mail is taken (queue_minfree, or 1.5 times
        message_size_limit). ``alarm`` is told of a damaged database. Raises SpoolError, also where another process has
        the shard open.
        """
        self.directory = directory
        self.on_commit: Callable[[Mail], None] = lambda mail: None
        self._alarm = alarm
        self._minfree = minfree
        self._in_memory = in_memory
        self._memory = Memory(ALL_IN_MEMORY)
        self._large = directory / "large"
        self._loop = asyncio.get_running_loop()
        self._date = (0, "")
        try:
            self._large.mkdir(parents=True, exist_ok=True, mode=0o700)
            for place in (directory, directory.parent):  # a shard that a power failure takes away keeps no promise
                _sync_directory(place)
            self._lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise faults.from_system(error) from error
        try:
            _take_lock(self._lock, directory)
            connection = open_database(directory, alarm)
            self._ids = QueueIds(worker, connection.execute("SELECT coalesce(max(id), 0) FROM mail").fetchone()[0])
            self._remove_leftovers(connection)
        except BaseException:
            os.close(self._lock)
            raise
        self._writer = Writer(connection, directory, self._loop)
        self._syncing = ThreadPoolExecutor(2, "spool-sync")

    def has_room(self, size: int = 0) -> bool:
        """Whether a mail of ``size`` octets may come (queue_minfree; 452 4.3.1 otherwise)."""
        return faults.free_space(self.directory) >= self._minfree + size

    def open_mail(self) -> Incoming:
        """Begin a mail. Raises SpoolFull below the minimum of free space."""
        if self._minfree and not self.has_room():
            raise SpoolFull(f"less than {self._minfree} octets free")
        row = self._ids.next()
        text = queue_id(row)
        now = time.time()
        return Incoming(row, text, now, self._date_of(int(now)), self._large / text, self._in_memory, self._memory)

    def commit(self, incoming: Incoming, envelope: Envelope) -> asyncio.Future[None]:
        """Keep the mail. The future is set once it is on disk; it raises SpoolFull or SpoolError where it is not.

        Cancelling the future does not take the mail back.
        """
        future: asyncio.Future[None] = self._loop.create_future()
        content, descriptor = incoming.take()
        if incoming.failure is not None:
            if descriptor >= 0:
                os.close(descriptor)
                incoming.path.unlink(missing_ok=True)
            future.set_exception(incoming.failure)
            return future
        file = incoming.path if content is None else None
        mail = Mail(incoming.row, envelope, content, file)
        row = (mail.row, _encode(envelope), int(content is None), content)

        def done(error: SpoolError | None) -> None:
            if error is None:
                self.on_commit(mail)
            elif file is not None:
                file.unlink(missing_ok=True)
            if not future.done():
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)

        if descriptor < 0:
            self._writer.add(row, done)
        else:
            self._loop.create_task(self._sync_and_add(descriptor, row, done))
        return future

    def remove(self, mail: Mail) -> None:
        """Forget a mail that is delivered or bounced. Written soon, together with other work."""
        self._writer.remove(mail.row, mail.file)

    def note(self, mail: Mail) -> None:
        """Keep ``mail.progress``. Written soon, together with other work."""
        self._writer.note(mail.row, mail.progress.next_attempt, _encode(mail.progress))

    def flush(self) -> asyncio.Future[None]:
        """Done when all removals and notes made so far are on disk (or the disk is full)."""
        return self._writer.flush()

    def unfinished(self) -> Iterator[Mail]:
        """Every mail in the shard, oldest first, without content in memory (``read`` gets it). Blocks."""
        with contextlib.closing(connect(self.directory / FILE)) as connection:
            rows = connection.execute(
                "SELECT mail.id, envelope, file, held, state FROM mail LEFT JOIN progress ON progress.mail = mail.id"
                " ORDER BY mail.id"
            )
            for row, envelope, file, held, state in rows:
                path = self._large / queue_id(row) if file else None
                try:
                    mail = Mail(row, _decode_envelope(envelope), None, path)
                    if state is not None:
                        mail.progress = _decode_progress(state)
                except msgspec.DecodeError as error:
                    self._alarm(f"{queue_id(row)}: the spool's record of this mail cannot be read ({error}); it stays")
                    continue
                if held is not None:
                    mail.held = bool(held)
                yield mail

    def read(self, mail: Mail) -> bytes:
        """The content of a mail that lies in the database; blocks. Raises Gone, or SpoolError if it is unreadable."""
        try:
            with contextlib.closing(connect(self.directory / FILE)) as connection:
                found = connection.execute("SELECT content FROM mail WHERE id = ?", (mail.row,)).fetchone()
        except sqlite3.Error as error:
            raise faults.from_sqlite(error, self.directory) from error
        if found is None or found[0] is None:
            raise Gone(f"{mail.envelope.queue_id}: no longer in the spool")
        return bytes(found[0])

    def changed(self) -> int:
        """A number that is another one after another process changed something (listing)."""
        try:
            return os.stat(self.directory / listing.CHANGED).st_mtime_ns
        except OSError:
            return 0

    def flags(self) -> dict[int, bool]:
        """Each mail's row, and whether it is held; blocks. Raises SpoolError."""
        return listing.flags(self.directory)

    async def close(self) -> None:
        """Write everything out and let the shard go."""
        await self._writer.stop()
        self._syncing.shutdown()
        os.close(self._lock)

    async def _sync_and_add(
        self, descriptor: int, row: tuple[int, bytes, int, bytes | None], done: Callable[[SpoolError | None], None]
    ) -> None:
        try:
            await self._loop.run_in_executor(self._syncing, _sync, descriptor, self._large)
        except OSError as error:
            done(faults.from_system(error))
        else:
            self._writer.add(row, done)

    def _date_of(self, second: int) -> str:
        if self._date[0] != second:
            zone = time.strftime("%Z", time.localtime(second))
            self._date = (second, f"{formatdate(second, localtime=True)} ({zone})")
        return self._date[1]

    def _remove_leftovers(self, connection: sqlite3.Connection) -> None:
        """Files of mails that were never committed, or that are gone."""
        known = {queue_id(row) for (row,) in connection.execute("SELECT id FROM mail WHERE file")}
        for path in self._large.iterdir():
            if path.name not in known:
                path.unlink(missing_ok=True)


def _take_lock(descriptor: int, directory: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise SpoolError(f"{directory} is open in another process") from error


def _sync(descriptor: int, directory: Path) -> None:
    """The content and its directory entry to disk; closes the descriptor."""
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _sync_directory(directory)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
