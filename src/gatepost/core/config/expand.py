"""$name and its relatives (postconf(5), "Postfix main.cf file format").

    $name  ${name}  $(name)         the value, itself expanded; nothing where it is not defined
    ${name?text}  ${name?{text}}    text where the value is not empty
    ${name:text}  ${name:{text}}    text where it is empty
    ${name?{text}:{other}}          one or the other
    ${{a} == {b} ? {text} : {other}}    also != < <= > >=; as numbers where both are digits; without texts: "true" or ""
    ${{a} <level {b} ? ...}         compares compatibility levels (major.minor.patch)
    $$                              a dollar sign

Every character of the result keeps its place. Nesting, steps and length are bounded, so no value can cost more than a
few milliseconds; what is wrong is told in Postfix's words and makes the value empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gatepost.core.config.source import Source
from gatepost.core.errors import Place

MAX_DEPTH = 100  # levels, as in the running Postfix
MAX_STEPS = 20_000  # references that one value may need
MAX_LENGTH = 1 << 20  # characters of the result
MAX_READ = 1 << 24  # characters looked at, those of texts that do not apply included

_NAME = re.compile(r"[A-Za-z0-9_]*")
_SPACE = re.compile(r"[ \t\r\n]*")
_OPERATOR = re.compile(r"==|!=|<=|>=|<|>")
_LEVEL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,2}\Z")
_CLOSES = {"{": "}", "(": ")"}

Lookup = Callable[[str], Source | None]


class ExpansionError(ValueError):
    """A value that cannot be expanded: the message is Postfix's, ``place`` where the faulty text stands."""

    def __init__(self, message: str, place: Place | None) -> None:
        super().__init__(message)
        self.place = place


