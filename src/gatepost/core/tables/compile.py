"""A table from its name and what it is made of, whatever its type (DATABASE_README).

Pure: whoever loads a table first asks ``leaves`` what is needed for it, reads that, and gives it along. A table that
cannot be made is a Problem, and stands as one whose look-ups fail for the time being.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gatepost.core.config.nearest import nearest
from gatepost.core.errors import Problem
from gatepost.core.tables import aliases, cidr, hashed, inline, pcre, randmap, regexp, static
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

UNIX_NAMES = ("passwd.byname", "group.byname")


@dataclass(frozen=True, slots=True)
class Given:
    """What tables are made of beside their names.

    ``texts`` has for each leaf that is made of a file that file and its text; a leaf that is missing makes a table
    whose look-ups fail. ``tables`` has those that live outside, such as unix:. Both are keyed by the leaf's name,
    without ``proxy:``. ``environment`` is for environ:, ``seed`` (up to 64 octets) for randmap:. ``aliases`` says that
    hash: and the like are alias files (alias_maps).
    """

    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    seed: bytes = b""
    aliases: bool = False


def split_name(name: str) -> tuple[str, str]:
    """``type`` and ``name`` of ``type:name``, ``proxy:`` in front taken off; the type is empty where none is given."""
    kind, colon, rest = name.removeprefix("proxy:").partition(":")
    return (kind, rest) if colon else ("", name)


class Leaf(NamedTuple):
    """A table that is made of no other: ``kind:rest``."""

    kind: str
    rest: str

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.rest}"

    @property
    def path(self) -> str:
        """The file that it is made of, as written, or empty."""
        from_file = self.kind in hashed.TYPES or (self.kind in RULES and not is_inline(self.rest))
        return self.rest if from_file else ""


def leaves(name: str) -> tuple[Leaf, ...]:
    """The tables that ``name`` is made of, each once: itself, or what is in a union or pipe."""
    return tuple(dict.fromkeys(_leaves(name, 0)))


def compile_table(name: str, text: str = "", file: str = "") -> Compiled:
    """The table ``name`` from the one text that it is made of, if any. Never raises."""
    return compile_given(name, Given({leaf.name: (file, text) for leaf in leaves(name) if leaf.path}))


def compile_given(name: str, given: Given) -> Compiled:
    """The table ``name`` from all that may be needed. Never raises."""
    return _compile(name, given, 0)


def _leaves(name: str, depth: int) -> list[Leaf]:
    kind, rest = split_name(name)
    if kind in COMPOSED and depth < MAX_DEPTH:
        return [leaf for member in _members(rest) for leaf in _leaves(member, depth + 1)]
    return [Leaf(kind, rest)]


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
    leaf = Leaf(kind, rest)
    if leaf.path:
        return _from_text(name, leaf, given)
    return _from_name(name, leaf, given)


def _from_text(name: str, leaf: Leaf, given: Given) -> Compiled:
    if leaf.name not in given.texts:
        return FailingTable(name), ()
    file, text = given.texts[leaf.name]
    return RULES.get(leaf.kind, aliases.compile if given.aliases else hashed.compile)(name, text, file)


def _from_name(name: str, leaf: Leaf, given: Given) -> Compiled:
    kind, rest = leaf
    match kind:
        case "inline":
            return inline.compile(name, rest)
        case "static":
            return static.compile(name, rest)
        case "randmap":
            return randmap.compile(name, rest, given.seed)
        case "environ":
            return EnvironTable(name, given.environment), ()
        case "unix" if rest not in UNIX_NAMES:
            return FailingTable(name), (Problem(f"{name}: unix: has {' and '.join(UNIX_NAMES)}"),)
    if kind in RULES:
        try:
            return RULES[kind](name, inline_rules(rest), "")
        except BraceError as error:
            return FailingTable(name), (Problem(f"{name}: {error}"),)
    return given.tables.get(leaf.name) or FailingTable(name), ()


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
