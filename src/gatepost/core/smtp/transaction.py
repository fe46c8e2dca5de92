"""One mail transaction: what MAIL, RCPT and the decisions have said so far (RFC 5321 section 4.1.1)."""

from __future__ import annotations

from gatepost.core.access.verdict import Decision, EffectKind
from gatepost.core.address import Address
from gatepost.core.envelope import Envelope, Recipient
from gatepost.core.facts import Facts
from gatepost.core.smtp.needs import Opened


class Transaction:
    """From an accepted MAIL to the reply that ends it, or RSET. ``opened`` is the mail in the spool, if any."""

    __slots__ = (
        "body",
        "discard",
        "envid",
        "filter",
        "hold",
        "opened",
        "prepended",
        "recipients",
        "redirect",
        "ret",
        "sender",
        "size",
        "smtputf8",
        "verbatim",
    )

    def __init__(self, sender: Address, verbatim: str) -> None:
        self.sender = sender
        self.verbatim = verbatim
        self.size = 0
        self.body = "7BIT"
        self.smtputf8 = False
        self.ret = ""
        self.envid = ""
        self.recipients: list[Recipient] = []
        self.opened: Opened | None = None
        self.hold = False
        self.discard = False
        self.filter = ""
        self.redirect = ""
        self.prepended: list[str] = []

    def keep(self, decision: Decision) -> None:
        """Take over a decision's effects on the mail (access(5), OTHER ACTIONS)."""
        for effect in decision.effects:
            kind = effect.kind
            if kind is EffectKind.HOLD:
                self.hold = True
            elif kind is EffectKind.DISCARD:
                self.discard = True
            elif kind is EffectKind.FILTER:
                self.filter = effect.text
            elif kind is EffectKind.REDIRECT:
                self.redirect = effect.text
            elif kind is EffectKind.PREPEND:
                self.prepended.append(effect.text)
            elif kind is EffectKind.BCC:
                self.recipients.append(Recipient(Address(*effect.text.rpartition("@")[::2])))

    def envelope(self, opened: Opened, facts: Facts) -> Envelope:
        client = facts.client
        return Envelope(
            queue_id=opened.queue_id,
            sender=self.sender,
            recipients=tuple(self.recipients),
            arrived=opened.arrived,
            size=facts.size,
            client_name=client.name,
            client_address=client.address,
            helo=facts.helo,
            protocol=facts.protocol,
            login=facts.login.name if facts.login else "",
            body=self.body,
            smtputf8=self.smtputf8,
            ret=self.ret,
            envid=self.envid,
            hold=self.hold,
            filter=self.filter,
            redirect=self.redirect,
        )
