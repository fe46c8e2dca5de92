"""Asks policy services (SMTPD_POLICY_README): Consult in, Advice or Missing.UNAVAILABLE out.

A connection carries one request at a time and is kept for the next one. Requests about one message go over one
connection where it is free: services keep what they know of a message (its ``instance``) to themselves. Whatever goes
wrong is logged in Postfix's words and ends as UNAVAILABLE; which action that means is the restriction's business.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gatepost.core.ask import Advice, Consult, Missing
from gatepost.core.policy import Malformed, ResponseParser, encode_request
from gatepost.core.policy_service import Endpoint, parse_endpoint

CONNECTIONS = 100  # requests under way at once to one service; further ones wait. As many as a spawn service runs.

# Failures that are not worth a line before the last try: the service is just being started or has ended itself.
_QUIET = (errno.EPIPE, errno.ENOENT, errno.ECONNRESET, errno.EBADMSG)


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why a try failed. ``stale``: a kept connection was closed before the service had seen the request."""

    code: int
    text: str
    stale: bool = False


_BAD_ANSWER = _Fault(errno.EBADMSG, "Application error")
_TIMED_OUT = _Fault(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))


def _fault(error: OSError) -> _Fault:
    code = error.errno or errno.EADDRNOTAVAIL
    if isinstance(error, socket.gaierror):
        return _Fault(errno.EADDRNOTAVAIL, error.strerror or "host not found")
    return _Fault(code, os.strerror(code))


class _Connection(asyncio.Protocol):
    """One connection to a service.

    ``instance`` is the message that it was last asked about. ``idle`` ends it while it is free, and only then.
    """

    def __init__(self) -> None:
        self.born = asyncio.get_running_loop().time()
        self.requests = 0
        self.instance = ""
        self.closed = False
        self.idle: asyncio.TimerHandle | None = None
        self._parser = ResponseParser()
        self._waiting: asyncio.Future[Advice | Malformed | _Fault] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes) -> asyncio.Future[Advice | Malformed | _Fault]:
        """Send a request; the future never fails."""
        assert self._transport is not None
        self._parser = ResponseParser()
        self._waiting = asyncio.get_running_loop().create_future()
        self.requests += 1
        if self.closed:
            self._end(errno.EPIPE)
        else:
            self._transport.write(request)
        return self._waiting

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            self.close()  # nobody asked
            return
        found = self._parser.feed(data)
        if found is None:
            return
        if isinstance(found, Malformed) or self._parser.surplus:
            self.close()
        self._waiting.set_result(found)

    def connection_lost(self, exc: Exception | None) -> None:
        self.close()
        code = exc.errno if isinstance(exc, OSError) and exc.errno else errno.EBADMSG
        self._end(code)

    def close(self) -> None:
        self.closed = True
        if self.idle is not None:
            self.idle.cancel()
        if self._transport is not None:
            self._transport.close()

    def _end(self, code: int) -> None:
        if self._waiting is None or self._waiting.done():
            return
        stale = self.requests > 1 and self._parser.untouched
        text = "Application error" if code == errno.EBADMSG else os.strerror(code)
        self._waiting.set_result(_Fault(code, text, stale))


class _Pool:
    """The connections to one service: how many requests may be under way, and what is free, the longest first."""

    __slots__ = ("free", "room")

    def __init__(self, limit: int) -> None:
        self.room = asyncio.Semaphore(limit)
        self.free: deque[_Connection] = deque()

    def take(self, instance: str) -> _Connection | None:
        """A free connection: the one that knows the message, else the one that has rested longest."""
        for connection in self.free if instance else ():
            if connection.instance == instance and not connection.closed:
                self.free.remove(connection)
                return connection
        while self.free:
            connection = self.free.popleft()
            if not connection.closed:
                return connection
        return None


