"""What the spool keeps of a mail beside its content.

Frozen and serialisable: the spool writes it as one column; delivery agents and bounces read it.
"""

from __future__ import annotations

import msgspec

from gatepost.core.address import Address


class Recipient(msgspec.Struct, frozen=True):
    """One recipient. ``orcpt`` is RFC 3461's ORCPT as given, ``notify`` its NOTIFY words (empty: not given)."""

    address: Address
    orcpt: str = ""
    notify: tuple[str, ...] = ()


class Envelope(msgspec.Struct, frozen=True):
    """A mail's envelope as accepted. ``arrived`` is seconds since the epoch. ``ret`` and ``envid`` are RFC 3461's.

    ``hold`` keeps it from delivery until released; ``filter`` and ``redirect`` are the access(5) actions; ``generation``
    names the configuration that accepted it. ``body`` is 7BIT or 8BITMIME; ``smtputf8`` as declared by MAIL.
    """

    queue_id: str
    sender: Address
    recipients: tuple[Recipient, ...]
    arrived: float
    size: int = 0
    client_name: str = ""
    client_address: str = ""
    helo: str = ""
    protocol: str = "SMTP"
    login: str = ""
    body: str = "7BIT"
    smtputf8: bool = False
    ret: str = ""
    envid: str = ""
    hold: bool = False
    filter: str = ""
    redirect: str = ""
    generation: str = ""
