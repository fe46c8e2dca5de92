"""unionmap: tables: what several tables say, joined by commas (DATABASE_README).

    unionmap:{ type:name, type:name }

A table that has no entry adds nothing; one that cannot say makes the whole look-up fail. The first table decides
whether the union is asked as a table of patterns is, and whether keys are folded before any table sees them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatepost.core.ask import Missing
from gatepost.core.tables.table import Entry, Table


class UnionTable:
    __slots__ = ("_tables", "name", "pattern")

    def __init__(self, name: str, tables: Sequence[Table]) -> None:
        self.name = name
        self.pattern = tables[0].pattern if tables else False
        self._tables = tuple(tables)

    def get(self, key: str) -> Entry | Missing | None:
        """The values, joined; the place is that of the first."""
        if not self.pattern:
            key = key.casefold()
        found: list[Entry] = []
        for table in self._tables:
            entry = table.get(key)
            if isinstance(entry, Missing):
                return entry
            if entry is not None:
                found.append(entry)
        if len(found) < 2:
            return found[0] if found else None
        return Entry(",".join(entry.value for entry in found), found[0].place)

    def right_sides(self) -> Iterator[Entry]:
        """What each table says alone."""
        return (entry for table in self._tables for entry in table.right_sides())
