"""DATA and the message's end (RFC 5321 section 4.1.1.4)."""

from __future__ import annotations

from gatepost.core.facts import Stage
from gatepost.core.smtp.content import Data
from gatepost.core.smtp.needs import Commit, Say, Write
from gatepost.core.smtp.received import received
from gatepost.core.smtp.session import Session, Talk

_NEED_RCPT = Say(b"503 5.5.1 Error: need RCPT command\r\n")
_GO_AHEAD = Say(b"354 End data with <CR><LF>.<CR><LF>\r\n")
_TOO_BIG = Say(b"552 5.3.4 Error: message file too big\r\n")


def data(session: Session, argument: str) -> Talk:
    transaction = session.transaction
    if transaction is None or transaction.opened is None:
        yield from session.fault(_NEED_RCPT)
        return
    if not (yield from session.decide(Stage.DATA, session.facts(pipelined=len(session.input) > 0))):
        return
    yield _GO_AHEAD
    recipients = transaction.recipients
    only = recipients[0].address.external if len(recipients) == 1 else ""
    header = "".join(f"{line}\n" for line in transaction.prepended).encode("utf-8", "surrogateescape")
    yield Write(header + received(session.settings, session.facts(), transaction.opened, only))
    session.where = "DATA content"
    content = Data(session.settings.message_size_limit)
    while not content.done:
        if not len(session.input) and (yield from session.more()) is not None:
            session.closing = True
            return
        chunk = content.feed(session.input.take())
        if chunk:
            yield Write(chunk)
    session.input.receive(content.rest)
    session.where = "END-OF-MESSAGE"
    if content.too_big:
        yield from session.fault(_TOO_BIG)
        yield from session.end_transaction()
        return
    facts = session.facts(size=content.size)
    if not (yield from session.decide(Stage.END_OF_MESSAGE, facts)):
        yield from session.end_transaction()
        return
    refusal = yield Commit(transaction.envelope(transaction.opened, facts))
    queue_id = transaction.opened.queue_id
    yield from session.end_transaction(abandon=False)
    if refusal is not None:
        yield from session.refuse(refusal)
        return
    yield Say(f"250 2.0.0 Ok: queued as {queue_id}\r\n".encode())
