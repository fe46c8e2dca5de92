"""Delivery to mailboxes by the steward, as a worker sees it: a worker has no right to other users' mailboxes.

``Remote`` is the agent, one a transport; they share one ``Line`` to the steward. While the steward is being started
anew its socket stays open, so requests wait for it. A request whose connection broke is sent once more: the mail may
then be delivered twice, but is never lost.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from gatepost.core.envelope import Outcome
from gatepost.edge.delivery.agent import Target, failed, failed_by_system
from gatepost.edge.delivery.request import IN_FLIGHT, MESSAGE_LIMIT, Request, decode_result, encode_request
from gatepost.edge.spool import Mail

_TRIES = 2
_ANSWER_SECONDS = 600.0  # longer than any lock is waited for
_CONNECT_SECONDS = 10.0
_FIRST_PAUSE = 0.05  # seconds before connecting again; doubled up to _LAST_PAUSE while nothing is ever answered
_LAST_PAUSE = 5.0
_FILES = 16  # mails whose content is open at a time


class Remote:
    """``daemon`` is the log's name for the agent that the steward runs."""

    needs_content = True

    def __init__(self, line: Line, daemon: str) -> None:
        self._line = line
        self.daemon = daemon

    async def deliver(self, mail: Mail, targets: Sequence[Target]) -> list[Outcome]:
        async with self._line.files:
            try:
                descriptor = _open(mail)
            except OSError as error:
                return [failed_by_system(error, "content cannot be read:", "none") for _ in targets]
            try:
                size = os.fstat(descriptor).st_size
                asking = [self._line.ask(_request(mail, target, size), descriptor) for target in targets]
                return list(await asyncio.gather(*asking))
            finally:
                os.close(descriptor)


class Line:
    """The connection to the steward at ``path``, made at once and again whenever it breaks, until ``close``."""

    def __init__(self, path: Path, log: Callable[[str], None]) -> None:
        self.files = asyncio.Semaphore(_FILES)
        self._path = path
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Semaphore(IN_FLIGHT)
        self._sending = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Outcome]] = {}
        self._pause = 0.0
        self._socket: socket.socket | None = None
        self._connecting: asyncio.Task[socket.socket] | None = None
        self._closed = False
        self._connect_soon()

    async def ask(self, request: Request, descriptor: int) -> Outcome:
        """The steward's outcome, or a deferral where it cannot be had. The number is given here."""
        async with self._room:
            for _ in range(_TRIES):
                number = next(self._numbers)
                try:
                    message = encode_request(msgspec.structs.replace(request, number=number))
                    return await asyncio.wait_for(self._ask(number, message, descriptor), _ANSWER_SECONDS)
                except ValueError as error:
                    return failed("4.3.0", f"mailbox delivery cannot be asked for: {error}", "none")
                except TimeoutError:
                    break
                except OSError:
                    continue
            return failed("4.3.0", "mailbox delivery is not available", "none")

    def close(self) -> None:
        """Nobody may be asking any more."""
        self._closed = True
        if self._connecting is not None:
            self._connecting.cancel()
        self._lose()

    async def _ask(self, number: int, message: bytes, descriptor: int) -> Outcome:
        """Raises OSError where the connection breaks."""
        connection = await self._connected()
        future: asyncio.Future[Outcome] = self._loop.create_future()
        self._waiting[number] = future
        try:
            async with self._sending:
                await self._send(connection, message, descriptor)
            return await future
        finally:
            self._waiting.pop(number, None)

    async def _send(self, connection: socket.socket, message: bytes, descriptor: int) -> None:
        while True:
            try:
                socket.send_fds(connection, [message], [descriptor])
                return
            except BlockingIOError:
                writable = asyncio.Event()
                self._loop.add_writer(connection, writable.set)
                try:
                    await writable.wait()
                finally:
                    with suppress(ValueError, OSError):  # it may have been closed meanwhile
                        self._loop.remove_writer(connection)

    async def _connected(self) -> socket.socket:
        if self._socket is not None:
            return self._socket
        if self._closed:
            raise ConnectionError
        return await asyncio.shield(self._connect_soon())

    def _connect_soon(self) -> asyncio.Task[socket.socket]:
        if self._connecting is None:
            self._connecting = self._loop.create_task(self._connect())
            self._connecting.add_done_callback(self._connect_ended)
        return self._connecting

    def _connect_ended(self, task: asyncio.Task[socket.socket]) -> None:
        self._connecting = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log(f"warning: mailbox delivery is not available: {error}")

    async def _connect(self) -> socket.socket:
        """Raises OSError after a while."""
        await asyncio.sleep(self._pause)
        self._pause = min(max(_FIRST_PAUSE, 2 * self._pause), _LAST_PAUSE)
        deadline = self._loop.time() + _CONNECT_SECONDS
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                connection.setblocking(False)
                connection.connect(str(self._path))
                break
            except OSError:
                connection.close()
                if self._loop.time() > deadline:
                    raise
            await asyncio.sleep(_FIRST_PAUSE)
        self._socket = connection
        self._loop.add_reader(connection, self._hear, connection)
        return connection

    def _hear(self, connection: socket.socket) -> None:
        """Take the results that have come."""
        while True:
            try:
                message = connection.recv(MESSAGE_LIMIT)
                result = decode_result(message) if message else None
            except BlockingIOError:
                return
            except (OSError, msgspec.DecodeError) as error:
                self._log(f"warning: mailbox delivery: {error}")
                result = None
            if result is None:
                self._lose()
                return
            self._pause = 0.0
            future = self._waiting.get(result.number)
            if future is not None and not future.done():
                future.set_result(result.outcome)

    def _lose(self) -> None:
        """The connection is no more; whoever waits is told."""
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()
            self._socket = None
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionResetError())
        if not self._closed:
            self._connect_soon()


def _open(mail: Mail) -> int:
    """A descriptor of the content: its file in the spool, or a file in memory. Raises OSError."""
    if mail.file is not None:
        return os.open(mail.file, os.O_RDONLY | os.O_CLOEXEC)
    descriptor = os.memfd_create("mail")
    try:
        for chunk in mail.chunks():
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _request(mail: Mail, target: Target, size: int) -> Request:
    envelope, recipient, route = mail.envelope, target.recipient, target.route
    return Request(
        0,
        route.transport,
        envelope.queue_id,
        size,
        envelope.sender,
        recipient.address,
        route.recipient,
        recipient.original,
    )
