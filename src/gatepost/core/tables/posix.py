"""POSIX regular expressions, as regexp: tables have them, written for PCRE2 (regex(7), with the GNU C library's own).

Extended by default, basic with the flag x. Both work on bytes. What differs and is translated: backslashes are plain
characters in ``[ ]``; ``\\<``, ``\\>``, ``\\``` and ``\\'``; quantifiers that follow each other (``a*+`` is neither
possessive nor an error); escapes that mean something to PCRE alone (``\\d`` is no digit); an unmatched ``)``; and in
basic syntax, which characters are special at all.

What differs and stays: of several ways to match, POSIX takes the longest and PCRE the first. Whether a pattern matches
is the same, what ``$1`` holds may not be: ``(a|ab)(c|bcd)?`` on ``abc``.
"""

from __future__ import annotations

import re

MAX_REPEAT = 32767
MAX_STACKED = 16  # quantifiers in a row

_CLASSES = frozenset(b"alnum alpha blank cntrl digit graph lower print punct space upper xdigit".split())
_ANCHORS = {b"<": rb"\b(?=\w)", b">": rb"\b(?<=\w)", b"b": rb"\b", b"B": rb"\B", b"`": rb"\A", b"'": rb"\z"}
_SAME_ESCAPES = frozenset(b"w W s S".split())
_NOTHING = b"(?:(?!))"  # an escaped small letter: the C library folds the key to capitals, but not this letter
_INTERVAL = re.compile(rb"([0-9]*)(,?)([0-9]*)")
_PLAIN = re.compile(rb"[A-Za-z0-9_ @\"'%&~`:;=!<>,-]+")
_INVALID_PRECEDING = "nothing before '%s' that could be repeated"


class PosixError(ValueError):
    """No POSIX regular expression; the message says why."""


def translate(pattern: bytes, *, basic: bool = False, newline: bool = False, ignore_case: bool = False) -> bytes:
    """``pattern`` for PCRE2 with DOTALL and DOLLAR_ENDONLY. Raises PosixError; what PCRE2 refuses is left to it.

    With ``newline`` a line break is matched neither by ``.`` nor by ``[^ ]`` (the flag m; wants MULTILINE). With
    ``ignore_case`` the ends of a range are upper case, so that ``[_-b]`` is an error (wants CASELESS).
    """
    return _Translator(pattern, basic, newline, ignore_case).translate()


