"""pipemap: tables: each table's answer is the key for the next (DATABASE_README).

    pipemap:{ type:name, type:name }

The last one's answer is the result. The first table decides whether the pipe is asked as a table of patterns is, and
whether the first key is folded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatepost.core.ask import Missing
from gatepost.core.tables.table import Entry, Table


class PipeTable:
    __slots__ = ("_tables", "name", "pattern")

    def __init__(self, name: str, tables: Sequence[Table]) -> None:
        self.name = name
        self.pattern = tables[0].pattern if tables else False
        self._tables = tuple(tables)

    def get(self, key: str) -> Entry | Missing | None:
        """The last table's entry; None as soon as one table has none."""
        entry: Entry | Missing | None = None
        for table in self._tables:
            entry = table.get(key)
            if not isinstance(entry, Entry):
                return entry
            key = entry.value
        return entry

    def right_sides(self) -> Iterator[Entry]:
        """What the last table says."""
        return self._tables[-1].right_sides() if self._tables else iter(())
