"""main.cf: text to assignments (postconf(5), "Postfix main.cf file format").

Only the file's form is known here: which names exist and what values mean is the registry's and the settings' business.

Postfix: one faulty line is fatal for every program. Here all of them are collected, and the good lines are kept.
"""

from __future__ import annotations

import msgspec

from gatepost.core.config.source import BLANK, Source
from gatepost.core.errors import Place, Problem, Severity

_LINE_BLANK = " \t\r\v\f"


class Assignment(msgspec.Struct, frozen=True):
    """``name = value`` as written: ``place`` is the line that it begins on; the value is not expanded."""

    name: str
    value: Source
    place: Place


class LogicalLine(msgspec.Struct, frozen=True):
    """A line and its continuation lines as one text, joined as they stand, the line breaks gone, white space kept."""

    source: Source

    @property
    def place(self) -> Place:
        return self.source.place or Place("", 0)


def logical_lines(text: str, file: str) -> tuple[list[LogicalLine], list[Problem]]:
    """The logical lines of main.cf and master.cf.

    Empty lines and comments (first character after white space is ``#``) are passed over, also between a line and its
    continuation; a line that begins with white space continues the one before. A NUL ends a line's text, as in Postfix.
    """
    lines: list[LogicalLine] = []
    problems: list[Problem] = []
    pieces: list[tuple[str, Place | None]] = []

    def finish() -> None:
        if pieces:
            lines.append(LogicalLine(Source.joined(pieces)))
            pieces.clear()

    for number, line in enumerate(text.split("\n"), 1):
        line = line.partition("\0")[0]
        content = line.strip(_LINE_BLANK)
        if not content or content[0] == "#":
            continue
        place = Place(file, number)
        if line[0] not in _LINE_BLANK:
            finish()
            pieces.append((line, place))
        elif pieces:
            pieces.append((line, place))
        else:
            problems.append(Problem(f'logical line must not start with whitespace: "{excerpt(line)}"', place))
    finish()
    return lines, problems


def parse_main_cf(text: str, file: str) -> tuple[dict[str, Assignment], list[Problem]]:
    """The assignments of main.cf by name, and what is wrong. The last assignment of a name wins, with a warning."""
    lines, problems = logical_lines(text, file)
    assignments: dict[str, Assignment] = {}
    for line in lines:
        assignment = split_assignment(line.source)
        if isinstance(assignment, Problem):
            problems.append(assignment)
            continue
        earlier = assignments.pop(assignment.name, None)
        if earlier is not None:
            message = f"overriding earlier entry: {earlier.name}={excerpt(earlier.value.text)} ({earlier.place})"
            problems.append(Problem(message, assignment.place, Severity.WARNING))
        assignments[assignment.name] = assignment
    return assignments, problems


def split_assignment(source: Source) -> Assignment | Problem:
    """``name = value``, white space around ``=`` and at the ends ignored; or what is wrong with it."""
    place = source.place or Place("", 0)
    equals = source.text.find("=")
    name = source.text[: max(equals, 0)].strip(BLANK)
    if equals < 0 or any(space in name for space in BLANK):
        return Problem(f"missing '=' after attribute name: \"{excerpt(source.text)}\"", place)
    if not name:
        return Problem(f'missing attribute name: "{excerpt(source.text)}"', place)
    value = source.slice(equals + 1, len(source.text)).stripped() if equals + 1 < len(source.text) else None
    return Assignment(name, value or Source.at("", place), place)


def excerpt(text: str) -> str:
    """The beginning of a text, for a message."""
    return text if len(text) <= 60 else f"{text[:57]}..."