class _Translator:
    def __init__(self, pattern: bytes, basic: bool, newline: bool, ignore_case: bool) -> None:
        self.pattern = pattern
        self.basic = basic
        self.newline = newline
        self.ignore_case = ignore_case
        self.at = 0
        self.out: list[bytes] = []
        self.open: list[tuple[int, int]] = []  # where in out, number of the group
        self.groups = 0
        self.closed: set[int] = set()
        self.atom = -1  # where in out the last atom begins; -1: nothing to repeat
        self.stacked = 0

    def translate(self) -> bytes:
        while self.at < len(self.pattern):
            self._token()
        if self.open:
            raise PosixError("a '(' without its partner")
        return b"".join(self.out)

    def _token(self) -> None:
        plain = _PLAIN.match(self.pattern, self.at)
        if plain:
            self.at = plain.end()
            if len(plain[0]) > 1:
                self._emit(plain[0][:-1])
            self._emit(plain[0][-1:])
            return
        mark = self.pattern[self.at : self.at + 1]
        self.at += 1
        escaped = mark == b"\\"
        if escaped:
            mark = self.pattern[self.at : self.at + 1]
            self.at += 1
            if not mark:
                raise PosixError("a backslash at the end")
        if mark in b"(){}|+?" and escaped is self.basic:
            self._operator(mark)
        elif escaped:
            self._escape(mark)
        elif mark == b"*":
            self._star()
        elif mark == b"[":
            self._bracket()
        elif mark == b".":
            self._emit(rb"[^\n]" if self.newline else b".")
        elif mark in b"^$":
            self._anchor(mark)
        else:
            self._emit(_literal(mark))

    def _operator(self, mark: bytes) -> None:
        if mark == b"(":
            self.groups += 1
            self.open.append((len(self.out), self.groups))
            self.out.append(b"(")
            self.atom = -1
        elif mark == b")":
            if self.open:
                start, number = self.open.pop()
                self.closed.add(number)
                self.out.append(b")")
                self.atom, self.stacked = start, 0
            elif self.basic:
                raise PosixError("a ')' without its partner")
            else:
                self._emit(rb"\)")
        elif mark == b"|":
            self.out.append(b"|")
            self.atom = -1
        elif mark == b"{":
            self._interval()
        elif mark == b"}":
            self._emit(rb"\}")
        elif self.atom < 0 and self.basic:
            self._emit(_literal(mark))
        else:
            self._repeat(mark)

    def _star(self) -> None:
        if self.atom < 0 and self.basic:
            self._emit(rb"\*")
        else:
            self._repeat(b"*")

    def _repeat(self, quantifier: bytes) -> None:
        if self.atom < 0:
            raise PosixError(_INVALID_PRECEDING % quantifier.decode())
        if self.stacked:
            if self.stacked >= MAX_STACKED:
                raise PosixError("too many quantifiers in a row")
            inner = b"".join(self.out[self.atom :])
            self.out[self.atom :] = [b"(?:" + inner + b")"]
        self.out.append(quantifier)
        self.stacked += 1

    def _interval(self) -> None:
        match = _INTERVAL.match(self.pattern, self.at)
        closing = rb"\}" if self.basic else b"}"
        if match is None or self.pattern[match.end() : match.end() + len(closing)] != closing:
            raise PosixError("bad repeat count in '{ }'")
        low, comma, high = match.groups()
        if not low and not comma:
            raise PosixError("bad repeat count in '{ }'")
        least, most = int(low[:6] or b"0"), int(high[:6] or low[:6] or b"0")
        if (high and least > most) or max(least, most) > MAX_REPEAT:
            raise PosixError("bad repeat count in '{ }'")
        self.at = match.end() + len(closing)
        self._repeat(b"{%d%b%b}" % (least, comma, high))

    def _escape(self, mark: bytes) -> None:
        if mark.isdigit() and mark != b"0":
            if int(mark) not in self.closed:
                raise PosixError(f"no group for \\{mark.decode()}")
            self._emit(rb"(?:\%b)" % mark)
        elif mark in _ANCHORS:
            self._assert(_ANCHORS[mark])
        elif mark in _SAME_ESCAPES:
            self._emit(b"\\" + mark)
        elif self.ignore_case and mark.islower():
            self._emit(_NOTHING)
        else:
            self._emit(_literal(mark))

    def _anchor(self, mark: bytes) -> None:
        if self.basic:
            before = self.pattern[: self.at - 1]
            after = self.pattern[self.at : self.at + 2]
            first = not before or before.endswith((rb"\(", rb"\|"))
            last = not after or after in (rb"\)", rb"\|")
            if not (first if mark == b"^" else last):
                self._emit(_literal(mark))
                return
        self._assert(mark)

    def _bracket(self) -> None:
        pattern = self.pattern
        out = [b"["]
        if pattern[self.at : self.at + 1] == b"^":
            self.at += 1
            out.append(rb"^\n" if self.newline else b"^")
        first = True
        while True:
            mark = pattern[self.at : self.at + 1]
            if not mark:
                raise PosixError("a '[' without its partner")
            if mark == b"]" and not first:
                self.at += 1
                break
            first = False
            out.append(self._element())
            follows = pattern[self.at : self.at + 2]
            if len(follows) == 2 and follows[:1] == b"-" and follows[1:] != b"]":
                self.at += 1
                if out[-1].startswith(b"[:"):
                    raise PosixError("a class cannot begin a range")
                upper = self._element()
                if upper.startswith(b"[:"):
                    raise PosixError("a class cannot end a range")
                if self.ignore_case:
                    out[-1], upper = out[-1].upper(), upper.upper()
                out.append(b"-" + upper)
        out.append(b"]")
        self._emit(b"".join(out))

    def _element(self) -> bytes:
        """One character or class inside ``[ ]``."""
        pattern = self.pattern
        mark = pattern[self.at : self.at + 1]
        kind = pattern[self.at + 1 : self.at + 2]
        if mark != b"[" or kind not in (b":", b".", b"="):
            self.at += 1
            return _literal(mark)
        end = pattern.find(kind + b"]", self.at + 2)
        if end < 0:
            raise PosixError(f"a '[{kind.decode()}' without its partner")
        inner = pattern[self.at + 2 : end]
        self.at = end + 2
        if kind == b":":
            if inner not in _CLASSES:
                raise PosixError(f"unknown character class '{inner.decode('utf-8', 'replace')}'")
            return b"[:%b:]" % inner
        if len(inner) != 1:
            raise PosixError(f"unknown collating element '{inner.decode('utf-8', 'replace')}'")
        return _literal(inner)

    def _assert(self, anchor: bytes) -> None:
        """An anchor, which cannot be repeated."""
        self.out.append(anchor)
        self.atom = -1

    def _emit(self, atom: bytes) -> None:
        self.atom, self.stacked = len(self.out), 0
        self.out.append(atom)


def _literal(character: bytes) -> bytes:
    """A character that stands for itself, inside and outside ``[ ]``."""
    if character.isalnum():
        return character
    return b"\\" + character if 0x21 <= character[0] <= 0x7E else b"\\%03o" % character[0]
