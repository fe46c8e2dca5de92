"""A table from its name and what it is made of, whatever its type (DATABASE_README).

Pure: whoever loads a table first asks ``source_paths`` which texts are needed, reads them, and gives them along. A
table that cannot be made is a Problem, and stands as one whose look-ups fail for the time being.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gatepost.core.config.nearest import nearest
from gatepost.core.errors import Problem
from gatepost.core.tables import aliases, cidr, hashed, inline, pcre, randmap, regexp, static, unix
from gatepost.core.tables.braces import BraceError, inline_rules, is_inline, split, ungroup
from gatepost.core.tables.environ import EnvironTable
from gatepost.core.tables.fail import FailingTable
from gatepost.core.tables.pipemap import PipeTable
from gatepost.core.tables.table import Table
from gatepost.core.tables.unionmap import UnionTable

Compiled = tuple[Table, tuple[Problem, ...]]

RULES: dict[str, Callable[[str, str, str], Compiled]] = {
    "cidr": cidr.compile,
    "pcre": pcre.compile,
    "regexp": regexp.compile,
}
"""Types whose rules stand in a file, or in braces in the name itself."""

COMPOSED: dict[str, Callable[[str, Sequence[Table]], Table]] = {"unionmap": UnionTable, "pipemap": PipeTable}
NOT_SERVED = frozenset(
    [
        "internal",
        "ldap",
        "memcache",
        "mongodb",
        "mysql",
        "netinfo",
        "nis",
        "nisplus",
        "pgsql",
        "socketmap",
        "sqlite",
        "tcp",
    ]
)
TYPES = frozenset(
    {*hashed.TYPES, *RULES, *COMPOSED, *NOT_SERVED, "environ", "fail", "inline", "proxy", "randmap", "static", "unix"}
)
MAX_DEPTH = 20  # tables within tables

_FROM_FILE = frozenset({*hashed.TYPES, *RULES, "unix"})


@dataclass(frozen=True, slots=True)
class Given:
    """What tables are made of beside their names.

    ``texts`` has for each path in ``source_paths`` the file that was read for it, and its text; a path that is missing
    makes a table whose look-ups fail. ``environment`` is for environ:, ``seed`` (up to 64 octets) for randmap:.
    ``aliases`` says that hash: and the like are alias files (alias_maps).
    """

    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    seed: bytes = b""
    aliases: bool = False


def split_name(name: str) -> tuple[str, str]:
    """``type`` and ``name`` of ``type:name``, ``proxy:`` in front taken off; the type is empty where none is given."""
    kind, colon, rest = name.removeprefix("proxy:").partition(":")
    return (kind, rest) if colon else ("", name)


def source_paths(name: str) -> tuple[str, ...]:
    """The paths of the texts that ``name`` and the tables in it are made of, as they stand there."""
    return tuple(dict.fromkeys(_source_paths(name, 0)))


def compile_table(name: str, text: str = "", file: str = "") -> Compiled:
    """The table ``name`` from the one text that it is made of, if any. Never raises."""
    return compile_given(name, Given(dict.fromkeys(source_paths(name), (file, text))))


def compile_given(name: str, given: Given) -> Compiled:
    """The table ``name`` from all that may be needed. Never raises."""
    return _compile(name, given, 0)


def _source_paths(name: str, depth: int) -> list[str]:
    kind, rest = split_name(name)
    if kind in COMPOSED and depth < MAX_DEPTH:
        return [path for member in _members(rest) for path in _source_paths(member, depth + 1)]
    return [rest] if kind in _FROM_FILE and rest and not (kind in RULES and is_inline(rest)) else []


def _members(text: str) -> list[str]:
    """The tables in ``{ }``; none where the braces are wrong."""
    try:
        return split(ungroup(text))
    except BraceError:
        return []


def _compile(name: str, given: Given, depth: int) -> Compiled:
    kind, rest = split_name(name)
    if kind not in TYPES or kind == "proxy" or not rest or depth >= MAX_DEPTH:
        return _impossible(name, kind, rest)
    if kind in NOT_SERVED:
        return FailingTable(name), (Problem(f"table type {kind} is not served yet: {name}"),)
    if kind in COMPOSED:
        return _compose(name, kind, rest, given, depth)
    if kind in _FROM_FILE:
        return _from_text(name, kind, rest, given)
    match kind:
        case "inline":
            return inline.compile(name, rest)
        case "static":
            return static.compile(name, rest)
        case "randmap":
            return randmap.compile(name, rest, given.seed)
        case "environ":
            return EnvironTable(name, given.environment), ()
    return FailingTable(name), ()


def _from_text(name: str, kind: str, rest: str, given: Given) -> Compiled:
    if kind in RULES and is_inline(rest):
        try:
            return RULES[kind](name, inline_rules(rest), "")
        except BraceError as error:
            return FailingTable(name), (Problem(f"{name}: {error}"),)
    if kind == "unix" and rest not in unix.NAMES:
        return FailingTable(name), (Problem(f"{name}: unix: has {' and '.join(unix.NAMES)}"),)
    if rest not in given.texts:
        return FailingTable(name), ()
    file, text = given.texts[rest]
    if kind == "unix":
        return unix.UnixTable(name, text), ()
    return RULES.get(kind, aliases.compile if given.aliases else hashed.compile)(name, text, file)


def _compose(name: str, kind: str, rest: str, given: Given, depth: int) -> Compiled:
    members = _members(rest)
    if not members:
        return FailingTable(name), (Problem(f"{name}: {kind}: wants {{ type:name, type:name }}"),)
    tables: list[Table] = []
    problems: list[Problem] = []
    for member in members:
        table, found = _compile(member, given, depth + 1)
        tables.append(table)
        problems.extend(found)
    return COMPOSED[kind](name, tables), tuple(problems)


def _impossible(name: str, kind: str, rest: str) -> Compiled:
    if not kind or not rest:
        message = f"'{name}' is no table: type:name is wanted"
    elif kind in TYPES:
        message = f"'{name}': tables nested too deeply"
    else:
        near = nearest(kind.lower(), TYPES)
        message = f"unknown table type '{kind}' in {name[:200]}" + (f", did you mean {near}?" if near else "")
    return FailingTable(name), (Problem(message),)