class PolicyClient:
    """The policy services of a worker.

    ``queue_directory`` is what relative paths in ``unix:`` start from. ``services`` takes precedence: it maps such a
    path (``private/policy-spf``) to the socket of a spawn service of ours; it may be replaced at any time. ``log`` gets
    whole lines, ``warning: `` included.
    """

    def __init__(
        self,
        *,
        queue_directory: Path = Path("/var/spool/postfix"),
        services: Mapping[str, Path] | None = None,
        log: Callable[[str], None] = lambda line: None,
        connections: int = CONNECTIONS,
    ) -> None:
        self.queue_directory = queue_directory
        self.services: Mapping[str, Path] = services or {}
        self._log = log
        self._limit = connections
        self._pools: dict[str, _Pool] = {}
        self._closed = False

    async def consult(self, question: Consult) -> Advice | Missing:
        """The service's answer, within its time limit for each of its tries."""
        request = encode_request(question.attributes)
        endpoint = _endpoint(question.service)
        for attempt in range(1, question.try_limit + 1):
            outcome = await self._try(question, endpoint, request)
            if isinstance(outcome, Advice):
                return outcome
            if isinstance(outcome, Malformed) and outcome.final:
                self._log(f"warning: malformed UTF-8 in policy server {question.service} {outcome.reason}")
                break
            if isinstance(outcome, Malformed):
                self._log(f"warning: {outcome.reason} in input from {endpoint}")
                outcome = _BAD_ANSWER
            is_last = attempt == question.try_limit
            if is_last or outcome.code not in _QUIET:
                self._log(f"warning: problem talking to server {endpoint}: {outcome.text}")
            if not is_last:
                await asyncio.sleep(question.retry_delay)
        return Missing.UNAVAILABLE

    def close(self) -> None:
        """Close what is free now, and each other connection after its answer."""
        self._closed = True
        for pool in self._pools.values():
            for connection in pool.free:
                connection.close()

    async def _try(self, question: Consult, endpoint: Endpoint, request: bytes) -> Advice | Malformed | _Fault:
        pool = self._pools.get(question.service)
        if pool is None:
            pool = self._pools[question.service] = _Pool(self._limit)
        instance = next((value for name, value in question.attributes if name == "instance"), "")
        try:
            async with asyncio.timeout(question.timeout):
                await pool.room.acquire()
        except TimeoutError:
            return _TIMED_OUT
        try:
            while True:
                connection = pool.take(instance) or await self._connect(question, endpoint)
                if isinstance(connection, _Fault):
                    return connection
                outcome = await self._exchange(pool, connection, question, request, instance)
                if not (isinstance(outcome, _Fault) and outcome.stale):
                    return outcome
        finally:
            pool.room.release()

    async def _connect(self, question: Consult, endpoint: Endpoint) -> _Connection | _Fault:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(question.timeout):
                if endpoint.path:
                    path = self.services.get(endpoint.path, self.queue_directory / endpoint.path)
                    _, connection = await loop.create_unix_connection(_Connection, str(path))
                else:
                    host, port = endpoint.host or "localhost", _port(endpoint.port)
                    _, connection = await loop.create_connection(_Connection, host, port)
                return connection
        except TimeoutError:
            fault = _TIMED_OUT
        except OSError as error:
            fault = _fault(error)
        self._log(f"warning: connect to {endpoint}: {fault.text}")
        return fault

    async def _exchange(
        self, pool: _Pool, connection: _Connection, question: Consult, request: bytes, instance: str
    ) -> Advice | Malformed | _Fault:
        """One request and its answer; the connection goes back to the pool only if it may be used again."""
        if connection.idle is not None:
            connection.idle.cancel()
        connection.instance = instance
        try:
            async with asyncio.timeout(question.timeout):
                outcome = await connection.ask(request)
        except TimeoutError:
            connection.close()
            return _TIMED_OUT
        except asyncio.CancelledError:
            connection.close()
            raise
        loop = asyncio.get_running_loop()
        worn = question.request_limit and connection.requests >= question.request_limit
        old = loop.time() - connection.born >= question.max_ttl
        if self._closed or worn or old or not isinstance(outcome, Advice):
            connection.close()
        elif not connection.closed:
            connection.idle = loop.call_later(question.max_idle, _expire, pool, connection)
            pool.free.append(connection)
        return outcome


def _expire(pool: _Pool, connection: _Connection) -> None:
    connection.close()
    pool.free.remove(connection)


@lru_cache(256)
def _endpoint(service: str) -> Endpoint:
    return parse_endpoint(service)


def _port(text: str) -> int:
    """The port's number. Raises OSError for a name that is not known."""
    return int(text) if text.isdigit() else socket.getservbyname(text, "tcp")
