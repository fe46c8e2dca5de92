"""inline: tables: a few entries in main.cf itself (DATABASE_README).

    inline:{ key=value, { key = text with white space, or a comma } }

Of two entries for a key the last one wins. Keys are folded to lower case.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatepost.core.errors import Problem, Severity
from gatepost.core.tables.braces import BraceError, split, ungroup
from gatepost.core.tables.source import SPACE
from gatepost.core.tables.table import Entry


class InlineTable:
    __slots__ = ("_entries", "name")

    pattern = False

    def __init__(self, name: str, entries: dict[str, Entry]) -> None:
        self.name = name
        self._entries = entries

    def get(self, key: str) -> Entry | None:
        """The entry for ``key`` in whatever case."""
        return self._entries.get(key.casefold())

    def right_sides(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)


def compile(name: str, text: str) -> tuple[InlineTable, tuple[Problem, ...]]:
    """The table in ``text``, which is what follows ``inline:``. Never raises."""
    problems: list[Problem] = []
    entries: dict[str, Entry] = {}
    try:
        words = split(ungroup(text))
    except BraceError as error:
        return InlineTable(name, {}), (Problem(f"{name}: {error}"),)
    if not words:
        problems.append(Problem(f"{name}: no key=value in it"))
    for word in words:
        try:
            key, equals, value = (ungroup(word) if word.startswith("{") else word).partition("=")
        except BraceError as error:
            problems.append(Problem(f"{name}: {error}"))
            continue
        key, value = key.strip(SPACE), value.strip(SPACE)
        if not equals or not value or not key or any(character in SPACE for character in key):
            problems.append(Problem(f"{name}: '{word}' is not key=value"))
            continue
        folded = key.casefold()
        if folded in entries:
            problems.append(Problem(f"{name}: '{key}' twice; the last one counts", severity=Severity.WARNING))
        entries[folded] = Entry(value)
    return InlineTable(name, entries), tuple(problems)
