"""The mail's content as it comes: dots, line ends, limits (RFC 5321 section 4.5.2, RFC 3030).

What is stored has LF line ends, as a Maildir wants it. Everything goes by in bulk and in pieces: kept back is only what
could be the beginning of the end. Data reads up to a lone dot, Chunks so many octets; both hand their lines to Content.

smtpd_forbid_bare_newline says what ends DATA. ``no`` and ``note``: a dot between any line ends, and every CR before an
LF belongs to the line end. Otherwise only ``<CR><LF>.<CR><LF>``: a server before or behind us that sees other ends
would let a mail be hidden in another's content. A lone dot that is no end is dropped: nobody may take it for one.
"""

from __future__ import annotations

import re

from gatepost.core.smtp.header import Header

MANY = 64  # CRs in a row that are still taken for one line end: what is kept back must be bounded

_LOOSE_END = re.compile(rb"\n\.\r{0,%d}\n" % MANY)
_LOOSE_LINE_END = re.compile(rb"\r+\n")
_LOOSE_TAIL = re.compile(rb"(?:(?<=\n)\.\r{0,%d}|\r{1,%d}|(?<=\n))\Z" % (MANY, MANY))


class Content:
    """Lines on their way to the spool. ``size`` counts their octets as Postfix does: two for each line end.

    Past ``limit`` (0: none) nothing more is put out, but all is read: the client hears of it at the end only, and
    stopping earlier would make commands of content. ``bare`` says that a bare LF was there.
    """

    __slots__ = ("bare", "header", "limit", "size", "strays")

    def __init__(self, limit: int, header: Header, *, strays: bool = True) -> None:
        self.size = 0
        self.limit = limit
        self.header = header
        self.strays = strays
        self.bare = False

    @property
    def too_big(self) -> bool:
        return 0 < self.limit < self.size

    def store(self, lines: bytes, ends: int) -> bytes:
        """What of ``lines`` (LF line ends, not necessarily whole lines; ``ends`` of them) is to be stored."""
        self.size += len(lines) + ends
        if 0 < self.limit < self.size:
            return b""
        if b"\r" in lines and self.strays:
            # A CR that is no line end may be one to somebody else (postconf(5) cleanup_replace_stray_cr_lf).
            lines = lines.replace(b"\r", b" ")
        return lines if self.header.done else self.header.feed(lines)

    def finish(self) -> bytes:
        """What was kept back."""
        return b"" if self.header.done or self.too_big else self.header.finish()


class Data:
    """DATA's content. ``feed`` takes what came and returns what to store; once ``done``, ``rest`` is behind the end."""

    __slots__ = ("_before", "_held", "content", "done", "rest", "strict")

    def __init__(self, content: Content, *, strict: bool = True) -> None:
        self.content = content
        self.strict = strict
        self.done = False
        self.rest = b""
        # The line end that was put out last, if nothing has followed it: what comes next is at a line's start, as the
        # whole content is. It is put in front again to be seen, and taken off again.
        self._before = b"\r\n"
        self._held = b""  # what cannot be judged yet

    def feed(self, data: bytes) -> bytes:
        before = self._before
        if before or self._held:
            data = before + self._held + data
        dot = data.find(b"\n.")  # where there is none, there is no end and nothing to undo
        data = self._strict(data, dot) if self.strict else self._loose(data, dot)
        lines = data.replace(b"\r\n", b"\n")
        ends = lines.count(b"\n")
        if ends != len(data) - len(lines):
            self.content.bare = True
        if not self.strict and b"\r\n" in lines:
            lines = _LOOSE_LINE_END.sub(b"\n", lines)
        if 0 <= dot < len(data):
            if self.strict and b"\n.\n" in lines:
                while b"\n.\n" in lines:  # each pass takes at least half of those that stand in a row
                    lines = lines.replace(b"\n.\n", b"\n")
                ends = lines.count(b"\n")
            lines = lines.replace(b"\n.", b"\n")
        stored = self.content.store(lines[1:], ends - 1) if before else self.content.store(lines, ends)
        return stored + self.content.finish() if self.done else stored

    def _strict(self, data: bytes, dot: int) -> bytes:
        """What can be judged of ``data``; the end, where it is there, and what follows it taken off."""
        end = data.find(b"\r\n.\r\n", max(0, dot - 1)) if dot >= 0 else -1
        if end >= 0:
            return self._end(data, end + 2, end + 5)
        if data.endswith((b"\n", b"\n.", b"\n.\r")):
            data = self._keep(data, data.rfind(b"\n") + 1)
            self._before = b"\r\n" if data.endswith(b"\r\n") else b"\n"
            return data
        self._before = b""
        return self._keep(data, len(data) - data.endswith(b"\r"))

    def _loose(self, data: bytes, dot: int) -> bytes:
        match = _LOOSE_END.search(data, dot) if dot >= 0 else None
        if match:
            return self._end(data, match.start() + 1, match.end())
        tail = _LOOSE_TAIL.search(data, max(0, len(data) - MANY - 2))
        data = self._keep(data, tail.start() if tail else len(data))
        self._before = b"\n" if data.endswith(b"\n") else b""
        return data

    def _end(self, data: bytes, end: int, rest: int) -> bytes:
        self.done = True
        self.rest = data[rest:]
        return data[:end]

    def _keep(self, data: bytes, cut: int) -> bytes:
        self._held = data[cut:]
        return data[:cut]


class Chunks:
    """BDAT's content. ``feed`` takes octets of chunks and returns what to store; ``finish`` after the last of them."""

    __slots__ = ("_held", "_open", "content", "strict")

    def __init__(self, content: Content, *, strict: bool = True) -> None:
        self.content = content
        self.strict = strict
        self._held = b""  # CRs that may belong to a line end
        self._open = False  # the last line has no end yet

    def feed(self, data: bytes) -> bytes:
        data = self._held + data
        kept = len(data)
        while kept and data[kept - 1] == 13 and len(data) - kept < (1 if self.strict else MANY):
            kept -= 1
        data, self._held = data[:kept], data[kept:]
        if not data:
            return b""
        lines = data.replace(b"\r\n", b"\n")
        ends = lines.count(b"\n")
        if ends != len(data) - len(lines):
            self.content.bare = True
        if not self.strict and b"\r\n" in lines:
            lines = _LOOSE_LINE_END.sub(b"\n", lines)
        self._open = not lines.endswith(b"\n")
        return self.content.store(lines, ends)

    def finish(self) -> bytes:
        """The end of the last line, where it has none."""
        tail, self._held = self._held, b""
        if tail or self._open:
            tail += b"\n"
        stored = self.content.store(tail, 1) if tail else b""
        return stored + self.content.finish()
