"""A reply and its wire form (RFC 5321 section 4.2, RFC 2034).

Only what a reply *is* stands here; which reply is given when is the session's and the restrictions' business.
"""

from __future__ import annotations

import re

import msgspec

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\udc80-\udcff]")


class Reply(msgspec.Struct, frozen=True):
    """One SMTP reply.

    ``detail`` is the enhanced status less its class, such as ``"1.8"``: the class must agree with ``code`` (RFC 2034
    section 4), so it is never stored. Empty for the greeting, HELO/EHLO and 3xx, which carry no status. A line break in
    ``text`` makes a multi-line reply; any other control character, and any byte that is not UTF-8, goes out as ``?``.
    """

    code: int
    detail: str
    text: str

    @property
    def status(self) -> str:
        """The enhanced status code, such as ``5.7.1``, or an empty string."""
        return f"{self.code // 100}.{self.detail}" if self.detail else ""

    @property
    def is_temporary(self) -> bool:
        return 400 <= self.code < 500

    @property
    def hangs_up(self) -> bool:
        """421 and 521 end the connection (access(5))."""
        return self.code in (421, 521)

    def lines(self) -> list[str]:
        """The reply's lines, without CRLF."""
        status = f"{self.status} " if self.detail else ""
        texts = [_UNPRINTABLE.sub("?", part) for part in self.text.split("\n")]
        last = len(texts) - 1
        return [f"{self.code}{' ' if i == last else '-'}{status}{text}" for i, text in enumerate(texts)]

    def wire(self) -> bytes:
        """The reply as sent, each line ended by CRLF."""
        return "".join(f"{line}\r\n" for line in self.lines()).encode()

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.status, self.text) if part)
