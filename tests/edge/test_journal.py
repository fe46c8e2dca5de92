"""The journal: round trips, ids, days, and every way in which its files can fail."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.access.verdict import (
    DUNNO,
    PERMIT,
    Branch,
    Broken,
    Decision,
    DeferIfPermit,
    DeferIfReject,
    Effect,
    EffectKind,
    Item,
    Logged,
    Reject,
    Step,
    Verdict,
)
from gatepost.core.address import NULL, Address
from gatepost.core.ask import Advice, Answer, Consult, Dns, Hit, Missing, Question, Records, Search
from gatepost.core.errors import Place
from gatepost.core.facts import Client, Facts, Login, NameStatus, Stage, Tls
from gatepost.core.reply import Reply
from gatepost.edge.journal import Journal, find, records
from gatepost.edge.journal_file import file_name, journal_files
from gatepost.edge.journal_record import (
    DAY_TICKS,
    ItemNumbers,
    decision_id,
    decode_batch,
    encode_batch,
    parse_decision_id,
)

NOON = 1_795_348_800.0  # 2026-11-22 12:00:00 UTC
DAY = int(NOON) // 86_400
CLIENT = Client("192.0.2.10", "mail.client.example", "mail.client.example", 4321, NameStatus.OK, NameStatus.OK)
FACTS = Facts(client=CLIENT, helo="there.example", protocol="ESMTP", sender=NULL, recipient=Address("r", "dragon.lab"))
ITEMS = [
    Item("smtpd_recipient_restrictions", number, text, Place("/etc/postfix/main.cf", 40 + number))
    for number, text in enumerate(["permit_mynetworks", "reject_unauth_destination", "check_x"])
]
REPLY = Reply(554, "7.1", "<r@dragon.lab>: Recipient address rejected: go away")
DECISION = Decision(
    Stage.RCPT,
    REPLY,
    (Effect(EffectKind.HOLD, "wait", "<r@dragon.lab>: Recipient address"),),
    (
        Step(ITEMS[0], DUNNO),
        Step(ITEMS[1], PERMIT),
        Step(
            ITEMS[2],
            Reject(REPLY),
            ((Search("hash:/x", ("r@dragon.lab", "dragon.lab")), Hit("r@dragon.lab", "REJECT", Place("/x.in", 12))),),
            1,
        ),
    ),
    (Logged("reject", str(REPLY)),),
)


def new_journal(directory: Path, worker: int = 0, now: float = NOON, **options: Any) -> tuple[Journal, list[str]]:
    said: list[str] = []
    options.setdefault("clock", lambda: now)
    journal = Journal(directory, worker, alarm=said.append, **options)
    journal.start()
    return journal, said


def write(directory: Path, worker: int = 0, now: float = NOON, count: int = 1) -> list[str]:
    journal, said = new_journal(directory, worker, now)
    ids = [journal.id(journal.append("g1", "s1", FACTS, DECISION)) for _ in range(count)]
    journal.close()
    assert said == []
    return ids


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    (id,) = write(tmp_path, worker=3)
    record = find(tmp_path, id.lower())
    assert record is not None
    assert (record.id, record.time, record.generation, record.session) == (id, NOON, "g1", "s1")
    assert record.facts == FACTS
    assert record.decision == DECISION
    assert list(records(tmp_path, DAY)) == [record]
    assert journal_files(tmp_path) == [(DAY, 3, tmp_path / "journal-2026-11-22-3.sqlite")]


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
places = st.none() | st.builds(Place, text, st.integers(0, 9999))
items = st.builds(Item, text, st.integers(0, 99), text, places)
replies = st.builds(Reply, st.integers(200, 599), text, text)
verdicts: st.SearchStrategy[Verdict] = st.one_of(
    st.sampled_from([DUNNO, PERMIT]),
    st.builds(Reject, replies),
    st.builds(DeferIfPermit, replies),
    st.builds(DeferIfReject, replies),
    st.builds(Effect, st.sampled_from(EffectKind), text, text),
    st.builds(Branch, text, places),
    st.builds(Broken, text),
)
questions: st.SearchStrategy[Question] = st.one_of(
    st.builds(Search, text, st.tuples(text)), st.builds(Dns, text, text), st.builds(Consult, text)
)
answers: st.SearchStrategy[Answer] = st.one_of(
    st.sampled_from(Missing),
    st.builds(Hit, text, text, places),
    st.builds(Records, st.tuples(text, text), st.integers(0, 2**31)),
    st.builds(Advice, text),
)
steps = st.builds(
    Step, items, verdicts, st.lists(st.tuples(questions, answers), max_size=2).map(tuple), st.integers(0, 3)
)
addresses = st.none() | st.builds(Address, text, text)
facts = st.builds(
    Facts,
    client=st.builds(Client, text, text, text, st.integers(0, 65535), st.sampled_from(NameStatus)),
    helo=text,
    sender=addresses,
    recipient=addresses,
    login=st.none() | st.builds(Login, text, text),
    tls=st.none() | st.builds(Tls, text, text, st.integers(0, 256)),
    size=st.integers(0, 2**40),
    pipelined=st.booleans(),
)
decisions = st.builds(
    Decision,
    st.sampled_from(Stage),
    st.none() | replies,
    st.lists(st.builds(Effect, st.sampled_from(EffectKind), text), max_size=2).map(tuple),
    st.lists(steps, max_size=4).map(tuple),
    st.lists(st.builds(Logged, text, text), max_size=2).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(facts, decisions), min_size=1, max_size=3))
def test_any_decision_survives_the_round_trip(made: list[tuple[Facts, Decision]]) -> None:
    numbers = ItemNumbers()
    entries = [(DAY * DAY_TICKS + at, f"g{at % 2}", "s", known, decision) for at, (known, decision) in enumerate(made)]
    read = decode_batch(encode_batch(entries, numbers), 0, numbers.items, numbers.generations)
    assert [(record.facts, record.decision) for record in read] == made
    assert [record.generation for record in read] == [entry[1] for entry in entries]


def test_octets_that_are_no_utf_8_do_not_cost_the_record(tmp_path: Path) -> None:
    journal, said = new_journal(tmp_path)
    hostile = Facts(client=CLIENT, helo="a\udcffb", sender=Address("\udc80", "b.example"))
    id = journal.id(journal.append("g1", "s1", hostile, DECISION))
    journal.close()
    record = find(tmp_path, id)
    assert record is not None
    assert record.facts == Facts(client=CLIENT, helo="a?b", sender=Address("?", "b.example"))
    assert record.decision == DECISION
    assert said == []


@given(st.integers(0, 1023), st.integers(0, 40_000 * DAY_TICKS))
@settings(max_examples=50)
def test_an_id_tells_where_to_look(worker: int, number: int) -> None:
    id = decision_id(worker, number)
    parsed = parse_decision_id(id)
    day, tick = divmod(number, DAY_TICKS)
    assert len(id) == 10
    assert parsed is not None
    assert parsed.is_of(day)
    assert (parsed.worker, parsed.tick) == (worker, tick)
    assert parse_decision_id(id.lower().replace("1", "l").replace("0", "o")) == parsed


@pytest.mark.parametrize("id", ["", "0000", "0" * 11, "0B3TK0QX8!", "0B3TK0QX8U", "\u0130" * 10])
def test_what_is_no_id_is_none(tmp_path: Path, id: str) -> None:
    assert parse_decision_id(id) is None
    assert find(tmp_path, id) is None


def test_ids_are_unique_within_a_moment_and_over_a_restart(tmp_path: Path) -> None:
    ids = write(tmp_path, count=50) + write(tmp_path, count=50)
    assert len(set(ids)) == 100
    assert [record.id for record in records(tmp_path, DAY)] == ids
    assert all(find(tmp_path, id) is not None for id in ids)
    assert find(tmp_path, decision_id(0, (DAY + 1) * DAY_TICKS)) is None


def test_workers_write_files_of_their_own_and_are_read_in_order(tmp_path: Path) -> None:
    late = write(tmp_path, 0, NOON + 2) + write(tmp_path, 0, NOON + 4)
    early = write(tmp_path, 1, NOON + 1) + write(tmp_path, 1, NOON + 3)
    assert [record.id for record in records(tmp_path, DAY)] == [early[0], late[0], early[1], late[1]]


def test_a_day_has_its_file_and_old_ones_go(tmp_path: Path) -> None:
    for days in range(9):
        write(tmp_path, now=NOON + days * 86_400)
    (tmp_path / "journal-2026-11-01-0.sqlite-wal").touch()
    (tmp_path / "notes.txt").touch()
    assert [day for day, _, _ in journal_files(tmp_path)] == list(range(DAY + 1, DAY + 9))
    assert (tmp_path / "notes.txt").exists()


def test_midnight_falls_within_a_batch(tmp_path: Path) -> None:
    moments = iter([NOON, NOON + 43_199.5, NOON + 43_200.0, NOON + 43_200.5])
    journal, said = new_journal(tmp_path, clock=lambda: next(moments), group_seconds=3600)
    for _ in range(3):
        journal.append("g1", "s1", FACTS, DECISION)
    journal.close()
    assert [len(list(records(tmp_path, day))) for day in (DAY, DAY + 1)] == [1, 2]
    assert said == []


def test_it_is_written_by_itself(tmp_path: Path) -> None:
    journal, _ = new_journal(tmp_path)
    id = journal.id(journal.append("g1", "s1", FACTS, DECISION))
    deadline = time.monotonic() + 5
    while find(tmp_path, id) is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    journal.close()


def test_a_damaged_file_is_set_aside_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / file_name(DAY, 0)
    path.write_bytes(b"this is no database, it only has its name " * 100)
    journal, said = new_journal(tmp_path)
    id = journal.id(journal.append("g1", "s1", FACTS, DECISION))
    journal.close()
    assert find(tmp_path, id) is not None
    assert len(said) == 1
    assert "set aside" in said[0]
    assert [p.read_bytes()[:10] for p in tmp_path.iterdir() if "damaged" in p.name] == [b"this is no"]


def test_a_file_damaged_while_in_use_is_set_aside(tmp_path: Path) -> None:
    write(tmp_path, count=3000)
    path = tmp_path / file_name(DAY, 0)
    octets = bytearray(path.read_bytes())
    octets[4096:] = b"\xa5" * (len(octets) - 4096)
    path.write_bytes(octets)
    damage: list[str] = []
    assert list(records(tmp_path, DAY, damage=damage)) == []
    assert damage
    journal, said = new_journal(tmp_path)
    id = journal.id(journal.append("g1", "s1", FACTS, DECISION))
    journal.flush()
    id = journal.id(journal.append("g1", "s1", FACTS, DECISION))
    journal.close()
    assert find(tmp_path, id) is not None
    assert any("set aside" in text for text in said)


def test_a_batch_that_does_not_decode_costs_only_itself(tmp_path: Path) -> None:
    first, second = write(tmp_path) + write(tmp_path, now=NOON + 1)
    database = sqlite3.connect(tmp_path / file_name(DAY, 0))
    database.execute("UPDATE batch SET data = x'c1' WHERE first = (SELECT min(first) FROM batch)")
    database.commit()
    database.close()
    damage: list[str] = []
    assert [record.id for record in records(tmp_path, DAY, damage=damage)] == [second]
    assert len(damage) == 1
    assert find(tmp_path, first) is None


def test_a_fault_drops_records_tells_it_once_and_is_got_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatepost.edge.journal.RETRY_SECONDS", 0.0)
    blocked = tmp_path / "journal"
    blocked.write_text("a file where the directory should be")
    journal, said = new_journal(blocked)
    for _ in range(3):
        journal.append("g1", "s1", FACTS, DECISION)
        journal.flush()
    assert len(said) == 1
    assert "cannot be written" in said[0]
    blocked.unlink()
    id = journal.id(journal.append("g1", "s1", FACTS, DECISION))
    journal.close()
    assert find(blocked, id) is not None
    assert said[1:] == [f"the journal is written again; 3 records were lost: {said[0].split(': ', 1)[1].split(';')[0]}"]


def test_a_full_disk_drops_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatepost.edge.journal.RETRY_SECONDS", 0.0)
    journal, said = new_journal(tmp_path)
    journal.append("g1", "s1", FACTS, DECISION)
    journal.flush()
    assert journal._writer is not None
    journal._writer._database.execute("PRAGMA max_page_count = 1")  # SQLITE_FULL, as on a full disk
    for _ in range(500):
        journal.append("g1", "s1", FACTS, DECISION)
    journal.flush()
    assert len(said) == 1
    assert "full" in said[0]
    id = journal.id(journal.append("g1", "s1", FACTS, DECISION))
    journal.close()
    assert find(tmp_path, id) is not None
    assert "500 records were lost" in said[1]


def test_what_cannot_be_encoded_does_not_end_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatepost.edge.journal.RETRY_SECONDS", 0.0)
    journal, said = new_journal(tmp_path)
    journal.append("g1", "s1", Facts(client=CLIENT, size=2**70), DECISION)
    journal.flush()
    id = journal.id(journal.append("g1", "s1", FACTS, DECISION))
    journal.close()
    assert find(tmp_path, id) is not None
    assert len(said) == 2


def test_equal_items_share_a_number(tmp_path: Path) -> None:
    numbers = ItemNumbers()
    copy = Item(ITEMS[0].list, ITEMS[0].index, ITEMS[0].text, ITEMS[0].place)
    assert numbers.item(ITEMS[0]) == numbers.item(copy) == 0
    assert numbers.item(ITEMS[1]) == 1
    assert [number for number, _ in numbers.fresh()[0]] == [0, 1]
    assert numbers.fresh() == ([], [])
