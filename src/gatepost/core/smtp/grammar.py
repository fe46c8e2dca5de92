"""Command lines and the paths of MAIL and RCPT (RFC 5321 section 4.1).

Lenient: where strict_rfc821_envelopes is off, missing ``<>``, spaces, comments, phrases and source routes are taken as
Postfix takes them; with it on, a path must stand in ``<>`` and hold no comment or phrase.

Rule: text in, values out; which reply an error gets is the session's business.
"""

from __future__ import annotations

import re

from gatepost.core.address import NULL, Address, is_valid_hostname, parse_literal
from gatepost.core.errors import AddressError

# The path that nearly every client sends; everything else takes the long way.
_PLAIN = re.compile(
    r"<([A-Za-z0-9_+=-]{1,64}(?:\.[A-Za-z0-9_+=-]{1,64}){0,8})"
    r"@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,3}[A-Za-z]{2,24})>(?=[ \t]|\Z)"
)
# A word ends at white space outside of quotes and <>. Each alternative begins differently, so this is linear.
_WORD = re.compile(
    r"""(?: [^ \t\r\n<"\\] | \\. | "(?:[^"\\]|\\.)*(?:"|\Z)
        | < (?: [^>"\\] | \\. | "(?:[^"\\]|\\.)*(?:"|\Z) )* (?:>|\Z) | \\\Z )*""",
    re.VERBOSE | re.DOTALL,
)
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<quoted>"(?:[^"\\]|\\.)*")
    |(?P<literal>\[(?:[^]\\>]|\\.)*\]?)
    |(?P<atom>(?:[^ \t\r\n()<>@,;:\\".\[\]]|\\.)+)
    |(?P<special>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_XTEXT = re.compile(r"[!-*,-<>-~\u0080-\U0010ffff=]|\+[0-9A-Fa-f]{2}")
_XTEXT_ALL = re.compile(rf"(?:{_XTEXT.pattern})*\Z")
_XTEXT_CODE = re.compile(r"\+([0-9A-Fa-f]{2})")
_WORDS = ("atom", "quoted", "literal")
_WHITE = " \t\r\n"

Token = tuple[str, str]


def split_words(text: str) -> list[str]:
    """Words apart by white space; what stands in ``<>`` or quotes stays together."""
    words = []
    text = text.strip(_WHITE)
    while text:
        word, text = split_word(text)
        words.append(word)
    return words


def split_word(text: str) -> tuple[str, str]:
    """The first word, such as a path as written, and what follows it; neither has white space in front."""
    match = _PLAIN.match(text) or _WORD.match(text)
    end = match.end() if match else 0
    end = end or len(text)  # a lone backslash at the end
    return text[:end], text[end:].lstrip(_WHITE)


def parse_path(text: str, *, strict: bool = False) -> Address:
    """The address in a path, with or without its ``<>``; quotes and escapes taken off, source route dropped.

    ``<>`` is address.NULL. Raises AddressError.
    """
    match = _PLAIN.fullmatch(text)
    if match and len(text) < 256:
        return Address(match[1], match[2])
    tokens = _tokens(text)
    if strict and (tokens[:1] != [("special", "<")] or any(kind == "comment" for kind, _ in tokens)):
        raise AddressError(f"no path: {text!r}")
    tokens = _bare(_innermost(tokens, text, strict=strict), text)
    address = _address(tokens, text)
    if strict and address.domain and not address.local:
        raise AddressError(f"no local part: {text!r}")
    return address


def decode_xtext(text: str) -> str | None:
    """The text behind xtext (RFC 3461 section 4), or None where it is none. UTF-8 may stand as it is (RFC 6533)."""
    if not _XTEXT_ALL.match(text):
        return None
    if "+" not in text:
        return text
    return (
        _XTEXT_CODE.sub(lambda match: chr(int(match[1], 16)), text)
        .encode("latin-1", "replace")
        .decode("utf-8", "surrogateescape")
    )


def _tokens(text: str) -> list[Token]:
    """The path's tokens; a comment is one, and may lack its end. Raises AddressError where a quote has none."""
    tokens: list[Token] = []
    depth = 0
    for match in _TOKEN.finditer(text):
        kind, value = str(match.lastgroup), match.group()
        if kind == "special" and value == "(":
            depth += 1
            if depth == 1:
                tokens.append(("comment", ""))
        elif kind == "special" and value == ")":
            depth = max(0, depth - 1)
        elif kind == "special" and value == '"' and not depth:
            raise AddressError(f"no path: {text!r}")
        elif not depth:
            tokens.append((kind, value))
    return tokens


def _innermost(tokens: list[Token], text: str, *, strict: bool) -> list[Token]:
    """What stands in the innermost ``<>``, or all where there is none. Only ``>`` may follow it, one for each ``<``."""
    opening, closing = ("special", "<"), ("special", ">")
    if opening not in tokens:
        return [token for token in tokens if token != closing]
    start = len(tokens) - tokens[::-1].index(opening)
    stop = tokens.index(closing, start) if closing in tokens[start:] else -1
    before, after = tokens[:start], tokens[stop:]
    if (
        stop < 0
        or closing in before
        or after.count(closing) < tokens.count(opening)
        or any(kind in _WORDS or value in _STOPS for kind, value in after)
    ):
        raise AddressError(f"no path: {text!r}")
    if strict and any(kind in _WORDS for kind, _ in before):
        raise AddressError(f"a phrase in a path: {text!r}")
    return tokens[start:stop]


_STOPS = (",", ";", "<")


def _bare(tokens: list[Token], text: str) -> list[Token]:
    """The tokens without spaces and comments. Two words beside each other, and separators, are an error."""
    bare: list[Token] = []
    routed = ("special", ":") in tokens
    for token in tokens:
        kind, value = token
        if kind in ("space", "comment"):
            continue
        if kind == "special" and value in _STOPS and not (value == "," and routed and bare[:1] == [("special", "@")]):
            raise AddressError(f"no path: {text!r}")
        if bare and kind in _WORDS and bare[-1][0] in _WORDS:
            raise AddressError(f"no path: {text!r}")
        if bare and token == bare[-1] == ("special", "@"):
            raise AddressError(f"no path: {text!r}")
        bare.append(token)
    return bare


def _address(tokens: list[Token], text: str) -> Address:
    at, colon = ("special", "@"), ("special", ":")
    if tokens[:1] == [at] and colon in tokens:  # a source route (RFC 5321 appendix C)
        tokens = tokens[tokens.index(colon) + 1 :]
    if at not in tokens:
        local = _joined(tokens)
        return Address(local, "") if local else NULL
    split = len(tokens) - 1 - tokens[::-1].index(at)
    local, domain = _joined(tokens[:split]), _joined(tokens[split + 1 :])
    if domain.startswith("["):
        domain = domain if domain.endswith("]") else domain + "]"
        parse_literal(domain)
    elif not is_valid_hostname(domain.removesuffix(".")):
        raise AddressError(f"no domain in {text!r}")
    return Address(local, domain)


def _joined(tokens: list[Token]) -> str:
    """The tokens' text, quotes and escapes taken off."""
    parts = []
    for kind, value in tokens:
        if kind == "quoted":
            parts.append(_ESCAPE.sub(r"\1", value[1:-1]).replace("\t", " "))
        elif kind == "atom":
            parts.append(_ESCAPE.sub(r"\1", value))
        elif value != "\\":
            parts.append(value)
    return "".join(parts)
