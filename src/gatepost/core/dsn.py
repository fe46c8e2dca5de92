"""Delivery status notifications: what the sender is told (RFC 3464 in RFC 6522; SMTPUTF8 by RFC 6533).

The structure is Postfix's bounce(5): notification, report, and the message or its headers. Pure: dates come as text.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from gatepost.core.envelope import Envelope, Outcome, Recipient


class Kind(Enum):
    """Which notification; the values are RFC 3464's Action words."""

    FAILED = "failed"
    DELIVERED = "delivered"


_SUBJECT = {Kind.FAILED: "Undelivered Mail Returned to Sender", Kind.DELIVERED: "Successful Mail Delivery Report"}
_PROSE = {
    Kind.FAILED: """\
Your message could not be delivered to the recipients below. The reason
stands after each address; the message, or its headers, is attached.

If the reason does not help you, forward this whole report to postmaster.
""",
    Kind.DELIVERED: """\
You asked to be told: your message reached the recipients below. There
will be no further report about those whose mailbox is here; another
system may still report about the rest.
""",
}
_ATTACHED = {Kind.FAILED: "Undelivered Message", Kind.DELIVERED: "Message"}


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports: myhostname, and mail_name for the report's own header fields."""

    hostname: str
    mail_name: str = "Postfix"


@dataclass(frozen=True, slots=True)
class Dates:
    """RFC 5322 date-times: the report's own, and the reported mail's arrival. ``stamp`` is the former as seconds."""

    now: str
    arrival: str
    stamp: int


def wants(recipient: Recipient, kind: Kind) -> bool:
    """Whether NOTIFY asks for this report (RFC 3461 section 4.1); without NOTIFY only failures are told."""
    if not recipient.notify:
        return kind is Kind.FAILED
    return ("FAILURE" if kind is Kind.FAILED else "SUCCESS") in recipient.notify


def report(
    kind: Kind,
    envelope: Envelope,
    outcomes: Sequence[tuple[Recipient, Outcome]],
    original: bytes,
    reporter: Reporter,
    dates: Dates,
    queue_id: str,
) -> bytes:
    """The notification's whole content, LF line ends, for the null sender to ``envelope.sender``.

    ``original`` is the mail's content, or its header alone where the body is not to be returned. ``queue_id`` is the
    notification's own.
    """
    boundary = f"{envelope.queue_id}.{dates.stamp}/{reporter.hostname}"
    while boundary.encode() in original:
        boundary += "="
    wide = envelope.smtputf8 or not envelope.sender.text.isascii()
    parts = [
        _header(kind, envelope, reporter, dates, queue_id, boundary),
        f"--{boundary}\n{_notification(kind, outcomes, reporter)}\n",
        f"--{boundary}\n{_status(kind, envelope, outcomes, reporter, dates, wide)}",
        f"--{boundary}\n{_attachment(kind, envelope, original, wide)}",
    ]
    text = "".join(parts).encode("utf-8", "surrogateescape")
    if original and not original.endswith(b"\n"):
        original += b"\n"
    return text + original + f"\n--{boundary}--\n".encode()


def header_of(content: bytes) -> bytes:
    """The header part of a content, its last line end included, without the empty line."""
    if content.startswith(b"\n"):
        return b""
    end = content.find(b"\n\n")
    return content if end < 0 else content[: end + 1]


def _header(kind: Kind, envelope: Envelope, reporter: Reporter, dates: Dates, queue_id: str, boundary: str) -> str:
    host = reporter.hostname
    local_time = dates.now.split(" (")[0].split()
    compact = f"{dates.stamp}" if len(local_time) < 5 else _compact(local_time)
    return f"""\
Received: by {host} ({reporter.mail_name})
\tid {queue_id}; {dates.now}
Date: {dates.now}
From: Mail Delivery System <MAILER-DAEMON@{host}>
Subject: {_SUBJECT[kind]}
To: {envelope.sender.external}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="{boundary}"
Content-Transfer-Encoding: 8bit
Message-Id: <{compact}.{queue_id}@{host}>

This is a MIME-encapsulated message.

"""


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _compact(words: list[str]) -> str:
    """``20261122161853`` from the words of ``Sun, 22 Nov 2026 16:18:53 +0000``."""
    month = _MONTHS.index(words[2]) + 1 if words[2] in _MONTHS else 0
    return f"{words[3]}{month:02}{int(words[1]):02}{words[4].replace(':', '')}"


def _notification(kind: Kind, outcomes: Sequence[tuple[Recipient, Outcome]], reporter: Reporter) -> str:
    reasons = "\n".join(
        _folded(f"<{_line(recipient.address.text)}>: {_line(outcome.text)}", 79) for recipient, outcome in outcomes
    )
    return f"""\
Content-Description: Notification
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

This is the mail system at host {reporter.hostname}.

{_PROSE[kind]}
                   The mail system

{reasons}"""


def _status(
    kind: Kind,
    envelope: Envelope,
    outcomes: Sequence[tuple[Recipient, Outcome]],
    reporter: Reporter,
    dates: Dates,
    wide: bool,
) -> str:
    name = reporter.mail_name
    of_message = [f"Reporting-MTA: dns; {reporter.hostname}"]
    if envelope.envid:
        of_message.append(f"Original-Envelope-Id: {_line(envelope.envid)}")
    of_message += [
        f"X-{name}-Queue-ID: {envelope.queue_id}",
        f"X-{name}-Sender: {_typed(envelope.sender.text, wide)}",
        f"Arrival-Date: {dates.arrival}",
    ]
    groups = ["\n".join(of_message)]
    for recipient, outcome in outcomes:
        original = recipient.original or recipient.address
        text = f"{_line(outcome.remote)}" if outcome.remote else f"X-{name}; {_line(outcome.text)}"
        groups.append(
            f"Final-Recipient: {_typed(recipient.address.text, wide)}\n"
            f"Original-Recipient: {_line(recipient.orcpt) or f'rfc822;{_line(original.text)}'}\n"
            f"Action: {kind.value}\n"
            f"Status: {outcome.dsn}\n" + _folded(f"Diagnostic-Code: {text}", 79).rstrip("\n")
        )
    media = "global-delivery-status\nContent-Transfer-Encoding: 8bit" if wide else "delivery-status"
    body = "\n\n".join(groups)
    return f"Content-Description: Delivery report\nContent-Type: message/{media}\n\n{body}\n\n"


def _attachment(kind: Kind, envelope: Envelope, original: bytes, wide: bool) -> str:
    if original == header_of(original):
        title, media = f"{_ATTACHED[kind]} Headers", "message/global-headers" if wide else "text/rfc822-headers"
    else:
        title, media = _ATTACHED[kind], "message/global" if wide else "message/rfc822"
    encoding = "7bit" if original.isascii() else "8bit"
    return_path = envelope.sender.external
    return f"""\
Content-Description: {title}
Content-Type: {media}
Content-Transfer-Encoding: {encoding}

Return-Path: <{return_path}>
"""


def _typed(address: str, wide: bool) -> str:
    return f"{'rfc822' if address.isascii() or not wide else 'utf-8'}; {_line(address)}"


def _line(text: str) -> str:
    """``text`` without control characters, so that nothing in it begins a line of its own."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "?" for char in text)


def _folded(text: str, width: int) -> str:
    lines = textwrap.wrap(text, width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines) + "\n"
