"""hash:, btree:, dbm:, sdbm:, lmdb:, cdb: and texthash: tables, all from their source text (postmap(1)).

No database file is needed. Keys are folded to lower case on both sides, by Unicode where they are not ASCII.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatepost.core.errors import Place, Problem
from gatepost.core.tables.source import duplicate, read_entries
from gatepost.core.tables.table import Entry

TYPES = ("hash", "btree", "dbm", "sdbm", "lmdb", "cdb", "texthash")

_LINE_BITS = 32
_LINE_MASK = (1 << _LINE_BITS) - 1


class HashedTable:
    """A million entries take some 200 MB: a key's value and line are one number, and equal values are kept once."""

    __slots__ = ("_entries", "_file", "_values", "name")

    pattern = False

    def __init__(self, name: str, file: str, entries: dict[str, int], values: list[str]) -> None:
        self.name = name
        self._file = file
        self._entries = entries  # folded key -> index into values, shifted, and line
        self._values = values

    def get(self, key: str) -> Entry | None:
        """The entry for ``key`` in whatever case. A key that is not UTF-8 has none."""
        found = self._entries.get(key)
        if found is None:
            found = self._entries.get(key.casefold())
            if found is None:
                return None
        return self._entry(found)

    def right_sides(self) -> Iterator[Entry]:
        """Each different value once, with the first place that it stands in."""
        first: dict[int, int] = {}
        for found in self._entries.values():
            first.setdefault(found >> _LINE_BITS, found)
        return map(self._entry, first.values())

    def items(self) -> Iterator[tuple[str, Entry]]:
        """Every key, folded, with its entry, in the order of the text."""
        return ((key, self._entry(found)) for key, found in self._entries.items())

    def __len__(self) -> int:
        return len(self._entries)

    def _entry(self, found: int) -> Entry:
        return Entry(self._values[found >> _LINE_BITS], Place(self._file, found & _LINE_MASK))


def compile(name: str, text: str, file: str) -> tuple[HashedTable, tuple[Problem, ...]]:
    """The table in ``text``; a bad line is a Problem and has no entry. Never raises."""
    problems: list[Problem] = []
    entries: dict[str, int] = {}
    values: list[str] = []
    numbers: dict[str, int] = {}
    for line, key, value in read_entries(text, file, problems):
        number = numbers.get(value)
        if number is None:
            number = numbers[value] = len(values)
            values.append(value)
        folded = key.casefold()
        found = (number << _LINE_BITS) | line
        if entries.setdefault(folded, found) != found:
            problems.append(duplicate(folded, Place(file, line), entries[folded] & _LINE_MASK))
    return HashedTable(name, file, entries, values), tuple(problems)
