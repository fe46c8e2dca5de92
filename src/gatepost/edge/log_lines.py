"""Postfix's log lines, letter for letter, from core values: what stands after ``postfix/smtpd[pid]: ``.

Log parsers and monitors (fail2ban, pflogsumm) work on these texts, so they are as the running Postfix writes them, odd
corners included. Pure: no clock, no process id, no file; edge.log_sink adds those and makes each line safe to log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatepost.core.access.verdict import Logged
from gatepost.core.facts import Client, Facts, Login, Stage, Tls

MAX_LINE = 2000  # octets of a line after its header; Postfix cuts at the same length

# The order in which Postfix counts commands in a disconnect line.
_COUNTED = (
    "helo",
    "ehlo",
    "xclient",
    "xforward",
    "starttls",
    "auth",
    "mail",
    "rcpt",
    "data",
    "bdat",
    "rset",
    "noop",
    "vrfy",
    "etrn",
    "quit",
    "unknown",
)


def safe(text: str) -> str:
    """``text`` as it may be logged: nothing unprintable, no line break, at most MAX_LINE octets of UTF-8.

    Everything that comes from a peer goes through here before it is written. Postfix: lets U+0085, U+2028 and text
    direction marks through; here they become ``?`` too, for a reader of the log would take them for a line's end or be
    shown something that is not there.
    """
    if not text.isprintable():
        text = "".join([char if char.isprintable() else "?" for char in text[:MAX_LINE]])
    if len(text) > MAX_LINE or (len(text) * 4 > MAX_LINE and not text.isascii()):
        text = text.encode()[:MAX_LINE].decode(errors="ignore")
    return text


def label(client: Client, *, port: bool = False) -> str:
    """``name[address]``, with ``:port`` where smtpd_client_port_logging is set."""
    return f"{client.name}[{client.address}]:{client.port or 'unknown'}" if port else f"{client.name}[{client.address}]"


def connected(client: str) -> str:
    return f"connect from {client}"


def disconnected(client: str, counts: Mapping[str, Sequence[int]]) -> str:
    """The last line of a session. ``counts`` maps a command in lower case to how many were (accepted, given)."""
    words = []
    accepted = given = 0
    for command in _COUNTED:
        pair = counts.get(command)
        if pair is None or not pair[1]:
            continue
        good, total = pair
        accepted += good
        given += total
        words.append(f"{command}={good} " if good == total else f"{command}={good}/{total} ")
    # A session without any command is the one that has both numbers although they are equal.
    summary = f"{accepted}" if accepted == given and given else f"{accepted}/{given}"
    return f"disconnect from {client} {''.join(words)}commands={summary}"


def lost(why: str, where: str, client: str, octets: int | None = None) -> str:
    """``why`` is ``lost connection``, ``timeout`` or ``too many errors``; ``where`` the last command, or CONNECT.

    ``octets`` is what had come of the content, within DATA and BDAT.
    """
    content = "" if octets is None else f" ({octets} bytes)"
    return f"{why} after {where}{content} from {client}"


def accepted(
    queue_id: str, client: str, login: Login | None = None, orig_queue_id: str = "", orig_client: str = ""
) -> str:
    """The line of a mail's first accepted recipient. ``orig_*`` are what XFORWARD told (label of the client)."""
    line = f"{queue_id}: client={client}"
    if login is not None:
        if login.method:
            line += f", sasl_method={login.method}"
        line += f", sasl_username={login.name}"
        if login.sender:
            line += f", sasl_sender={login.sender}"
    if orig_queue_id:
        line += f", orig_queue_id={orig_queue_id}"
    if orig_client:
        line += f", orig_client={orig_client}"
    return line


def decided(logged: Logged, stage: Stage, client: str, facts: Facts) -> str:
    """A line that a decision wants: ``NOQUEUE: reject: RCPT from name[addr]: ...; from=<> to=<> proto=SMTP helo=<>``.

    Addresses are in their external form (quoted where needed). With several recipients, lines about the content name
    none, as in Postfix.
    """
    words = []
    if facts.sender is not None:
        words.append(f"from=<{facts.sender.external}> ")
    if facts.recipient is not None and (facts.recipients < 2 or stage not in _ABOUT_ALL):
        words.append(f"to=<{facts.recipient.external}> ")
    helo = f" helo=<{facts.helo}>" if facts.helo else ""
    return (
        f"{facts.queue_id or 'NOQUEUE'}: {logged.kind}: {stage.value} from {client}: {logged.text}; "
        f"{''.join(words)}proto={facts.protocol}{helo}"
    )


_ABOUT_ALL = (Stage.DATA, Stage.END_OF_MESSAGE)


def message_id(queue_id: str, identifier: str) -> str:
    """cleanup's line; ``identifier`` with its ``<>``, empty where the mail has none."""
    return f"{queue_id}: message-id={identifier or '<>'}"


def tls_established(client: str, tls: Tls, *, trusted: bool = False) -> str:
    """smtpd_tls_loglevel = 1. Postfix: adds the key exchange and signature, which Python's ssl does not tell."""
    kind = "Anonymous" if not tls.peer_fingerprint else "Trusted" if trusted else "Untrusted"
    bits = f"{tls.key_bits}/{tls.key_bits} bits"
    return f"{kind} TLS connection established from {client}: {tls.protocol} with cipher {tls.cipher} ({bits})"


def tls_failed(client: str, why: str) -> str:
    """``why`` is ``lost connection``, a time-out, or Postfix's ``-1`` for a protocol error."""
    return f"SSL_accept error from {client}: {why}"


def daemon_started(version: str, directory: str) -> str:
    """master's line at the start."""
    return f"daemon started -- version {version}, configuration {directory}"


def daemon_reloaded(version: str, directory: str) -> str:
    """master's line at a reload."""
    return f"reload -- version {version}, configuration {directory}"


def daemon_terminating(signal: int) -> str:
    """master's line at the end."""
    return f"terminating on signal {signal}"


def tag(syslog_name: str, program: str) -> str:
    """``postfix/submission/smtpd``: syslog_name and the program's name (postconf(5) syslog_name)."""
    return f"{syslog_name}/{program}" if syslog_name else program
