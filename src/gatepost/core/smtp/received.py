"""The Received: header, as Postfix writes it (RFC 5321 section 4.4; smtpd_tls_received_header)."""

from __future__ import annotations

from gatepost.core.facts import Facts, Tls
from gatepost.core.smtp.needs import Opened
from gatepost.core.smtp.settings import SessionSettings


def received(settings: SessionSettings, facts: Facts, opened: Opened, recipient: str) -> bytes:
    """The header with LF line ends; ``recipient`` is the only one's address, or empty where there are several."""
    client = facts.client
    literal = f"[IPv6:{client.address}]" if ":" in client.address else f"[{client.address}]"
    tls, login = facts.tls, facts.login
    lines = [f"Received: from {facts.helo or client.name} ({client.name} {literal})"]
    if tls is not None and settings.tls_received_header:
        lines += _tls(tls, asked=settings.tls_asks)
    if login is not None and settings.authenticated_header:
        lines.append(f"(Authenticated sender: {login.name})")
    by = f"by {settings.myhostname} ({settings.mail_name}) with {with_protocol(facts)} id {opened.queue_id}"
    if recipient:
        lines += [by, f"for <{recipient}>; {opened.date}"]
    else:
        lines += [f"{by};", opened.date]
    return ("\n\t".join(lines) + "\n").encode("utf-8", "surrogateescape")


def with_protocol(facts: Facts) -> str:
    """The word after ``with`` (RFC 3848, RFC 6531 section 4.3)."""
    name = "UTF8SMTP" if facts.smtputf8 else facts.protocol
    if facts.tls is not None:
        name += "S"
    return f"{name}A" if facts.login is not None else name


def _tls(tls: Tls, *, asked: bool) -> list[str]:
    """Postfix: with TLS 1.3 it adds the key exchange and the server's signature, which Python's ssl does not tell."""
    used = f"(using {tls.protocol} with cipher {tls.cipher} ({tls.key_bits}/{tls.key_bits} bits))"
    if tls.peer_subject:
        return [used, f'(Client CN "{tls.peer_subject}", Issuer "{tls.peer_issuer}" (not verified))']
    return [used, "(Client did not present a certificate)" if asked else "(No client certificate requested)"]
