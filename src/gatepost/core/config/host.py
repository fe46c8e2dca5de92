"""What depends on the machine: myhostname, mydomain and mynetworks where main.cf does not set them (postconf(5)).

The machine is described by a value, which the edge fills in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv6Interface, ip_address, ip_network

from gatepost.core.config.settings import Settings

Interface = IPv4Interface | IPv6Interface

_LOOPBACK = (IPv4Interface("127.0.0.1/8"), IPv6Interface("::1/128"))
_CLASSES = ((0x80, 8), (0xC0, 16), (0xE0, 24), (0x100, 32))  # first octet below, prefix length (A, B, C, D)


@dataclass(frozen=True, slots=True)
class Host:
    """A machine: its own name, its interfaces' addresses in the system's order, and addresses of names it knows.

    ``names`` holds those of the host names in inet_interfaces that could be resolved.
    """

    name: str = "localhost"
    interfaces: tuple[Interface, ...] = _LOOPBACK
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def host_defaults(settings: Settings, host: Host) -> dict[str, str]:
    """The defaults of myhostname, mydomain, mynetworks and gatepost_own_addresses for main.cf on this machine.

    Only those that main.cf does not set. Raises ConfigError where a value that they depend on cannot be read.
    """
    own = own_interfaces(settings, host)
    defaults = {"gatepost_own_addresses": " ".join(str(interface.ip) for interface in own)}
    domain = settings.text("mydomain") if settings.is_set("mydomain") else ""
    hostname = host.name if "." in host.name else f"{host.name}.{domain or 'localdomain'}"
    if not settings.is_set("mydomain"):
        # Lenient: where myhostname refers to mydomain and that is not set, Postfix ends up with "name." and no domain.
        name = settings.text("myhostname") if settings.is_set("myhostname") and not _circular(settings) else hostname
        defaults["mydomain"] = name.partition(".")[2] or "localdomain"
    if not settings.is_set("myhostname"):
        defaults["myhostname"] = hostname
    if not settings.is_set("mynetworks"):
        networks = own_networks(settings.text("mynetworks_style"), own)
        defaults["mynetworks"] = " ".join(networks)
    return defaults


def own_interfaces(settings: Settings, host: Host) -> tuple[Interface, ...]:
    """The interfaces that inet_interfaces and inet_protocols select, IPv4 first, as mynetworks and listeners see them.

    A name or address that the machine does not have selects nothing.
    """
    wanted: set[Interface] = set()
    for word in settings.words("inet_interfaces"):
        lower = word.lower()
        if lower == "all":
            wanted.update(host.interfaces)
        elif lower == "loopback-only":
            wanted.update(interface for interface in host.interfaces if interface.ip.is_loopback)
        else:
            texts = host.names.get(word, (word.strip("[]"),))
            wanted.update(interface for interface in host.interfaces if str(interface.ip) in texts)
    protocols = {word.lower() for word in settings.words("inet_protocols")}
    versions = [version for version, name in ((4, "ipv4"), (6, "ipv6")) if name in protocols or "all" in protocols]
    return tuple(
        interface
        for version in versions
        for interface in host.interfaces
        if interface in wanted and interface.version == version
    )


def own_networks(style: str, interfaces: tuple[Interface, ...]) -> list[str]:
    """mynetworks as mynetworks_style (host, subnet or class) makes it, IPv6 in brackets, each network once."""
    networks: dict[str, None] = {}
    for interface in interfaces:
        ip = interface.ip
        length: int = interface.network.prefixlen
        if style == "host":
            length = ip.max_prefixlen
        elif style == "class" and isinstance(ip, IPv4Address):
            length = next(length for limit, length in _CLASSES if ip.packed[0] < limit)
        network = ip_network(f"{ip}/{length}", strict=False)
        address = network.network_address
        networks[f"[{address}]/{length}" if network.version == 6 else f"{address}/{length}"] = None
    return list(networks)


def is_address(text: str) -> bool:
    """Whether a word of inet_interfaces is an address and not a name."""
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _circular(settings: Settings) -> bool:
    raw = settings.raw("myhostname")
    return raw is not None and "mydomain" in raw.text
