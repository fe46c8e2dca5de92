"""One SMTP connection: drives the sans-IO session (core.smtp.needs) with a transport, the spool and the world.

Bytes go up once, one reply comes down. What the session asks for is satisfied at once where that is possible; otherwise
the session rests until it is there, and reading stops when too much has come ahead of time. A bug while a session is
driven becomes 451 4.3.0 here, in one place, and ends that session alone.
"""

from __future__ import annotations

import asyncio
import itertools
import traceback
from collections.abc import Callable, Generator
from enum import Enum
from typing import Any, cast

from gatepost.core.access.engine import decide
from gatepost.core.access.verdict import Decision
from gatepost.core.ask import Answer, Dns, Question
from gatepost.core.errors import SpoolError, SpoolFull
from gatepost.core.facts import Client, Stage, Tls
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
from gatepost.edge.door import Door
from gatepost.edge.door import OpenMail as Incoming
from gatepost.edge.tls import session_facts

READ_AHEAD = 65_536  # octets that may wait while a session rests; past it nothing more is read

REMEMBERED = 500  # DNS answers a session keeps

NO_ROOM = Reply(452, "3.1", "Insufficient system storage")
QUEUE_FAULT = Reply(451, "3.0", "Error: queue file write error")
INTERNAL = b"451 4.3.0 Error: internal error, try again later\r\n"

_sessions = itertools.count(1)


class _Resting(Enum):
    """The answer is not there yet."""

    RESTING = "resting"


RESTING = _Resting.RESTING


