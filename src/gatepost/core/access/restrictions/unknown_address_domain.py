"""reject_unknown_sender_domain, reject_unknown_recipient_domain: refuse addresses that mail cannot reach.

Asks for the MX, else the addresses, of the domain. Skips the null sender, address literals, and domains for which we are
the final destination.

    null MX               550 5.7.27 (sender), 556 5.1.10 (recipient)   RFC 7505
    no MX, A or AAAA      unknown_address_reject_code (450), 1.8 (sender) or 1.2 (recipient)
    DNS did not say       450, only if nothing else rejects (unknown_address_tempfail_action)

Example:

    dns gone.example MX NXDOMAIN
    dns slow.example MX TRY_AGAIN
    dns null.example MX 0 .
    dns good.example MX 10 mx.good.example
    dns old.example A 192.0.2.1
    conf smtpd_recipient_restrictions = reject_unknown_sender_domain
    rcpt from=<ann@gone.example> -> 450 4.1.8 <ann@gone.example>: Sender address rejected: Domain not found
    rcpt from=<ann@slow.example> -> 450 4.1.8 <ann@slow.example>: Sender address rejected: Domain not found
    rcpt from=<ann@null.example> -> 550 5.7.27 <ann@null.example>: Sender address rejected: Domain null.example does not accept mail (nullMX)
    rcpt from=<ann@good.example> -> permit
    rcpt from=<ann@old.example> -> permit
    conf smtpd_recipient_restrictions = reject_unknown_sender_domain, reject
    rcpt from=<ann@slow.example> -> 554 5.7.1
    conf smtpd_recipient_restrictions = reject_unknown_recipient_domain
    rcpt to=<bob@gone.example> -> 450 4.1.2 <bob@gone.example>: Recipient address rejected: Domain not found
    rcpt to=<bob@null.example> -> 556 5.1.10 <bob@null.example>: Recipient address rejected: Domain null.example does not accept mail (nullMX)
"""  # noqa: E501  an example is one line

from __future__ import annotations

from collections.abc import Generator
from enum import Enum

from gatepost.core.access.restriction import Check, restriction
from gatepost.core.access.rules import Rules
from gatepost.core.access.subject import Subject
from gatepost.core.access.verdict import DUNNO, DeferIfPermit, Reject, Verdict
from gatepost.core.address import Address
from gatepost.core.ask import Answer, Missing, Question, Records, dns
from gatepost.core.facts import Facts
from gatepost.core.reply import Reply
from gatepost.core.routing import FINAL


class Reached(Enum):
    """Whether mail can be sent to a domain."""

    YES = "yes"
    NULL_MX = "null MX"
    NO = "not found"
    TRY_AGAIN = "DNS did not say"


@restriction("reject_unknown_address")
def reject_unknown_sender_domain(facts: Facts, rules: Rules) -> Check:
    return (yield from _reject_unknown(facts.sender, Subject.SENDER, facts, rules))


@restriction()
def reject_unknown_recipient_domain(facts: Facts, rules: Rules) -> Check:
    return (yield from _reject_unknown(facts.recipient, Subject.RECIPIENT, facts, rules))


def _reject_unknown(address: Address | None, subject: Subject, facts: Facts, rules: Rules) -> Check:
    if address is None or address.is_null:
        return DUNNO
    resolved = yield from rules.domains.resolve(address)
    if isinstance(resolved, Missing):
        return Reject(Reply(451, "3.0", f"{address}: Temporary lookup failure"))
    domain = resolved.address.domain.lower()
    if resolved.address_class in FINAL or domain.startswith("["):
        return DUNNO
    reached = yield from _reach(domain)
    if reached is Reached.YES:
        return DUNNO
    return _refusal(reached, domain, subject, facts, rules)


def _refusal(reached: Reached, domain: str, subject: Subject, facts: Facts, rules: Rules) -> Verdict:
    detail = "1.8" if subject is Subject.SENDER else "1.2"
    if reached is Reached.NULL_MX:
        code, detail = (550, "7.27") if subject is Subject.SENDER else (556, "1.10")
        return Reject(Reply(code, detail, subject.rejected(facts, f"Domain {domain} does not accept mail (nullMX)")))
    text = subject.rejected(facts, "Domain not found")
    if reached is Reached.NO:
        return Reject(Reply(rules.settings.number("unknown_address_reject_code"), detail, text))
    deferral = Reply(450, detail, text)
    if rules.settings.text("unknown_address_tempfail_action") == "defer_if_permit":
        return DeferIfPermit(deferral)
    return Reject(deferral)


def _reach(domain: str) -> Generator[Question, Answer, Reached]:
    """Ask for MX, then A and AAAA; a name that exists in any of them is reached, even if another could not be asked."""
    silent = False
    for kind in ("MX", "A", "AAAA"):
        answer = yield from dns(domain, kind)
        if isinstance(answer, Records) and answer.values:
            is_null = kind == "MX" and len(answer.values) == 1 and answer.values[0].partition(" ")[2] in ("", ".")
            return Reached.NULL_MX if is_null else Reached.YES
        if answer is Missing.NO_DOMAIN:
            return Reached.NO
        silent = silent or answer is Missing.TRY_AGAIN
    return Reached.TRY_AGAIN if silent else Reached.NO
