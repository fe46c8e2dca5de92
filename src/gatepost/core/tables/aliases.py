"""Alias files: hash: tables and the like that are named in alias_maps (aliases(5), postalias(1)).

    name: value, value
    "a name": value

A name is kept without its quotes, folded to lower case. The first of two entries for a name counts.
"""

from __future__ import annotations

import re

from gatepost.core.errors import Problem, Severity
from gatepost.core.tables.hashed import HashedTable, TableWriter
from gatepost.core.tables.source import logical_lines, unusable

_ENTRY = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|([^\s":@,<>()]+))\s*:\s*(\S.*)\Z', re.ASCII | re.DOTALL)
_BACKSLASH = re.compile(r"\\(.)", re.DOTALL)


def compile(name: str, text: str, file: str) -> tuple[HashedTable, tuple[Problem, ...]]:
    """The table in ``text``; a bad line is a Problem and has no entry. Never raises."""
    writer = TableWriter(name, file)
    for line, source in logical_lines(text):
        fault = unusable(source)
        match = None if fault else _ENTRY.match(source)
        if match is None:
            writer.complain(
                line, fault or "no alias: name: value is wanted", Severity.ERROR if fault else Severity.WARNING
            )
            continue
        quoted, plain, value = match.groups()
        writer.add(plain if quoted is None else _BACKSLASH.sub(r"\1", quoted), value, line)
    return writer.table()
