"""check_client_access, check_helo_access, check_sender_access, check_recipient_access: what a table says (access(5)).

    check_client_access type:table                 the client's name, parent domains, address, shorter networks
    check_reverse_client_hostname_access ...       the same with the unverified name, and not the address
    check_helo_access type:table                   the HELO name and its parent domains
    check_sender_access type:table                 MAIL FROM: address, domain, parent domains, localpart@
    check_recipient_access type:table              RCPT TO: the same

A key's action is access(5)'s: OK, REJECT text, 4NN and 5NN text, HOLD, names of restrictions, and so on. The null
sender is looked up as smtpd_null_access_lookup_key (``<>``). A table that cannot answer gives 451 4.3.0: a block list
that is down must not let anybody pass, nor an allow list that is down refuse for good.

Example:

    table hash:client 10 OK
    table hash:client cn REJECT not from there
    conf smtpd_recipient_restrictions = check_client_access hash:client, reject
    rcpt client=10.1.2.3 -> permit
    rcpt client=192.0.2.1,mail.x.cn -> 554 5.7.1 <mail.x.cn[192.0.2.1]>: Client host rejected: not from there
    rcpt client=192.0.2.1 to=<bob@dragon.lab> -> 554 5.7.1 <bob@dragon.lab>: Recipient address rejected: Access denied
    table hash:sender ann@ REJECT
    table hash:sender <> 450 4.7.9 no bounces today
    conf smtpd_recipient_restrictions = check_sender_access hash:sender
    rcpt from=<ann@example.org> -> 554 5.7.1 <ann@example.org>: Sender address rejected: Access denied
    rcpt from=<> -> 450 4.7.9 <>: Sender address rejected: no bounces today
    table hash:helo example.com REJECT Nothing comes from there
    conf smtpd_recipient_restrictions = check_helo_access hash:helo
    rcpt helo=mx.example.com -> 554 5.7.1 <mx.example.com>: Helo command rejected: Nothing comes from there
    table hash:recipient list@dragon.lab HOLD
    conf smtpd_recipient_restrictions = check_recipient_access hash:recipient
    rcpt to=<list@dragon.lab> -> permit HOLD
"""

from __future__ import annotations

from gatepost.core.access.keys import address_keys, host_keys, mail_keys, null_sender_keys, whole_forms
from gatepost.core.access.outcome import broken, outcome
from gatepost.core.access.restriction import Check, restriction
from gatepost.core.access.rules import Rules
from gatepost.core.access.subject import Subject
from gatepost.core.access.verdict import DUNNO, Reject, Verdict
from gatepost.core.address import Address
from gatepost.core.ask import Hit, Missing, Search, search
from gatepost.core.facts import Facts
from gatepost.core.reply import Reply


@restriction()
def check_client_access(facts: Facts, rules: Rules, table: str) -> Check:
    client = facts.client
    found = yield from search(Search(table, host_keys(client.name, dotted=rules.dotted)))
    if found is Missing.NOT_FOUND:
        found = yield from search(Search(table, address_keys(client.address)))
    return _verdict(found, Subject.CLIENT, facts, rules)


@restriction()
def check_reverse_client_hostname_access(facts: Facts, rules: Rules, table: str) -> Check:
    found = yield from search(Search(table, host_keys(facts.client.reverse_name, dotted=rules.dotted)))
    return _verdict(found, Subject.CLIENT, facts, rules)


@restriction()
def check_helo_access(facts: Facts, rules: Rules, table: str) -> Check:
    if not facts.helo:
        return DUNNO
    found = yield from search(Search(table, host_keys(facts.helo, dotted=rules.dotted)))
    return _verdict(found, Subject.HELO, facts, rules)


@restriction()
def check_sender_access(facts: Facts, rules: Rules, table: str) -> Check:
    sender = facts.sender
    if sender is None:
        return DUNNO
    if sender.is_null:
        keys, whole = null_sender_keys(rules.null_sender_key), 1
    else:
        keys, whole = _mail_keys(sender, rules)
    if not keys:
        return DUNNO
    found = yield from search(Search(table, keys, whole))
    return _verdict(found, Subject.SENDER, facts, rules)


@restriction()
def check_recipient_access(facts: Facts, rules: Rules, table: str) -> Check:
    recipient = facts.recipient
    if recipient is None:
        return DUNNO
    found = yield from search(Search(table, *_mail_keys(recipient, rules)))
    return _verdict(found, Subject.RECIPIENT, facts, rules)


def _mail_keys(address: Address, rules: Rules) -> tuple[tuple[str, ...], int]:
    if not address.domain:
        address = Address(address.local, rules.domains.myorigin)
    keys = mail_keys(
        address, delimiter=rules.recipient_delimiter, owner_request=rules.owner_request, dotted=rules.dotted
    )
    return keys, whole_forms(address)


def _verdict(found: Hit | Missing, subject: Subject, facts: Facts, rules: Rules) -> Verdict:
    if isinstance(found, Hit):
        if not found.value.strip():
            return broken(subject, facts)
        return outcome(found.value, found.place, subject, facts, rules)
    if found is Missing.TRY_AGAIN:
        return Reject(Reply(451, "3.0", f"{subject.name_in(facts)}: Temporary lookup failure"))
    return DUNNO
