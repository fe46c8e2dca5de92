"""Commands that end the session at once: postconf(5) smtpd_forbidden_commands, and a mail where a command should be."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HEADER = re.compile(r"[!-9;-~]+:")
_INLINE = re.compile(r"(?:regexp|pcre):\{\s*(.*)\}\Z", re.DOTALL)
_RULE = re.compile(r"\{\s*(!?)/((?:[^/\\]|\\.)+)/([a-z]*)\s+[^{}]*\}|/((?:[^/\\]|\\.)+)/([a-z]*)\s+[^,{}]*", re.DOTALL)


class Forbidden:
    """The words and inline patterns of a list. A pattern matches in either case, as regexp_table(5) does by default.

    Lenient: a pattern that cannot be read and a table that is not inline match nothing.
    """

    __slots__ = ("_patterns", "_words")

    def __init__(self, words: Iterable[str]) -> None:
        self._words: set[str] = set()
        self._patterns: list[re.Pattern[str]] = []
        for word in words:
            inline = _INLINE.match(word)
            if inline:
                self._patterns += _patterns(inline[1])
            else:
                self._words.add(word.upper())

    def matches(self, verb: str, line: str) -> bool:
        """Whether an unknown command is forbidden; a line that begins like a header always is."""
        if verb in self._words or _HEADER.match(line):
            return True
        return any(pattern.search(verb) for pattern in self._patterns)


def _patterns(rules: str) -> list[re.Pattern[str]]:
    found = []
    for match in _RULE.finditer(rules):
        flags = match[3] or match[5] or ""
        try:
            found.append(re.compile(match[2] or match[4], 0 if "i" in flags else re.IGNORECASE))
        except re.error:
            continue
    return found


LETTERS_FIRST = Forbidden(("CONNECT", "GET", "POST", "regexp:{{/^[^A-Z]/ Bogus}}"))
