"""The runner: outcomes, log lines, retries, bounces, restarts."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import uvloop

from gatepost.core.address import NULL, Address, split_address
from gatepost.core.dsn import Reporter
from gatepost.core.envelope import Envelope, Outcome, Recipient
from gatepost.core.routing import AddressClass, Route
from gatepost.core.schedule import RetryTimes
from gatepost.edge.delivery.agent import Target, failed, sent
from gatepost.edge.delivery.discard import Discard
from gatepost.edge.delivery.error import Error
from gatepost.edge.delivery.runner import Routed, Runner
from gatepost.edge.spool import Mail, Spool

ANN = Address("ann", "a.example")


class Keep:
    """An agent that takes its time, and keeps what it got. ``answers`` are its outcomes in turn, then it delivers."""

    daemon = "postfix/virtual"
    needs_content = True

    def __init__(self, *answers: Outcome) -> None:
        self.answers = list(answers)
        self.got: list[tuple[str, bytes]] = []
        self.changed = asyncio.Event()

    async def deliver(self, mail: Mail, targets: Sequence[Target]) -> list[Outcome]:
        await asyncio.sleep(0)
        found = []
        for target in targets:
            outcome = self.answers.pop(0) if self.answers else sent("kept", "virtual")
            if outcome.status == "sent":
                self.got.append((target.recipient.address.text, b"".join(mail.chunks())))
            found.append(outcome)
        self.changed.set()
        return found

    async def wait_for(self, count: int) -> None:
        while len(self.got) < count:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 5)


class House:
    """A spool, a runner and its log over a directory. Domains name transports: ``x@discard.lab``."""

    def __init__(self, directory: Path, agents: dict[str, Any], times: RetryTimes | None = None) -> None:
        self.now = 0.0  # added to the clock
        self.log: list[str] = []
        self.spool = Spool(directory)
        self.runner = Runner(
            self.spool,
            self.route,
            agents,
            log=lambda daemon, text: self.log.append(f"{daemon}: {text}"),
            reporter=Reporter("mx.example"),
            times=times,
            clock=lambda: time.time() + self.now,
        )

    def route(self, address: Address) -> Routed | Awaitable[Routed]:
        transport, _, rest = address.domain.partition(".")
        route = Route(AddressClass.DEFAULT, transport, f"to {rest}", address)

        async def slowly() -> Routed:
            await asyncio.sleep(0)
            return route

        return slowly() if address.local == "slow" else route

    async def put(
        self, *recipients: str, sender: Address = ANN, content: bytes = b"Subject: x\n\nbody\n", **more: Any
    ) -> str:
        incoming = self.spool.open_mail()
        incoming.write(content)
        notify = more.pop("notify", ())
        addresses = tuple(Recipient(split_address(text), notify=notify) for text in recipients)
        envelope = Envelope(incoming.queue_id, sender, addresses, incoming.arrived, size=len(content), **more)
        await self.spool.commit(incoming, envelope)
        return incoming.queue_id

    async def settled(self) -> None:
        """Until nothing runs."""
        while self.runner._running:
            await asyncio.wait(list(self.runner._running))
            await asyncio.sleep(0)

    async def close(self) -> None:
        await self.runner.stop()
        await self.spool.close()

    def rows(self) -> list[Mail]:
        return list(self.spool.unfinished())


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    uvloop.run(asyncio.wait_for(main(), 20))


def test_a_discarded_mail_is_logged_as_postfix_does_and_gone(tmp_path: Path) -> None:
    async def main() -> None:
        house = House(tmp_path, {"discard": Discard()})
        await house.runner.start()
        name = await house.put("x@discard.lab", "y@discard.lab")
        assert house.log[0] == f"postfix/qmgr: {name}: from=<ann@a.example>, size=17, nrcpt=2 (queue active)"
        delays = r"delay=[\d.]+, delays=[\d.]+/[\d.]+/0/[\d.]+"
        line = rf"postfix/discard: {name}: to=<x@discard.lab>, relay=none, {delays}, dsn=2.0.0, status=sent \(to lab\)"
        assert re.fullmatch(line, house.log[1])
        assert house.log[3] == f"postfix/qmgr: {name}: removed"
        await house.spool.flush()
        assert not house.rows()
        await house.close()

    run(main)


def test_a_redirected_mail_goes_to_one_address_alone(tmp_path: Path) -> None:
    async def main() -> None:
        keep = Keep(failed("4.2.0", "not now", "virtual"))
        house = House(tmp_path, {"keep": keep}, RetryTimes(1, 1, 1000, 1000))
        await house.runner.start()
        name = await house.put("z@keep.lab", "b@keep.lab", redirect="other@keep.lab")
        await house.settled()
        assert f"{name}: from=<ann@a.example>, size=17, nrcpt=2 (queue active)" in house.log[0]
        house.now = 10.0
        house.runner.flush()
        await keep.wait_for(1)
        await house.settled()
        assert [address for address, _ in keep.got] == ["other@keep.lab"]
        assert "to=<other@keep.lab>, orig_to=<b@keep.lab>" in house.log[-2]
        await house.spool.flush()
        assert not house.rows()
        await house.put("b@keep.lab", redirect="other@nowhere.lab")
        await house.settled()
        assert "mail transport nowhere is not available" in house.log[-1]
        await house.close()

    run(main)


def test_routes_and_agents_that_take_time(tmp_path: Path) -> None:
    async def main() -> None:
        keep = Keep()
        house = House(tmp_path, {"keep": keep, "discard": Discard()})
        await house.runner.start()
        await house.put("slow@keep.lab", "x@discard.lab", content=b"whole\n")
        await keep.wait_for(1)
        await house.close()
        assert keep.got == [("slow@keep.lab", b"whole\n")]
        assert house.log[-1].endswith("removed")

    run(main)


def test_a_deferred_recipient_alone_is_tried_again_also_after_a_restart(tmp_path: Path) -> None:
    async def main() -> None:
        keep = Keep(sent("kept", "virtual"), failed("4.2.0", "busy", "virtual"))
        house = House(tmp_path, {"keep": keep})
        await house.runner.start()
        name = await house.put("one@keep.lab", "two@keep.lab", content=b"content\n")
        await keep.wait_for(1)
        await house.settled()
        assert [line.split("status=")[1] for line in house.log if "status=" in line] == [
            "sent (kept)",
            "deferred (busy)",
        ]
        await house.close()

        again = Keep()
        house = House(tmp_path, {"keep": again})
        assert house.rows()[0].progress.attempts == 1
        await house.runner.start()
        house.runner.flush()
        await again.wait_for(1)
        await house.settled()
        assert again.got == [("two@keep.lab", b"content\n")]
        assert house.log[-1] == f"postfix/qmgr: {name}: removed"
        await house.close()

    run(main)


def test_retries_come_by_themselves(tmp_path: Path) -> None:
    async def main() -> None:
        keep = Keep(failed("4.2.0", "busy", "virtual"))
        house = House(tmp_path, {"keep": keep}, RetryTimes(minimal_backoff_time=0, maximal_backoff_time=0))
        await house.runner.start()
        await house.put("one@keep.lab")
        await keep.wait_for(1)
        await house.close()
        assert not keep.answers

    run(main)


def test_failures_make_one_bounce_to_the_sender(tmp_path: Path) -> None:
    async def main() -> None:
        keep = Keep()
        house = House(tmp_path, {"keep": keep, "error": Error()})
        await house.runner.start()
        sender = Address("ann", "keep.lab")
        name = await house.put("one@error.lab", "two@error.lab", "ok@keep.lab", sender=sender)
        await keep.wait_for(2)
        await house.settled()
        assert sum("sender non-delivery notification" in line for line in house.log) == 1
        bounce = dict(keep.got)["ann@keep.lab"].decode()
        assert f"X-Postfix-Queue-ID: {name}" in bounce
        assert "<one@error.lab>: to lab" in bounce and "<two@error.lab>: to lab" in bounce and "body" in bounce
        await house.spool.flush()
        assert not house.rows()
        await house.close()

    run(main)


def test_no_bounce_for_the_null_sender_or_notify_never(tmp_path: Path) -> None:
    async def main() -> None:
        house = House(tmp_path, {"error": Error()})
        await house.runner.start()
        await house.put("one@error.lab", sender=NULL)
        await house.settled()
        await house.put("one@error.lab", notify=("NEVER",))
        await house.settled()
        assert not any("sender non-delivery notification" in line for line in house.log)
        assert sum("discarded" in line for line in house.log) == 1
        await house.spool.flush()
        assert not house.rows()
        await house.close()

    run(main)


def test_an_expired_mail_is_returned(tmp_path: Path) -> None:
    async def main() -> None:
        keep = Keep(failed("4.2.0", "busy", "virtual"))
        house = House(tmp_path, {"keep": keep}, RetryTimes(maximal_queue_lifetime=0))
        await house.runner.start()
        name = await house.put("one@keep.lab", sender=Address("ann", "keep.lab"))
        await keep.wait_for(1)
        await house.settled()
        assert f"postfix/qmgr: {name}: from=<ann@keep.lab>, status=expired, returned to sender" in house.log
        assert b"Status: 4.2.0" in keep.got[0][1]
        await house.close()

    run(main)


def test_an_unknown_transport_and_a_broken_agent_defer(tmp_path: Path) -> None:
    class Broken(Discard):
        def deliver(self, mail: Mail, targets: Sequence[Target]) -> list[Outcome]:
            raise ZeroDivisionError

    async def main() -> None:
        house = House(tmp_path, {"broken": Broken()})
        await house.runner.start()
        await house.put("x@smtp.lab")
        await house.settled()
        assert "dsn=4.3.5, status=deferred (mail transport smtp is not available)" in house.log[-1]
        await house.put("x@broken.lab")
        assert "ZeroDivisionError" in house.log[-1]
        assert house.runner.waiting == 2
        await house.close()

    run(main)


def test_a_held_mail_waits_for_its_release(tmp_path: Path) -> None:
    async def main() -> None:
        keep = Keep()
        house = House(tmp_path, {"keep": keep})
        await house.runner.start()
        await house.put("x@keep.lab", hold=True)
        await house.settled()
        assert not house.log
        house.runner.release(house.rows()[0].row)
        await keep.wait_for(1)
        await house.close()

    run(main)


def test_more_than_may_run_at_once(tmp_path: Path) -> None:
    async def main() -> None:
        keep = Keep()
        house = House(tmp_path, {"keep": keep})
        await house.runner.start()
        await asyncio.gather(*[house.put(f"{number}@keep.lab") for number in range(1500)])
        await keep.wait_for(1500)
        assert len(set(keep.got)) == 1500
        await house.close()

    run(main)


def test_a_mail_that_somebody_removed_is_let_go(tmp_path: Path) -> None:
    async def main() -> None:
        keep = Keep(failed("4.2.0", "busy", "virtual"))
        house = House(tmp_path, {"keep": keep})
        await house.runner.start()
        await house.put("x@keep.lab")
        await house.settled()
        house.spool.remove(house.rows()[0])
        await house.spool.flush()
        house.runner.flush()
        await asyncio.sleep(0)
        await house.settled()
        assert house.log[-1].endswith("no longer in the spool")
        assert not house.runner.waiting
        await house.close()

    run(main)
