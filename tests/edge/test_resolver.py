"""The resolver against a DNS server on loopback that can be told to misbehave."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import dns.message
import dns.rrset
import pytest

from dns_server import DnsServer
from gatepost.core.ask import Answer, Dns, Missing, Records
from gatepost.core.facts import Client, NameStatus
from gatepost.edge.dns_clients import Hosts, look_up_client, parse_hosts
from gatepost.edge.dns_transport import SOCKET_QUERIES, Nameserver, parse_nameserver
from gatepost.edge.resolver import Resolver, ResolverOptions, parse_resolv_conf, read_hosts, system_options

ZONE = """
mx.example       A    192.0.2.1
mx.example   20  A    192.0.2.2
example          MX   20 b.example
example          MX   10 mx.example
null.example     MX   0 .
spf.example      TXT  "v=spf1 " "mx -all"
alias.example    CNAME mx.example
dangling.example CNAME gone.example
loop1.example    CNAME loop2.example
loop2.example    CNAME loop1.example
servfail.example A    SERVFAIL
refused.example  A    REFUSED
silent.example   A    TIMEOUT
lame.example     A    LAME
big.example      A    TRUNCATED
big.example      A    192.0.2.9
zero.example  0  A    192.0.2.10
"""


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def run(
    body: Callable[[Resolver], Awaitable[None]],
    *servers: str,
    timeout: float = 0.1,
    attempts: int = 1,
    hosts: Hosts | None = None,
    cache_size: int = 100,
    log: Callable[[str], None] = lambda line: None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    async def main() -> None:
        options = ResolverOptions(tuple(parse_nameserver(each) for each in servers), timeout, attempts)
        resolver = Resolver(options, hosts=hosts, cache_size=cache_size, log=log, clock=clock)
        try:
            await body(resolver)
        finally:
            await resolver.close()

    asyncio.run(asyncio.wait_for(main(), 10))


def ask(server: DnsServer | str, name: str, type: str = "A", *, timeout: float = 0.1, attempts: int = 1) -> Answer:
    answers: list[Answer] = []

    async def body(resolver: Resolver) -> None:
        answers.append(await resolver.wait(Dns(name, type)))

    run(body, server if isinstance(server, str) else server.nameserver, timeout=timeout, attempts=attempts)
    return answers[0]


@pytest.mark.parametrize(
    ("name", "type", "answer"),
    [
        ("mx.example", "A", Records(("192.0.2.1", "192.0.2.2"), 20)),
        ("MX.Example.", "A", Records(("192.0.2.1", "192.0.2.2"), 20)),
        ("example", "MX", Records(("10 mx.example", "20 b.example"), 300)),
        ("null.example", "MX", Records(("0 .",), 300)),
        ("spf.example", "TXT", Records(("v=spf1 mx -all",), 300)),
        ("alias.example", "A", Records(("192.0.2.1", "192.0.2.2"), 20)),
        ("dangling.example", "A", Missing.NO_DOMAIN),
        ("loop1.example", "A", Missing.NO_DATA),
        ("nothere.example", "A", Missing.NO_DOMAIN),
        ("mx.example", "MX", Missing.NO_DATA),
        ("servfail.example", "A", Missing.TRY_AGAIN),
        ("refused.example", "A", Missing.TRY_AGAIN),
        ("lame.example", "A", Missing.TRY_AGAIN),
        ("silent.example", "A", Missing.TRY_AGAIN),
        ("big.example", "A", Records(("192.0.2.9",), 300)),
        ("a..b", "A", Missing.NO_DOMAIN),
    ],
)
def test_answers(name: str, type: str, answer: Answer) -> None:
    with DnsServer(ZONE) as server:
        assert ask(server, name, type) == answer


def test_large_answer_comes_over_tcp() -> None:
    zone = "\n".join(f'big.example TXT "{i:0200}"' for i in range(60))
    with DnsServer(zone) as server:
        answer = ask(server, "big.example", "TXT", timeout=1)
        assert isinstance(answer, Records)
        assert len(answer.values) == 60
        assert server.asked_tcp["big.example", "TXT"] == 1


def test_nobody_listens() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    began = time.monotonic()
    assert ask(f"127.0.0.1:{port}", "mx.example", timeout=5) is Missing.TRY_AGAIN
    assert time.monotonic() - began < 2


def test_truncated_and_no_tcp() -> None:
    with DnsServer(ZONE) as server:
        assert server._tcp is not None
        server._loop.call_soon_threadsafe(server._tcp.close)
        assert ask(server, "big.example", timeout=1) is Missing.TRY_AGAIN


def test_silence_is_asked_again() -> None:
    drop = 2

    def tamper(query: dns.message.Message, wire: bytes) -> Iterable[bytes]:
        nonlocal drop
        drop -= 1
        return () if drop >= 0 else (wire,)

    with DnsServer(ZONE, tamper=tamper) as server:
        assert ask(server, "mx.example", attempts=3) == Records(("192.0.2.1", "192.0.2.2"), 20)
        assert server.asked["mx.example", "A"] == 3


def test_next_nameserver_takes_over_and_is_remembered() -> None:
    with DnsServer("mx.example A TIMEOUT\nother.example A TIMEOUT") as dead, DnsServer(ZONE) as server:

        async def body(resolver: Resolver) -> None:
            assert await resolver.wait(Dns("mx.example", "A")) == Records(("192.0.2.1", "192.0.2.2"), 20)
            assert await resolver.wait(Dns("other.example", "A")) is Missing.NO_DOMAIN

        run(body, dead.nameserver, server.nameserver)
        assert (dead.asked.total(), server.asked.total()) == (1, 2)


def test_servfail_of_one_is_not_the_last_word() -> None:
    with DnsServer("mx.example A SERVFAIL") as broken, DnsServer(ZONE) as server:

        async def body(resolver: Resolver) -> None:
            assert isinstance(await resolver.wait(Dns("mx.example", "A")), Records)

        run(body, broken.nameserver, server.nameserver)


def test_a_server_without_edns() -> None:
    def tamper(query: dns.message.Message, wire: bytes) -> Iterable[bytes]:
        if query.edns < 0:
            return (wire,)
        return (query.id.to_bytes(2, "big") + b"\x80\x01" + bytes(8),)

    with DnsServer(ZONE, tamper=tamper) as server:
        assert isinstance(ask(server, "mx.example"), Records)


def forged(query: dns.message.Message, *, ident: int | None = None, name: str = "mx.example.") -> bytes:
    message = dns.message.make_response(query)
    message.id = query.id if ident is None else ident
    if name != "mx.example.":
        message.question = [dns.rrset.from_text(name, 0, "IN", "A").copy()]
        message.question[0].clear()
    message.answer.append(dns.rrset.from_text(name, 999999999, "IN", "A", "203.0.113.66"))
    return message.to_wire()


def test_forged_answers_are_passed_over() -> None:
    def tamper(query: dns.message.Message, wire: bytes) -> Iterable[bytes]:
        ids = (forged(query, ident=(query.id + i) % 65536) for i in range(1, 50))
        return (b"", b"x", query.to_wire(), *ids, forged(query, name="evil.example."), wire[:11], wire)

    with DnsServer(ZONE, tamper=tamper) as server:
        assert ask(server, "mx.example", timeout=2) == Records(("192.0.2.1", "192.0.2.2"), 20)


def test_answer_from_another_address_is_passed_over() -> None:
    ports: list[int] = []

    def tamper(query: dns.message.Message, wire: bytes) -> Iterable[bytes]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            for port in ports:
                other.sendto(forged(query), ("127.0.0.1", port))
        return (wire,)

    with DnsServer(ZONE, tamper=tamper) as server:

        async def body(resolver: Resolver) -> None:
            exchange = resolver._exchanges[0]
            channel = await exchange._socket()
            ports.append(channel.transport.get_extra_info("sockname")[1])
            for name in ("a.example", "b.example", "c.example"):  # the other sockets
                await resolver.wait(Dns(name, "A"))
            ports[:] = [each.transport.get_extra_info("sockname")[1] for each in exchange._sockets]
            assert len(ports) == 4
            assert await resolver.wait(Dns("mx.example", "A")) == Records(("192.0.2.1", "192.0.2.2"), 20)

        run(body, server.nameserver, timeout=2)


def test_garbage_is_a_fault_and_a_huge_time_to_live_is_cut() -> None:
    with DnsServer(ZONE, tamper=lambda query, wire: (wire[:40],)) as server:
        assert ask(server, "mx.example") is Missing.TRY_AGAIN
    with DnsServer(ZONE, tamper=lambda query, wire: (forged(query),)) as server:
        assert ask(server, "mx.example") == Records(("203.0.113.66",), 86400)


def test_cache_keeps_answers_as_long_as_they_live() -> None:
    clock = Clock()
    mx, gone, zero = Dns("mx.example", "A"), Dns("gone.example", "A"), Dns("zero.example", "A")

    with DnsServer(ZONE, negative_ttl=60) as server:

        async def body(resolver: Resolver) -> None:
            assert resolver.answer_now(mx) is None
            answer = await resolver.wait(mx)
            assert resolver.answer_now(mx) == resolver.answer_now(Dns("MX.example.", "A")) == answer
            clock.now += 19.9
            assert resolver.answer_now(mx) == answer
            clock.now += 0.2
            assert resolver.answer_now(mx) is None
            await resolver.wait(mx)
            assert server.asked["mx.example", "A"] == 2

            assert await resolver.wait(gone) is Missing.NO_DOMAIN
            clock.now += 59
            assert resolver.answer_now(gone) is Missing.NO_DOMAIN
            clock.now += 2
            assert resolver.answer_now(gone) is None

            await resolver.wait(zero)
            assert resolver.answer_now(zero) is None

        run(body, server.nameserver, clock=clock)


def test_a_fault_is_remembered_for_a_second_at_most() -> None:
    clock = Clock()
    question = Dns("servfail.example", "A")
    with DnsServer(ZONE) as server:

        async def body(resolver: Resolver) -> None:
            assert await resolver.wait(question) is Missing.TRY_AGAIN
            assert resolver.answer_now(question) is Missing.TRY_AGAIN
            clock.now += 1.1
            server.set_zone("servfail.example A 192.0.2.1")
            assert await resolver.wait(question) == Records(("192.0.2.1",), 300)

        run(body, server.nameserver, clock=clock)


def test_cache_is_bounded() -> None:
    with DnsServer("*.example A 192.0.2.1") as server:

        async def body(resolver: Resolver) -> None:
            for i in range(20):
                await resolver.wait(Dns(f"n{i}.example", "A"))
            assert resolver.answer_now(Dns("n9.example", "A")) is None
            assert resolver.answer_now(Dns("n10.example", "A")) is not None

        run(body, server.nameserver, cache_size=10)


def test_equal_questions_in_flight_are_asked_once() -> None:
    with DnsServer(ZONE, delay=0.02) as server:

        async def body(resolver: Resolver) -> None:
            tasks = [asyncio.ensure_future(resolver.wait(Dns("mx.example", "A"))) for _ in range(50)]
            await asyncio.sleep(0)
            tasks[0].cancel()
            answers = await asyncio.gather(*tasks, return_exceptions=True)
            assert isinstance(answers[0], asyncio.CancelledError)
            assert set(answers[1:]) == {Records(("192.0.2.1", "192.0.2.2"), 20)}

        run(body, server.nameserver, timeout=2)
        assert server.asked["mx.example", "A"] == 1


def test_many_questions_at_once_and_new_ports() -> None:
    with DnsServer("*.example A 192.0.2.1") as server:

        async def body(resolver: Resolver) -> None:
            exchange = resolver._exchanges[0]
            names = [f"n{i}.example" for i in range(200)]
            answers = await asyncio.gather(*(resolver.wait(Dns(name, "A")) for name in names))
            assert set(answers) == {Records(("192.0.2.1",), 300)}
            worn = list(exchange._sockets)
            for each in worn:
                each.asked = SOCKET_QUERIES
            await resolver.wait(Dns("last.example", "A"))
            assert not set(worn) & set(exchange._sockets)
            for each in worn:
                each.close()

        run(body, server.nameserver, timeout=2)


def test_closing_answers_who_waits() -> None:
    with DnsServer(ZONE) as server:

        async def body(resolver: Resolver) -> None:
            waiting = asyncio.ensure_future(resolver.wait(Dns("silent.example", "A")))
            while not server.asked:
                await asyncio.sleep(0)
            await resolver.close()
            assert await waiting is Missing.TRY_AGAIN

        run(body, server.nameserver, timeout=5)


def test_a_type_that_does_not_exist_is_our_fault() -> None:
    with pytest.raises(ValueError, match="no DNS record type"):
        ask("127.0.0.1:9", "x.example", "NOPE")


def test_nameserver_text() -> None:
    assert parse_nameserver("192.0.2.1") == Nameserver("192.0.2.1", 53)
    assert parse_nameserver("192.0.2.1:5353") == Nameserver("192.0.2.1", 5353)
    assert parse_nameserver("2001:db8::1") == Nameserver("2001:db8::1", 53)
    assert parse_nameserver("[2001:db8::1]") == Nameserver("2001:db8::1", 53)
    assert str(parse_nameserver("[2001:db8::1]:54")) == "[2001:db8::1]:54"
    for bad in ("", "dns.example", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:0", "192.0.2.1:65536", "[::1]53", "[::1:x"):
        with pytest.raises(ValueError, match=r"nameserver|address"):
            parse_nameserver(bad)


def test_resolv_conf(tmp_path: Path) -> None:
    text = "# c\nnameserver 192.0.2.1\nnameserver ::1\nnameserver x\nsearch a\noptions ndots:1 timeout:3 attempts:99\n"
    options = ResolverOptions((Nameserver("192.0.2.1"), Nameserver("::1")), 3, 5)
    assert parse_resolv_conf(text) == options
    assert parse_resolv_conf("") == ResolverOptions()
    file = tmp_path / "resolv.conf"
    assert system_options(path=file) == ResolverOptions()
    file.write_text(text)
    assert system_options(path=file) == options
    assert system_options(["127.0.0.1:54"], file) == ResolverOptions((Nameserver("127.0.0.1", 54),), 3, 5)


def test_hosts(tmp_path: Path) -> None:
    hosts = parse_hosts(
        "127.0.0.1 localhost Local # c\n::1 localhost\n0:0::1 again\nbad x\n\n127.0.0.1\n192.0.2.1\tHosty\n"
    )
    assert hosts.names == {"127.0.0.1": "localhost", "::1": "localhost", "192.0.2.1": "Hosty"}
    assert hosts.addresses["localhost"] == ("127.0.0.1", "::1")
    assert hosts.addresses["hosty"] == ("192.0.2.1",)
    assert read_hosts(tmp_path / "none") == Hosts()


OK, AGAIN, MISSING, FORGED = NameStatus.OK, NameStatus.TRY_AGAIN, NameStatus.MISSING, NameStatus.FORGED
NO_ADDRESS = ": No address associated with hostname"
HOSTS = parse_hosts("127.0.0.1 localhost\n127.0.1.34 twice.example\n127.0.1.31 1.2.3.4")

CLIENTS = [
    # address, PTR, the name's address record, then what a running Postfix makes of it
    ("127.0.0.1", None, None, "localhost", "localhost", OK, OK, ""),
    ("127.0.1.1", ["good.example"], ["127.0.1.1"], "good.example", "good.example", OK, OK, ""),
    ("127.0.1.2", Missing.NO_DOMAIN, None, "unknown", "unknown", MISSING, MISSING, ""),
    ("127.0.1.23", Missing.NO_DATA, None, "unknown", "unknown", MISSING, MISSING, ""),
    ("127.0.1.3", Missing.TRY_AGAIN, None, "unknown", "unknown", AGAIN, AGAIN, ""),
    ("127.0.1.5", ["x.example"], Missing.NO_DOMAIN, "unknown", "x.example", MISSING, OK, ": Name or service not known"),
    ("127.0.1.12", ["x.example"], Missing.NO_DATA, "unknown", "x.example", MISSING, OK, NO_ADDRESS),
    ("127.0.1.6", ["x.example"], ["127.9.9.9"], "unknown", "x.example", FORGED, OK, "!"),
    ("127.0.1.7", ["x.ex"], Missing.TRY_AGAIN, "unknown", "x.ex", AGAIN, OK, ": Temporary failure in name resolution"),
    ("127.0.1.8", ["-bad.example"], None, "unknown", "unknown", MISSING, MISSING, ""),
    ("127.0.1.9", ["10.0.0.1"], None, "unknown", "unknown", MISSING, MISSING, "numeric"),
    ("127.0.1.10", ["first.example", "second.example"], ["127.0.1.99"], "unknown", "first.example", FORGED, OK, "!"),
    ("127.0.1.13", ["Mixed.Example.COM"], ["127.0.1.13"], "Mixed.Example.COM", "Mixed.Example.COM", OK, OK, ""),
    ("127.0.1.16", ["a\\032b.example"], None, "unknown", "unknown", MISSING, MISSING, ""),
    ("127.0.1.17", ["under_score.example"], ["127.0.1.17"], "under_score.example", "under_score.example", OK, OK, ""),
    ("127.0.1.20", ["localhost"], None, "unknown", "localhost", FORGED, OK, "!"),
    ("127.0.1.25", ["single"], ["127.0.1.25"], "single", "single", OK, OK, ""),
    ("127.0.1.27", ["."], None, "unknown", "unknown", MISSING, MISSING, ""),
    ("127.0.1.28", ["caf\\195\\169.example"], None, "unknown", "unknown", MISSING, MISSING, ""),
    ("127.0.1.31", None, None, "unknown", "unknown", MISSING, MISSING, "numeric"),
    ("127.0.1.34", None, None, "twice.example", "twice.example", OK, OK, ""),
    ("127.0.1.36", ["two.example"], ["127.0.1.99", "127.0.1.36"], "two.example", "two.example", OK, OK, ""),
    ("127.0.1.37", ["-bad.example", "good.example"], ["127.0.1.37"], "good.example", "good.example", OK, OK, ""),
    ("fd00::1", ["six.example"], ["fd00::1"], "six.example", "six.example", OK, OK, ""),
    ("fd00::4", ["six.example"], ["fd00::9"], "unknown", "six.example", FORGED, OK, "!"),
    ("", None, None, "unknown", "unknown", MISSING, MISSING, ""),
    ("fe80::1%eth0", Missing.NO_DOMAIN, None, "unknown", "unknown", MISSING, MISSING, ""),
]


@pytest.mark.parametrize(
    ("address", "pointer", "forward", "name", "reverse", "status", "reverse_status", "why"), CLIENTS
)
def test_client_name(
    address: str,
    pointer: list[str] | Missing | None,
    forward: list[str] | Missing | None,
    name: str,
    reverse: str,
    status: NameStatus,
    reverse_status: NameStatus,
    why: str,
) -> None:
    answers = {"PTR": pointer, "AAAA" if ":" in address else "A": forward}
    steps = look_up_client(address, 4711, HOSTS)
    try:
        question = next(steps)
        while True:
            given = answers[question.type]
            assert given is not None
            question = steps.send(given if isinstance(given, Missing) else Records(tuple(given)))
    except StopIteration as done:
        found = done.value
    assert found.client == Client(address, name, reverse, 4711, status, reverse_status)
    if why == "numeric":
        assert found.warning.startswith("numeric hostname: ")
    elif why:
        assert found.warning == f"hostname {reverse} does not resolve to address {address}{why.strip('!')}"
    else:
        assert found.warning == ""


def test_client_name_over_the_network_then_from_the_cache() -> None:
    zone = "PTR 192.0.2.1 mx.example\nmx.example A 192.0.2.1\nPTR 2001:db8::1 six.example\nsix.example AAAA 2001:db8::2"
    warnings: list[str] = []
    with DnsServer(zone) as server:

        async def body(resolver: Resolver) -> None:
            local = Client("127.0.0.1", "localhost", "localhost", 9, OK, OK)
            assert resolver.client_now("127.0.0.1", 9) == local
            assert resolver.client_now("192.0.2.1") is None
            client = await resolver.client_name("192.0.2.1", 25)
            assert client == Client("192.0.2.1", "mx.example", "mx.example", 25, OK, OK)
            assert resolver.client_now("192.0.2.1", 25) == client
            six = await resolver.client_name("2001:db8::1")
            assert six == Client("2001:db8::1", "unknown", "six.example", 0, FORGED, OK)
            assert resolver.client_now("2001:db8::1") == six

        run(body, server.nameserver, hosts=HOSTS, log=warnings.append)
    assert warnings == ["warning: hostname six.example does not resolve to address 2001:db8::1"] * 2
