"""MAIL and RCPT (RFC 5321 section 4.1.1.2-3)."""

from __future__ import annotations

from gatepost.core.envelope import Recipient
from gatepost.core.errors import AddressError
from gatepost.core.facts import Stage
from gatepost.core.reply import Reply
from gatepost.core.smtp.grammar import parse_path, split_path
from gatepost.core.smtp.needs import OpenMail, Say
from gatepost.core.smtp.session import Session, Talk
from gatepost.core.smtp.transaction import Transaction

_HELLO_FIRST = Say(b"503 5.5.1 Error: send HELO/EHLO first\r\n")
_NESTED = Say(b"503 5.5.1 Error: nested MAIL command\r\n")
_MAIL_SYNTAX = Say(b"501 5.5.4 Syntax: MAIL FROM:<address>\r\n")
_BAD_SENDER = Say(b"501 5.1.7 Bad sender address syntax\r\n")
_MAIL_OK = Say(b"250 2.1.0 Ok\r\n")
_NEED_MAIL = Say(b"503 5.5.1 Error: need MAIL command\r\n")
_RCPT_SYNTAX = Say(b"501 5.5.4 Syntax: RCPT TO:<address>\r\n")
_BAD_RECIPIENT = Say(b"501 5.1.3 Bad recipient address syntax\r\n")
_RCPT_OK = Say(b"250 2.1.5 Ok\r\n")


def mail(session: Session, argument: str) -> Talk:
    if session.settings.helo_required and not session.helo:
        yield from session.fault(_HELLO_FIRST)
        return
    if session.transaction is not None:
        yield from session.fault(_NESTED)
        return
    if argument[:5].upper() != "FROM:":
        yield from session.fault(_MAIL_SYNTAX)
        return
    path, _rest = split_path(argument[5:].lstrip())
    try:
        sender = parse_path(path)
    except AddressError:
        yield from session.fault(_BAD_SENDER)
        return
    session.transaction = Transaction(sender, path)
    if (yield from session.decide(Stage.MAIL, session.facts())):
        yield _MAIL_OK
    else:
        yield from session.end_transaction()


def rcpt(session: Session, argument: str) -> Talk:
    transaction = session.transaction
    if transaction is None:
        yield from session.fault(_NEED_MAIL)
        return
    if argument[:3].upper() != "TO:":
        yield from session.fault(_RCPT_SYNTAX)
        return
    path, _rest = split_path(argument[3:].lstrip())
    try:
        recipient = parse_path(path)
    except AddressError:
        yield from session.fault(_BAD_RECIPIENT)
        return
    facts = session.facts(recipient, path)
    if not (yield from session.decide(Stage.RCPT, facts)):
        return
    if transaction.opened is None:
        opened = yield OpenMail(facts)
        if isinstance(opened, Reply):
            yield from session.refuse(opened)
            return
        transaction.opened = opened
    transaction.recipients.append(Recipient(recipient))
    yield _RCPT_OK
