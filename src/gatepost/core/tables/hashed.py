"""hash:, btree:, dbm:, sdbm:, lmdb:, cdb: and texthash: tables, all from their source text (postmap(1)).

No database file is needed. Keys are folded to lower case on both sides, by Unicode where they are not ASCII.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatepost.core.errors import Place, Problem, Severity
from gatepost.core.tables.source import read_entries
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


class TableWriter:
    """Collects entries, and what is wrong with them, for a HashedTable."""

    def __init__(self, name: str, file: str) -> None:
        self.problems: list[Problem] = []
        self._name = name
        self._file = file
        self._entries: dict[str, int] = {}
        self._numbers: dict[str, int] = {}  # value -> index into the table's values

    def add(self, key: str, value: str, line: int) -> None:
        """An entry; of several for a key, whatever its case, the first one counts."""
        numbers = self._numbers
        folded = key.casefold()
        found = (numbers.setdefault(value, len(numbers)) << _LINE_BITS) | line
        if self._entries.setdefault(folded, found) != found:
            first = self._entries[folded] & _LINE_MASK
            self.complain(line, f"'{folded}' is already in line {first}; that entry counts", Severity.WARNING)

    def complain(self, line: int, message: str, severity: Severity = Severity.ERROR) -> None:
        self.problems.append(Problem(message, Place(self._file, line), severity))

    def table(self) -> tuple[HashedTable, tuple[Problem, ...]]:
        return HashedTable(self._name, self._file, self._entries, list(self._numbers)), tuple(self.problems)


def compile(name: str, text: str, file: str) -> tuple[HashedTable, tuple[Problem, ...]]:
    """The table in ``text``; a bad line is a Problem and has no entry. Never raises."""
    writer = TableWriter(name, file)
    add = writer.add
    for line, key, value in read_entries(text, file, writer.problems):
        add(key, value, line)
    return writer.table()
