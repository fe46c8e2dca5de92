"""XCLIENT and XFORWARD: a trusted peer speaks for a client (XCLIENT_README, XFORWARD_README)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

import msgspec

from gatepost.core.address import is_valid_hostname
from gatepost.core.facts import Login, NameStatus
from gatepost.core.reply import Reply
from gatepost.core.smtp.grammar import decode_xtext, split_words
from gatepost.core.smtp.needs import Say
from gatepost.core.smtp.session import OK, Asking, Session, Talk

UNAVAILABLE = "[UNAVAILABLE]"
TEMPUNAVAIL = "[TEMPUNAVAIL]"

_IN_TRANSACTION = Say(b"503 5.5.1 Error: MAIL transaction in progress\r\n")
_NOT_AUTHORIZED = Say(b"550 5.7.0 Error: insufficient authorization\r\n")

Attributes = list[tuple[str, str]]  # name and value, still xtext


def xclient(session: Session, argument: str) -> Asking:
    """Take over what the peer says of the client. True: the session begins anew; else it has been refused."""
    claim = _Claim(session)
    if session.transaction is not None:
        yield from session.fault(_IN_TRANSACTION)
    elif not session.xclient and argument:
        yield from session.fault(_NOT_AUTHORIZED)
    elif (error := _claim(claim, argument)) is not None:
        yield from session.refuse(error)
    else:
        claim.settle(session)
        return True
    return False


def _claim(claim: _Claim, argument: str) -> Reply | None:
    attributes = _attributes("XCLIENT", argument)
    if isinstance(attributes, Reply):
        return attributes
    for name, value in attributes:
        setter = _XCLIENT.get(name)
        if setter is None:
            return _bad(f"Bad XCLIENT attribute name: {name}")
        decoded = decode_xtext(value)
        if decoded is None or not setter(claim, decoded):
            return _bad(f"Bad {name} syntax: {value if decoded is None else decoded}")
    return None


def xforward(session: Session, argument: str) -> Talk:
    """Remember what the peer says of the original client, for the log, until the next transaction's end."""
    if session.transaction is not None:
        return (yield from session.fault(_IN_TRANSACTION))
    if not session.xforward and argument:
        return (yield from session.fault(_NOT_AUTHORIZED))
    attributes = _attributes("XFORWARD", argument)
    if isinstance(attributes, Reply):
        return (yield from session.refuse(attributes))
    forwarded = dict(session.forwarded)
    for name, value in attributes:
        if name not in _XFORWARD:
            return (yield from session.refuse(_bad(f"Bad XFORWARD attribute name: {name}")))
        decoded = decode_xtext(value)
        if decoded is None or not (decoded.upper() == UNAVAILABLE or _XFORWARD[name](decoded)):
            return (yield from session.refuse(_bad(f"Bad {name} syntax: {value if decoded is None else decoded}")))
        if decoded.upper() == UNAVAILABLE:
            decoded = "unknown"
        forwarded[name] = _without_prefix(decoded) if name == "ADDR" else decoded
    session.forwarded = forwarded
    yield OK
    return None


class _Claim:
    """What XCLIENT's attributes come to, until all of them are known to be right."""

    def __init__(self, session: Session) -> None:
        client = session.client
        self.client = client
        self.helo: str | None = None
        self.protocol: str | None = None
        self.login = session.login
        self.server = session.server

    def name(self, value: str) -> bool:
        return self._named(value, "name", "name_status")

    def reverse_name(self, value: str) -> bool:
        return self._named(value, "reverse_name", "reverse_status")

    def _named(self, value: str, field: str, status: str) -> bool:
        folded = value.upper()
        if folded == UNAVAILABLE:
            changes = {field: "unknown", status: NameStatus.MISSING}
        elif folded == TEMPUNAVAIL:
            changes = {field: "unknown", status: NameStatus.TRY_AGAIN}
        elif is_valid_hostname(value):
            changes = {field: value, status: NameStatus.OK}
        else:
            return False
        self.client = msgspec.structs.replace(self.client, **changes)
        return True

    def address(self, value: str) -> bool:
        if value.upper() == UNAVAILABLE:
            address: str | None = "unknown"
        else:
            address = _address(value)
        if address is None:
            return False
        self.client = msgspec.structs.replace(self.client, address=address)
        return True

    def port(self, value: str) -> bool:
        if value.upper() == UNAVAILABLE:
            value = "0"
        if not _is_port(value):
            return False
        self.client = msgspec.structs.replace(self.client, port=int(value))
        return True

    def hello(self, value: str) -> bool:
        if value.upper() == UNAVAILABLE:
            self.helo = ""
        else:
            self.helo = value
        return True

    def proto(self, value: str) -> bool:
        if value.upper() not in ("SMTP", "ESMTP"):
            return False
        self.protocol = value.upper()
        return True

    def user(self, value: str) -> bool:
        self.login = None if value.upper() == UNAVAILABLE else Login(value, "XCLIENT")
        return True

    def server_address(self, value: str) -> bool:
        address = "" if value.upper() == UNAVAILABLE else _address(value)
        if address is None:
            return False
        self.server = (address, self.server[1])
        return True

    def server_port(self, value: str) -> bool:
        if value.upper() == UNAVAILABLE:
            value = "0"
        if not _is_port(value):
            return False
        self.server = (self.server[0], int(value))
        return True

    def settle(self, session: Session) -> None:
        session.client = self.client
        session.server = self.server
        session.login = self.login
        session.helo = self.helo or ""
        session.protocol = self.protocol or "SMTP"


def _attributes(verb: str, argument: str) -> Attributes | Reply:
    """The words of a command; the values are xtext."""
    words = split_words(argument)
    if not words:
        return _bad(f"Syntax: {verb} attribute=value...")
    attributes = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not value:
            return _bad("Error: attribute=value expected")
        attributes.append((name.upper(), value))
    return attributes


def _bad(text: str) -> Reply:
    return Reply(501, "5.4", text)


def _without_prefix(value: str) -> str:
    return value[5:] if value[:5].upper() == "IPV6:" else value


def _address(value: str) -> str | None:
    """An IPv4 address, or an IPv6 one behind ``IPV6:``, in its usual form."""
    bare = _without_prefix(value)
    try:
        return str(ipaddress.ip_address(bare)) if (bare != value) == (":" in bare) else None
    except ValueError:
        return None


def _is_port(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 5


_XCLIENT: dict[str, Callable[[_Claim, str], bool]] = {
    "NAME": _Claim.name,
    "REVERSE_NAME": _Claim.reverse_name,
    "ADDR": _Claim.address,
    "PORT": _Claim.port,
    "HELO": _Claim.hello,
    "PROTO": _Claim.proto,
    "LOGIN": _Claim.user,
    "DESTADDR": _Claim.server_address,
    "DESTPORT": _Claim.server_port,
}
_XFORWARD: dict[str, Callable[[str], bool]] = {
    "NAME": is_valid_hostname,
    "ADDR": lambda value: _address(value) is not None,
    "PORT": _is_port,
    "HELO": lambda value: True,
    "PROTO": lambda value: True,
    "SOURCE": lambda value: value.upper() in ("LOCAL", "REMOTE"),
    "IDENT": lambda value: True,
}