class _Text:
    """A value being expanded: its source, and for each opening bracket the one that closes it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self._closes: dict[str, dict[int, int]] = {}

    def close(self, at: int, end: int) -> int | None:
        """Where the bracket at ``at`` is closed, if before ``end``. All pairs are found in one pass, at first need."""
        kind = self.text[at]
        pairs = self._closes.get(kind)
        if pairs is None:
            pairs = self._closes[kind] = _pairs(self.text, kind, _CLOSES[kind])
        found = pairs.get(at)
        return found if found is not None and found < end else None


def _pairs(text: str, opening: str, closing: str) -> dict[int, int]:
    pairs: dict[int, int] = {}
    waiting: list[int] = []
    for match in re.finditer(f"[{re.escape(opening + closing)}]", text):
        if match.group() == opening:
            waiting.append(match.start())
        elif waiting:
            pairs[waiting.pop()] = match.start()
    return pairs


class Expander:
    """Expands one value. ``lookup`` gives a name's raw value, or None for an undefined name.

    ``undefined`` collects the undefined names that were met, ``used`` all names.
    """

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._texts: dict[str, _Text] = {}  # by name, so that brackets are paired once however often a name is used
        self._steps = 0
        self._length = 0
        self._read = 0
        self.undefined: set[str] = set()
        self.used: set[str] = set()

    def expand(self, source: Source) -> Source:
        """The value with every reference replaced. Raises ExpansionError."""
        if "$" not in source.text:
            return source
        out: list[tuple[str, Place | None]] = []
        self._range(_Text(source), 0, len(source.text), 0, out)
        if not out:
            return Source.at("", source.places[0])
        return Source.joined(out)

    def _range(self, text: _Text, start: int, end: int, depth: int, out: list[tuple[str, Place | None]]) -> None:
        """Append the expansion of ``text[start:end]`` to ``out``."""
        self._read += end - start
        if self._read > MAX_READ:
            raise ExpansionError("the value is too long to expand", text.source.place_at(start))
        while start < end:
            dollar = text.text.find("$", start, end)
            if dollar < 0:
                dollar = end
            self._keep(text, start, dollar, out)
            start = dollar if dollar == end else self._reference(text, dollar, end, depth, out)

    def _keep(self, text: _Text, start: int, end: int, out: list[tuple[str, Place | None]]) -> None:
        self._length += end - start
        if self._length > MAX_LENGTH:
            raise ExpansionError("the value is too long after expansion", text.source.place_at(start))
        out.extend(text.source.pieces(start, end))

    def _reference(self, text: _Text, dollar: int, end: int, depth: int, out: list[tuple[str, Place | None]]) -> int:
        """Expand the reference at ``dollar``; returns where the text goes on."""
        place = text.source.place_at(dollar)
        after = text.text[dollar + 1 : dollar + 2] if dollar + 1 < end else ""
        if after == "$":
            self._keep(text, dollar, dollar + 1, out)
            return dollar + 2
        if after and after in _CLOSES:
            closing = text.close(dollar + 1, end)
            if closing is None:
                raise ExpansionError(f'truncated macro reference: "{_excerpt(text.text[dollar:end])}"', place)
            self._braced(text, dollar + 2, closing, depth, out)
            return closing + 1
        name = _name(text.text, dollar + 1, end)
        if not name:
            raise ExpansionError(f'empty macro name: "{_excerpt(text.text[:end])}"', place)
        self._named(name, place, depth, out)
        return dollar + 1 + len(name)

    def _named(self, name: str, place: Place | None, depth: int, out: list[tuple[str, Place | None]]) -> None:
        value = self._find(name, place, depth)
        if value is not None:
            text = self._texts.setdefault(name, _Text(value))
            self._range(text, 0, len(text.text), depth + 1, out)

    def _find(self, name: str, place: Place | None, depth: int) -> Source | None:
        self._steps += 1
        if depth >= MAX_DEPTH or self._steps > MAX_STEPS:
            raise ExpansionError(f'unreasonable macro call nesting: "{name}"', place)
        self.used.add(name)
        value = self._lookup(name)
        if value is None:
            self.undefined.add(name)
        return value

    def _braced(self, text: _Text, start: int, end: int, depth: int, out: list[tuple[str, Place | None]]) -> None:
        """Expand what stands inside ``${...}``: a name or a comparison, then perhaps its texts."""
        place = text.source.place_at(start)
        at = _skip(text.text, start, end)
        if at >= end:
            raise ExpansionError(f'empty macro name: "${{{_excerpt(text.text[start:end])}}}"', place)
        if text.text[at] == "{":
            holds, at = self._comparison(text, at, end, depth)
            if at >= end:
                out.append(("true" if holds else "", place))
                return
        else:
            name = _name(text.text, at, end)
            at = _skip(text.text, at + len(name), end)
            if not name or (at < end and text.text[at] not in "?:"):
                raise _syntax("attribute name syntax error", text, at)
            if at >= end:
                self._named(name, place, depth, out)
                return
            holds = self._is_set(name, place, depth)
        self._choice(text, at, end, holds, depth, out)

    def _is_set(self, name: str, place: Place | None, depth: int) -> bool:
        """Whether the name's value, unexpanded, is not empty: Postfix does not look behind it here."""
        value = self._find(name, place, depth)
        return value is not None and value.text != ""

    def _choice(
        self, text: _Text, at: int, end: int, holds: bool, depth: int, out: list[tuple[str, Place | None]]
    ) -> None:
        """Expand the text that applies, of ``?text``, ``:text`` or ``?{text}:{other}`` at ``at``."""
        wanted = text.text[at] == "?"
        start, stop, at = self._branch(text, at + 1, end)
        if wanted and at < end and text.text[at] != ":":
            raise _syntax('":" expected', text, at)
        chosen = (start, stop) if wanted is holds else (end, end)
        if at < end and wanted:
            start, stop, at = self._branch(text, at + 1, end)
            if not holds:
                chosen = (start, stop)
        if at < end:
            raise _syntax("unexpected input", text, at)
        if chosen[0] < chosen[1]:
            if depth + 1 > MAX_DEPTH:
                raise ExpansionError("unreasonable macro call nesting", text.source.place_at(chosen[0]))
            self._range(text, chosen[0], chosen[1], depth + 1, out)

    def _branch(self, text: _Text, at: int, end: int) -> tuple[int, int, int]:
        """Start and end of the text at ``at``, and where the rest goes on: in braces, else all up to ``end``.

        White space around the braces is skipped; inside them it belongs to the text.
        """
        first = _skip(text.text, at, end)
        if first >= end or text.text[first] != "{":
            return at, end, end
        closing = text.close(first, end)
        if closing is None:
            excerpt = _excerpt(text.text[first:end])
            raise ExpansionError(f'unbalanced {{}} in attribute expression: "{excerpt}"', text.source.place_at(first))
        return first + 1, closing, _skip(text.text, closing + 1, end)

    def _comparison(self, text: _Text, at: int, end: int, depth: int) -> tuple[bool, int]:
        """Whether ``{a} operator {b}`` at ``at`` holds, and where the rest goes on."""
        left, at = self._operand(text, at, end, depth)
        operator = _OPERATOR.match(text.text, at, end)
        if operator is None:
            raise _syntax('"==" or "!=" or "<" or "<=" or ">=" or ">" expected', text, at)
        suffix = operator.end()
        if text.text.startswith("level", suffix, end):
            suffix += len("level")
        at = _skip(text.text, suffix, end)
        if at >= end or text.text[at] != "{":
            raise _syntax("bad operator suffix", text, operator.end())
        right, at = self._operand(text, at, end, depth)
        if suffix > operator.end():
            place = text.source.place_at(at - 1)
            return _holds(operator.group(), _level(left, place), _level(right, place)), at
        if _all_digits(left) and _all_digits(right):
            a, b = left.lstrip("0"), right.lstrip("0")
            return _holds(operator.group(), (len(a), a), (len(b), b)), at
        return _holds(operator.group(), left, right), at

    def _operand(self, text: _Text, at: int, end: int, depth: int) -> tuple[str, int]:
        start, stop, after = self._branch(text, at, end)
        if depth + 1 > MAX_DEPTH:
            raise ExpansionError("unreasonable macro call nesting", text.source.place_at(at))
        pieces: list[tuple[str, Place | None]] = []
        self._range(text, start, stop, depth + 1, pieces)
        return "".join(piece for piece, _ in pieces), after


def _holds(operator: str, left: object, right: object) -> bool:
    if operator == "==":
        return left == right
    if operator == "!=":
        return left != right
    below = bool(left < right)  # type: ignore[operator]
    return {"<": below, "<=": below or left == right, ">": not below and left != right, ">=": not below}[operator]


def _level(text: str, place: Place | None) -> tuple[int, ...]:
    """A compatibility level such as 3.6 as numbers, missing parts 0."""
    if not _LEVEL.match(text):
        raise ExpansionError(f'malformed compatibility level syntax: "{_excerpt(text)}"', place)
    parts = [int(part) for part in text.split(".")]
    return tuple(parts + [0] * (3 - len(parts)))


def _all_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _name(text: str, at: int, end: int) -> str:
    match = _NAME.match(text, at, end)
    return match.group() if match else ""


def _skip(text: str, at: int, end: int) -> int:
    match = _SPACE.match(text, at, end)
    return match.end() if match else at


def _excerpt(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _syntax(message: str, text: _Text, at: int) -> ExpansionError:
    before = text.text[max(at - 10, 0) : at]
    place = text.source.place_at(min(at, max(len(text.text) - 1, 0)))
    return ExpansionError(f'{message} at: "...{before}>>>{_excerpt(text.text[at : at + 61])}"', place)
