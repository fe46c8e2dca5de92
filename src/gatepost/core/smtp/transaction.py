"""One mail transaction: what MAIL, RCPT and the decisions have said so far (RFC 5321 section 4.1.1)."""

from __future__ import annotations

from gatepost.core.access.verdict import Decision, EffectKind
from gatepost.core.address import Address, split_address
from gatepost.core.envelope import Envelope, Recipient
from gatepost.core.facts import Facts
from gatepost.core.smtp.content import Chunks
from gatepost.core.smtp.needs import Opened
from gatepost.core.smtp.parameters import MailParameters


class Transaction:
    """From an accepted MAIL to the reply that ends it, or RSET; a decision's effects live and die with it.

    ``opened`` is the mail in the spool, if any. ``refused`` counts recipients past the limit. ``chunks`` is BDAT's
    content once its first chunk is accepted.
    """

    __slots__ = (
        "blind",
        "chunks",
        "discard",
        "filter",
        "hold",
        "opened",
        "parameters",
        "prepended",
        "recipients",
        "redirect",
        "refused",
        "sender",
        "verbatim",
    )

    def __init__(self, sender: Address, verbatim: str, parameters: MailParameters) -> None:
        self.sender = sender
        self.verbatim = verbatim
        self.parameters = parameters
        self.recipients: list[Recipient] = []
        self.refused = 0
        self.opened: Opened | None = None
        self.chunks: Chunks | None = None
        self.hold = False
        self.discard = False
        self.filter = ""
        self.redirect = ""
        self.prepended: list[str] = []
        self.blind: list[Recipient] = []

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
                copy = Recipient(split_address(effect.text))
                if copy not in self.blind:  # a list may be asked anew for each recipient
                    self.blind.append(copy)

    def envelope(self, opened: Opened, facts: Facts) -> Envelope:
        """What the spool keeps; ``facts`` are those of the message's end."""
        client, parameters = facts.client, self.parameters
        return Envelope(
            queue_id=opened.queue_id,
            sender=self.sender,
            recipients=(*self.recipients, *self.blind),
            arrived=opened.arrived,
            size=facts.size,
            client_name=client.name,
            client_address=client.address,
            helo=facts.helo,
            protocol=facts.protocol,
            login=facts.login.name if facts.login else "",
            body=parameters.body,
            smtputf8=parameters.smtputf8,
            ret=parameters.ret,
            envid=parameters.envid,
            hold=self.hold,
            filter=self.filter,
            redirect=self.redirect,
        )
