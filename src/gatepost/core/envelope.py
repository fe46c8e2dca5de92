"""What the spool keeps of a mail beside its content.

Frozen and serialisable: the spool writes it as one column; delivery agents and bounces read it. A new field needs a
default, because mails that an earlier version accepted are read back.
"""

from __future__ import annotations

import msgspec

from gatepost.core.address import Address, split_address


class Recipient(msgspec.Struct, frozen=True):
    """One recipient. ``orcpt`` is RFC 3461's ORCPT as given, ``notify`` its NOTIFY words (empty: not given).

    ``original`` is the address before any alias was expanded (X-Original-To); None where it is ``address`` itself.
    """

    address: Address
    orcpt: str = ""
    notify: tuple[str, ...] = ()
    original: Address | None = None


class Envelope(msgspec.Struct, frozen=True):
    """A mail's envelope as accepted. ``arrived`` is seconds since the epoch. ``ret`` and ``envid`` are RFC 3461's.

    ``hold`` keeps it from delivery until released; ``filter`` and ``redirect`` are the access(5) actions;
    ``generation`` names the configuration that accepted it. ``body`` is 7BIT or 8BITMIME; ``smtputf8`` as declared by
    MAIL.
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

    @property
    def deliveries(self) -> tuple[tuple[int, Recipient], ...]:
        """Whom the mail goes to, each with its index in ``recipients``.

        A redirected mail goes to one address alone, in the place of the recipient whose address is the first by
        alphabet (so does Postfix), which remains as ``original``.
        """
        if not self.redirect or not self.recipients:
            return tuple(enumerate(self.recipients))
        index, instead = min(enumerate(self.recipients), key=lambda pair: pair[1].address.text)
        address = split_address(self.redirect)
        original = instead.original or instead.address
        return ((index, msgspec.structs.replace(instead, address=address, original=original)),)


class Outcome(msgspec.Struct, frozen=True):
    """How one recipient's delivery stands after the latest attempt.

    ``status`` is the word of Postfix's log: sent, deferred, bounced or expired. ``dsn`` is the enhanced status code
    (RFC 3463) and ``text`` the reason, without its parentheses. ``relay`` is what handled it (``virtual``, ``local``,
    ``none``, or a host as logged), ``remote`` the next hop's own reply where there was one.
    """

    status: str
    dsn: str
    text: str
    relay: str = "none"
    remote: str = ""

    @property
    def is_final(self) -> bool:
        return self.status != "deferred"


class Progress(msgspec.Struct, frozen=True):
    """What became of a mail so far: delivery ``attempts``, the time of the next, and outcomes by recipient index.

    A recipient without an outcome has not been tried.
    """

    attempts: int = 0
    next_attempt: float = 0.0
    outcomes: dict[int, Outcome] = {}

    def is_done(self, index: int) -> bool:
        """Whether recipient ``index`` needs no further attempt."""
        outcome = self.outcomes.get(index)
        return outcome is not None and outcome.is_final
