"""VRFY and ETRN (RFC 5321 section 3.5.3, RFC 1985)."""

from __future__ import annotations

from gatepost.core.address import is_valid_hostname, parse_literal
from gatepost.core.errors import AddressError
from gatepost.core.facts import Stage
from gatepost.core.reply import Reply
from gatepost.core.smtp.grammar import split_words
from gatepost.core.smtp.mail import parse
from gatepost.core.smtp.needs import Say
from gatepost.core.smtp.parameters import offers_smtputf8
from gatepost.core.smtp.session import Session, Talk

_VRFY_OFF = Say(b"502 5.5.1 VRFY command is disabled\r\n")
_VRFY_SYNTAX = Say(b"501 5.5.4 Syntax: VRFY address [SMTPUTF8]\r\n")
_BAD_RECIPIENT = Say(b"501 5.1.3 Bad recipient address syntax\r\n")
_HELLO_FIRST = Say(b"503 Error: send HELO/EHLO first\r\n")
_IN_TRANSACTION = Say(b"503 Error: MAIL transaction in progress\r\n")
_ETRN_SYNTAX = Say(b"500 Syntax: ETRN domain\r\n")
_ETRN_BAD = Say(b"501 Error: invalid parameter syntax\r\n")


def vrfy(session: Session, argument: str) -> Talk:
    """252: what is not refused as a recipient may be one."""
    settings = session.settings
    if settings.disable_vrfy:
        return (yield from session.fault(_VRFY_OFF))
    words = split_words(argument)
    flags = []
    if words and words[-1].upper() == "SMTPUTF8" and offers_smtputf8(settings):
        flags = [words.pop()]
        argument = argument[: -len("SMTPUTF8")].rstrip()
    if not words:
        return (yield from session.fault(_VRFY_SYNTAX))
    recipient = parse(session, argument, flags)
    if recipient is None or recipient.is_null:
        yield session.warning(f"Illegal address syntax from {session.label} in VRFY command: {argument}")
        return (yield from session.fault(_BAD_RECIPIENT))
    if (yield from session.decide(Stage.VRFY, session.facts(recipient, argument))):
        yield Say(Reply(252, "0.0", argument).wire())
    return None


def etrn(session: Session, argument: str) -> Talk:
    """Nothing is queued for a domain's sake here, as where fast_flush_domains does not name it (ETRN_README)."""
    if session.settings.helo_required and not session.helo:
        return (yield from session.fault(_HELLO_FIRST))
    if session.transaction is not None:
        return (yield from session.fault(_IN_TRANSACTION))
    words = split_words(argument)
    if len(words) != 1:
        return (yield from session.fault(_ETRN_SYNTAX))
    domain = words[0].removeprefix("@") if words[0].startswith("@") else words[0].removeprefix("#")
    if not _is_domain(domain):
        return (yield from session.fault(_ETRN_BAD))
    if not (yield from session.decide(Stage.ETRN, session.facts(etrn=domain))):
        return None
    yield session.warning(f"reject: ETRN {domain}... from {session.label}")
    return (yield from session.refuse(Reply(459, "", f"<{domain}>: service unavailable")))


def _is_domain(text: str) -> bool:
    if not text.startswith("["):
        return text.isascii() and is_valid_hostname(text)
    try:
        parse_literal(text)
    except AddressError:
        return False
    return True
