"""Whether we can deliver what the rules would let in: the recipient's transport must be one that exists here.

Refusing at RCPT leaves the mail where it is, with a clear text; accepted, it would only wait. Not a restriction of
Postfix's, and only asked where this server delivers itself (Rules.transports is set).

    transport unknown   451 4.3.3 <recipient>: mail transport "smtp" is not available on this server
    aliased             451 4.3.3 <recipient>: aliases are not expanded on this server
"""

from __future__ import annotations

from collections.abc import Generator

from gatepost.core.access.rules import Rules
from gatepost.core.access.unlisted import find_address
from gatepost.core.access.verdict import DUNNO, Reject, Verdict
from gatepost.core.ask import Answer, Missing, Question
from gatepost.core.facts import Facts
from gatepost.core.reply import Reply
from gatepost.core.routing import AddressClass


def unavailable_transport(facts: Facts, rules: Rules) -> Generator[Question, Answer, Verdict]:
    """Reject a recipient whose transport is not served; DUNNO otherwise."""
    if facts.recipient is None or rules.transports is None:
        return DUNNO
    route = yield from rules.domains.route(facts.recipient)
    if isinstance(route, Missing):
        return Reject(Reply(451, "3.0", f"{facts.recipient}: Temporary lookup failure"))
    aliases = rules.maps("virtual_alias_maps")
    bare = route.address_class is AddressClass.LOCAL
    if bare:
        aliases = (*aliases, *rules.maps("alias_maps"))
    found = yield from find_address(route.recipient, aliases, rules.recipient_delimiter, bare=bare)
    if found is not Missing.NOT_FOUND:
        return Reject(Reply(451, "3.3", f"{facts.recipient}: aliases are not expanded on this server"))
    if route.transport in rules.transports:
        return DUNNO
    text = f'{facts.recipient}: mail transport "{route.transport}" is not available on this server'
    return Reject(Reply(451, "3.3", text))
