"""The Received: header, as Postfix writes it (RFC 5321 section 4.4)."""

from __future__ import annotations

from gatepost.core.facts import Facts
from gatepost.core.smtp.needs import Opened
from gatepost.core.smtp.settings import SessionSettings


def received(settings: SessionSettings, facts: Facts, opened: Opened, recipient: str) -> bytes:
    """The header with LF line ends; ``recipient`` is the only one's address, or empty where there are several."""
    client = facts.client
    literal = f"[IPv6:{client.address}]" if ":" in client.address else f"[{client.address}]"
    protocol = facts.protocol
    lines = [
        f"Received: from {facts.helo or client.name} ({client.name} {literal})",
        f"\n\tby {settings.myhostname} ({settings.mail_name}) with {protocol} id {opened.queue_id}",
        f"\n\tfor <{recipient}>" if recipient else "",
        f"; {opened.date}\n",
    ]
    return "".join(lines).encode("utf-8", "surrogateescape")
