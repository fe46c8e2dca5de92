"""static: tables: the same value for every key (DATABASE_README).

static:value
static:{ value with white space }
"""

from __future__ import annotations

from collections.abc import Iterator

from gatepost.core.errors import Problem
from gatepost.core.tables.braces import BraceError, ungroup
from gatepost.core.tables.table import Entry


class StaticTable:
    __slots__ = ("_entry", "name")

    pattern = False

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self._entry = Entry(value)

    def get(self, key: str) -> Entry:
        """The value, whatever the key."""
        return self._entry

    def right_sides(self) -> Iterator[Entry]:
        yield self._entry


def compile(name: str, text: str) -> tuple[StaticTable, tuple[Problem, ...]]:
    """The table in ``text``, which is what follows ``static:``. Never raises."""
    try:
        value = ungroup(text) if text.startswith("{") else text
    except BraceError as error:
        return StaticTable(name, text), (Problem(f"{name}: {error}"),)
    return StaticTable(name, value), () if value else (Problem(f"{name}: no value"),)
