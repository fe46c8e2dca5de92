"""permit_sasl_authenticated: permit clients that have logged in (RFC 4954).

Example:

    conf smtpd_sasl_auth_enable = yes
    conf smtpd_recipient_restrictions = permit_sasl_authenticated, reject
    rcpt login=ann -> permit
    rcpt -> 554 5.7.1
    conf smtpd_sasl_auth_enable = no
    rcpt login=ann -> 554 5.7.1
"""

from __future__ import annotations

from gatepost.core.access.restriction import restriction
from gatepost.core.access.rules import Rules
from gatepost.core.access.verdict import DUNNO, PERMIT, Verdict
from gatepost.core.facts import Facts


@restriction()
def permit_sasl_authenticated(facts: Facts, rules: Rules) -> Verdict:
    return PERMIT if facts.login is not None and rules.settings.flag("smtpd_sasl_auth_enable") else DUNNO
