"""permit_mynetworks: permit clients whose address is in $mynetworks.

The list may hold networks (``192.0.2.0/24``, ``[2001:db8::]/32``), host names, and tables. Where a table cannot answer,
the client counts as a stranger: relaying fails closed.

Example:

    conf mynetworks = 10.0.0.0/8
    conf smtpd_recipient_restrictions = permit_mynetworks, reject
    rcpt client=10.1.2.3 -> permit
    rcpt client=192.0.2.1 -> 554 5.7.1
"""

from __future__ import annotations

from gatepost.core.access.restriction import Check, restriction
from gatepost.core.access.rules import Rules
from gatepost.core.access.verdict import DUNNO, PERMIT, Verdict
from gatepost.core.facts import Facts


@restriction()
def permit_mynetworks(facts: Facts, rules: Rules) -> Verdict | Check:
    known = rules.mynetworks.known(facts.client.name, facts.client.address)
    if known is None:
        return _ask(facts, rules)
    return PERMIT if known else DUNNO


def _ask(facts: Facts, rules: Rules) -> Check:
    found = yield from rules.mynetworks.matches(facts.client.name, facts.client.address)
    return PERMIT if found is True else DUNNO
