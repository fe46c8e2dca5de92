"""Where a mail goes: the recipient's address class, transport and next hop (ADDRESS_CLASS_README, transport(5)).

Questions are asked where a list of domains or a map names a table; otherwise nothing is.
"""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from functools import lru_cache

import msgspec

from gatepost.core.address import Address
from gatepost.core.ask import Answer, Missing, Question
from gatepost.core.config.settings import Settings
from gatepost.core.matchlist import DomainList, Reach, reach_of


class AddressClass(Enum):
    """ADDRESS_CLASS_README; every recipient domain is in exactly one."""

    LOCAL = "local"
    VIRTUAL_ALIAS = "virtual alias"
    VIRTUAL_MAILBOX = "virtual mailbox"
    RELAY = "relay"
    DEFAULT = "default"


FINAL = frozenset({AddressClass.LOCAL, AddressClass.VIRTUAL_ALIAS, AddressClass.VIRTUAL_MAILBOX})
"""The classes for which this machine is the final destination."""


class Route(msgspec.Struct, frozen=True):
    """``transport`` is a master.cf service name (``local``, ``virtual``, ``smtp``, ``discard``, ``error``, ...).

    ``nexthop`` is what follows the colon in a transport setting, or the recipient's domain. ``recipient`` is the
    address to deliver to, after rewriting.
    """

    address_class: AddressClass
    transport: str
    nexthop: str
    recipient: Address


class Resolved(msgspec.Struct, frozen=True):
    """What an address comes to: its class, the address with sender-specified routing through ourselves undone.

    ``routed`` says that the local part still asks another machine to pass the mail on (``user@elsewhere``,
    ``user%elsewhere``, ``elsewhere!user``).
    """

    address_class: AddressClass
    address: Address
    routed: bool = False

    def is_authorised(self, allow_untrusted_routing: bool) -> bool:
        """Whether anybody may send there (postconf(5): reject_unauth_destination)."""
        if self.address_class is AddressClass.DEFAULT:
            return False
        return not self.routed or allow_untrusted_routing


ROUTE_LIMIT = 100  # rounds of undoing user%host%host...@us; what remains after that is taken as it is


class Domains:
    """The domains of each address class, from main.cf."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.myorigin = settings.text("myorigin")
        self.percent_hack = settings.flag("allow_percent_hack")
        self.bangpath = settings.flag("swap_bangpath")
        self.local = DomainList(settings.items("mydestination"), Reach.EXACT)
        self.virtual_alias = DomainList(settings.items("virtual_alias_domains"), Reach.EXACT)
        self.virtual_mailbox = DomainList(settings.items("virtual_mailbox_domains"), Reach.EXACT)
        self.relay = DomainList(settings.items("relay_domains"), reach_of(settings, "relay_domains"))
        self.interfaces = frozenset(
            word.strip("[]").lower()
            for name in ("gatepost_own_addresses", "proxy_interfaces")
            for word in settings.words(name)
        )

        lists = (self.local, self.virtual_alias, self.virtual_mailbox, self.relay)
        self._resolved = (
            lru_cache(maxsize=4096)(self._resolve_plainly) if not any(one.tables for one in lists) else None
        )

    def known(self, address: Address) -> Resolved | None:
        """What ``resolve`` comes to where no table has to be asked, else None."""
        return self._resolved(address) if self._resolved is not None else None

    def _resolve_plainly(self, address: Address) -> Resolved:
        resolving = self._resolve(address)
        try:
            next(resolving)
        except StopIteration as stop:
            resolved: Resolved = stop.value
            return resolved
        raise AssertionError("a list of domains without tables asked a question")

    def class_of(self, domain: str) -> Generator[Question, Answer, AddressClass | Missing]:
        """The class of a domain or literal, or TRY_AGAIN where a table could not answer; an empty one is
        $myorigin's.
        """
        domain = (domain or self.myorigin).rstrip(".")
        if domain.startswith("["):
            inner = domain[1:-1].lower().removeprefix("ipv6:")
            return AddressClass.LOCAL if inner in self.interfaces else AddressClass.DEFAULT
        for address_class, domains in (
            (AddressClass.LOCAL, self.local),
            (AddressClass.VIRTUAL_ALIAS, self.virtual_alias),
            (AddressClass.VIRTUAL_MAILBOX, self.virtual_mailbox),
            (AddressClass.RELAY, self.relay),
        ):
            found = yield from domains.matches(domain)
            if isinstance(found, Missing):
                return found
            if found:
                return address_class
        return AddressClass.DEFAULT

    def resolve(self, address: Address) -> Generator[Question, Answer, Resolved | Missing]:
        """What an address comes to, or TRY_AGAIN where a table could not answer."""
        known = self.known(address)
        if known is not None:
            return known
        return (yield from self._resolve(address))

    def _resolve(self, address: Address) -> Generator[Question, Answer, Resolved | Missing]:
        """The class of an address, and the address itself with routing through our own domains undone.

        ``user%elsewhere@us`` and ``elsewhere!user@us`` are mail for ``user@elsewhere`` (allow_percent_hack,
        swap_bangpath), quotes or not (resolve_dequoted_address); a bare local part gets $myorigin.
        """
        for _ in range(ROUTE_LIMIT):
            domain = address.domain.rstrip(".")
            onward = self._onward(address.local)
            if not domain and onward is not None:
                address = onward
                continue
            address = Address(address.local, domain or self.myorigin)
            address_class = yield from self.class_of(address.domain)
            if isinstance(address_class, Missing):
                return address_class
            if address_class is not AddressClass.LOCAL or onward is None:
                return Resolved(address_class, address, onward is not None)
            address = onward
        return Resolved(AddressClass.DEFAULT, address, True)

    def _onward(self, local: str) -> Address | None:
        """Where a local part asks to be passed on to, or None."""
        if "@" in local:
            user, _, host = local.rpartition("@")
        elif self.bangpath and "!" in local:
            host, _, user = local.partition("!")
        elif self.percent_hack and "%" in local:
            user, _, host = local.rpartition("%")
        else:
            return None
        return Address(user, host) if host else None

    def route(self, recipient: Address) -> Generator[Question, Answer, Route | Missing]:
        """Where mail for ``recipient`` is taken: local_transport, virtual_transport, relay_transport,
        default_transport.
        """
        resolved = yield from self.resolve(recipient)
        if isinstance(resolved, Missing):
            return resolved
        address_class, recipient = resolved.address_class, resolved.address
        if address_class is AddressClass.VIRTUAL_ALIAS:
            return Route(address_class, "error", "5.1.1 User unknown in virtual alias table", recipient)
        transport, _, nexthop = self._settings.text(_TRANSPORTS[address_class]).partition(":")
        if address_class in (AddressClass.RELAY, AddressClass.DEFAULT):
            nexthop = nexthop or self._settings.text("relayhost")
        return Route(address_class, transport, nexthop or recipient.domain, recipient)


_TRANSPORTS = {
    AddressClass.LOCAL: "local_transport",
    AddressClass.VIRTUAL_MAILBOX: "virtual_transport",
    AddressClass.RELAY: "relay_transport",
    AddressClass.DEFAULT: "default_transport",
}
