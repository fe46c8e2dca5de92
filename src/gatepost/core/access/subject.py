"""What a refusal is about: ``<ann@example.org>: Sender address``, ``mail.example[192.0.2.1]: Client host``.

Each list has a subject of its own, which ``reject``, ``defer`` and policy services speak of; each check_*_access has
the one that it looks up. The code 4.7.1 or 5.7.1 is access(5)'s default.
"""

from __future__ import annotations

from enum import Enum

from gatepost.core.facts import Facts, Stage


class Subject(Enum):
    """The values are the nouns in Postfix's replies: ``<name>: <noun> rejected: <text>``."""

    CLIENT = "Client host"
    HELO = "Helo command"
    SENDER = "Sender address"
    RECIPIENT = "Recipient address"
    DATA = "Data command"
    END_OF_DATA = "End-of-data"
    ETRN = "Etrn command"

    def name_in(self, facts: Facts) -> str:
        """What is refused, as replies and logs name it."""
        match self:
            case Subject.CLIENT:
                return f"<{facts.client.label}>"
            case Subject.HELO:
                return f"<{facts.helo}>"
            case Subject.SENDER:
                return f"<{facts.sender.text if facts.sender else ''}>"
            case Subject.RECIPIENT:
                return f"<{facts.recipient.text if facts.recipient else ''}>"
            case Subject.ETRN:
                return f"<{facts.etrn_domain}>"
            case Subject.DATA | Subject.END_OF_DATA:
                return f"<{Stage.DATA.value if self is Subject.DATA else Stage.END_OF_MESSAGE.value}>"

    def about(self, facts: Facts) -> str:
        """``<name>: noun``; what follows is `` rejected: text`` or `` triggers HOLD action``."""
        return f"{self.name_in(facts)}: {self.value}"

    def rejected(self, facts: Facts, text: str) -> str:
        """The text of a refusal."""
        return f"{self.name_in(facts)}: {self.value} rejected: {text}"


LISTS: dict[str, Subject] = {
    "smtpd_client_restrictions": Subject.CLIENT,
    "smtpd_helo_restrictions": Subject.HELO,
    "smtpd_sender_restrictions": Subject.SENDER,
    "smtpd_relay_restrictions": Subject.RECIPIENT,
    "smtpd_recipient_restrictions": Subject.RECIPIENT,
    "smtpd_data_restrictions": Subject.DATA,
    "smtpd_end_of_data_restrictions": Subject.END_OF_DATA,
    "smtpd_etrn_restrictions": Subject.ETRN,
}
"""Every restriction list of postconf(5), with what it is about."""
