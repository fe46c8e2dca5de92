"""``{ }`` in table names: rules, entries and tables that stand in main.cf itself (DATABASE_README).

White space after ``{`` and before ``}`` does not count.
"""

from __future__ import annotations

from gatepost.core.config.source import spans
from gatepost.core.tables.source import SPACE


class BraceError(ValueError):
    """Braces that do not pair."""


def is_inline(name: str) -> bool:
    """Whether ``name`` (what follows ``type:``) holds the table's own text."""
    return name.startswith("{")


def ungroup(text: str) -> str:
    """What is inside ``{ }``. Raises BraceError where ``text`` is not exactly one group."""
    if not text.startswith("{"):
        raise BraceError(f"no '{{' at the start of '{text}'")
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            if at + 1 < len(text):
                raise BraceError(f"'{text[at + 1 :]}' after the closing '}}'")
            return text[1:at].strip(SPACE)
    raise BraceError(f"missing '}}' in '{text}'")


def split(text: str) -> list[str]:
    """The words of a list by comma and white space; a group is one word, its braces kept."""
    return [text[start:end] for start, end in spans(text, "," + SPACE)]


def inline_rules(name: str) -> str:
    """The rules of ``{ {rule}, {rule} }`` as lines. Raises BraceError."""
    return "".join(f"{ungroup(word)}\n" for word in split(ungroup(name)))
