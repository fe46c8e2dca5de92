"""reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname: refuse HELO names that no mail server would have.

    invalid     invalid_hostname_reject_code (501) 5.5.2   not a host name or address literal
    non_fqdn    non_fqdn_reject_code (504) 5.5.2           not a fully-qualified one either

An address literal (``[192.0.2.1]``, ``[IPv6:2001:db8::1]``) is fine for both when it is an address; a bare
``192.0.2.1`` is valid but not fully qualified. A trailing dot is overlooked. Underscores are allowed. Without HELO
nothing is checked.

Example:

    conf smtpd_recipient_restrictions = reject_non_fqdn_helo_hostname
    rcpt helo=laptop -> 504 5.5.2 <laptop>: Helo command rejected: need fully-qualified hostname
    rcpt helo=192.0.2.1 -> 504 5.5.2
    rcpt helo=[192.0.2.1] -> permit
    rcpt helo=mail.example.org -> permit
    rcpt helo=. -> 504 5.5.2
    rcpt helo=müller.example -> 504 5.5.2
    conf smtpd_recipient_restrictions = reject_invalid_helo_hostname
    rcpt helo=laptop -> permit
    rcpt helo=192.0.2.1 -> permit
    rcpt helo=a..b -> 501 5.5.2 <a..b>: Helo command rejected: Invalid name
    rcpt helo=[junk] -> 501 5.5.2 <[junk]>: Helo command rejected: invalid ip address
"""

from __future__ import annotations

import ipaddress

from gatepost.core.access.restriction import restriction
from gatepost.core.access.rules import Rules
from gatepost.core.access.subject import Subject
from gatepost.core.access.verdict import DUNNO, Reject, Verdict
from gatepost.core.address import is_valid_hostname, parse_literal
from gatepost.core.errors import AddressError
from gatepost.core.facts import Facts
from gatepost.core.reply import Reply


@restriction("reject_invalid_hostname")
def reject_invalid_helo_hostname(facts: Facts, rules: Rules) -> Verdict:
    name = _name(facts)
    if not name or (name.isascii() and is_valid_hostname(name)) or _is_address(name):
        return DUNNO
    if name.startswith("["):
        return _bad_literal(facts, rules)
    code = rules.settings.number("invalid_hostname_reject_code")
    return Reject(Reply(code, "5.2", Subject.HELO.rejected(facts, "Invalid name")))


@restriction("reject_non_fqdn_hostname")
def reject_non_fqdn_helo_hostname(facts: Facts, rules: Rules) -> Verdict:
    name = _name(facts)
    if not name:
        return DUNNO
    if name.startswith("["):
        return DUNNO if _is_literal(name) else _bad_literal(facts, rules)
    if "." in name and name.isascii() and is_valid_hostname(name):
        return DUNNO
    code = rules.settings.number("non_fqdn_reject_code")
    return Reject(Reply(code, "5.2", Subject.HELO.rejected(facts, "need fully-qualified hostname")))


def _name(facts: Facts) -> str:
    return facts.helo.removesuffix(".") or facts.helo


def _bad_literal(facts: Facts, rules: Rules) -> Verdict:
    code = rules.settings.number("invalid_hostname_reject_code")
    return Reject(Reply(code, "5.2", Subject.HELO.rejected(facts, "invalid ip address")))


def _is_address(name: str) -> bool:
    if name.startswith("["):
        return _is_literal(name)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_literal(name: str) -> bool:
    try:
        parse_literal(name)
    except AddressError:
        return False
    return True
