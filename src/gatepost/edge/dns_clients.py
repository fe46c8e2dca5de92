"""The client's name as Postfix's smtpd finds it: PTR, then the name's own address must be the client's.

    no PTR, or its name is no host name     unknown, reverse unknown     MISSING, MISSING
    DNS did not say                         unknown, reverse unknown     TRY_AGAIN, TRY_AGAIN
    the name has no such address record     unknown, reverse known       MISSING
    the name has others                     unknown, reverse known       FORGED
    DNS did not say the name's address      unknown, reverse known       TRY_AGAIN
    it agrees                               the name twice               OK, OK

Only the first PTR that is a host name counts, and only addresses of the client's own family. The hosts file comes
before DNS both ways. Pure: a generator of questions, so that the same steps run from the cache, over the network, or in
a test from a dict.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Generator
from dataclasses import dataclass, field
from functools import lru_cache

from gatepost.core.address import is_valid_hostname
from gatepost.core.ask import Answer, Dns, Missing, Records, dns
from gatepost.core.facts import Client, NameStatus

_WHY = {
    Missing.NO_DOMAIN: ": Name or service not known",
    Missing.NO_DATA: ": No address associated with hostname",
    Missing.TRY_AGAIN: ": Temporary failure in name resolution",
}


@dataclass(frozen=True, slots=True)
class Hosts:
    """A hosts file, see hosts(5): the first name of an address; all addresses of a name, which is in lower case."""

    names: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)


def parse_hosts(text: str) -> Hosts:
    """Lines that are no host entry are passed over, as the system does."""
    names: dict[str, str] = {}
    addresses: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) < 2:
            continue
        try:
            address = str(ipaddress.ip_address(words[0]))
        except ValueError:
            continue
        names.setdefault(address, words[1])
        for name in words[1:]:
            held = addresses.get(name.lower(), ())
            addresses[name.lower()] = held if address in held else (*held, address)
    return Hosts(names, addresses)


@dataclass(frozen=True, slots=True)
class Found:
    """A client, and what Postfix would warn about its name (without ``warning: ``); empty where all is well."""

    client: Client
    warning: str = ""


def look_up_client(address: str, port: int, hosts: Hosts) -> Generator[Dns, Answer, Found]:
    """Find the name of ``address``, an IP address. Anything else (a local socket) is unknown."""
    parsed = _parse(address)
    if parsed is None:
        return Found(Client(address, port=port))
    plain, pointer = parsed
    reverse = hosts.names.get(plain)
    if reverse is None:
        answer = yield from _dns(pointer, "PTR")
        if answer is Missing.TRY_AGAIN:
            again = NameStatus.TRY_AGAIN
            return Found(Client(address, port=port, name_status=again, reverse_status=again))
        if not isinstance(answer, Records) or not answer.values:
            return Found(Client(address, port=port))
        # The system's resolver passes over names that can be none, but not over what looks like an address.
        reverse = next((name for name in answer.values if _is_valid(name) or _is_numeric(name)), "")
    if not _is_valid(reverse):
        return Found(Client(address, port=port), f"numeric hostname: {reverse}" if _is_numeric(reverse) else "")
    status, why = yield from _confirm(plain, reverse, hosts)
    name = reverse if status is NameStatus.OK else "unknown"
    client = Client(address, name, reverse, port, status, NameStatus.OK)
    if status is NameStatus.OK:
        return Found(client)
    return Found(client, f"hostname {reverse} does not resolve to address {address}{why}")


def _confirm(address: str, name: str, hosts: Hosts) -> Generator[Dns, Answer, tuple[NameStatus, str]]:
    is_v6 = ":" in address
    listed = [each for each in hosts.addresses.get(name.lower(), ()) if (":" in each) == is_v6]
    if listed:
        return (NameStatus.OK if address in listed else NameStatus.FORGED), ""
    answer = yield from _dns(name, "AAAA" if is_v6 else "A")
    if isinstance(answer, Records):
        return (NameStatus.OK if address in answer.values else NameStatus.FORGED), ""
    return (NameStatus.TRY_AGAIN if answer is Missing.TRY_AGAIN else NameStatus.MISSING), _WHY[answer]


@lru_cache(4096)
def _parse(address: str) -> tuple[str, str] | None:
    """The address without a zone, and its name in in-addr.arpa or ip6.arpa; None where it is no IP address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return str(parsed), parsed.reverse_pointer


@lru_cache(4096)
def _is_valid(name: str) -> bool:
    return name.isascii() and is_valid_hostname(name)


def _is_numeric(name: str) -> bool:
    return name.replace(".", "").isdigit()


def _dns(name: str, type: str) -> Generator[Dns, Answer, Records | Missing]:
    """core.ask.dns, with the narrower type of what is asked."""
    return (yield from dns(name, type))  # type: ignore[misc]
