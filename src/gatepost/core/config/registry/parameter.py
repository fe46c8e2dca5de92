"""What is known of one parameter, and the readable tables that say it.

A table has a line a parameter, its columns apart by `` | ``, an indented line continuing the one above:

    name | kind | default | what it is for

``kind`` is a Kind's value, for times with the default unit after a colon, then perhaps the smallest value that is
allowed: ``time:s``, ``time:s:1``, ``number:200``. Nothing is decided here: that a
parameter stands in a table means that its name and type are known, not that anything acts on it.
"""

from __future__ import annotations

import re
from enum import Enum

import msgspec

_BAR = re.compile(r"\s\|(?=\s)")


class Kind(Enum):
    """How a value is read."""

    YESNO = "yesno"
    NUMBER = "number"
    SIZE = "size"  # a number that may pass 2 GB
    TIME = "time"  # seconds; the text may carry a unit s, m, h, d or w
    TEXT = "text"
    WORDS = "words"  # a list by commas and white space
    TABLES = "tables"  # a list of type:name lookup tables
    RAW = "raw"  # a text that is not expanded here: the program that uses it does so for each mail or reply
    RESTRICTIONS = "restrictions"  # a restriction list


class Parameter(msgspec.Struct, frozen=True):
    """A parameter: ``default`` is not expanded; ``unit`` is the unit of a time without one, else empty.

    ``minimum`` is the smallest number that Postfix takes, in seconds for times; None where it takes any.
    """

    name: str
    kind: Kind
    default: str
    about: str
    unit: str = ""
    minimum: int | None = None

    def renamed(self, name: str, default: str) -> Parameter:
        """The same under another name, as families of parameters need it."""
        return msgspec.structs.replace(self, name=name, default=default)


def parse_table(text: str) -> dict[str, Parameter]:
    """The parameters of one table by name. Raises ValueError on a faulty line: the tables are ours."""
    parameters: dict[str, Parameter] = {}
    rows: list[str] = []
    for line in text.strip("\n").split("\n"):
        if line[:1] == " ":
            rows[-1] += line
        elif line:
            rows.append(line)
    for row in rows:
        name, kind, default, about = (column.strip() for column in _BAR.split(f"{row} ", 3))
        kind, _, rest = kind.partition(":")
        unit, _, minimum = rest.partition(":") if kind == Kind.TIME.value else ("", "", rest)
        if name in parameters:
            raise ValueError(f"{name} stands twice in a table")
        smallest = int(minimum) if minimum else None
        default, about = (" ".join(column.split()) for column in (default, about))
        parameters[name] = Parameter(name, Kind(kind), default, about, unit, smallest)
    return parameters
