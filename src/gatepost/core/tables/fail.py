"""fail: tables: every look-up is a temporary fault (DATABASE_README). What cannot be served stands as one, too."""

from __future__ import annotations

from collections.abc import Iterator

from gatepost.core.ask import Missing
from gatepost.core.tables.table import Entry


class FailingTable:
    __slots__ = ("name",)

    pattern = False

    def __init__(self, name: str) -> None:
        self.name = name

    def get(self, key: str) -> Missing:
        """TRY_AGAIN, whatever the key."""
        return Missing.TRY_AGAIN

    def right_sides(self) -> Iterator[Entry]:
        return iter(())
