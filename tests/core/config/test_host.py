"""Host-dependent defaults, as the running Postfix computes them (values observed with postconf)."""

from __future__ import annotations

from ipaddress import IPv4Interface, IPv6Interface

import pytest

from gatepost.core.config.host import Host, host_defaults
from gatepost.core.config.settings import Settings

HOST = Host(
    "vm",
    (
        IPv4Interface("127.0.0.1/8"),
        IPv6Interface("::1/128"),
        IPv4Interface("192.0.2.2/24"),
        IPv6Interface("fd00::2/64"),
        IPv4Interface("10.1.2.3/24"),
    ),
    {"localhost": ("127.0.0.1",)},
)


@pytest.mark.parametrize(
    ("name", "given", "myhostname", "mydomain"),
    [
        ("vm", {}, "vm.localdomain", "localdomain"),
        ("foo.bar.baz", {}, "foo.bar.baz", "bar.baz"),
        ("vm", {"mydomain": "x.y"}, "vm.x.y", "x.y"),
        ("vm", {"myhostname": "a.b.c"}, "a.b.c", "b.c"),
        ("vm", {"myhostname": "foo"}, "foo", "localdomain"),
        ("vm", {"myhostname": "foo", "mydomain": "x.y"}, "foo", "x.y"),
        ("vm", {"myhostname": "a.$mydomain"}, "a.localdomain", "localdomain"),
    ],
)
def test_names(name: str, given: dict[str, str], myhostname: str, mydomain: str) -> None:
    defaults = host_defaults(Settings.of(given), Host(name))
    settings = Settings.of({**defaults, **given})
    assert (settings.text("myhostname"), settings.text("mydomain")) == (myhostname, mydomain)


@pytest.mark.parametrize(
    ("given", "networks"),
    [
        ({"mynetworks_style": "subnet"}, "127.0.0.0/8 192.0.2.0/24 10.1.2.0/24 [::1]/128 [fd00::]/64"),
        ({"mynetworks_style": "class"}, "127.0.0.0/8 192.0.2.0/24 10.0.0.0/8 [::1]/128 [fd00::]/64"),
        ({"mynetworks_style": "host"}, "127.0.0.1/32 192.0.2.2/32 10.1.2.3/32 [::1]/128 [fd00::2]/128"),
        ({"compatibility_level": "3.6"}, "127.0.0.1/32 192.0.2.2/32 10.1.2.3/32 [::1]/128 [fd00::2]/128"),
        ({"mynetworks_style": "subnet", "inet_interfaces": "loopback-only"}, "127.0.0.0/8 [::1]/128"),
        ({"mynetworks_style": "subnet", "inet_interfaces": "127.0.0.1, 10.1.2.3"}, "127.0.0.0/8 10.1.2.0/24"),
        ({"mynetworks_style": "host", "inet_interfaces": "localhost"}, "127.0.0.1/32"),
        ({"mynetworks_style": "host", "inet_interfaces": "[fd00::2]"}, "[fd00::2]/128"),
        ({"mynetworks_style": "subnet", "inet_protocols": "ipv6"}, "[::1]/128 [fd00::]/64"),
        ({"mynetworks_style": "subnet", "inet_interfaces": ""}, ""),
    ],
)
def test_networks(given: dict[str, str], networks: str) -> None:
    assert host_defaults(Settings.of(given), HOST)["mynetworks"] == networks


def test_what_main_cf_sets_is_left_alone() -> None:
    given = {"myhostname": "a.b", "mydomain": "b", "mynetworks": "10.0.0.0/8"}
    assert set(host_defaults(Settings.of(given), HOST)) == {"gatepost_own_addresses"}
