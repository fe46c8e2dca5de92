"""Configuration text that knows where each part of it is written.

A value of main.cf may run over several physical lines, and after $expansion it is put together from several places.
A ``Source`` is such a text with the place of every stretch of it. It is the only carrier of places: who cuts a word out
of a value asks it where the word stands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from gatepost.core.errors import Place

BLANK = " \t\r\n"
SEPARATORS = "," + BLANK


class Word(msgspec.Struct, frozen=True):
    """One word of a list, and where its first character is written (None where a default applies)."""

    text: str
    place: Place | None = None


class Source(msgspec.Struct, frozen=True):
    """A text in stretches: ``places[i]`` holds from ``starts[i]`` to the next start. ``starts[0]`` is 0."""

    text: str
    starts: tuple[int, ...] = (0,)
    places: tuple[Place | None, ...] = (None,)

    @classmethod
    def at(cls, text: str, place: Place | None) -> Source:
        """A text that stands in one place."""
        return cls(text, (0,), (place,))

    @classmethod
    def joined(cls, pieces: list[tuple[str, Place | None]]) -> Source:
        """The pieces one after the other; empty pieces vanish, neighbours of one place become one stretch."""
        starts: list[int] = []
        places: list[Place | None] = []
        length = 0
        for text, place in pieces:
            if text and (not places or places[-1] != place):
                starts.append(length)
                places.append(place)
            length += len(text)
        if not starts:
            return cls("", (0,), (pieces[0][1] if pieces else None,))
        return cls("".join(text for text, _ in pieces), tuple(starts), tuple(places))

    @property
    def place(self) -> Place | None:
        """Where it begins."""
        return self.places[0]

    def place_at(self, offset: int) -> Place | None:
        """Where the character at ``offset`` is written."""
        return self.places[bisect_right(self.starts, offset) - 1]

    def pieces(self, start: int, end: int) -> Iterator[tuple[str, Place | None]]:
        """The stretches of ``text[start:end]``."""
        index = bisect_right(self.starts, start) - 1
        while start < end:
            stop = self.starts[index + 1] if index + 1 < len(self.starts) else end
            stop = min(stop, end)
            yield self.text[start:stop], self.places[index]
            start = stop
            index += 1

    def slice(self, start: int, end: int) -> Source:
        """``text[start:end]`` with its places."""
        return Source.joined(list(self.pieces(start, end))) if start < end else Source.at("", self.place_at(start))

    def stripped(self) -> Source:
        """The same without white space at both ends."""
        start = len(self.text) - len(self.text.lstrip(BLANK))
        return self.slice(start, max(len(self.text.rstrip(BLANK)), start))

    def words(self) -> tuple[Word, ...]:
        """The words, split at commas and white space, but not inside ``{ }``; braces are kept.

        A brace that is never closed makes one word of the rest of the text.
        """
        return tuple(Word(self.text[a:b], self.place_at(a)) for a, b in spans(self.text, SEPARATORS))

    def parts(self) -> list[Source]:
        """The same, split at white space alone, each part with the places of all its characters."""
        return [self.slice(a, b) for a, b in spans(self.text, BLANK)]


def spans(text: str, separators: str) -> Iterator[tuple[int, int]]:
    """Start and end of every word; separators inside ``{ }`` separate nothing. One pass over the text."""
    start = -1
    depth = 0
    for match in re.finditer(rf"[{re.escape(separators)}]+|[{{}}]|[^{{}}{re.escape(separators)}]+", text):
        token = match.group()
        if token[0] in separators:
            if start >= 0 and not depth:
                yield start, match.start()
                start = -1
            continue
        if start < 0:
            start = match.start()
        if token == "{":
            depth += 1
        elif token == "}" and depth:
            depth -= 1
    if start >= 0:
        yield start, len(text)
