"""What is known about a session when a decision is due: one frozen value, extended command by command.

Policy delegation attributes (SMTPD_POLICY_README), access tables and log lines are all made from it. It holds what the
client did and said, parsed; never a setting.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from gatepost.core.address import Address


class Stage(Enum):
    """When a decision is made; the values are the policy protocol's ``protocol_state``."""

    CONNECT = "CONNECT"
    HELO = "HELO"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    END_OF_MESSAGE = "END-OF-MESSAGE"
    VRFY = "VRFY"
    ETRN = "ETRN"


class NameStatus(Enum):
    """How the look-up of the client's name ended (SMTPD_POLICY_README, XCLIENT_README)."""

    OK = "ok"
    TRY_AGAIN = "try again"  # a temporary fault
    MISSING = "missing"  # no PTR, or the name has no address
    FORGED = "forged"  # the name's addresses do not hold the client's


class Client(msgspec.Struct, frozen=True):
    """The remote end.

    ``address`` is an IPv4 address or an IPv6 address in RFC 5952 form without brackets. ``name`` is the
    forward-confirmed name and ``reverse_name`` the unconfirmed PTR name; both are ``unknown`` where there is none, as
    Postfix writes them.
    """

    address: str
    name: str = "unknown"
    reverse_name: str = "unknown"
    port: int = 0
    name_status: NameStatus = NameStatus.MISSING
    reverse_status: NameStatus = NameStatus.MISSING

    @property
    def label(self) -> str:
        """``name[address]``, as in logs."""
        return f"{self.name}[{self.address}]"


class Tls(msgspec.Struct, frozen=True):
    """An established TLS session; ``key_bits`` is the cipher's strength in bits.

    ``peer_subject`` and ``peer_issuer`` (common names) are empty unless the client's certificate is trusted;
    fingerprints are there for any certificate.
    """

    protocol: str
    cipher: str
    key_bits: int
    peer_subject: str = ""
    peer_issuer: str = ""
    peer_fingerprint: str = ""
    peer_pubkey_fingerprint: str = ""


class Login(msgspec.Struct, frozen=True):
    """A successful AUTH, or a LOGIN that an authorised XCLIENT peer vouches for."""

    name: str
    method: str = ""
    sender: str = ""


class Facts(msgspec.Struct, frozen=True):
    """A session as a decision sees it.

    ``sender`` and ``recipient`` are None before MAIL and RCPT (and after the transaction's end); the null sender is
    address.NULL. ``size`` is MAIL's SIZE= until the content is complete, then its octets. ``pipelined`` says that the
    client sent commands ahead without being allowed to (reject_unauth_pipelining). ``recipients`` counts the accepted
    ones. ``verb`` is the command that brought a CONNECT or HELO stage about, where the stage does not say it: EHLO,
    HELO, XCLIENT. ``stage`` is the one that is decided.
    """

    client: Client
    helo: str = ""
    protocol: str = "SMTP"
    sender: Address | None = None
    recipient: Address | None = None
    recipients: int = 0
    size: int = 0
    login: Login | None = None
    tls: Tls | None = None
    pipelined: bool = False
    queue_id: str = ""
    instance: str = ""
    server_address: str = ""
    server_port: int = 0
    etrn_domain: str = ""
    smtputf8: bool = False
    sender_verbatim: str = ""
    recipient_verbatim: str = ""
    verb: str = ""
    stage: Stage = Stage.RCPT
