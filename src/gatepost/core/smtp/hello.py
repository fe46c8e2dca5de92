"""HELO and EHLO (RFC 5321 section 4.1.1.1), and the keywords of EHLO's reply."""

from __future__ import annotations

from functools import lru_cache

from gatepost.core.facts import Stage
from gatepost.core.smtp.needs import Say
from gatepost.core.smtp.session import Session, Talk
from gatepost.core.smtp.settings import SessionSettings

_HELO_SYNTAX = Say(b"501 Syntax: HELO hostname\r\n")
_EHLO_SYNTAX = Say(b"501 Syntax: EHLO hostname\r\n")


@lru_cache(maxsize=256)
def ehlo_reply(settings: SessionSettings) -> Say:
    """EHLO's reply, ready to be sent."""
    keywords = [
        "PIPELINING",
        f"SIZE {settings.message_size_limit}" if settings.message_size_limit else "SIZE",
        *(() if settings.disable_vrfy else ("VRFY",)),
        "ETRN",
        "ENHANCEDSTATUSCODES",
        "8BITMIME",
        "DSN",
        *(("SMTPUTF8",) if settings.smtputf8 else ()),
        "CHUNKING",
    ]
    kept = [word for word in keywords if word.split(" ")[0].lower() not in settings.discard_ehlo_keywords]
    lines = [settings.myhostname, *kept]
    return Say(b"".join(f"250{'-' if line is not lines[-1] else ' '}{line}\r\n".encode() for line in lines))


def helo(session: Session, argument: str) -> Talk:
    if not argument:
        yield from session.fault(_HELO_SYNTAX)
    elif (yield from _hello(session, argument, "SMTP")):
        yield Say(f"250 {session.settings.myhostname}\r\n".encode())


def ehlo(session: Session, argument: str) -> Talk:
    if not argument:
        yield from session.fault(_EHLO_SYNTAX)
    elif (yield from _hello(session, argument, "ESMTP")):
        yield ehlo_reply(session.settings)


def _hello(session: Session, name: str, protocol: str):  # type: ignore[no-untyped-def]
    yield from session.end_transaction()
    session.helo, session.protocol = name, protocol
    return (yield from session.decide(Stage.HELO, session.facts(pipelined=len(session.input) > 0)))
