"""MAIL and RCPT (RFC 5321 section 4.1.1.2-3)."""

from __future__ import annotations

from gatepost.core.address import Address
from gatepost.core.envelope import Recipient
from gatepost.core.errors import AddressError
from gatepost.core.facts import Facts, Stage
from gatepost.core.reply import Reply
from gatepost.core.smtp.grammar import parse_path, split_word, split_words
from gatepost.core.smtp.needs import OpenMail, Say
from gatepost.core.smtp.parameters import MailParameters, mail_parameters, offers_smtputf8, rcpt_parameters
from gatepost.core.smtp.session import Asking, Session, Talk
from gatepost.core.smtp.transaction import Transaction

_HELLO_FIRST = Say(b"503 5.5.1 Error: send HELO/EHLO first\r\n")
_NESTED = Say(b"503 5.5.1 Error: nested MAIL command\r\n")
_MAIL_SYNTAX = Say(b"501 5.5.4 Syntax: MAIL FROM:<address>\r\n")
_BAD_SENDER = Say(b"501 5.1.7 Bad sender address syntax\r\n")
_SIZE_LIMIT = Reply(552, "3.4", "Message size exceeds fixed limit")
_MAIL_OK = Say(b"250 2.1.0 Ok\r\n")
_NEED_MAIL = Say(b"503 5.5.1 Error: need MAIL command\r\n")
_AFTER_BDAT = Say(b"503 5.5.1 Error: RCPT after BDAT\r\n")
_RCPT_SYNTAX = Say(b"501 5.5.4 Syntax: RCPT TO:<address>\r\n")
_BAD_RECIPIENT = Say(b"501 5.1.3 Bad recipient address syntax\r\n")
_TOO_MANY = Say(b"452 4.5.3 Error: too many recipients\r\n")
_RCPT_OK = Say(b"250 2.1.5 Ok\r\n")

_NO_PARAMETERS = MailParameters()


def mail(session: Session, argument: str) -> Talk:
    settings = session.settings
    if settings.helo_required and not session.helo:
        return (yield from session.fault(_HELLO_FIRST))
    if session.transaction is not None:
        return (yield from session.fault(_NESTED))
    path, rest = split_word(argument[5:].lstrip())
    if not path or argument[:5].upper() != "FROM:":
        return (yield from session.fault(_MAIL_SYNTAX))
    words = split_words(rest) if rest else []
    sender = parse(session, path, words)
    if sender is None:
        yield session.warning(f"Illegal address syntax from {session.label} in MAIL command: {path}")
        return (yield from session.fault(_BAD_SENDER))
    parameters = mail_parameters(words, settings) if words else _NO_PARAMETERS
    if isinstance(parameters, Reply):
        return (yield from session.refuse(parameters))
    transaction = session.transaction = Transaction(sender, path, parameters)
    session.begin_mail()
    if 0 < settings.message_size_limit < parameters.size:
        yield session.note_reject("MAIL", str(_SIZE_LIMIT))
        yield from session.refuse(_SIZE_LIMIT)
    elif (yield from _accepted(session, transaction)):
        yield _MAIL_OK
        return None
    # Postfix: it would remember the refused size for the next MAIL.
    return (yield from session.end_transaction())


def _accepted(session: Session, transaction: Transaction) -> Asking:
    facts = session.facts()
    if not (yield from session.decide(Stage.MAIL, facts)):
        return False
    return session.settings.delay_open or (yield from _opened(session, transaction, facts))


def rcpt(session: Session, argument: str) -> Talk:
    transaction, settings = session.transaction, session.settings
    if transaction is None:
        return (yield from session.fault(_NEED_MAIL))
    if session.lost_chunks or transaction.chunks is not None:
        return (yield from session.fault(_AFTER_BDAT))
    path, rest = split_word(argument[3:].lstrip())
    if not path or argument[:3].upper() != "TO:":
        return (yield from session.fault(_RCPT_SYNTAX))
    words = split_words(rest) if rest else []
    recipient = parse(session, path, words, smtputf8=transaction.parameters.smtputf8)
    if recipient is None or recipient.is_null:
        yield session.warning(f"Illegal address syntax from {session.label} in RCPT command: {path}")
        return (yield from session.fault(_BAD_RECIPIENT))
    parameters = rcpt_parameters(words, settings) if words else ((), "")
    if isinstance(parameters, Reply):
        return (yield from session.refuse(parameters))
    if 0 < settings.recipient_limit <= len(transaction.recipients):
        transaction.refused += 1
        session.errors += transaction.refused > settings.recipient_overshoot_limit
        yield session.refusal(_TOO_MANY)
        return None
    facts = session.facts(recipient, path)
    if not (yield from session.decide(Stage.RCPT, facts)):
        return None
    if transaction.opened is None and not (yield from _opened(session, transaction, facts)):
        return None
    notify, orcpt = parameters
    transaction.recipients.append(Recipient(recipient, orcpt, notify))
    yield _RCPT_OK
    return None


def _opened(session: Session, transaction: Transaction, facts: Facts) -> Asking:
    """Take a queue id; False where there is none to have, which has been said."""
    opened = yield OpenMail(facts)
    if isinstance(opened, Reply):
        yield from session.refuse(opened)
        return False
    transaction.opened = opened
    return True


def parse(session: Session, path: str, words: list[str], *, smtputf8: bool = False) -> Address | None:
    """A path's address, or None. A domain outside of ASCII needs SMTPUTF8 (RFC 6531 section 3.4)."""
    settings = session.settings
    if not path.isascii() and any("\udc80" <= character <= "\udcff" for character in path):
        return None  # octets that are not UTF-8
    try:
        address = parse_path(path, strict=settings.strict_envelopes)
    except AddressError:
        return None
    if address.domain.isascii() or smtputf8:
        return address
    declared = offers_smtputf8(settings) and any(word.upper() == "SMTPUTF8" for word in words)
    return address if declared else None
