"""The steward's side of delivery: takes requests from the workers' connections and has each carried out.

Whoever connects must be ``owner``, the user that workers run as. Even so nothing that comes is trusted: sizes are
bounded, and what is no proper request ends its connection.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Awaitable, Callable

import msgspec

from gatepost.core.envelope import Outcome
from gatepost.edge.delivery.agent import failed
from gatepost.edge.delivery.lines import printable
from gatepost.edge.delivery.request import IN_FLIGHT, MESSAGE_LIMIT, Parcel, Request, decode_request, encode_result

_CONNECTIONS = 256  # more than there are workers
_ACCEPT_PAUSE = 1.0  # seconds after accept(2) failed
_CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid

Deliver = Callable[[Request, Parcel], Awaitable[Outcome]]


class Service:
    """Serves a listening socket of the kind SOCK_SEQPACKET from ``start`` to ``stop``."""

    def __init__(self, listener: socket.socket, owner: int, deliver: Deliver, log: Callable[[str], None]) -> None:
        self.owner = owner
        self.deliver = deliver
        self.log = log
        self._listener = listener
        self._listener.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._connections: set[_Connection] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    def start(self) -> None:
        self._loop.add_reader(self._listener, self._accept)

    async def stop(self, grace: float) -> None:
        """Serve until every worker has closed its connection, or ``grace`` seconds are over."""
        try:
            async with asyncio.timeout(grace):
                await self._idle.wait()
        except TimeoutError:
            self.log(f"warning: {len(self._connections)} workers still have mail to deliver")
        self._loop.remove_reader(self._listener)
        for connection in list(self._connections):
            connection.close()

    def _accept(self) -> None:
        try:
            accepted, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return
        except OSError as error:
            self.log(f"warning: accept: {error.strerror}")
            self._loop.remove_reader(self._listener)
            self._loop.call_later(_ACCEPT_PAUSE, self.start)
            return
        pid, uid, _ = _CREDENTIALS.unpack(accepted.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
        if uid != self.owner:
            self.log(f"warning: process {pid} of uid {uid} may not have mail delivered")
            accepted.close()
        elif len(self._connections) >= _CONNECTIONS:
            self.log("warning: too many connections for mail delivery")
            accepted.close()
        else:
            accepted.setblocking(False)
            self._connections.add(_Connection(self, accepted))
            self._idle.clear()

    def ended(self, connection: _Connection) -> None:
        """For _Connection."""
        self._connections.discard(connection)
        if not self._connections:
            self._idle.set()


class _Connection:
    def __init__(self, service: Service, connected: socket.socket) -> None:
        self._service = service
        self._socket = connected
        self._loop = asyncio.get_running_loop()
        self._working: set[asyncio.Task[None]] = set()
        self._open = True
        self._loop.add_reader(connected, self._hear)

    def close(self) -> None:
        """Hear and say no more. What is being delivered goes on."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._service.ended(self)

    def _hear(self) -> None:
        """Take requests, as many as may be in work."""
        while self._open:
            if len(self._working) >= IN_FLIGHT:
                self._loop.remove_reader(self._socket)  # until one of them ends
                return
            try:
                received = socket.recv_fds(self._socket, MESSAGE_LIMIT, 1, socket.MSG_CMSG_CLOEXEC)
            except BlockingIOError:
                return
            except OSError:
                self.close()
                return
            message, descriptors, flags, _ = received
            if not message and not descriptors:
                self.close()
                return
            try:
                request, parcel = self._unpack(message, descriptors, flags)
            except (ValueError, OSError) as error:  # msgspec.DecodeError is a ValueError
                self._service.log(f"warning: bad request for delivery: {printable(str(error))}")
                self.close()
                return
            task = self._loop.create_task(self._work(request, parcel))
            self._working.add(task)
            task.add_done_callback(self._worked)

    def _unpack(self, message: bytes, descriptors: list[int], flags: int) -> tuple[Request, Parcel]:
        """Raises ValueError; the descriptors are taken care of either way."""
        try:
            if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
                raise ValueError("it is too long")
            request = decode_request(message)
            if not descriptors:
                raise ValueError("it has no content")
            return request, Parcel(request, descriptors.pop(), self._service.owner)
        except msgspec.DecodeError as error:
            raise ValueError(str(error)) from error
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    async def _work(self, request: Request, parcel: Parcel) -> None:
        try:
            outcome = await self._service.deliver(request, parcel)
        except Exception as error:  # a bug, and no reason to lose a mail or the other deliveries
            name = printable(request.queue_id)[:100]
            self._service.log(f"warning: {name}: {type(error).__name__}: {printable(str(error))}")
            outcome = failed("4.3.0", "internal error", "none")
        parcel.close()
        if not self._open:
            return
        try:
            self._socket.send(encode_result(request.number, outcome))
        except OSError:  # it has gone, or does not listen: a worker never has so many results waiting
            self.close()

    def _worked(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        if self._open and len(self._working) == IN_FLIGHT - 1:
            self._loop.add_reader(self._socket, self._hear)
