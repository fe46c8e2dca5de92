"""environ: tables: the process's environment (DATABASE_README).

Keys are folded to lower case, so that only variables with a lower-case name are found: Postfix does the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gatepost.core.tables.table import Entry


class EnvironTable:
    """``environment`` is given by whoever loads the table, and kept as it was then."""

    __slots__ = ("_environment", "name")

    pattern = False

    def __init__(self, name: str, environment: Mapping[str, str]) -> None:
        self.name = name
        self._environment = {key: Entry(value) for key, value in environment.items() if value}

    def get(self, key: str) -> Entry | None:
        return self._environment.get(key.casefold())

    def right_sides(self) -> Iterator[Entry]:
        return iter(self._environment.values())
