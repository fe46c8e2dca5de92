"""What every lookup table is to its user (DATABASE_README).

A table that lives in text is built by one pure function, ``compile(name, text, file) -> Table``; a bad line is
collected as a Problem. Databases and servers implement ``AsyncTable`` at the edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from gatepost.core.ask import Missing
from gatepost.core.errors import Place


class Entry(msgspec.Struct, frozen=True):
    """A key's value, and where it stands; ``place`` is None for a table without lines (static:, a database)."""

    value: str
    place: Place | None = None


class Table(Protocol):
    """A table in memory. ``get`` never blocks and never raises.

    ``pattern`` tables (cidr, regexp, pcre) are asked for the whole key alone, never for its parts, and get it with its
    case kept; others fold keys to lower case themselves.
    """

    @property
    def name(self) -> str:
        """As configured: ``type:name``."""
        ...

    @property
    def pattern(self) -> bool: ...

    def get(self, key: str) -> Entry | Missing | None:
        """The entry for ``key``, None for none, or TRY_AGAIN where the table cannot say (fail:)."""
        ...

    def right_sides(self) -> Iterator[Entry]:
        """Every different value that the table can give, as far as it is known beforehand, with its place."""
        ...
