"""Which entry of an access table fires: the real Postfix with hash: tables built by postmap, against our key orders.

Each kind of check has several tables, each with a random part of all keys that any of the clients, names and addresses
below could be looked up by, and the action WARN, which logs and goes on: so one session shows many look-ups.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gatepost.core.access.keys import address_keys, host_keys, mail_keys, null_sender_keys, whole_forms
from gatepost.core.address import split_address
from gatepost.core.ask import Hit, Search
from gatepost.core.tables.compile import compile_table
from gatepost.core.tables.find import find
from gatepost.core.tables.table import Table
from peers.lab import Lab, LabError, wait_until_quiet
from peers.play import Session, play
from peers.postfix import RealPostfix

pytestmark = [pytest.mark.peers, pytest.mark.skipif(not shutil.which("postfix"), reason="wants postfix")]

TABLES = 6
CHECKS = ("client", "helo", "sender", "recipient")
_WARN = re.compile(r"warn: RCPT from \S+: (\w+) (\d+)")


@dataclass(frozen=True)
class Visit:
    """One session: the client's name and address, and what it says; mail addresses in their external form."""

    name: str
    address: str
    helo: str
    sender: str
    recipient: str


VISITS = [
    Visit(
        "host.sub.example.com", "192.0.2.33", "Helo.Sub.Example.COM", "User+Ext@Sub.Example.ORG", "Rcpt+Foo@d.example"
    ),
    Visit("[UNAVAILABLE]", "2001:db8::1:2", "h", "a@b.example", "x+y@b.c.example"),
    Visit("a.b.c", "2001:db8:1:2:3:4:5:6", "a..b.c", "a@b.c.d.example", "owner-x+y@c.example"),
    Visit("a.b.c", "::1", ".h.x", '"a b+x"@b.example', '"x+y z"@b.example'),
    Visit("x", "fe80::1", "a.b.c.", '"a@b"@c.example', "a@b@c.example"),
    Visit("x", "2001:db8::1:0:0:1", "..", "@b.example", '"+x y"@b.example'),
    Visit("x", "10.0.0.1", "1.2.3.4", "a@[1.2.3.4]", "x@[IPv6:::1]"),
    Visit("x", "10.0.0.1", "1.2.3", "", "a++b@c.example"),
    Visit("x", "10.0.0.1", "[1.2.3.4]", "+ext@c.example", "a+@c.example"),
    Visit("x", "10.0.0.1", "2001:db8::1", "mailer-daemon+x@c.example", "x-request+y@c.example"),
    Visit("1.example", "172.16.5.4", "192.168.0.1.example", '"a\\"b"@c.example', '".a"@b.example'),
    Visit("1.example", "172.16.5.4", "1.2.3.04", "a.@b.example", "a%b@c.example"),
    Visit("1.example", "172.16.5.4", "::ffff:1.2.3.4", "b!a@c.example", '"a+b"@c.example'),
    Visit("y.z", "172.16.5.4", "256.1.1.1", "a@1.2.3.com", "long" * 15 + "@b.example"),
]


def local(address: str) -> str:
    """An address less quotes and backslashes, as it is after parsing."""
    part, at, domain = address.rpartition("@")
    if part.startswith('"'):
        part = part[1:-1].replace('\\"', '"')
    return part + at + domain


def searches(visit: Visit, check: str, table: str, delimiter: str, dotted: bool) -> list[Search]:
    """What the check looks up, one search after the other."""
    if check == "client":
        name = "unknown" if visit.name.startswith("[") else visit.name
        return [Search(table, host_keys(name, dotted=dotted)), Search(table, address_keys(visit.address))]
    if check == "helo":
        return [Search(table, host_keys(visit.helo, dotted=dotted))]
    text = visit.sender if check == "sender" else visit.recipient
    if not text:
        return [Search(table, null_sender_keys("<>"))]
    address = split_address(local(text))
    return [Search(table, mail_keys(address, delimiter=delimiter, dotted=dotted), whole_forms(address))]


def texts(check: str, rng: random.Random) -> list[str]:
    """Tables for one kind of check: a random part of all keys, each with a number of its own as its action."""
    keys = {
        key.casefold()
        for visit in VISITS
        for dotted in (False, True)
        for delimiter in ("+", "-+")
        for search in searches(visit, check, "", delimiter, dotted)
        for key in search.keys
    }
    usable = sorted(key for key in keys if '"' in key or " " not in key)  # a source text has no others
    return [
        "".join(f"{key} WARN {check}{number} {at}\n" for at, key in enumerate(usable) if rng.random() < share)
        for number, share in enumerate((0.15, 0.25, 0.35, 0.5, 0.7, 1.0))
    ]


@dataclass
class Server:
    postfix: RealPostfix
    tables: dict[str, Table]
    delimiter: str
    dotted: bool


@pytest.fixture(scope="module", params=[("+", False), ("-+", True)], ids=["plain parents", "dotted parents"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    delimiter, dotted = request.param
    directory = tmp_path_factory.mktemp("postfix")
    rng = random.Random(f"keys {delimiter}")
    tables = {}
    restrictions = []
    for check in CHECKS:
        for number, text in enumerate(texts(check, rng)):
            (directory / f"{check}{number}").write_text(text)
            tables[f"{check}{number}"] = compile_table(f"hash:/{check}{number}", text)[0]
            restrictions.append(f"check_{check}_access hash:/etc/postfix/{check}{number}")
    (directory / "master.cf").write_text("25 inet n - n - - smtpd\n")
    settings = {
        "compatibility_level": "3.6",
        "myhostname": "mx.lab.example",
        "recipient_delimiter": delimiter,
        "parent_domain_matches_subdomains": "" if dotted else "smtpd_access_maps",
        "smtpd_relay_restrictions": "",
        "smtpd_recipient_restrictions": ", ".join((*restrictions, "reject")),
        "smtpd_client_connection_rate_limit": "0",
    }
    (directory / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    try:
        with Lab() as lab, RealPostfix(lab, directory) as postfix:
            yield Server(postfix, tables, delimiter, dotted)
    except LabError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.helo)
def test_the_same_entries_fire(server: Server, visit: Visit) -> None:
    address = f"IPV6:{visit.address}" if ":" in visit.address else visit.address
    steps = (
        f"XCLIENT NAME={visit.name} ADDR={address}",
        f"EHLO {visit.helo}",
        f"MAIL FROM:<{visit.sender}>",
        f"RCPT TO:<{visit.recipient}>",
        "QUIT",
    )
    before = len(server.postfix.log())
    play(server.postfix.lab, server.postfix.port, Session(visit.helo, steps))
    wait_until_quiet(server.postfix.log)
    log = "\n".join(server.postfix.log()[before:])
    fired = {match[1]: match[2] for match in _WARN.finditer(log)}
    assert "reject: RCPT" in log
    assert fired == expected(server, visit)


def expected(server: Server, visit: Visit) -> dict[str, str]:
    found = {}
    for check in CHECKS:
        for number in range(TABLES):
            table = server.tables[f"{check}{number}"]
            for search in searches(visit, check, "", server.delimiter, server.dotted):
                hit = find(table, search)
                if isinstance(hit, Hit):
                    found[f"{check}{number}"] = hit.value.rpartition(" ")[2]
                    break
    return found
