"""The runner (qmgr(8)): takes each mail right after its commit, has it delivered, tries again, and bounces.

    spool.on_commit -> take(mail)   routes and agents that answer at once need no task: a discarded mail costs no switch
                    -> _attempt     where one of them takes time
    outcomes        -> _finish      bounce, then remove from the spool; or note the progress and wait in the schedule

What is in the spool is the truth; what is in memory here can be lost at any moment and is found again by ``start``.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from gatepost.core.address import Address
from gatepost.core.dsn import Reporter
from gatepost.core.envelope import Outcome, Progress, Recipient
from gatepost.core.errors import SpoolError
from gatepost.core.routing import AddressClass, Route
from gatepost.core.schedule import RetryTimes, is_expired, next_attempt
from gatepost.edge.delivery import lines
from gatepost.edge.delivery.agent import Agent, Target, failed
from gatepost.edge.delivery.attempt import Attempt, Log, Plan
from gatepost.edge.delivery.error import Missing
from gatepost.edge.delivery.notifier import Notifier
from gatepost.edge.delivery.shelf import Shelf
from gatepost.edge.spool import Gone, Mail, Spool

Routed = Route | Outcome
Router = Callable[[Address], Routed | Awaitable[Routed]]
"""Where a recipient's mail goes, at once or awaited; or an Outcome where it goes nowhere, or not now."""

_ACTIVE = 1000  # mails being delivered at a time
_CONTENT = 64 * 1024 * 1024  # octets of content in memory beyond which waiting mails are read again later
_AT_ONCE = 50  # mails begun in one turn of the loop
_WATCH = 1.0  # seconds between looks for changes by others
_TROUBLE = 60.0  # seconds before another attempt after a fault of our own


