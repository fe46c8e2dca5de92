"""What pcre: and regexp: tables share: delimited expressions, flags, and $number in results (pcre_table(5)).

    /expression/flags   result with $1, ${1}, $(1) and $$
    !/expression/flags  result
    if /expression/flags
    endif

Expressions and keys are matched as bytes, so ``.`` is one octet and case is folded in ASCII only, as Postfix does. Each
match has a limit: past it the rule counts as one that does not match (and ``!/expression/`` as one that does).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pcre2

from gatepost.core.errors import Problem, Severity
from gatepost.core.tables.program import Builder, Program, Test, run
from gatepost.core.tables.source import logical_lines, unusable
from gatepost.core.tables.table import Entry

MATCH_LIMIT = 1_000_000  # PCRE2's count of steps; some 4 ms
DOLLAR_ENDONLY, UNGREEDY = 0x10, 0x40000  # PCRE2 options that the package has no name for
_JIT_STACK_LIMIT = -46  # PCRE2_ERROR_JIT_STACKLIMIT

_RULE = re.compile(r"(if(?![A-Za-z0-9])|endif(?![A-Za-z0-9])|)\s*(.*)\Z", re.IGNORECASE | re.ASCII | re.DOTALL)
_NOT = re.compile(r"(?:!\s*)*", re.ASCII)
_REST = re.compile(r"(\S*)\s*(.*)\Z", re.ASCII | re.DOTALL)
_MACRO = re.compile(r"\$(?:(\$)|([A-Za-z0-9_]+)|\{([^}]*)\}|\(([^)]*)\)|)", re.ASCII)

Template = tuple[bytes | int, ...]


class Expression(NamedTuple):
    """``anchored`` expressions match at the subject's beginning only."""

    pattern: pcre2.Pattern
    anchored: bool = False


CompileExpression = Callable[[bytes, str], Expression]
"""An expression and its flags, compiled. Raises ExpressionError."""


class ExpressionError(ValueError):
    """An expression or its flags cannot be used; the message says why."""


class Result(NamedTuple):
    """A rule's right-hand side; ``template`` is None where nothing is to be filled in."""

    entry: Entry
    template: Template | None


class ExpressionTable:
    __slots__ = ("_program", "_results", "name")

    pattern = True

    def __init__(self, name: str, program: Program, results: list[Entry]) -> None:
        self.name = name
        self._program = program
        self._results = results

    def get(self, key: str) -> Entry | None:
        """The first rule that matches. A key that is not UTF-8 matches none."""
        try:
            subject = key.encode()
        except UnicodeEncodeError:
            return None
        match = run(self._program, subject)
        if match is None:
            return None
        found, (entry, template) = match
        if template is None:
            return entry  # type: ignore[no-any-return]
        parts = [part if isinstance(part, bytes) else found[part] or b"" for part in template]
        return Entry(b"".join(parts).decode("utf-8", "surrogateescape"), entry.place)

    def right_sides(self) -> Iterator[Entry]:
        """Each rule's result, ``$1`` unfilled; not those that begin with one."""
        return (entry for entry in self._results if not _begins_open(entry.value))

    def __len__(self) -> int:
        return len(self._results)


def compile_rules(
    name: str, text: str, file: str, compile_expression: CompileExpression
) -> tuple[ExpressionTable, tuple[Problem, ...]]:
    """The table in ``text``; a bad rule is a Problem and matches nothing. Never raises."""
    problems: list[Problem] = []
    builder = Builder(file, problems)
    results: list[Entry] = []
    for line, source in logical_lines(text):
        if fault := unusable(source):
            builder.complain(line, fault)
            continue
        match = _RULE.match(source)
        word, rest = (match[1].lower(), match[2]) if match else ("", source)
        if word == "endif":
            builder.end(line, rest)
            continue
        try:
            negate, expression, value = _parse(rest, compile_expression)
            if word:
                if value:
                    builder.complain(line, f"'{value}' after the if's expression is ignored", Severity.WARNING)
                builder.begin(line, _tester(expression), negate)
                continue
            if not value:
                builder.complain(line, "no result after the expression")
            template = _template(value, expression.pattern.groups, negate)
        except ExpressionError as error:
            builder.complain(line, str(error))
            if word:
                builder.begin(line, None, False)
            continue
        entry = Entry(value.replace("$$", "$"), builder.place(line))
        results.append(entry)
        builder.rule(_tester(expression), negate, Result(entry, template))
    return ExpressionTable(name, builder.finish(), results), tuple(problems)


