"""regexp: tables: POSIX regular expressions (regexp_table(5)), by way of PCRE2 (core.tables.posix says how).

Flags, each turning its setting over: i (ignore case; on), m (multi-line), x (extended syntax; on).
"""

from __future__ import annotations

import pcre2

from gatepost.core.errors import Problem
from gatepost.core.tables.expressions import (
    DOLLAR_ENDONLY,
    Expression,
    ExpressionError,
    ExpressionTable,
    compile_limited,
    compile_rules,
    toggle,
)
from gatepost.core.tables.posix import PosixError, translate

_IGNORE_CASE, _NEWLINE, _EXTENDED = 1, 2, 4
_FLAGS = {"i": _IGNORE_CASE, "m": _NEWLINE, "x": _EXTENDED}


def compile(name: str, text: str, file: str) -> tuple[ExpressionTable, tuple[Problem, ...]]:
    """The table in ``text``; a bad rule is a Problem and matches nothing. Never raises."""
    return compile_rules(name, text, file, _compile_expression)


def _compile_expression(expression: bytes, flags: str) -> Expression:
    chosen = toggle(flags, _FLAGS, _IGNORE_CASE | _EXTENDED)
    try:
        translated = translate(
            expression,
            basic=not chosen & _EXTENDED,
            newline=bool(chosen & _NEWLINE),
            ignore_case=bool(chosen & _IGNORE_CASE),
        )
    except PosixError as error:
        raise ExpressionError(f"expression: {error}") from error
    options = int(pcre2.DOTALL) | DOLLAR_ENDONLY
    options |= int(pcre2.IGNORECASE) if chosen & _IGNORE_CASE else 0
    options |= int(pcre2.MULTILINE) if chosen & _NEWLINE else 0
    return Expression(compile_limited(translated, options))
