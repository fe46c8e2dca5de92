"""Answering a Search from a table in memory: the keys in order, the first hit ends it (DATABASE_README)."""

from __future__ import annotations

from gatepost.core.ask import Hit, Missing, Search
from gatepost.core.tables.table import Table


def find(table: Table, question: Search) -> Hit | Missing:
    """Hit, NOT_FOUND or TRY_AGAIN. A table of patterns is asked for the whole keys alone."""
    keys = question.keys[: question.whole] if table.pattern else question.keys
    for key in keys:
        entry = table.get(key)
        if entry is not None:
            if isinstance(entry, Missing):
                return entry
            return Hit(key, entry.value, entry.place)
    return Missing.NOT_FOUND
