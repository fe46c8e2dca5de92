"""The text that lookup tables are written in: logical lines, and the entries of indexed tables (postmap(1)).

    # a comment
    key     value
    "a key"@example.com     value that goes on
        in a line that begins with white space

Empty lines and comments are passed over, even within a logical line. White space is what C's isspace() says, in ASCII.
A key ends at the first white space that is neither between double quotes nor after a backslash; quotes and backslashes
remain part of the key (mail addresses are looked up with their local part quoted where it must be).

What postmap skips with a warning is a Problem with file and line. A key without a value, a second entry for a key (the
first one wins) and ``key:`` as in alias files are warnings, since tables in use have them. Other lines that cannot be
read are errors: an edit gone wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatepost.core.errors import Place, Problem, Severity

SPACE = " \t\n\v\f\r"

_SIMPLE = re.compile(r'([^\s"\\]+)\s+(\S.*)', re.ASCII | re.DOTALL)
_QUOTED = re.compile(r'((?:[^\s"\\]|\\.|"(?:[^"\\]|\\.)*")+)(?:\s+(.*)|\Z)', re.ASCII | re.DOTALL)
_NOT_UTF8 = re.compile("[\ud800-\udfff]")
_ODD = re.compile(  # quotes, what is not text, and white space to str.split() that is none to isspace()
    '["\\\\\0\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]'
)
_BEGINS_NO_ENTRY = frozenset(SPACE + "#")


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The logical lines of ``text``, joined as they stand: the number of the first line, from 1, and the text.

    White space at the end is taken off. A line that should continue one, but has none before it, is a logical line of
    its own: its text begins with white space.
    """
    number = 0
    first, rest = "", None
    for at, line in enumerate(text.split("\n"), 1):
        if line and line[0] not in _BEGINS_NO_ENTRY:
            if number:
                yield number, (first if rest is None else first + "".join(rest)).rstrip(SPACE)
            number, first, rest = at, line, None
            continue
        stripped = line.strip(SPACE)
        if not stripped or stripped[0] == "#":
            continue
        if not number:
            number, first = at, line
        elif rest is None:
            rest = [line]
        else:
            rest.append(line)
    if number:
        yield number, (first if rest is None else first + "".join(rest)).rstrip(SPACE)


def read_entries(text: str, file: str, problems: list[Problem]) -> Iterator[tuple[int, str, str]]:
    """Each entry of an indexed table's source: line, key as written, value. Duplicates are included.

    What is wrong goes to ``problems``. ``text`` may hold lone surrogates for bytes that are not UTF-8
    (``surrogateescape``): such a line is an error.
    """
    plain = not _ODD.search(text)
    for number, line in logical_lines(text):
        if plain:  # a big file in a third of the time
            parts = line.split(None, 1)
            if len(parts) == 2 and line[0] not in SPACE:
                key, value = parts
                if key[-1] == ":":
                    problems.append(_alias(file, number))
                yield number, key, value
                continue
        elif not _NOT_UTF8.search(line) and "\0" not in line:
            match = _SIMPLE.match(line) or _QUOTED.match(line)
            if match and match[2]:
                if match[1][-1] == ":":
                    problems.append(_alias(file, number))
                yield number, match[1], match[2]
                continue
        problems.append(_problem(line, Place(file, number)))


def _alias(file: str, number: int) -> Problem:
    message = "'key: value' is how alias files are written; the colon is part of the key here"
    return Problem(message, Place(file, number), Severity.WARNING)


def unusable(line: str) -> str | None:
    """What makes a logical line of any kind of table unusable, or None."""
    if line[0] in SPACE:
        return "the first line must not begin with white space: it would continue another"
    if _NOT_UTF8.search(line):
        return "not UTF-8"
    return "a NUL character" if "\0" in line else None


def _problem(line: str, place: Place) -> Problem:
    """Why ``line`` is no entry."""
    if fault := unusable(line):
        return Problem(fault, place)
    match = _QUOTED.match(line)
    if match is None:
        return Problem("a double quote without its partner", place)
    return Problem(f"'{match[1]}' has no value; the line is skipped", place, Severity.WARNING)
