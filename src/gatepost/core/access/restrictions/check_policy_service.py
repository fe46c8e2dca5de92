"""check_policy_service: ask a policy service, and do what it says (SMTPD_POLICY_README).

    check_policy_service inet:127.0.0.1:10023
    check_policy_service unix:private/policy-spf
    check_policy_service { inet:127.0.0.1:10023, timeout=10s, default_action=DUNNO }

The answer is an action as in an access table, about what the list is about. A service that cannot be asked within
smtpd_policy_service_timeout and try_limit counts as if it had said smtpd_policy_service_default_action (451 4.3.5). The
same request is never answered from memory.

Example:

    policy inet:127.0.0.1:10023 DEFER_IF_PERMIT Greylisted
    conf smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:10023
    rcpt to=<bob@dragon.lab> -> 450 4.7.1 <bob@dragon.lab>: Recipient address rejected: Greylisted
    policy unix:private/spf PREPEND Received-SPF: pass
    conf smtpd_recipient_restrictions = check_policy_service unix:private/spf
    rcpt -> permit PREPEND
    conf smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:9
    rcpt to=<bob@dragon.lab> -> 451 4.3.5 <bob@dragon.lab>: Recipient address rejected: Server configuration problem
    conf smtpd_recipient_restrictions = check_policy_service { inet:127.0.0.1:9, default_action=DUNNO }
    rcpt -> permit
"""

from __future__ import annotations

from gatepost.core.access.outcome import outcome
from gatepost.core.access.restriction import Check, restriction
from gatepost.core.access.rules import Rules
from gatepost.core.access.subject import Subject
from gatepost.core.access.verdict import Broken
from gatepost.core.ask import Missing, consult
from gatepost.core.facts import Facts


def _fault(rules: Rules, service: str) -> str | None:
    parsed = rules.policy_service(service)
    return parsed if isinstance(parsed, str) else None


@restriction(fault=_fault)
def check_policy_service(facts: Facts, rules: Rules, service: str, subject: Subject) -> Check:
    parsed = rules.policy_service(service)
    if isinstance(parsed, str):
        return Broken(parsed)
    advice = yield from consult(parsed.request(facts, facts.stage, rules.settings))
    action = parsed.default_action if isinstance(advice, Missing) else advice.action
    return outcome(action, None, subject, facts, rules)
