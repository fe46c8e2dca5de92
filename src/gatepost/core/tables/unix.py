"""unix: tables: the accounts and groups of the machine (DATABASE_README).

    unix:passwd.byname      login name -> its line in passwd(5) format
    unix:group.byname       group name -> its line in group(5) format

The lines are given as text by whoever loads the table. Keys are folded to lower case: an account whose name has capital
letters is not found, and Postfix does not find it either.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatepost.core.tables.table import Entry

NAMES = ("passwd.byname", "group.byname")


class UnixTable:
    __slots__ = ("_entries", "name")

    pattern = False

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._entries = {line.partition(":")[0]: Entry(line) for line in text.split("\n") if ":" in line}

    def get(self, key: str) -> Entry | None:
        return self._entries.get(key.casefold())

    def right_sides(self) -> Iterator[Entry]:
        return iter(())
