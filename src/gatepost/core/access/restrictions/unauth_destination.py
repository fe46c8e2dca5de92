"""reject_unauth_destination, defer_unauth_destination: mail only for domains that we are responsible for.

Passes a recipient whose domain is in $mydestination, $inet_interfaces, $proxy_interfaces, $virtual_alias_domains,
$virtual_mailbox_domains or $relay_domains, unless the address asks to be passed on (``user@elsewhere@domain``,
``user%elsewhere@domain``) and allow_untrusted_routing is off. What keeps a server from being an open relay.

    reject_unauth_destination   relay_domains_reject_code (554) 5.7.1 Relay access denied
    defer_unauth_destination    the same as 454 4.7.1

A table that cannot answer gives 451 4.3.0: relaying fails closed, and only for the time being.

Example:

    conf mydestination = dragon.lab
    conf relay_domains = relayed.example
    conf smtpd_recipient_restrictions = reject_unauth_destination
    rcpt to=<bob@dragon.lab> -> permit
    rcpt to=<bob@relayed.example> -> permit
    rcpt to=<bob@elsewhere.example> -> 554 5.7.1 <bob@elsewhere.example>: Relay access denied
    rcpt to=<bob@elsewhere.example@dragon.lab> -> 554 5.7.1 <bob@elsewhere.example@dragon.lab>: Relay access denied
    conf smtpd_recipient_restrictions = defer_unauth_destination
    rcpt to=<bob@elsewhere.example> -> 454 4.7.1 <bob@elsewhere.example>: Relay access denied
"""

from __future__ import annotations

from gatepost.core.access.restriction import Check, restriction
from gatepost.core.access.rules import Rules
from gatepost.core.access.verdict import DUNNO, Reject, Verdict
from gatepost.core.address import Address
from gatepost.core.ask import Missing
from gatepost.core.facts import Facts
from gatepost.core.reply import Reply
from gatepost.core.routing import Resolved


@restriction()
def reject_unauth_destination(facts: Facts, rules: Rules) -> Verdict | Check:
    return _unauthorised(facts, rules, rules.settings.number("relay_domains_reject_code"))


@restriction()
def defer_unauth_destination(facts: Facts, rules: Rules) -> Verdict | Check:
    return _unauthorised(facts, rules, 454)


def _unauthorised(facts: Facts, rules: Rules, code: int) -> Verdict | Check:
    if facts.recipient is None:
        return DUNNO
    known = rules.domains.known(facts.recipient)
    return _ask(facts.recipient, rules, code) if known is None else _judge(known, facts.recipient, rules, code)


def _ask(recipient: Address, rules: Rules, code: int) -> Check:
    resolved = yield from rules.domains.resolve(recipient)
    if isinstance(resolved, Missing):
        return Reject(Reply(451, "3.0", f"{recipient}: Temporary lookup failure"))
    return _judge(resolved, recipient, rules, code)


def _judge(resolved: Resolved, recipient: Address, rules: Rules, code: int) -> Verdict:
    if resolved.is_authorised(rules.allow_untrusted_routing):
        return DUNNO
    return Reject(Reply(code, "7.1", f"{recipient}: Relay access denied"))
