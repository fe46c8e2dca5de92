"""The beginning of a mail's content, up to the first line that is no header (RFC 5322 section 2.2; cleanup(8)).

Looked at once, to count Received: fields, to drop what header fields may not come from outside, and to part header and
body with an empty line where the client did not. Nothing else of a mail is ever looked at here.
"""

from __future__ import annotations

import re

MAX_HEADER = 262_144  # octets that are kept back to be looked at; the rest of a longer header goes by unseen

_LINES = re.compile(rb"(?:(?:[ \t]|[!-9;-~]+[ \t]*:)[^\n]*\n)*")
_RECEIVED = re.compile(rb"^received[ \t]+:", re.MULTILINE)


class Header:
    """Takes lines with LF ends in pieces of any size; puts the header out, edited, once it is whole.

    ``hops`` counts Received: fields, ours included. ``done`` says that the body has begun. ``drop`` holds the names
    (in lower case) of postconf(5) message_drop_headers.
    """

    __slots__ = ("_drop", "_seen", "_text", "done", "hops")

    def __init__(self, drop: frozenset[str] = frozenset()) -> None:
        self.hops = 1
        self.done = False
        self._drop = drop
        self._text = bytearray()
        self._seen = 0  # whole header lines end here

    def feed(self, lines: bytes) -> bytes:
        text = self._text
        text += lines
        if b"\n" in lines:
            end = text.rfind(b"\n") + 1
            begin = self._seen
            if begin or text[0] not in b" \t":  # a continuation of nothing is no header
                begin = self._header_end(begin, end)
            if begin < end:
                return self._release(begin)
            self._seen = begin
        return self._release(len(text)) if len(text) > MAX_HEADER else b""

    def finish(self) -> bytes:
        """All that is left; the content is over."""
        return self._release(len(self._text)) if self._text else b""

    def _header_end(self, begin: int, end: int) -> int:
        if not begin and self._text.startswith((b"From ", b">From ")):
            begin = self._text.find(b"\n") + 1  # mbox's separator
        match = _LINES.match(self._text, begin, end)
        return match.end() if match else begin

    def _release(self, end: int) -> bytes:
        """The header, which ends at ``end``, and what has come of the body."""
        self.done = True
        head, body = bytes(self._text[:end]), bytes(self._text[end:])
        self._text = bytearray()
        if head:
            head = self._edit(head)
        return head + (b"\n" if body and not body.startswith(b"\n") else b"") + body

    def _edit(self, head: bytes) -> bytes:
        if head.startswith((b"From ", b">From ")):
            head = b"X-Mailbox-Line: " + head
        lowered = b"\n" + head.lower()
        self.hops += lowered.count(b"\nreceived:")
        if b"\nreceived " in lowered or b"\nreceived\t" in lowered:
            self.hops += len(_RECEIVED.findall(lowered))
        for name in self._drop:
            if b"\n" + name.encode() in lowered:
                head = _dropped(name).sub(b"", head)
        return head


def _dropped(name: str) -> re.Pattern[bytes]:
    """A whole field of this name; compiled patterns are remembered by re."""
    pattern = rb"^%s[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*" % re.escape(name.encode())
    return re.compile(pattern, re.MULTILINE | re.IGNORECASE)