class Connection(asyncio.Protocol):
    """A connection to ``door``; ``deadline`` is when the wait for input ends (event loop time), None while it rests."""

    __slots__ = (
        "_answers",
        "_client",
        "_deferred",
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
        self._paused = False
        self._out: list[bytes] = []
        self._client = Client("")
        self._label = ""
        self._incoming: Incoming | None = None
        self._answers: dict[Dns, Answer] = {}
        self._deferred: dict[Stage, Reply] = {}
        self._task: asyncio.Task[None] | None = None

    # what the transport tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        first = self._transport is None
        self._transport = cast(asyncio.Transport, transport)
        if not first:  # the same connection again, now under TLS
            return
        self.door.connections.add(self)
        host, port = _peer(transport)
        client = self.door.names.client_now(host, port) if self.door.peername_lookup else Client(host, port=port)
        if client is not None:
            self._begin(client)
        else:
            self._transport.pause_reading()
            self._start(self._find_client(host, port))

    def data_received(self, data: bytes) -> None:
        session = self.session
        if session is None:
            return
        session.receive(data)
        if self._waiting:
            self._waiting = False
            self._advance(None)
        elif session.waiting > READ_AHEAD and not self._paused:
            self._pause()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        if self._waiting:
            self._waiting = False
            self._advance(Ended.EOF)
        elif self._talk is None:
            self.door.connections.discard(self)

    def pause_writing(self) -> None:
        """The client does not take our replies: hear it no further."""
        self._pause()

    def resume_writing(self) -> None:
        if self._waiting:
            self._resume()

    # what the worker tells

    def expire(self) -> None:
        """The time for input is over."""
        if self._waiting:
            self._waiting = False
            self._advance(Ended.TIMEOUT)

    def dismiss(self) -> None:
        """The server stops: end the session if it is between transactions, or let it go on if it is not."""
        session = self.session
        if session is None or (self._waiting and session.transaction is None):
            if self._transport is not None and not self._lost:
                self._out.append(b"421 4.3.2 %s Service shutting down\r\n" % self.door.settings.myhostname.encode())
                self._flush()
                self._transport.close()

    # driving the session

    async def _find_client(self, host: str, port: int) -> None:
        client = await self.door.names.client_name(host, port)
        if not self._lost and self._transport is not None:
            self._transport.resume_reading()
        self._begin(client)

    def _begin(self, client: Client) -> None:
        transport, door = self._transport, self.door
        assert transport is not None
        self._client = client
        self._label = log_lines.label(client, port=door.port_logging)
        door.log(log_lines.connected(self._label), "info")
        server = transport.get_extra_info("sockname") or ("", 0)
        tls = session_facts(transport.get_extra_info("ssl_object")) if door.wrapped else None
        self.session = ServerSession(
            door.settings, client, server=(str(server[0]), int(server[1])), tls=tls, instance=self.id
        )
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
        if self._lost:
            return Ended.EOF
        if self._out:
            self._flush()
        self._waiting = True
        self.deadline = self._loop.time() + need.timeout
        if self._paused:
            self._resume()
        return RESTING

    def _say(self, need: Say) -> object:
        self._out.append(need.data)
        return None

    def _decide(self, need: Decide) -> object:
        deciding = decide(need.stage, need.facts, self.door.rules, self._earlier(need.stage))
        return self._ask(need, deciding, None)

    def _ask(self, need: Decide, deciding: Generator[Question, Answer, Decision], answer: Answer | None) -> object:
        """Answer questions as long as no one has to be waited for."""
        answer_now = self.door.world.answer_now
        try:
            question = next(deciding) if answer is None else deciding.send(answer)
            while True:
                answer = self._answers.get(question) if type(question) is Dns else None
                if answer is None:
                    answer = answer_now(question)
                    if answer is None:
                        self._start(self._ask_slowly(need, deciding, question))
                        return RESTING
                    if type(question) is Dns:
                        self._remember(question, answer)
                question = deciding.send(answer)
        except StopIteration as stop:
            decision: Decision = stop.value
            self._keep(need, decision)
            return decision

    async def _ask_slowly(
        self, need: Decide, deciding: Generator[Question, Answer, Decision], question: Question
    ) -> None:
        answer = await self.door.world.wait(question)
        if isinstance(question, Dns):
            self._remember(question, answer)
        self._task = None
        decision = self._ask(need, deciding, answer)
        if decision is not RESTING:
            self._advance(decision)

    def _remember(self, question: Dns, answer: Answer) -> None:
        """Give the same answer to the same question for the rest of the session."""
        if len(self._answers) >= REMEMBERED:
            self._answers.clear()
        self._answers[question] = answer

    def _earlier(self, stage: Stage) -> Reply | None:
        """The first deferral that an earlier stage left (smtpd_delay_reject = no)."""
        for kept in (Stage.CONNECT, Stage.HELO, Stage.MAIL):
            if kept is stage:
                break
            if kept in self._deferred and stage is not Stage.DATA and stage is not Stage.END_OF_MESSAGE:
                return self._deferred[kept]
        return None

    def _keep(self, need: Decide, decision: Decision) -> None:
        """Log and record a decision."""
        door = self.door
        if need.stage in (Stage.CONNECT, Stage.HELO, Stage.MAIL):
            self._deferred.pop(need.stage, None)
            if decision.deferred is not None:
                self._deferred[need.stage] = decision.deferred
        for logged in decision.logged:
            if logged.kind == "warning":
                door.log(f"warning: {logged.text}", "warning")
            elif logged.kind != "prepend":
                label = log_lines.label(need.facts.client, port=door.port_logging)
                door.log(log_lines.decided(logged, need.stage, label, need.facts), "info")
        if decision.steps:
            door.record(self.id, need.facts, decision)

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
        self._start(self._shake_hands())
        return RESTING

    async def _shake_hands(self) -> None:
        transport, context = self._transport, self.door.tls
        tls: Tls | None = None
        try:
            if transport is not None and context is not None and not self._lost:
                secured = await self._loop.start_tls(
                    transport,
                    self,
                    context,
                    server_side=True,
                    ssl_handshake_timeout=self.door.settings.starttls_timeout,
                )
                if secured is not None:
                    self._transport = secured
                    tls = session_facts(secured.get_extra_info("ssl_object"))
        except (OSError, asyncio.TimeoutError) as error:
            self.door.log(log_lines.tls_failed(self._label, type(error).__name__), "info")
        self._task = None
        self._advance(tls)

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
        self.deadline = None
        self._flush()
        if session is not None:
            label = log_lines.label(session.client, port=door.port_logging)
            door.log(log_lines.disconnected(label, session.counts), "info")
        door.connections.discard(self)
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
    OpenMail: Connection._open_mail,
    Write: Connection._write,
    Commit: Connection._commit,
    Abandon: Connection._abandon,
    StartTls: Connection._start_tls,
    Sleep: Connection._sleep,
    Note: Connection._note,
}


def _peer(transport: asyncio.BaseTransport) -> tuple[str, int]:
    """The remote address, an IPv4-mapped one as IPv4, and port."""
    peer = transport.get_extra_info("peername")
    if not peer or not isinstance(peer, tuple):
        return "unknown", 0
    return str(peer[0]).removeprefix("::ffff:"), int(peer[1])
