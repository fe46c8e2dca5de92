"""The mail's content as it comes: dots, line ends, sizes (RFC 5321 section 4.5.2).

Put out with LF line ends, as a Maildir wants it. Everything goes by in bulk and in pieces: nothing is kept but what
could be the beginning of the end.
"""

from __future__ import annotations


class Data:
    """DATA's content, to ``<CR><LF>.<CR><LF>``.

    ``feed`` takes bytes and returns what is to be stored; once ``done``, ``rest`` is what came behind the end. ``size``
    is in octets as Postfix counts them for its limits: each line with a two-octet end.
    """

    __slots__ = ("_held", "_limit", "done", "rest", "size", "too_big")

    def __init__(self, limit: int) -> None:
        self._held = b"\r\n"  # the content begins at a line's start: a dot there is doubled, or the end
        self._limit = limit
        self.done = False
        self.rest = b""
        self.size = -2
        self.too_big = False

    def feed(self, data: bytes) -> bytes:
        data = self._held + data
        end = data.find(b"\r\n.\r\n")
        if end >= 0:
            self.rest = data[end + 5 :]
            self.done = True
            data = data[: end + 2]
        else:
            keep = _beginning_of_end(data)
            self._held = data[len(data) - keep :]
            data = data[: len(data) - keep]
        lines = data.replace(b"\r\n.", b"\r\n").replace(b"\r\n", b"\n")
        first = self.size < 0 and bool(lines)
        self.size += len(lines) + lines.count(b"\n")
        if self._limit and self.size > self._limit:
            self.too_big = True
        if self.too_big:
            return b""
        return lines[1:] if first else lines


def _beginning_of_end(data: bytes) -> int:
    """How many of the last octets could begin ``<CR><LF>.<CR><LF>``."""
    for length in (4, 3, 2, 1):
        if data.endswith(b"\r\n.\r\n"[:length]):
            return length
    return 0
