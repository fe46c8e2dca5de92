"""Where a mail goes: the recipient's address class, transport and next hop (ADDRESS_CLASS_README, transport(5))."""

from __future__ import annotations

from enum import Enum

import msgspec

from gatepost.core.address import Address


class AddressClass(Enum):
    """ADDRESS_CLASS_README; every recipient domain is in exactly one."""

    LOCAL = "local"
    VIRTUAL_ALIAS = "virtual alias"
    VIRTUAL_MAILBOX = "virtual mailbox"
    RELAY = "relay"
    DEFAULT = "default"


class Route(msgspec.Struct, frozen=True):
    """``transport`` is a master.cf service name (``local``, ``virtual``, ``smtp``, ``discard``, ``error``, ...).

    ``nexthop`` is what follows the colon in a transport setting, or the recipient's domain. ``recipient`` is the address
    to deliver to, after rewriting.
    """

    address_class: AddressClass
    transport: str
    nexthop: str
    recipient: Address
