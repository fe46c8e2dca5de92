"""The spool: what is committed is there, and is there again."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop

from gatepost.core.address import Address
from gatepost.core.envelope import Envelope, Outcome, Progress, Recipient
from gatepost.core.errors import SpoolError, SpoolFull
from gatepost.edge.spool import Incoming, Mail, Spool
from gatepost.edge.spool.database import VERSION, connect, shrink

ANN = Address("ann", "a.example")


def envelope(incoming: Incoming, hold: bool = False) -> Envelope:
    recipient = Recipient(Address("bob", "b.example"), notify=("FAILURE",))
    return Envelope(incoming.queue_id, ANN, (recipient,), incoming.arrived, incoming.size, hold=hold)


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    uvloop.run(main())


async def put(spool: Spool, *parts: bytes, hold: bool = False) -> str:
    incoming = spool.open_mail()
    for part in parts:
        incoming.write(part)
    await spool.commit(incoming, envelope(incoming, hold))
    return incoming.queue_id


def content_of(spool: Spool, mail: Mail) -> bytes:
    if mail.file is None:
        mail.content = spool.read(mail)
    return b"".join(mail.chunks())


def test_a_committed_mail_is_there_after_reopening(tmp_path: Path) -> None:
    async def main() -> None:
        spool = Spool(tmp_path, worker=3)
        first = await put(spool, b"one\n", b"two\n")
        second = await put(spool, hold=True)
        await spool.close()

        again = Spool(tmp_path, worker=3)
        mails = list(again.unfinished())
        assert [mail.envelope.queue_id for mail in mails] == [first, second]
        assert content_of(again, mails[0]) == b"one\ntwo\n"
        assert content_of(again, mails[1]) == b""
        assert [mail.held for mail in mails] == [False, True]
        assert mails[0].envelope.recipients[0].notify == ("FAILURE",)
        await again.close()

    run(main)


def test_queue_ids_are_hexadecimal_rise_and_name_the_worker(tmp_path: Path) -> None:
    async def main() -> None:
        spool = Spool(tmp_path, worker=10)
        ids = [spool.open_mail().queue_id for _ in range(1000)]
        assert ids == sorted(set(ids))
        assert all(re.fullmatch("[0-9A-F]{13}0A", text) for text in ids)
        await spool.close()

    run(main)


def test_a_large_content_goes_to_a_file_that_leaves_with_its_mail(tmp_path: Path) -> None:
    async def main() -> None:
        spool = Spool(tmp_path, in_memory=1000)
        mails: list[Mail] = []
        spool.on_commit = mails.append
        name = await put(spool, *[b"%06d\n" % number for number in range(50000)])
        assert mails[0].content is None
        assert (tmp_path / "large" / name).stat().st_size == 350000
        assert content_of(spool, mails[0])[:14] == b"000000\n000001\n"
        spool.remove(mails[0])
        await spool.flush()
        assert not list((tmp_path / "large").iterdir())
        assert not list(spool.unfinished())
        await spool.close()

    run(main)


def test_an_abandoned_mail_leaves_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        spool = Spool(tmp_path, in_memory=10)
        incoming = spool.open_mail()
        incoming.write(b"x" * 100000)
        assert list((tmp_path / "large").iterdir())
        incoming.abandon()
        incoming.abandon()
        assert not list((tmp_path / "large").iterdir())
        await spool.close()

    run(main)


def test_opening_removes_files_without_a_mail_and_keeps_those_with_one(tmp_path: Path) -> None:
    async def main() -> None:
        spool = Spool(tmp_path, in_memory=10)
        kept = await put(spool, b"x" * 100)
        spool.open_mail().write(b"y" * 100)
        await spool.close()

        again = Spool(tmp_path)
        assert [path.name for path in (tmp_path / "large").iterdir()] == [kept]
        assert content_of(again, next(iter(again.unfinished()))) == b"x" * 100
        await again.close()

    run(main)


def test_many_sessions_share_commits(tmp_path: Path) -> None:
    async def main() -> None:
        spool = Spool(tmp_path)
        turns: list[int] = []
        spool.on_commit = lambda mail: turns.append(mail.row)
        names = await asyncio.gather(*[put(spool, b"%d" % number) for number in range(700)])
        assert len(set(names)) == len(turns) == 700
        assert len(list(spool.unfinished())) == 700
        await spool.close()

    run(main)


def test_progress_is_kept_and_goes_with_the_mail(tmp_path: Path) -> None:
    async def main() -> None:
        spool = Spool(tmp_path)
        mails: list[Mail] = []
        spool.on_commit = mails.append
        await put(spool, b"x")
        mails[0].progress = Progress(2, 99.5, {0: Outcome("deferred", "4.2.0", "mailbox is busy")})
        spool.note(mails[0])
        await spool.flush()
        found = next(iter(spool.unfinished()))
        assert found.progress == mails[0].progress
        assert not found.progress.is_done(0)
        spool.remove(mails[0])
        spool.note(mails[0])  # late: must not bring anything back
        await spool.close()
        again = Spool(tmp_path)
        assert not list(again.unfinished())
        await again.close()
        with sqlite3.connect(tmp_path / "spool.sqlite3") as connection:
            assert connection.execute("SELECT count(*) FROM progress").fetchone() == (0,)

    run(main)


def test_a_damaged_database_is_set_aside_with_an_alarm(tmp_path: Path) -> None:
    async def main() -> None:
        (tmp_path / "spool.sqlite3").write_bytes(b"no database at all, but long enough to be looked at" * 100)
        alarms: list[str] = []
        spool = Spool(tmp_path, alarm=alarms.append)
        assert len(alarms) == 1 and "damaged" in alarms[0]
        (aside,) = tmp_path.glob("damaged-*/spool.sqlite3")
        assert aside.read_bytes().startswith(b"no database at all")
        await put(spool, b"works")
        await spool.close()

    run(main)


def test_a_later_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    async def main() -> None:
        await Spool(tmp_path).close()
        with sqlite3.connect(tmp_path / "spool.sqlite3") as connection:
            connection.execute(f"PRAGMA user_version = {VERSION + 1}")
        with pytest.raises(SpoolError, match="schema version"):
            Spool(tmp_path)
        assert not list(tmp_path.glob("damaged-*"))

    run(main)


def test_a_shard_is_served_by_one_process(tmp_path: Path) -> None:
    async def main() -> None:
        spool = Spool(tmp_path)
        with pytest.raises(SpoolError, match="open in another process"):
            Spool(tmp_path)
        await spool.close()
        await Spool(tmp_path).close()

    run(main)


def test_no_mail_is_opened_below_queue_minfree(tmp_path: Path) -> None:
    async def main() -> None:
        spool = Spool(tmp_path, minfree=1 << 60)
        assert not spool.has_room()
        with pytest.raises(SpoolFull):
            spool.open_mail()
        await spool.close()

    run(main)


def test_room_goes_back_to_the_file_system(tmp_path: Path) -> None:
    async def main() -> None:
        spool = Spool(tmp_path)
        mails: list[Mail] = []
        spool.on_commit = mails.append
        await asyncio.gather(*[put(spool, b"x" * 100_000) for _ in range(200)])
        for mail in mails:
            spool.remove(mail)
        await spool.close()
        assert (tmp_path / "spool.sqlite3").stat().st_size > 15_000_000
        with contextlib.closing(connect(tmp_path / "spool.sqlite3")) as connection:
            while shrink(connection):
                pass
        assert (tmp_path / "spool.sqlite3").stat().st_size < 5_000_000

    run(main)
