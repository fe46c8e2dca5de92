"""What an action of an access table or a policy service comes to: Action -> Verdict (access(5)).

The action says what; the subject whom the reply speaks of; the settings which code a word without one has.
"""

from __future__ import annotations

from gatepost.core.access.action import BadAction, Do, Refusal, RefusalKind, RestrictionList, parse_action
from gatepost.core.access.rules import Rules
from gatepost.core.access.subject import Subject
from gatepost.core.access.verdict import (
    DUNNO,
    Branch,
    DeferIfPermit,
    DeferIfReject,
    Effect,
    Neutral,
    Reject,
    Verdict,
)
from gatepost.core.errors import Place
from gatepost.core.facts import Facts
from gatepost.core.reply import Reply

_SENDER_STATUS = {"1.1": "1.7"}
"""Statuses that speak of a recipient, as they read about a sender (RFC 3463 section 3.2)."""


def outcome(text: str, place: Place | None, subject: Subject, facts: Facts, rules: Rules) -> Verdict:
    """The verdict of an action ``text`` that stands at ``place``."""
    action = parse_action(text)
    if isinstance(action, Neutral):
        return action
    if isinstance(action, Refusal):
        return _refuse(action, subject, facts, rules)
    if isinstance(action, Do):
        return Effect(action.kind, action.text, subject.about(facts))
    if isinstance(action, RestrictionList):
        return Branch(action.text, place)
    assert isinstance(action, BadAction)
    return DUNNO


def broken(subject: Subject, facts: Facts) -> Verdict:
    """A table that is not there or says nothing: the reply names what was looked up."""
    return Reject(Reply(451, "3.5", subject.rejected(facts, "Server configuration error")))


def _refuse(refusal: Refusal, subject: Subject, facts: Facts, rules: Rules) -> Verdict:
    detail = _SENDER_STATUS.get(refusal.detail, refusal.detail) if subject is Subject.SENDER else refusal.detail
    text = subject.rejected(facts, refusal.text)
    if refusal.kind is RefusalKind.CODE:
        return Reject(Reply(refusal.code, detail, text))
    if refusal.kind is RefusalKind.REJECT:
        return Reject(Reply(rules.settings.number("access_map_reject_code"), detail, text))
    reply = Reply(rules.settings.number("access_map_defer_code"), detail, text)
    if refusal.kind is RefusalKind.DEFER_IF_PERMIT:
        return DeferIfPermit(reply)
    return DeferIfReject(reply) if refusal.kind is RefusalKind.DEFER_IF_REJECT else Reject(reply)
