"""Whether a recipient is known: LOCAL_RECIPIENT_README, postconf(5) smtpd_reject_unlisted_recipient.

A recipient is known when a canonical or virtual alias map has it, or the map of its address class does:

    local             $local_recipient_maps       unknown_local_recipient_reject_code (550) 5.1.1
    virtual alias     $virtual_alias_maps         unknown_virtual_alias_reject_code (550) 5.1.1
    virtual mailbox   $virtual_mailbox_maps       unknown_virtual_mailbox_reject_code (550) 5.1.1
    relay             $relay_recipient_maps       unknown_relay_recipient_reject_code (550) 5.1.1

A class whose map is empty knows everybody, but for virtual aliases. A table that cannot answer gives 451 4.3.0.
"""

from __future__ import annotations

from collections.abc import Generator

import msgspec

from gatepost.core.access.keys import split_extension
from gatepost.core.access.rules import Rules
from gatepost.core.access.subject import Subject
from gatepost.core.access.verdict import DUNNO, Reject, Verdict
from gatepost.core.address import Address
from gatepost.core.ask import Answer, Hit, Missing, Question, Search, search
from gatepost.core.facts import Facts
from gatepost.core.matchlist import is_table
from gatepost.core.reply import Reply
from gatepost.core.routing import AddressClass

SYSTEM_USERS = frozenset({"", "postmaster", "mailer-daemon", "double-bounce"})
"""Local parts that every local domain has."""


class Register(msgspec.Struct, frozen=True):
    """Where the recipients of an address class are listed; ``noun`` is the word in the reply."""

    maps: str
    code: str
    noun: str
    closed: bool = False  # an empty map knows nobody


REGISTERS = {
    AddressClass.LOCAL: Register("local_recipient_maps", "unknown_local_recipient_reject_code", "local recipient"),
    AddressClass.VIRTUAL_ALIAS: Register(
        "virtual_alias_maps", "unknown_virtual_alias_reject_code", "virtual alias", closed=True
    ),
    AddressClass.VIRTUAL_MAILBOX: Register(
        "virtual_mailbox_maps", "unknown_virtual_mailbox_reject_code", "virtual mailbox"
    ),
    AddressClass.RELAY: Register("relay_recipient_maps", "unknown_relay_recipient_reject_code", "relay recipient"),
}
REWRITING_MAPS = ("recipient_canonical_maps", "canonical_maps", "virtual_alias_maps")


def unlisted_recipient(facts: Facts, rules: Rules) -> Generator[Question, Answer, Verdict]:
    """Reject a recipient that no map knows; DUNNO otherwise."""
    if facts.recipient is None:
        return DUNNO
    resolved = yield from rules.domains.resolve(facts.recipient)
    if isinstance(resolved, Missing):
        return _try_again(facts)
    register = REGISTERS.get(resolved.address_class)
    if register is None:
        return DUNNO
    tables = rules.maps(register.maps)
    if not tables and not register.closed:
        return DUNNO
    address = resolved.address
    is_local = resolved.address_class is AddressClass.LOCAL
    if is_local and address.local.lower() in SYSTEM_USERS:
        return DUNNO
    for name in (*REWRITING_MAPS, register.maps):
        found = yield from find_address(address, rules.maps(name), rules.recipient_delimiter, bare=is_local)
        if isinstance(found, Hit):
            return DUNNO
        if found is Missing.TRY_AGAIN:
            return _try_again(facts)
    code = rules.settings.number(register.code)
    text = f"User unknown in {register.noun} table"
    if not rules.settings.flag("show_user_unknown_table_name"):
        text = "User unknown"
    return Reject(Reply(code, "1.1", Subject.RECIPIENT.rejected(facts, text)))


def find_address(
    address: Address, tables: tuple[str, ...], delimiter: str, *, bare: bool
) -> Generator[Question, Answer, Hit | Missing]:
    """Look an address up in maps by the order of virtual(5): whole, without extension, ``bare`` local parts,
    @domain.
    """
    for table in tables:
        if not is_table(table):
            continue
        answer = yield from search(Search(table, address_keys(address, delimiter, bare=bare)))
        if answer is not Missing.NOT_FOUND:
            return answer
    return Missing.NOT_FOUND


def address_keys(address: Address, delimiter: str, *, bare: bool, owner_request: bool = True) -> tuple[str, ...]:
    """The keys for an address in canonical, virtual and recipient maps (virtual(5), TABLE SEARCH ORDER)."""
    locals_ = [address.local]
    if (shorter := split_extension(address.local, delimiter, owner_request)) is not None:
        locals_.append(shorter)
    keys = [f"{local}@{address.domain}" for local in locals_]
    if bare:
        keys += locals_
    keys.append(f"@{address.domain}")
    return tuple(keys)


def _try_again(facts: Facts) -> Verdict:
    return Reject(Reply(451, "3.0", f"{facts.recipient}: Temporary lookup failure"))