def compile_limited(expression: bytes, flags: int) -> pcre2.Pattern:
    """``expression`` for PCRE2 with the match limit. Raises ExpressionError."""
    limit = b"(*LIMIT_MATCH=%d)" % MATCH_LIMIT
    try:
        return pcre2.compile(limit + expression, flags)
    except pcre2.PatternError as error:
        why = str(error.msg).rpartition("; ")[2]
        at = max(0, error.pos - len(limit))
        raise ExpressionError(f"expression: {why} at offset {at}") from error
    except (pcre2.LibraryError, ValueError, MemoryError) as error:
        raise ExpressionError(f"expression: {error}") from error


def toggle(flags: str, known: dict[str, int], default: int) -> int:
    """``default`` with each flag's bit turned over as often as it stands in ``flags``. Raises ExpressionError."""
    options = default
    for flag in flags:
        if flag not in known:
            raise ExpressionError(f"unknown flag '{flag}' after the expression")
        options ^= known[flag]
    return options


def _parse(text: str, compile_expression: CompileExpression) -> tuple[bool, Expression, str]:
    """Negation, expression and result of a rule or if. Raises ExpressionError."""
    marks = _NOT.match(text)
    skipped = marks.end() if marks else 0
    negate = text[:skipped].count("!") % 2 == 1
    delimiter = text[skipped : skipped + 1]
    if not delimiter:
        raise ExpressionError("no expression")
    if delimiter.isalnum() or delimiter == "\\":
        raise ExpressionError(f"an expression begins with a delimiter such as '/', not with '{delimiter}'")
    end = _closing(text, skipped + 1, delimiter)
    if end < 0:
        raise ExpressionError(f"no closing '{delimiter}' after the expression")
    rest = _REST.match(text, end + 1)
    flags, value = (rest[1], rest[2]) if rest else ("", "")
    return negate, compile_expression(text[skipped + 1 : end].encode(), flags), value


def _closing(text: str, start: int, delimiter: str) -> int:
    """Where the expression ends: a delimiter that no backslash stands before."""
    at = start
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == delimiter:
            return at
        at += 1
    return -1


def _tester(expression: Expression) -> Test:
    pattern, anchored = expression
    search = pattern.match if anchored else pattern.search
    plain: list[Callable[[bytes], pcre2.Match | None]] = []

    def test(subject: bytes) -> pcre2.Match | None:
        try:
            return search(subject)
        except pcre2.LibraryError as error:
            if error.code != _JIT_STACK_LIMIT:
                return None
        if not plain:
            again = pcre2.compile(pattern.pattern, pattern.flags, jit=False)
            plain.append(again.match if anchored else again.search)
        try:
            return plain[0](subject)
        except pcre2.LibraryError:
            return None

    return test


def _template(value: str, groups: int, negate: bool) -> Template | None:
    """``value`` cut at its $numbers; None where it has none. Raises ExpressionError."""
    parts: list[bytes | int] = []
    at = 0
    for macro in _MACRO.finditer(value):
        parts.append(value[at : macro.start()].encode())
        at = macro.end()
        if macro[1]:
            parts.append(b"$")
            continue
        number = macro[2] or macro[3] or macro[4] or ""
        if not number.isdigit() or not number.isascii() or len(number) > 9:
            raise ExpressionError(f"'{macro[0]}' in the result is no $number; write ${{1}}, or $$ for a dollar sign")
        if negate:
            raise ExpressionError(f"'{macro[0]}' in the result of a negated expression, which matches nothing")
        if not 1 <= int(number) <= groups:
            raise ExpressionError(f"'{macro[0]}' in the result, but the expression has {groups} groups in ( )")
        parts.append(int(number))
    if not parts:
        return None
    return (*parts, value[at:].encode())


def _begins_open(value: str) -> bool:
    return "$" in value.partition(" ")[0]
