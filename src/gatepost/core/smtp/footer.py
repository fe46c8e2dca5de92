"""The text behind every refusal (postconf(5) smtpd_reject_footer)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAME = re.compile(r"\$(?:\$|\{([A-Za-z_]+)(?:([?:])([^}]*))?\}|\(([A-Za-z_]+)\)|([A-Za-z_]+))")
_SAME_LINE = "\\c"


def with_footer(reply: bytes, template: str, attributes: Mapping[str, str]) -> bytes:
    """A reply's wire form with the footer: on lines of its own, or, after ``\\c``, at the end of the last line.

    ``\\n`` in the template begins a line. Unknown names come to nothing.
    """
    lines = reply.decode("utf-8", "surrogateescape").split("\r\n")[:-1]
    code, text = lines[-1][:3], lines[-1][4:]
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3} ", text)
    start = status.group() if status else ""
    footer = _expand(template, attributes)
    if footer.startswith(_SAME_LINE):
        first, *more = footer[len(_SAME_LINE) :].split("\\n")
        text += first
    else:
        more = footer.split("\\n")
    texts = [line[4:] for line in lines[:-1]] + [text] + [start + line for line in more]
    last = len(texts) - 1
    wire = "".join(f"{code}{' ' if i == last else '-'}{text}\r\n" for i, text in enumerate(texts))
    return wire.encode("utf-8", "surrogateescape")


def _expand(template: str, attributes: Mapping[str, str]) -> str:
    def one(match: re.Match[str]) -> str:
        if match.group() == "$$":
            return "$"
        value = attributes.get(match[1] or match[4] or match[5], "")
        if match[2] == "?":
            return match[3] if value else ""
        if match[2] == ":":
            return "" if value else match[3]
        return value

    return _NAME.sub(one, template)
