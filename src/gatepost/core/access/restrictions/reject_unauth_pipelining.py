"""reject_unauth_pipelining: refuse clients that send commands ahead of time where they must wait (RFC 2920).

    503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining

What counts is what the session saw: commands sent ahead of the reply to HELO, or to EHLO, DATA and other commands that
must be last in a group.

Example:

    conf smtpd_recipient_restrictions = reject_unauth_pipelining
    rcpt to=<bob@dragon.lab> pipelined=yes -> 503 5.5.0 <bob@dragon.lab>: Recipient address rejected: Improper use of SMTP command pipelining
    rcpt to=<bob@dragon.lab> -> permit
"""  # noqa: E501  an example is one line

from __future__ import annotations

from gatepost.core.access.restriction import restriction
from gatepost.core.access.rules import Rules
from gatepost.core.access.subject import Subject
from gatepost.core.access.verdict import DUNNO, Reject, Verdict
from gatepost.core.facts import Facts
from gatepost.core.reply import Reply


@restriction()
def reject_unauth_pipelining(facts: Facts, _rules: Rules, subject: Subject) -> Verdict:
    if not facts.pipelined:
        return DUNNO
    return Reject(Reply(503, "5.0", subject.rejected(facts, "Improper use of SMTP command pipelining")))
