"""randmap: tables: one of several values by lot (DATABASE_README).

    randmap:{ value, value }

Postfix: it draws anew for each look-up. Here the lot falls by key and by a seed that whoever loads the table draws, so
that the same question has the same answer as long as the table lives, and explain and replay agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from gatepost.core.errors import Problem
from gatepost.core.tables.braces import BraceError, split, ungroup
from gatepost.core.tables.table import Entry


class RandomTable:
    __slots__ = ("_entries", "_seed", "name")

    pattern = True

    def __init__(self, name: str, values: list[str], seed: bytes) -> None:
        self.name = name
        self._entries = tuple(Entry(value) for value in values)
        self._seed = seed

    def get(self, key: str) -> Entry | None:
        """Any of the values; each is as likely as it is listed often."""
        if not self._entries:
            return None
        lot = hashlib.blake2b(key.encode("utf-8", "surrogateescape"), key=self._seed, digest_size=8).digest()
        return self._entries[int.from_bytes(lot, "big") % len(self._entries)]

    def right_sides(self) -> Iterator[Entry]:
        return iter(self._entries)


def compile(name: str, text: str, seed: bytes) -> tuple[RandomTable, tuple[Problem, ...]]:
    """The table in ``text``, which is what follows ``randmap:``; ``seed`` is up to 64 octets. Never raises."""
    try:
        values = split(ungroup(text))
    except BraceError as error:
        return RandomTable(name, [], seed), (Problem(f"{name}: {error}"),)
    return RandomTable(name, values, seed), () if values else (Problem(f"{name}: no value"),)
