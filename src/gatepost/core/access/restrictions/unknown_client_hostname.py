"""reject_unknown_client_hostname: refuse clients without a name that points back at them.

Refuses when the address has no PTR name, the name has no address, or none of its addresses is the client's.

    no forward-confirmed name   unknown_client_reject_code (450) 7.25
    DNS did not say             450 4.7.25, whatever that code is: a temporary fault is never permanent

Example:

    conf smtpd_client_restrictions = reject_unknown_client_hostname
    rcpt client=192.0.2.1 -> 450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]
    conf unknown_client_reject_code = 554
    rcpt client=192.0.2.1 -> 554 5.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]
    rcpt client=192.0.2.1 name_status=TRY_AGAIN -> 450 4.7.25
    rcpt client=192.0.2.1,mail.example.org -> permit
"""

from __future__ import annotations

from gatepost.core.access.restriction import restriction
from gatepost.core.access.rules import Rules
from gatepost.core.access.verdict import DUNNO, Reject, Verdict
from gatepost.core.facts import Facts, NameStatus
from gatepost.core.reply import Reply


@restriction("reject_unknown_client")
def reject_unknown_client_hostname(facts: Facts, rules: Rules) -> Verdict:
    client = facts.client
    if client.name_status is NameStatus.OK:
        return DUNNO
    text = f"Client host rejected: cannot find your hostname, [{client.address}]"
    silent = client.name_status is NameStatus.TRY_AGAIN
    return Reject(Reply(450 if silent else rules.settings.number("unknown_client_reject_code"), "7.25", text))
