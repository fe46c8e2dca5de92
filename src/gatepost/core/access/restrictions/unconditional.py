"""permit, reject, defer, defer_if_permit, defer_if_reject: always say the same.

    permit            PERMIT; the list ends
    reject            reject_code (554) 5.7.1 Access denied
    defer             defer_code (450) 4.3.2 Try again later
    defer_if_permit   450 4.7.0 unless a later restriction rejects
    defer_if_reject   450 4.7.0 if a later restriction rejects

Useful at a list's end, and for testing.

Example:

    conf smtpd_recipient_restrictions = reject
    rcpt to=<bob@dragon.lab> -> 554 5.7.1 <bob@dragon.lab>: Recipient address rejected: Access denied
    conf smtpd_recipient_restrictions = defer
    rcpt to=<bob@dragon.lab> -> 450 4.3.2 <bob@dragon.lab>: Recipient address rejected: Try again later
    conf smtpd_recipient_restrictions = defer_if_reject, reject
    rcpt to=<bob@dragon.lab> -> 450 4.7.0 <bob@dragon.lab>: Recipient address rejected: defer_if_reject requested
    conf smtpd_recipient_restrictions = defer_if_permit
    rcpt to=<bob@dragon.lab> -> 450 4.7.0 <bob@dragon.lab>: Recipient address rejected: defer_if_permit requested
    conf smtpd_recipient_restrictions = permit, reject
    rcpt to=<bob@dragon.lab> -> permit
"""

from __future__ import annotations

from gatepost.core.access.restriction import restriction
from gatepost.core.access.rules import Rules
from gatepost.core.access.subject import Subject
from gatepost.core.access.verdict import PERMIT, DeferIfPermit, DeferIfReject, Reject, Verdict
from gatepost.core.facts import Facts
from gatepost.core.reply import Reply


@restriction()
def permit(_facts: Facts, _rules: Rules) -> Verdict:
    return PERMIT


@restriction()
def reject(facts: Facts, rules: Rules, subject: Subject) -> Verdict:
    return Reject(Reply(rules.settings.number("reject_code"), "7.1", subject.rejected(facts, "Access denied")))


@restriction()
def defer(facts: Facts, rules: Rules, subject: Subject) -> Verdict:
    return Reject(Reply(rules.settings.number("defer_code"), "3.2", subject.rejected(facts, "Try again later")))


@restriction()
def defer_if_permit(facts: Facts, _rules: Rules, subject: Subject) -> Verdict:
    return DeferIfPermit(Reply(450, "7.0", subject.rejected(facts, "defer_if_permit requested")))


@restriction()
def defer_if_reject(facts: Facts, _rules: Rules, subject: Subject) -> Verdict:
    return DeferIfReject(Reply(450, "7.0", subject.rejected(facts, "defer_if_reject requested")))
