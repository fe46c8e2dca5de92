"""Command lines: a verb and its arguments, and the paths of MAIL and RCPT (RFC 5321 section 4.1).

Lenient: where strict_rfc821_envelopes is off, missing ``<>``, spaces, comments, phrases and source routes are taken as
Postfix takes them; with it on, a path must stand in ``<>`` and nothing else may stand beside it.

Rule: text in, values out; which reply an error gets is the session's business.
"""

from __future__ import annotations

import re

from gatepost.core.address import NULL, Address, is_valid_hostname, parse_literal
from gatepost.core.errors import AddressError

# The path that nearly every client sends; everything else takes the long way.
_PLAIN = re.compile(
    r"<([A-Za-z0-9_+=-]+(?:\.[A-Za-z0-9_+=-]+)*)@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24})>"
)
_TOKEN = re.compile(
    r"""(?P<space>[\x00-\x20]+)
    |(?P<quoted>"(?:[^"\\]|\\.)*")
    |(?P<literal>\[(?:[^]\\]|\\.)*\]?)
    |(?P<atom>(?:\\.|[^\x00-\x20()<>@,;:\\".\[\]]|[\x01-\x08\x0b\x0c\x0e-\x1f])+)
    |(?P<special>[()<>@,;:\\".\]])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def split_path(text: str) -> tuple[str, str]:
    """A path as written and what follows it: ends at the first space outside of ``<>``, quotes and comments."""
    match = _PLAIN.match(text)
    if match and (match.end() == len(text) or text[match.end()] in " \t"):
        return match.group(), text[match.end() :]
    quoted, depth, i = False, 0, 0
    while i < len(text):
        c = text[i]
        if c == "\\":
            i += 1
        elif c == '"':
            quoted = not quoted
        elif not quoted:
            if c in "<(":
                depth += 1
            elif c in ">)":
                depth -= 1
            elif c in " \t" and depth <= 0:
                break
        i += 1
    return text[:i], text[i:]


def parse_path(text: str, *, strict: bool = False) -> Address:
    """The address in a path, with or without its ``<>``; quotes and escapes taken off, source route dropped.

    ``<>`` is address.NULL. Raises AddressError.
    """
    match = _PLAIN.fullmatch(text)
    if match and len(text) < 256:
        return Address(match[1], match[2])
    if strict and not (text.startswith("<") and text.endswith(">")):
        raise AddressError(f"no path: {text!r}")
    tokens = _tokens(text)
    if ("special", "<") in tokens:
        start = len(tokens) - tokens[::-1].index(("special", "<"))
        try:
            tokens = tokens[start : tokens.index(("special", ">"), start)]
        except ValueError:
            raise AddressError(f"no path: {text!r}") from None
    else:
        tokens = [token for token in tokens if token != ("special", ">")]
    return _address(tokens, text)


def _tokens(text: str) -> list[tuple[str, str]]:
    """The path's tokens, comments left out. Raises AddressError where a quote or a comment has no end."""
    tokens: list[tuple[str, str]] = []
    depth = 0
    for match in _TOKEN.finditer(text):
        kind, value = str(match.lastgroup), match.group()
        if kind == "special" and value in '"\\':
            raise AddressError(f"no path: {text!r}")
        if kind == "special" and value == "(":
            depth += 1
        elif kind == "special" and value == ")" and depth:
            depth -= 1
        elif not depth:
            tokens.append((kind, value))
    return tokens


def _address(tokens: list[tuple[str, str]], text: str) -> Address:
    while tokens and tokens[0][0] == "space":
        tokens = tokens[1:]
    if tokens and tokens[0] == ("special", "@") and ("special", ":") in tokens:  # RFC 5321 appendix C
        tokens = tokens[tokens.index(("special", ":")) + 1 :]
    at = len(tokens) - 1 - tokens[::-1].index(("special", "@")) if ("special", "@") in tokens else len(tokens)
    local, domain = _joined(tokens[:at], text), _joined(tokens[at + 1 :], text)
    if at == len(tokens):
        return Address(local, "") if local else NULL
    if domain.startswith("["):
        domain = domain if domain.endswith("]") else domain + "]"
        parse_literal(domain)
    elif not is_valid_hostname(domain.removesuffix(".")):
        raise AddressError(f"no domain: {domain!r}")
    return Address(local, domain)


def _joined(tokens: list[tuple[str, str]], text: str) -> str:
    """The tokens' text, quotes and escapes taken off. Two words beside each other are an error."""
    parts = []
    word = False
    for kind, value in tokens:
        if kind == "space":
            continue
        if kind == "special":
            if value in ",;()":
                raise AddressError(f"no path: {text!r}")
            word = False
            parts.append(value)
            continue
        if word:
            raise AddressError(f"no path: {text!r}")
        word = True
        if kind == "quoted":
            parts.append(_ESCAPE.sub(r"\1", value[1:-1]).replace("\t", " "))
        else:
            parts.append(_ESCAPE.sub(r"\1", value) if kind == "atom" else value)
    return "".join(parts)
