"""The one thing that Postfix insists on: a list that keeps strangers from relaying (postconf(5)
smtpd_relay_restrictions).

smtpd_relay_restrictions or smtpd_recipient_restrictions must have a working instance of one of PROTECTIONS: not under
warn_if_reject, and not behind an item that always ends the list. Postfix starts without it, and hangs up on every
client; here the configuration is refused.
"""

from __future__ import annotations

from gatepost.core.access.items import Items
from gatepost.core.access.rules import Rules
from gatepost.core.access.subject import Subject
from gatepost.core.errors import Problem

PROTECTIONS = ("reject_unauth_destination", "defer_unauth_destination", "reject", "defer", "defer_if_permit")
_LISTS = ("smtpd_relay_restrictions", "smtpd_recipient_restrictions")
_ENDS = frozenset({"permit", "reject", "defer"})


def missing_protection(rules: Rules) -> Problem | None:
    """The error where no list protects, naming the list that should."""
    if any(_protects(rules, rules.lists[name], 0) for name in _LISTS):
        return None
    place = next((place for name in _LISTS if (place := rules.settings.place(name)) is not None), None)
    message = f"in parameter {_LISTS[0]} or {_LISTS[1]}, specify at least one working instance of: "
    return Problem(message + ", ".join(PROTECTIONS[:-1]) + f" or {PROTECTIONS[-1]}", place)


def _protects(rules: Rules, items: Items, depth: int) -> bool:
    for item in items:
        if not item.warns and item.name in PROTECTIONS:
            return True
        if not item.warns and item.name in rules.class_names and depth < len(rules.class_names):
            inner, _ = rules.branch(item.name, None, Subject.RECIPIENT)
            if _protects(rules, inner, depth + 1):
                return True
        if item.name in _ENDS:
            return False
    return False
