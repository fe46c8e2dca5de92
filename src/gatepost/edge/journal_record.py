"""One recorded decision: its id, its value, and its compact form in a journal file.

The value read back equals the one that was written. In a file an item of a restriction list is a number (its text and
place stand in the file once, see ItemNumbers), and a step that only said DUNNO or PERMIT is nothing but that number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from gatepost.core.access.verdict import DUNNO, PERMIT, Decision, Item, Step, Verdict
from gatepost.core.ask import Answer, Question
from gatepost.core.facts import Facts

TICKS = 10_000  # a second's; a decision's number is the tick it was made in, or the next free one
DAY_TICKS = 86_400 * TICKS
_DAYS = 1024  # an id holds the day modulo this: files older than that are long gone
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_PAIRS = [high + low for high in _DIGITS for low in _DIGITS]
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)} | {"I": 1, "L": 1, "O": 0}


def decision_id(worker: int, number: int) -> str:
    """Ten letters and digits that find a decision again: ``0B3TK0QX8Z``.

    Tells a peer that sees it no more than when and by which worker the decision was made.
    """
    day, tick = divmod(number, DAY_TICKS)
    pairs = _PAIRS
    return f"{pairs[worker & 1023]}{pairs[day & 1023]}{pairs[tick >> 20]}{pairs[tick >> 10 & 1023]}{pairs[tick & 1023]}"


class ParsedId(NamedTuple):
    """``day`` is the day's number since the epoch modulo 1024, ``tick`` within the day."""

    worker: int
    day: int
    tick: int

    def is_of(self, day: int) -> bool:
        return day % _DAYS == self.day


def parse_decision_id(text: str) -> ParsedId | None:
    """The parts of an id, whatever its case and with I, L and O read as 1, 1 and 0; None if it is none."""
    values = [_VALUES.get(digit, -1) for digit in text.strip().upper()[:11]]
    if len(values) != 10 or min(values) < 0:
        return None
    number = 0
    for value in values:
        number = number << 5 | value
    return ParsedId(number >> 40, number >> 30 & 1023, number & 0x3FFFFFFF)


class Record(msgspec.Struct, frozen=True):
    """A decision with its evidence. ``time`` is in seconds since the epoch, to a tenth of a millisecond."""

    id: str
    time: float
    generation: str
    session: str
    facts: Facts
    decision: Decision


# What the event loop hands over: number, generation, session, facts, decision.
Entry = tuple[int, str, str, Facts, Decision]


class ItemNumbers:
    """The numbers of items and generations in one file; what is new since the last call of ``fresh`` is to be stored.

    Items live as long as their generation, so most are known by identity; equal ones share a number.
    """

    def __init__(self, items: Iterable[Item] = (), generations: Iterable[str] = ()) -> None:
        self.items = list(items)
        self.generations = list(generations)
        self._numbers = {item: number for number, item in enumerate(self.items)}
        self._digests = {digest: number for number, digest in enumerate(self.generations)}
        # The item is kept with its number, so that no other one can come to have its identity.
        self.by_identity: dict[int, tuple[int, Item]] = {}
        self._stored = (len(self.items), len(self.generations))

    def item(self, item: Item) -> int:
        """The number of an item that ``by_identity`` does not have."""
        number = self._numbers.get(item)
        if number is None:
            number = self._numbers[item] = len(self.items)
            self.items.append(item)
        if len(self.by_identity) >= 8192:
            self.by_identity.clear()
        self.by_identity[id(item)] = (number, item)
        return number

    def generation(self, digest: str) -> int:
        number = self._digests.get(digest)
        if number is None:
            number = self._digests[digest] = len(self.generations)
            self.generations.append(digest)
        return number

    def fresh(self) -> tuple[list[tuple[int, bytes]], list[tuple[int, str]]]:
        """New items (number, msgpack) and new generations (number, digest)."""
        items, generations = self._stored
        self._stored = (len(self.items), len(self.generations))
        return (
            [(number, _encode(self.items[number])) for number in range(items, len(self.items))],
            [(number, self.generations[number]) for number in range(generations, len(self.generations))],
        )


_FullStep = tuple[int, Verdict, tuple[tuple[Question, Answer], ...], int]
_Row = tuple[int, int, str, Facts, Decision, list[int | _FullStep]]
_encode = msgspec.msgpack.Encoder().encode
_decode_rows: Callable[[bytes], list[_Row]] = msgspec.msgpack.Decoder(list[_Row]).decode
decode_item: Callable[[bytes], Item] = msgspec.msgpack.Decoder(Item).decode


def encode_batch(entries: Sequence[Entry], numbers: ItemNumbers) -> bytes:
    """Many entries as one msgpack array, in one call: most of its time is spent in C."""
    rows = [_row(entry, numbers) for entry in entries]
    try:
        return _encode(rows)
    except UnicodeEncodeError:
        # A peer's octets that are no UTF-8. Rare, and such a record is kept with ``?`` in their place.
        return _encode(_printable(msgspec.to_builtins(rows)))


def _row(entry: Entry, numbers: ItemNumbers) -> tuple[Any, ...]:
    number, generation, session, facts, decision = entry
    known = numbers.by_identity
    steps: list[int | _FullStep] = []
    for step in decision.steps:
        item = step.item
        found = known.get(id(item))
        place = found[0] if found is not None else numbers.item(item)
        verdict = step.verdict
        if step.asked or step.depth or (verdict is not DUNNO and verdict is not PERMIT):
            steps.append((place, verdict, step.asked, step.depth))
        else:
            steps.append(place if verdict is DUNNO else ~place)
    bare = msgspec.structs.replace(decision, steps=())
    return (number, numbers.generation(generation), session, facts, bare, steps)


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {key: _printable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(part) for part in value]
    return value


def decode_batch(data: bytes, worker: int, items: Sequence[Item], generations: Sequence[str]) -> list[Record]:
    """The records of a batch. Raises ValueError for anything that is none (msgspec.DecodeError is one)."""
    try:
        return [
            Record(
                id=decision_id(worker, number),
                time=number / TICKS,
                generation=generations[generation],
                session=session,
                facts=facts,
                decision=msgspec.structs.replace(decision, steps=tuple(_step(step, items) for step in steps)),
            )
            for number, generation, session, facts, decision, steps in _decode_rows(data)
        ]
    except IndexError as error:
        raise ValueError("a record refers to an unknown item") from error


def _step(step: int | _FullStep, items: Sequence[Item]) -> Step:
    if isinstance(step, int):
        return Step(items[step], DUNNO) if step >= 0 else Step(items[~step], PERMIT)
    number, verdict, asked, depth = step
    return Step(items[number], verdict, asked, depth)
