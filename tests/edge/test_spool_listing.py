"""What other processes see of a spool, and change in it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import uvloop

from gatepost.core.address import Address
from gatepost.core.dsn import Reporter
from gatepost.core.envelope import Envelope, Recipient
from gatepost.core.errors import SpoolError
from gatepost.core.routing import AddressClass, Route
from gatepost.edge.delivery import runner as running
from gatepost.edge.delivery.discard import Discard
from gatepost.edge.delivery.runner import Runner
from gatepost.edge.spool import Spool, listing


async def put(spool: Spool, content: bytes, hold: bool = False) -> str:
    incoming = spool.open_mail()
    incoming.write(content)
    recipients = (Recipient(Address("b", "b.example")),)
    sender = Address("a", "a.example")
    await spool.commit(incoming, Envelope(incoming.queue_id, sender, recipients, incoming.arrived, hold=hold))
    return incoming.queue_id


def test_entries_contents_and_removal_over_all_shards(tmp_path: Path) -> None:
    async def main() -> None:
        first = Spool(tmp_path / "0", worker=0, in_memory=10)
        second = Spool(tmp_path / "1", worker=1)
        large = await put(first, b"x" * 100)
        small = await put(second, b"small", hold=True)
        found = list(listing.entries(tmp_path))
        assert [(entry.envelope.queue_id, entry.size, entry.held) for entry in found] == [
            (large, 100, False),
            (small, 5, True),
        ]
        assert listing.find(tmp_path, "0" * 15) is None and listing.find(tmp_path, "../x") is None
        entry = listing.find(tmp_path, large.lower())
        assert entry is not None and listing.content(entry) == b"x" * 100
        assert listing.content(found[1]) == b"small"
        listing.remove(entry)
        assert not list((tmp_path / "0/large").iterdir())
        assert [entry.envelope.queue_id for entry in listing.entries(tmp_path)] == [small]
        with pytest.raises(SpoolError, match="no longer"):
            listing.content(entry)
        await first.close()
        await second.close()

    uvloop.run(main())


def test_a_running_worker_follows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_WATCH", 0.01)

    async def main() -> None:
        spool = Spool(tmp_path)
        log: list[str] = []
        done = asyncio.Event()

        def note(daemon: str, text: str) -> None:
            log.append(text)
            if text.endswith("removed"):
                done.set()

        runner = Runner(
            spool,
            lambda address: Route(AddressClass.DEFAULT, "discard", "", address),
            {"discard": Discard()},
            log=note,
            reporter=Reporter("mx"),
        )
        await runner.start()
        released, removed, kept = [await put(spool, b"x", hold=True) for _ in range(3)]
        entries = {entry.envelope.queue_id: entry for entry in listing.entries(tmp_path)}
        listing.remove(entries[removed])
        listing.set_held(entries[released], False)
        await asyncio.wait_for(done.wait(), 5)
        assert log[-1] == f"{released}: removed"
        await runner.stop()
        await spool.close()
        assert [entry.envelope.queue_id for entry in listing.entries(tmp_path)] == [kept]

    uvloop.run(main())
