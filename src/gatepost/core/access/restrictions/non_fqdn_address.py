"""reject_non_fqdn_sender, reject_non_fqdn_recipient: refuse addresses whose domain is not fully qualified.

    non_fqdn_reject_code (504) 5.5.2

The null sender and address literals pass; a bare local part does not.

Example:

    conf smtpd_recipient_restrictions = reject_non_fqdn_sender, reject_non_fqdn_recipient
    rcpt from=<ann@host> -> 504 5.5.2 <ann@host>: Sender address rejected: need fully-qualified address
    rcpt from=<ann> -> 504 5.5.2 <ann>: Sender address rejected: need fully-qualified address
    rcpt from=<> to=<bob@host> -> 504 5.5.2 <bob@host>: Recipient address rejected: need fully-qualified address
    rcpt from=<ann@[192.0.2.1]> -> permit
"""

from __future__ import annotations

from gatepost.core.access.restriction import restriction
from gatepost.core.access.rules import Rules
from gatepost.core.access.subject import Subject
from gatepost.core.access.verdict import DUNNO, Reject, Verdict
from gatepost.core.address import Address, is_valid_hostname
from gatepost.core.facts import Facts
from gatepost.core.reply import Reply


@restriction()
def reject_non_fqdn_sender(facts: Facts, rules: Rules) -> Verdict:
    return _reject_non_fqdn(facts.sender, Subject.SENDER, facts, rules)


@restriction()
def reject_non_fqdn_recipient(facts: Facts, rules: Rules) -> Verdict:
    return _reject_non_fqdn(facts.recipient, Subject.RECIPIENT, facts, rules)


def _reject_non_fqdn(address: Address | None, subject: Subject, facts: Facts, rules: Rules) -> Verdict:
    if address is None or address.is_null or address.is_literal:
        return DUNNO
    domain = address.domain.removesuffix(".")
    if "." in domain and is_valid_hostname(domain):
        return DUNNO
    code = rules.settings.number("non_fqdn_reject_code")
    return Reject(Reply(code, "5.2", subject.rejected(facts, "need fully-qualified address")))
