"""DATA, BDAT, and the message's end (RFC 5321 section 4.1.1.4, RFC 3030)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from gatepost.core.access.verdict import Decision
from gatepost.core.facts import Stage
from gatepost.core.reply import Reply
from gatepost.core.smtp.content import Chunks, Content, Data
from gatepost.core.smtp.header import Header
from gatepost.core.smtp.needs import Commit, Decide, Need, Note, Opened, Say, Write
from gatepost.core.smtp.received import received
from gatepost.core.smtp.session import AFTER_DOT, Asking, Session, Talk, bare_newline
from gatepost.core.smtp.transaction import Transaction

LARGEST = 2**63 - 1  # octets that a chunk may claim to have

_NEED_RCPT = Reply(503, "5.1", "Error: need RCPT command")
_NO_RECIPIENTS = Reply(554, "5.1", "Error: no valid recipients")
_DATA_SYNTAX = Say(b"501 5.5.4 Syntax: DATA\r\n")
_DATA_AFTER_BDAT = Say(b"503 5.5.1 Error: DATA after BDAT\r\n")
_GO_AHEAD = Say(b"354 End data with <CR><LF>.<CR><LF>\r\n")
_TOO_BIG = Say(b"552 5.3.4 Error: message file too big\r\n")
_TOO_MANY_HOPS = Say(b"554 5.4.0 Error: too many hops\r\n")
_BDAT_SYNTAX = Say(b"521 5.5.4 Syntax: BDAT count [LAST]\r\n")
_BDAT_OFF = Say(b"521 5.5.1 Error: command not implemented\r\n")
_NULL_CHUNK = Reply(551, "7.1", "Null BDAT request")
_CHUNK_TOO_BIG = Reply(552, "3.4", "Chunk exceeds message size limit")


def data(session: Session, argument: str) -> Talk:
    transaction = session.transaction
    if transaction is None:
        return (yield from session.refuse(_NEED_RCPT))
    if session.lost_chunks or transaction.chunks is not None:
        return (yield from session.fault(_DATA_AFTER_BDAT))
    opened = transaction.opened
    if opened is None or not transaction.recipients:
        return (yield from session.refuse(_NO_RECIPIENTS))
    if argument:
        return (yield from session.fault(_DATA_SYNTAX))
    if not (yield from session.decide(Stage.DATA, session.facts())):
        return None
    yield _GO_AHEAD
    content, strict = yield from _begin(session, transaction, opened)
    reader = Data(content, strict=strict)
    source = session.input
    while not reader.done:
        if not len(source):
            ended = yield session.receive_need
            if ended is not None:
                return (yield from session.cut_off(ended))
        stored = reader.feed(source.take())
        session.received = content.size
        if stored:
            yield Write(stored)
    source.receive(reader.rest)
    return (yield from _end(session, transaction, opened, content, ""))


def bdat(session: Session, argument: str) -> Talk:
    settings, transaction = session.settings, session.transaction
    if "chunking" in settings.discard_ehlo_keywords:
        session.closing = True
        return (yield from session.fault(_BDAT_OFF))
    size, last = _chunk(argument)
    if size < 0:
        command = f"BDAT {argument}".rstrip()
        yield session.warning(f"{_queue_id(session)}: malformed BDAT command syntax from {session.label}: {command}")
        session.closing = True
        return (yield from session.fault(_BDAT_SYNTAX))
    refusal = yield from _refusal(session, size, last)
    if refusal is None:
        assert transaction is not None and transaction.opened is not None
        return (yield from _take(session, transaction, transaction.opened, size, last))
    # The chunk is on its way whatever we say (RFC 3030 section 2): it is read, and not taken for commands.
    while size:
        octets = yield from _octets(session, size)
        if not octets:
            return None
        size -= len(octets)
    yield from session.refuse(refusal)
    yield from _lose(session, last)
    return None


def _chunk(argument: str) -> tuple[int, bool]:
    """A chunk's size and whether it is the last; -1 where that is not what the argument says."""
    words = argument.split()
    if not words or len(words) > 2 or (words[1:] and words[1].upper() != "LAST"):
        return -1, False
    digits = words[0]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20) or int(digits) > LARGEST:
        return -1, False
    return int(digits), len(words) == 2


def _refusal(session: Session, size: int, last: bool) -> Generator[Need, Any, Reply | None]:
    """Why a chunk is not taken, if it is not."""
    transaction, limit = session.transaction, session.settings.message_size_limit
    if not size and not last:
        yield session.warning(f"{_queue_id(session)}: null BDAT request from {session.label}")
        return _NULL_CHUNK
    if session.lost_chunks:
        return Reply(551, "0.0", f"Discarded {size} bytes after earlier error")
    if transaction is None:
        return _NEED_RCPT
    if transaction.opened is None or not transaction.recipients:
        return _NO_RECIPIENTS
    if transaction.chunks is None:
        decision: Decision = yield Decide(Stage.DATA, session.facts())
        if decision.reply is not None:
            return decision.reply
        transaction.keep(decision)
    if 0 < limit < size + max(0, session.received):
        yield session.warning(
            f"{_queue_id(session)}: BDAT request from {session.label} exceeds message size limit",
        )
        return _CHUNK_TOO_BIG
    return None


