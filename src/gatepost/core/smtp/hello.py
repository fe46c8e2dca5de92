"""HELO, EHLO, STARTTLS and AUTH: who the client says it is (RFC 5321 section 4.1.1.1, RFC 3207, RFC 4954)."""

from __future__ import annotations

import re
from functools import lru_cache

from gatepost.core.facts import Stage, Tls
from gatepost.core.smtp.needs import START_TLS, Ended, Note, Say
from gatepost.core.smtp.session import Asking, Session, Talk
from gatepost.core.smtp.settings import SessionSettings

XCLIENT = "XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN DESTADDR DESTPORT"
XFORWARD = "XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT"

_HELO_SYNTAX = Say(b"501 Syntax: HELO hostname\r\n")
_EHLO_SYNTAX = Say(b"501 Syntax: EHLO hostname\r\n")
_NO_TLS = Say(b"502 5.5.1 Error: command not implemented\r\n")
_TLS_SYNTAX = Say(b"501 5.5.4 Syntax: STARTTLS\r\n")
_TLS_ACTIVE = Say(b"554 5.5.1 Error: TLS already active\r\n")
_TLS_UNAVAILABLE = Say(b"454 4.7.0 TLS not available due to local reason\r\n")
_TLS_READY = Say(b"220 2.0.0 Ready to start TLS\r\n")
_HELLO_FIRST = Say(b"503 5.5.1 Error: send HELO/EHLO first\r\n")
_NO_AUTH = Say(b"503 5.5.1 Error: authentication not enabled\r\n")
_AUTH_SYNTAX = Say(b"501 5.5.4 Syntax: AUTH mechanism\r\n")
_AUTH_NEEDS_TLS = Say(b"538 5.7.0 Encryption required for requested authentication mechanism\r\n")
_AUTH_UNAVAILABLE = Say(b"454 4.7.0 Temporary authentication failure: no mechanism available\r\n")

# What could end a header field or a log line early; the name is kept so for good, as Postfix does.
_UNSAFE = re.compile(r"[\x00-\x20\x7f()<>@;\"\\]")


@lru_cache(maxsize=256)
def hello_reply(settings: SessionSettings) -> Say:
    return Say(f"250 {settings.myhostname}\r\n".encode())


@lru_cache(maxsize=256)
def ehlo_reply(settings: SessionSettings, starttls: bool, xclient: bool, xforward: bool) -> Say:
    """EHLO's reply, ready to be sent."""
    keywords = [
        "PIPELINING",
        f"SIZE {settings.message_size_limit}" if settings.message_size_limit else "SIZE",
        "" if settings.disable_vrfy else "VRFY",
        "ETRN",
        "STARTTLS" if starttls else "",
        XCLIENT if xclient else "",
        XFORWARD if xforward else "",
        "ENHANCEDSTATUSCODES",
        "8BITMIME",
        "DSN",
        "SMTPUTF8" if settings.smtputf8 else "",
        "CHUNKING",
    ]
    discarded = settings.discard_ehlo_keywords
    kept = [word for word in keywords if word and word.partition(" ")[0].lower() not in discarded]
    lines = [settings.myhostname, *kept]
    last = len(lines) - 1
    return Say("".join(f"250{' ' if i == last else '-'}{line}\r\n" for i, line in enumerate(lines)).encode())


def helo(session: Session, argument: str) -> Talk:
    if not argument:
        yield from session.fault(_HELO_SYNTAX)
    elif (yield from _accepted(session, argument, "SMTP")):
        yield hello_reply(session.settings)


def ehlo(session: Session, argument: str) -> Talk:
    if not argument:
        yield from session.fault(_EHLO_SYNTAX)
    elif (yield from _accepted(session, argument, "ESMTP")):
        settings = session.settings
        discarded = settings.discard_ehlo_keywords
        if discarded and "silent-discard" not in discarded:
            yield Note(f"discarding EHLO keywords: {' '.join(sorted(discarded)).upper()}")
        starttls = bool(settings.tls) and session.tls is None and session.tls_available
        yield ehlo_reply(settings, starttls, session.xclient, session.xforward)


def _accepted(session: Session, name: str, protocol: str) -> Asking:
    """Postfix: a refused name leaves everything as it was, the transaction too."""
    before, session.helo = session.helo, _UNSAFE.sub("?", name)
    if not (yield from session.decide(Stage.HELO, session.facts())):
        session.helo = before
        return False
    yield from session.end_transaction()
    session.protocol = protocol
    return True


def starttls(session: Session, argument: str) -> Talk:
    settings = session.settings
    if argument:
        yield from session.fault(_TLS_SYNTAX)
    elif not settings.tls or "starttls" in settings.discard_ehlo_keywords:
        yield from session.fault(_NO_TLS)
    elif session.tls is not None:
        yield from session.fault(_TLS_ACTIVE)
    elif not session.tls_available:
        yield from session.fault(_TLS_UNAVAILABLE)
    else:
        yield _TLS_READY
        # What came behind STARTTLS was not protected: acting on it later would be to trust it (CVE-2011-0411).
        session.input.clear()
        tls: Tls | None = yield START_TLS
        if tls is None:
            yield Note(f"{Ended.EOF.value} after STARTTLS from {session.label}")
            session.errors += 1
            session.closing = True
            return
        yield from session.end_transaction()
        session.tls = tls
        session.helo, session.protocol, session.login = "", "SMTP", None


def auth(session: Session, argument: str) -> Talk:
    """No mechanism yet: with smtpd_sasl_auth_enable the client is told to try again, not that its password is wrong."""
    settings = session.settings
    if settings.helo_required and not session.helo:
        yield from session.fault(_HELLO_FIRST)
    elif not settings.sasl:
        yield from session.fault(_NO_AUTH)
    elif not argument:
        yield from session.fault(_AUTH_SYNTAX)
    elif settings.tls_auth_only and session.tls is None:
        yield from session.fault(_AUTH_NEEDS_TLS)
    else:
        yield from session.fault(_AUTH_UNAVAILABLE)
