"""pcre: tables (pcre_table(5)), by PCRE2.

Flags, each turning its setting over: i (ignore case; on), m (multi-line), s (dot matches line breaks; on), x
(extended), A (anchored), E (dollar at the very end only), U (ungreedy). X is accepted and does nothing.

Postfix: the escape ``\\C`` works there, and is refused here.
"""

from __future__ import annotations

import re

import pcre2

from gatepost.core.errors import Problem
from gatepost.core.tables.expressions import (
    DOLLAR_ENDONLY,
    UNGREEDY,
    Expression,
    ExpressionError,
    ExpressionTable,
    compile_limited,
    compile_rules,
    toggle,
)

_FLAGS = {
    "i": int(pcre2.IGNORECASE),
    "m": int(pcre2.MULTILINE),
    "s": int(pcre2.DOTALL),
    "x": int(pcre2.VERBOSE),
    "A": 1 << 31,
    "E": DOLLAR_ENDONLY,
    "U": UNGREEDY,
    "X": 0,
}
_ANCHORED = _FLAGS["A"]
_DEFAULT = _FLAGS["i"] | _FLAGS["s"]
_ESCAPE = re.compile(rb"\\(?:Q.*?(?:\\E|\Z)|x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{0,2})|([uU])|.)", re.DOTALL)


def compile(name: str, text: str, file: str) -> tuple[ExpressionTable, tuple[Problem, ...]]:
    """The table in ``text``; a bad rule is a Problem and matches nothing. Never raises."""
    return compile_rules(name, text, file, _compile_expression)


def _compile_expression(expression: bytes, flags: str) -> Expression:
    options = toggle(flags, _FLAGS, _DEFAULT)
    anchored = bool(options & _ANCHORED)  # the package drops this bit
    return Expression(compile_limited(_ESCAPE.sub(_escape, expression), options & ~_ANCHORED), anchored)


def _escape(match: re.Match[bytes]) -> bytes:
    """An escape as the option ALT_BSUX reads it, which the package always sets: there ``\\x{61}`` is no ``a``."""
    braced, digits, unicode = match.groups()
    if unicode:
        raise ExpressionError(f"expression: \\{unicode.decode()} is not supported")
    if braced is not None and len(braced.lstrip(b"0")) > 2:
        return match[0]
    if braced is None and digits is None:
        return match[0]
    return b"\\x%02x" % int(braced or digits or b"0", 16)