class Runner:
    """Delivers what a spool shard holds. Belongs to the event loop's thread."""

    def __init__(
        self,
        spool: Spool,
        route: Router,
        agents: Mapping[str, Agent],
        *,
        log: Log,
        reporter: Reporter,
        times: RetryTimes | None = None,
        bounce_size_limit: int = 50000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``agents`` are by transport name; a transport without one defers its mail."""
        self._spool = spool
        self._route = route
        self._agents = agents
        self._log = log
        self._times = times or RetryTimes()
        self._clock = clock
        self._notifier = Notifier(spool, reporter, log, size_limit=bounce_size_limit)
        self._missing = Missing()
        self._running: set[asyncio.Task[None]] = set()
        self._content = 0  # octets that the running attempts hold
        self._ready: deque[Mail] = deque()  # due, but too many are running
        self._shelf = Shelf(self._enqueue, clock)
        self._watching: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._pumping = False
        self._stopping = False

    async def start(self) -> None:
        """Take over the spool: what an earlier process left is due now or at its noted time, new mails at once."""
        new: set[int] = set()

        def take(mail: Mail) -> None:
            new.add(mail.row)
            self.take(mail)

        self._spool.on_commit = take
        found = await self._loop.run_in_executor(None, lambda: list(self._spool.unfinished()))
        self._spool.on_commit = self.take
        for mail in found:
            if mail.row not in new:
                self._shelf.put(mail, mail.progress.next_attempt)
        self._watching = self._loop.create_task(self._watch())

    async def stop(self, grace: float = 5.0) -> None:
        """Begin nothing new, give running deliveries ``grace`` seconds, and write down what became of them."""
        self._stopping = True
        self._shelf.close()
        if self._watching is not None:
            self._watching.cancel()
        if self._running:
            await asyncio.wait(list(self._running), timeout=grace)
        for task in list(self._running):
            task.cancel()
        await self._spool.flush()

    @property
    def waiting(self) -> int:
        """How many mails are known here and not yet done: running, ready and deferred (held ones are not counted)."""
        return len(self._running) + len(self._ready) + len(self._shelf)

    def flush(self) -> None:
        """Try everything deferred now (postqueue -f)."""
        self._shelf.flush()

    def release(self, row: int) -> None:
        """Deliver a held mail after all."""
        self._shelf.release(row)

    def take(self, mail: Mail) -> None:
        """Deliver a mail that was just committed."""
        if mail.held:
            self._shelf.put(mail, 0.0)
        elif self._stopping or self._ready or len(self._running) >= _ACTIVE or self._content > _CONTENT:
            mail.content = None  # it is in the spool
            self._enqueue(mail)
        else:
            self._begin(mail)

    def _enqueue(self, mail: Mail) -> None:
        self._ready.append(mail)
        self._pump_soon()

    async def _watch(self) -> None:
        """Follow what other processes change in the shard (``gatepost queue``)."""
        seen = self._spool.changed()
        while True:
            await asyncio.sleep(_WATCH)
            if (now := self._spool.changed()) != seen:
                try:
                    self._shelf.apply(await self._loop.run_in_executor(None, self._spool.flags))
                    seen = now
                except SpoolError as error:
                    self._log("postfix/qmgr", f"warning: {error}")

    def _begin(self, mail: Mail) -> None:
        try:
            self._begin_now(mail)
        except Exception as error:  # the commits of other mails wait for us: nothing may escape
            self._trouble(mail, error)

    def _begin_now(self, mail: Mail) -> None:
        """As far as it goes at once; the rest in a task."""
        attempt = Attempt(mail, self._clock(), self._log)
        self._log("postfix/qmgr", lines.active(mail.envelope))
        routes: list[Routed | Awaitable[Routed]] = [self._routed(mail, recipient) for _, recipient in attempt.due]
        if any(not isinstance(route, (Route, Outcome)) for route in routes):
            self._spawn(self._attempt(attempt, routes), mail)
            return
        plan = self._plan(attempt, routes)  # type: ignore[arg-type]
        if any(agent.needs_content for agent, _ in plan) and mail.content is None and mail.file is None:
            self._spawn(self._deliver_all(attempt, plan), mail)
            return
        waiting = self._hand_over(attempt, plan)
        if waiting:
            self._spawn(self._wait(attempt, waiting), mail)
        elif attempt.is_finished and not self._notifier.is_due(attempt):
            self._remove(mail)
        else:
            self._spawn(self._finish(attempt), mail)

    def _routed(self, mail: Mail, recipient: Recipient) -> Routed | Awaitable[Routed]:
        if mail.envelope.filter:  # access(5) FILTER: transport:nexthop for all recipients
            transport, _, nexthop = mail.envelope.filter.partition(":")
            address = recipient.address
            return Route(AddressClass.DEFAULT, transport, nexthop or address.domain, address)
        return self._route(recipient.address)

    def _plan(self, attempt: Attempt, routes: list[Routed]) -> Plan:
        """Recipients by agent and next hop; those without a route are settled."""
        groups: dict[tuple[str, str], list[Target]] = {}
        for (index, recipient), route in zip(attempt.due, routes, strict=True):
            if isinstance(route, Outcome):
                attempt.settle("postfix/error", index, recipient, route, self._clock())
            else:
                groups.setdefault((route.transport, route.nexthop), []).append(Target(index, recipient, route))
        return [(self._agents.get(name, self._missing), targets) for (name, _), targets in groups.items()]

    def _hand_over(self, attempt: Attempt, plan: Plan) -> list[tuple[Agent, list[Target], Awaitable[list[Outcome]]]]:
        """Give every agent its recipients; those that take their time are returned."""
        attempt.hand_over(self._clock())
        waiting = []
        for agent, targets in plan:
            outcomes = agent.deliver(attempt.mail, targets)
            if isinstance(outcomes, list):
                attempt.record(agent.daemon, targets, outcomes, self._clock())
            else:
                waiting.append((agent, targets, outcomes))
        return waiting

    async def _attempt(self, attempt: Attempt, routes: list[Routed | Awaitable[Routed]]) -> None:
        ready = [route if isinstance(route, (Route, Outcome)) else await route for route in routes]
        await self._deliver_all(attempt, self._plan(attempt, ready))

    async def _deliver_all(self, attempt: Attempt, plan: Plan) -> None:
        mail = attempt.mail
        if mail.content is None and mail.file is None and any(agent.needs_content for agent, _ in plan):
            mail.content = await self._loop.run_in_executor(None, self._spool.read, mail)
        await self._wait(attempt, self._hand_over(attempt, plan))

    async def _wait(
        self, attempt: Attempt, waiting: list[tuple[Agent, list[Target], Awaitable[list[Outcome]]]]
    ) -> None:
        async def one(agent: Agent, targets: list[Target], outcomes: Awaitable[list[Outcome]]) -> None:
            try:
                found = await outcomes
            except Exception as error:  # a bug in an agent must not lose the mail, nor stop the others
                self._log(agent.daemon, f"warning: {attempt.mail.envelope.queue_id}: {type(error).__name__}: {error}")
                found = [failed("4.3.0", "internal error", "none") for _ in targets]
            attempt.record(agent.daemon, targets, found, self._clock())

        await asyncio.gather(*[one(*each) for each in waiting])
        await self._finish(attempt)

    async def _finish(self, attempt: Attempt) -> None:
        """Notifications first: once the spool has them, the mail may go."""
        mail = attempt.mail
        now = self._clock()
        envelope = mail.envelope
        if not attempt.is_finished and is_expired(envelope.arrived, now, envelope.sender.is_null, self._times):
            sender = lines.printable(envelope.sender.external)
            self._log("postfix/qmgr", f"{envelope.queue_id}: from=<{sender}>, status=expired, returned to sender")
            attempt.give_up()
        if self._notifier.is_due(attempt):
            original = await self._loop.run_in_executor(None, self._original, mail)
            try:
                await self._notifier.notify(attempt, original)
            except SpoolError as error:
                self._log("postfix/bounce", f"warning: {envelope.queue_id}: cannot queue a notification: {error}")
                attempt.forget_failures()
                self._defer(mail, attempt.progress(now + _TROUBLE))
                return
        if attempt.is_finished:
            self._remove(mail)
            return
        attempts = mail.progress.attempts + 1
        self._defer(mail, attempt.progress(next_attempt(envelope.arrived, now, attempts, self._times)))

    def _defer(self, mail: Mail, progress: Progress) -> None:
        mail.progress = progress
        self._spool.note(mail)
        self._shelf.put(mail, progress.next_attempt)

    def _original(self, mail: Mail) -> bytes:
        """As much of the content as a notification may return; blocks."""
        if mail.content is None and mail.file is None:
            mail.content = self._spool.read(mail)
        found = b""
        for chunk in mail.chunks():
            found += chunk
            if len(found) > self._notifier.returned:
                break
        return found[: self._notifier.returned]

    def _remove(self, mail: Mail) -> None:
        self._spool.remove(mail)
        self._log("postfix/qmgr", f"{mail.envelope.queue_id}: removed")

    def _spawn(self, work: Coroutine[Any, Any, None], mail: Mail) -> None:
        size = len(mail.content or b"")
        self._content += size
        task = self._loop.create_task(self._guarded(work, mail))
        self._running.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._content -= size
            self._running.discard(task)
            if self._ready:
                self._pump_soon()

        task.add_done_callback(ended)

    async def _guarded(self, work: Coroutine[Any, Any, None], mail: Mail) -> None:
        try:
            await work
        except Gone as error:
            self._log("postfix/qmgr", f"warning: {error}")
        except Exception as error:  # whatever it was, the mail is still in the spool and is tried again
            self._trouble(mail, error)

    def _trouble(self, mail: Mail, error: Exception) -> None:
        self._log("postfix/qmgr", f"warning: {mail.envelope.queue_id}: {type(error).__name__}: {error}")
        self._shelf.put(mail, self._clock() + _TROUBLE)

    def _pump_soon(self) -> None:
        if not self._pumping:
            self._pumping = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        """Begin what is ready, some at a time: the loop has sessions to serve in between."""
        self._pumping = False
        for _ in range(_AT_ONCE):
            if not self._ready or self._stopping or len(self._running) >= _ACTIVE or self._content > _CONTENT:
                return
            self._begin(self._ready.popleft())
        self._pump_soon()
