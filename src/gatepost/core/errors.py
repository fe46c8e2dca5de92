"""Where something stands, what is wrong with it, and the exception tree.

    GatepostError
    ├── ConfigError       the configuration cannot be used; carries every Problem found
    ├── AddressError      text that is no mail address, domain or literal
    └── SpoolError        the spool could not keep a mail
        └── SpoolFull     for want of room (452 4.3.1)

A peer's or a policy's "no" is never an exception but a value (Verdict, Reply), and a fault of the world is a typed
answer (core.ask.Missing). Nothing here may import another module of the package.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import msgspec


class Place(msgspec.Struct, frozen=True, order=True):
    """A line of a file; prints as ``file:line``. Line 0 means the file as a whole."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a configuration or table. ``place`` is None where no file is to blame."""

    message: str
    place: Place | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        kind = "" if self.severity is Severity.ERROR else f"{self.severity.value}: "
        return f"{self.place}: {kind}{self.message}" if self.place else f"{kind}{self.message}"


class GatepostError(Exception):
    """The root of everything that Gatepost raises on purpose."""


class ConfigError(GatepostError):
    """A configuration that cannot be used; ``problems`` holds all of them, not only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class AddressError(GatepostError, ValueError):
    """Text that is no mail address, domain or address literal."""


class SpoolError(GatepostError):
    """The spool could not keep a mail; the client is told to try again."""


class SpoolFull(SpoolError):
    """No room for the mail (452 4.3.1)."""