def _take(session: Session, transaction: Transaction, opened: Opened, size: int, last: bool) -> Talk:
    """Read a chunk, and end the message with the last one."""
    chunks = transaction.chunks
    if chunks is None:
        content, strict = yield from _begin(session, transaction, opened)
        chunks = transaction.chunks = Chunks(content, strict=strict)
    content = chunks.content
    missing = size
    while missing:
        octets = yield from _octets(session, missing)
        if not octets:
            return
        missing -= len(octets)
        stored = chunks.feed(octets)
        session.received = content.size
        if stored:
            yield Write(stored)
    if last:
        stored = chunks.finish()
        if stored:
            yield Write(stored)
        yield from _end(session, transaction, opened, content, f"{content.size} bytes ")
    elif _forbidden_newline(session, content, strict=chunks.strict):
        yield session.note_reject("BDAT content", "bare <LF> received")
        yield from session.fault(bare_newline(session.settings))
        yield from _lose(session, last)
    else:
        yield Say(b"250 2.0.0 Ok: %d bytes\r\n" % size)


def _octets(session: Session, limit: int) -> Generator[Need, Any, bytes]:
    """What there is of the client's input, at most ``limit`` octets; none at its end, which ends the session."""
    source = session.input
    if not len(source):
        ended = yield session.receive_need
        if ended is not None:
            yield from session.cut_off(ended)
            return b""
    return source.take(limit)


def _lose(session: Session, last: bool) -> Talk:
    """After a refused chunk the ones that follow are refused too, up to the last."""
    if last:
        yield from session.end_transaction()
    else:
        session.lost_chunks = True


def _begin(session: Session, transaction: Transaction, opened: Opened) -> Generator[Need, Any, tuple[Content, bool]]:
    """Put our own headers into the mail; the content's first reader, and whether line ends are taken strictly."""
    settings = session.settings
    recipients = transaction.recipients
    only = recipients[0].address.external if len(recipients) == 1 else ""
    head = received(settings, session.facts(), opened, only)
    if transaction.prepended:
        lines = "".join(f"{line}\n" for line in transaction.prepended)
        head = lines.encode("utf-8", "surrogateescape") + head
    yield Write(head)
    session.received = 0
    strict = session.strict
    if strict is None:
        strict = yield from session.strict_newlines()
    header = Header(settings.drop_headers)
    return Content(settings.message_size_limit, header, strays=settings.replace_stray_cr), strict


def _end(session: Session, transaction: Transaction, opened: Opened, content: Content, size: str) -> Talk:
    """The content is complete: decide, commit, answer."""
    session.where = AFTER_DOT
    session.received = -1
    queue_id = opened.queue_id
    if (yield from _kept(session, transaction, opened, content)):
        if transaction.discard:
            yield from session.end_transaction()
        else:
            yield from session.end_transaction(abandon=False)
        # A client that delivers mail is forgiven its errors.
        session.errors = session.junk = 0
        yield Say(f"250 2.0.0 Ok: {size}queued as {queue_id}\r\n".encode())
        return
    # Postfix: after a refusal by smtpd_end_of_data_restrictions it would refuse the next MAIL as nested; but this
    # transaction is over (RFC 5321 section 4.1.1.4), and the client has other mail.
    yield from session.end_transaction()


def _kept(session: Session, transaction: Transaction, opened: Opened, content: Content) -> Asking:
    """Whether the mail is in the spool for good, or discarded on purpose; a refusal has been said."""
    settings = session.settings
    if _forbidden_newline(session, content, strict=True) and (yield from session.strict_newlines()):
        yield session.note_reject(AFTER_DOT, "bare <LF> received")
        yield from session.fault(bare_newline(settings))
        return False
    if content.bare and settings.bare_newline == "note":
        yield Note(f"{opened.queue_id}: bare <LF> received from {session.label}")
    if content.too_big:
        yield session.warning(f"{opened.queue_id}: queue file size limit exceeded")
        yield from session.fault(_TOO_BIG)
        return False
    if content.header.hops >= settings.hopcount_limit:
        yield session.warning(f"{opened.queue_id}: message rejected: hopcount exceeded")
        yield from session.fault(_TOO_MANY_HOPS)
        return False
    facts = session.facts(size=content.size)
    if not (yield from session.decide(Stage.END_OF_MESSAGE, facts)):
        return False
    if transaction.discard:
        return True
    refusal = yield Commit(transaction.envelope(opened, facts))
    if refusal is None:
        return True
    transaction.opened = None  # there is nothing left to abandon
    yield from session.refuse(refusal)
    return False


def _forbidden_newline(session: Session, content: Content, *, strict: bool) -> bool:
    return content.bare and strict and session.settings.bare_newline == "reject"


def _queue_id(session: Session) -> str:
    transaction = session.transaction
    return transaction.opened.queue_id if transaction and transaction.opened else "NOQUEUE"
