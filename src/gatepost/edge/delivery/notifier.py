"""Sending delivery status notifications (bounce(8)): through the same spool, from the null sender."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate

import msgspec

from gatepost.core.address import NULL
from gatepost.core.dsn import Dates, Kind, Reporter, header_of, report, wants
from gatepost.core.envelope import Envelope, Outcome, Recipient
from gatepost.edge.delivery.attempt import Attempt, Log
from gatepost.edge.spool import Mail, Spool

_HEADER_LIMIT = 102400  # octets of header returned (header_size_limit)

Read = Callable[[Mail], bytes]


class Notifier:
    """Makes and queues the notifications of an attempt. ``size_limit`` is bounce_size_limit."""

    def __init__(self, spool: Spool, reporter: Reporter, log: Log, *, size_limit: int = 50000) -> None:
        self._spool = spool
        self._reporter = reporter
        self._log = log
        self._size_limit = size_limit

    def is_due(self, attempt: Attempt) -> bool:
        """Whether the attempt has an outcome that somebody is to be told, or a bounce that could not be delivered."""
        return any(
            outcome.status != "deferred" and (outcome.status != "sent" or recipient.notify)
            for recipient, outcome in attempt.with_status("sent", "bounced", "expired")
        )

    async def notify(self, attempt: Attempt, original: bytes) -> None:
        """Queue what is due, durably. ``original`` is the mail's content up to ``returned``. Raises SpoolError."""
        for kind, statuses, line in (
            (Kind.FAILED, ("bounced", "expired"), "sender non-delivery notification"),
            (Kind.DELIVERED, ("sent",), "sender delivery status notification"),
        ):
            outcomes = [pair for pair in attempt.with_status(*statuses) if wants(pair[0], kind)]
            if kind is Kind.DELIVERED:
                outcomes = [(recipient, _with_relay(outcome)) for recipient, outcome in outcomes]
            if not outcomes:
                continue
            envelope = attempt.mail.envelope
            if envelope.sender.is_null:
                if kind is Kind.FAILED:
                    self._log("postfix/bounce", f"{envelope.queue_id}: undeliverable notification discarded")
                continue
            incoming = self._spool.open_mail()
            if kind is Kind.DELIVERED or envelope.ret == "HDRS" or len(original) > self._size_limit:
                original = header_of(original)[:_HEADER_LIMIT]
            now = int(incoming.arrived)
            dates = Dates(incoming.date, _date(envelope.arrived), now)
            content = report(kind, envelope, outcomes, original, self._reporter, dates, incoming.queue_id)
            incoming.write(content)
            host = self._reporter.hostname
            stamp = time.strftime("%Y%m%d%H%M%S", time.localtime(now))
            self._log("postfix/cleanup", f"{incoming.queue_id}: message-id=<{stamp}.{incoming.queue_id}@{host}>")
            self._log("postfix/bounce", f"{envelope.queue_id}: {line}: {incoming.queue_id}")
            recipients = (Recipient(envelope.sender),)
            size = len(content) + content.count(b"\n")
            await self._spool.commit(
                incoming,
                Envelope(
                    incoming.queue_id,
                    NULL,
                    recipients,
                    incoming.arrived,
                    size=size,
                    body="7BIT" if content.isascii() else "8BITMIME",
                    smtputf8=envelope.smtputf8,
                    generation=envelope.generation,
                ),
            )

    @property
    def returned(self) -> int:
        """How many octets of a content ``notify`` can use."""
        return max(self._size_limit + 1, _HEADER_LIMIT)


def _with_relay(outcome: Outcome) -> Outcome:
    """A success names what delivered."""
    if outcome.relay == "none":
        return outcome
    return msgspec.structs.replace(outcome, text=f"delivery via {outcome.relay}: {outcome.text}")


def _date(seconds: float) -> str:
    zone = time.strftime("%Z", time.localtime(seconds))
    return f"{formatdate(seconds, localtime=True)} ({zone})"
