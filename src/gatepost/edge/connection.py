"""One SMTP connection: drives the sans-IO session (core.smtp.needs) with a transport, the spool and the world.

Bytes go up once, one reply comes down. What the session asks for is satisfied at once where that is possible; otherwise
the session rests until it is there, and reading stops when too much has come ahead of time. A bug while a session is
driven becomes 451 4.3.0 here, in one place, and ends that session alone.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import traceback
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any, cast

from gatepost.core.access.verdict import Decision
from gatepost.core.ask import Search
from gatepost.core.errors import SpoolError, SpoolFull
from gatepost.core.facts import Client, Tls
from gatepost.core.reply import Reply
from gatepost.core.smtp.needs import (
    Abandon,
    Commit,
    Decide,
    Ended,
    Need,
    Note,
    Opened,
    OpenMail,
    Receive,
    Say,
    Sleep,
    StartTls,
    Write,
)
from gatepost.core.smtp.server import ServerSession
from gatepost.edge import log_lines
from gatepost.edge.deciding import Deciding
from gatepost.edge.door import Door
from gatepost.edge.handshake import shake_hands
from gatepost.edge.peer import peer_of
from gatepost.edge.spool import Incoming

READ_AHEAD = 65_536  # octets that may wait while a session rests; past it nothing more is read

NO_ROOM = Reply(452, "3.1", "Insufficient system storage")
QUEUE_FAULT = Reply(451, "3.0", "Error: queue file write error")
INTERNAL = b"451 4.3.0 Error: internal error, try again later\r\n"

_LOCAL_TIME = partial(time.strftime, "%b %e %H:%M:%S")  # $localtime in smtpd_reject_footer
_sessions = itertools.count(1)
RESTING = object()  # the answer is not there yet


class Connection(asyncio.Protocol):
    """A connection to ``door``; ``deadline`` is when the wait for input ends (event loop time), None while it rests."""

    __slots__ = (
        "_clogged",
        "_deciding",
        "_early",
        "_ended",
        "_incoming",
        "_label",
        "_loop",
        "_lost",
        "_out",
        "_paused",
        "_talk",
        "_task",
        "_transport",
        "_waiting",
        "deadline",
        "door",
        "id",
        "session",
    )

    def __init__(self, door: Door, loop: asyncio.AbstractEventLoop) -> None:
        self.door = door
        self.id = f"{next(_sessions):x}"
        self.deadline: float | None = None
        self.session: ServerSession | None = None
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._talk: Generator[Need, Any, None] | None = None
        self._waiting = False  # for input
        self._lost = False
        self._ended = False  # the client will send no more, but may still listen
        self._clogged = False  # the client does not take our replies
        self._paused = False
        self._early = b""
        self._out: list[bytes] = []
        self._label = ""
        self._incoming: Incoming | None = None
        self._deciding = Deciding(door, self.id)
        self._task: asyncio.Task[None] | None = None

    # what the transport tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        first = self._transport is None
        self._transport = cast(asyncio.Transport, transport)
        if not first:  # the same connection again, now under TLS
            return
        self.door.connections.add(self)
        host, port = peer_of(transport)
        client = None if self.door.wrapped else self._known(host, port)
        if client is not None:
            self._begin(client, None)
        else:
            if self.door.wrapped:
                self._transport.pause_reading()  # start_tls takes over from here
            self._start(self._open(host, port))

    def data_received(self, data: bytes) -> None:
        session = self.session
        if session is None:  # a client that does not wait for the greeting
            self._early += data
            if len(self._early) > READ_AHEAD:
                self._pause()
            return
        session.receive(data)
        if self._waiting:
            self._waiting = False
            self._advance(None)
        elif session.waiting > READ_AHEAD and not self._paused:
            self._pause()

    def eof_received(self) -> bool:
        """The client is done sending, and gets the replies to what it sent; under TLS there is no half-closing."""
        self._ended = True
        if self._waiting:
            self._waiting = False
            self._advance(Ended.EOF)
        return self._transport is not None and self._transport.get_extra_info("sslcontext") is None

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        if self._waiting:
            self._waiting = False
            self._advance(Ended.EOF)
        elif self._talk is None:
            self.door.connections.discard(self)

    def pause_writing(self) -> None:
        """The client does not take our replies: hear it no further."""
        self._clogged = True
        self._pause()

    def resume_writing(self) -> None:
        self._clogged = False
        if self._waiting:
            self._resume()

    # what the worker tells

    def expire(self) -> None:
        """The time for input is over, or after the end the time for taking our last words."""
        if self._waiting:
            self._waiting = False
            self._advance(Ended.TIMEOUT)
        elif self._talk is None and self._transport is not None:
            self.door.connections.discard(self)
            self._transport.abort()

    def dismiss(self) -> None:
        """The server stops: end the session if it is between transactions, or let it go on if it is not."""
        session, transport = self.session, self._transport
        is_idle = session is None or (self._waiting and session.transaction is None)
        if is_idle and transport is not None and not self._lost and not transport.is_closing():
            self._out.append(b"421 4.3.2 %s Service shutting down\r\n" % self.door.settings.myhostname.encode())
            self._flush()
            transport.close()

    # driving the session

    async def _open(self, host: str, port: int) -> None:
        """What has to be waited for before the session can begin: TLS in wrapper mode, and the client's name."""
        client = self._known(host, port) or await self.door.names.client_name(host, port)
        self._label = log_lines.label(client, port=self.door.port_logging)
        tls = await self._shake_hands() if self.door.wrapped else None
        self._task = None
        self._begin(client, tls)

    def _known(self, host: str, port: int) -> Client | None:
        return self.door.names.client_now(host, port) if self.door.peername_lookup else Client(host, port=port)

    def _begin(self, client: Client, tls: Tls | None) -> None:
        transport, door = self._transport, self.door
        assert transport is not None
        self._label = log_lines.label(client, port=door.port_logging)
        door.log(log_lines.connected(self._label), "info")
        address, port = (transport.get_extra_info("sockname") or ("", 0))[:2]
        server = (str(address), int(port))
        self.session = ServerSession(
            door.settings,
            client,
            server=server,
            tls=tls,
            instance=self.id,
            tls_available=door.tls() is not None,
            localtime=_LOCAL_TIME,
        )
        if self._early:
            self.session.receive(self._early)
            self._early = b""
        self._talk = self.session.run()
        self._advance(None)

    def _advance(self, answer: object) -> None:
        """Give the session its answer, and satisfy what it asks for until it rests."""
        talk = self._talk
        assert talk is not None
        try:
            while True:
                need = talk.send(answer)
                answer = _SATISFY[type(need)](self, need)
                if answer is RESTING:
                    return
        except StopIteration:
            self._end()
        except Exception:  # a bug: this session ends, its client tries again, nobody else notices
            self._fail()

    def _receive(self, need: Receive) -> object:
        if self._lost or self._ended:
            return Ended.EOF
        if self._out:
            self._flush()
        self._waiting = True
        self.deadline = self._loop.time() + need.timeout
        if self._paused and not self._clogged:
            self._resume()
        return RESTING

    def _say(self, need: Say) -> object:
        self._out.append(need.data)
        return None

    def _decide(self, need: Decide) -> object:
        decision = self._deciding.decide(need)
        if isinstance(decision, Decision):
            return decision
        self._start(self._wait_for(decision))
        return RESTING

    async def _wait_for(self, answer: Awaitable[object]) -> None:
        found = await answer
        self._task = None
        self._advance(found)

    def _search(self, need: Search) -> object:
        """A match list of the session's own that names a table (smtpd_authorized_xclient_hosts = hash:...)."""
        answer = self.door.world.answer_now(need)
        if answer is not None:
            return answer
        self._start(self._wait_for(self.door.world.wait(need)))
        return RESTING

    def _open_mail(self, need: OpenMail) -> object:
        try:
            incoming = self._incoming = self.door.spool.open_mail()
        except SpoolError as error:
            return self._refuse(error)
        label = log_lines.label(need.facts.client, port=self.door.port_logging)
        self.door.log(log_lines.accepted(incoming.queue_id, label, need.facts.login), "info")
        return Opened(incoming.queue_id, incoming.arrived, incoming.date)

    def _write(self, need: Write) -> object:
        assert self._incoming is not None
        self._incoming.write(need.data)
        return None

    def _commit(self, need: Commit) -> object:
        incoming, self._incoming = self._incoming, None
        assert incoming is not None
        self.door.spool.commit(incoming, need.envelope).add_done_callback(self._committed)
        return RESTING

    def _committed(self, future: asyncio.Future[None]) -> None:
        error = future.exception()
        if error is None:
            self._advance(None)
        elif isinstance(error, SpoolError):
            self._advance(self._refuse(error))
        else:
            self._fail()

    def _refuse(self, error: SpoolError) -> Reply:
        self.door.log(f"warning: mail not queued: {error}", "warning")
        return NO_ROOM if isinstance(error, SpoolFull) else QUEUE_FAULT

    def _abandon(self, need: Abandon) -> object:
        incoming, self._incoming = self._incoming, None
        if incoming is not None:
            incoming.abandon()
        return None

    def _start_tls(self, need: StartTls) -> object:
        self._flush()
        if self._transport is not None and not self._lost:
            self._transport.pause_reading()  # what comes from here on is the handshake's
        self._start(self._secure())
        return RESTING

    async def _secure(self) -> None:
        tls = await self._shake_hands()
        self._task = None
        self._advance(tls)

    async def _shake_hands(self) -> Tls | None:
        """Go on under TLS; None where that fails: the connection is lost then."""
        if self._transport is not None and not self._lost:
            secured = await shake_hands(self._transport, self, self.door, self._label)
            if secured is not None:
                self._transport, tls = secured
                return tls
        self._lost = True
        return None

    def _sleep(self, need: Sleep) -> object:
        if self._lost:
            return None
        self._flush()
        self._loop.call_later(need.seconds, self._advance, None)
        return RESTING

    def _note(self, need: Note) -> object:
        text = need.text if need.level == "info" else f"{need.level}: {need.text}"
        self.door.log(text, need.level)
        return None

    # the ends

    def _start(self, work: Any) -> None:
        task = self._task = self._loop.create_task(work)
        task.add_done_callback(self._worked)

    def _worked(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self._fail(task.exception())

    def _flush(self) -> None:
        out, self._out = self._out, []
        if out and self._transport is not None and not self._lost:
            self._transport.write(out[0] if len(out) == 1 else b"".join(out))

    def _pause(self) -> None:
        if not self._paused and self._transport is not None and not self._lost:
            self._paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._paused and self._transport is not None and not self._lost:
            self._paused = False
            self._transport.resume_reading()

    def _end(self) -> None:
        door, session = self.door, self.session
        self._talk = None
        self._flush()
        if session is not None:
            label = log_lines.label(session.client, port=door.port_logging)
            door.log(log_lines.disconnected(label, session.counts), "info")
        if self._lost or self._transport is None:
            door.connections.discard(self)
        else:  # a client that does not take our last words must not keep them here for ever
            self.deadline = self._loop.time() + door.settings.timeout
        if self._transport is not None:
            self._transport.close()

    def _fail(self, error: BaseException | None = None) -> None:
        """A bug in us: the one place where it becomes 451 4.3.0."""
        lines = traceback.format_exception(error) if error is not None else traceback.format_exc().splitlines()
        for line in "".join(f"{line}\n" for line in lines).splitlines():
            self.door.log(f"error: {line}", "error")
        self._abandon(Abandon())
        if self._talk is not None:
            self._talk.close()
        self._out.append(INTERNAL)
        self._end()


_SATISFY: dict[type, Callable[[Connection, Any], object]] = {
    Receive: Connection._receive,
    Say: Connection._say,
    Decide: Connection._decide,
    Search: Connection._search,
    OpenMail: Connection._open_mail,
    Write: Connection._write,
    Commit: Connection._commit,
    Abandon: Connection._abandon,
    StartTls: Connection._start_tls,
    Sleep: Connection._sleep,
    Note: Connection._note,
}
