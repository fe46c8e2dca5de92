"""DNS messages: good, bad and hostile ones."""

from __future__ import annotations

import itertools
import struct

import dns.message
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.ask import Missing, Records
from gatepost.edge.dns_wire import MAX_TTL, Response, encode_query, parse_response, to_name, to_type

ID = 0x1234


def response(
    kind: str, *records: str, name: str = "a.example", rcode: int = 0, soa: str = "", flags: int = 0x8580
) -> bytes:
    query = dns.message.from_wire(encode_query(ID, to_name(name), to_type(kind)))
    message = dns.message.make_response(query)
    message.flags = flags
    message.set_rcode(rcode)
    for record in records:
        owner, ttl, type_, value = record.split(None, 3)
        message.answer.append(dns.rrset.from_text(owner, int(ttl), "IN", type_, value))
    if soa:
        message.authority.append(dns.rrset.from_text("example.", 7200, "IN", "SOA", soa))
    return message.to_wire()


def parse(wire: bytes, kind: str = "A", name: str = "a.example", ident: int = ID) -> Response | None:
    return parse_response(wire, ident, to_name(name), to_type(kind))


def answer(wire: bytes, kind: str = "A", name: str = "a.example") -> Records | Missing:
    parsed = parse(wire, kind, name)
    assert parsed is not None
    return parsed.answer


def test_query_is_read_back_by_dnspython() -> None:
    message = dns.message.from_wire(encode_query(ID, to_name("mail.Example"), to_type("MX")))
    assert (message.id, message.edns, message.payload) == (ID, 0, 1232)
    assert message.question[0].to_text() == "mail.Example. IN MX"
    assert dns.message.from_wire(encode_query(ID, to_name("x"), to_type("A"), edns=False)).edns == -1


@pytest.mark.parametrize(
    ("kind", "records", "values"),
    [
        ("A", ["a.example. 300 A 192.0.2.1"], ("192.0.2.1",)),
        ("A", ["A.EXAMPLE. 300 A 192.0.2.1"], ("192.0.2.1",)),
        ("AAAA", ["a.example. 300 AAAA 2001:DB8:0::1"], ("2001:db8::1",)),
        ("MX", ["a.example. 300 MX 20 b.example.", "a.example. 300 MX 5 c.example."], ("5 c.example", "20 b.example")),
        ("MX", ["a.example. 300 MX 0 ."], ("0 .",)),
        ("TXT", ['a.example. 300 TXT "v=spf1 " "-all"'], ("v=spf1 -all",)),
        ("TXT", ['a.example. 300 TXT "\\255x"'], ("\ufffdx",)),
        ("NS", ["a.example. 300 NS ns.example."], ("ns.example",)),
        ("PTR", ["a.example. 300 PTR a\\032b.example."], ("a\\032b.example",)),
        ("SRV", ["a.example. 300 SRV 1 2 25 x.example."], ("1 2 25 x.example.",)),
        ("A", ["a.example. 300 CNAME b.example.", "b.example. 60 A 192.0.2.2"], ("192.0.2.2",)),
        ("CNAME", ["a.example. 300 CNAME b.example."], ("b.example",)),
    ],
)
def test_records(kind: str, records: list[str], values: tuple[str, ...]) -> None:
    got = answer(response(kind, *records), kind)
    assert isinstance(got, Records)
    assert got.values == values


def test_time_to_live_is_the_least_of_the_chain_and_bounded() -> None:
    wire = response("A", "a.example. 300 CNAME b.example.", "b.example. 60 A 192.0.2.2")
    assert parse(wire) == Response(Records(("192.0.2.2",), 60), 60)
    assert parse(response("A", "a.example. 2000000000 A 192.0.2.1")).ttl == MAX_TTL
    wire = response("A", "a.example. 1 A 192.0.2.1").replace(
        b"\0\0\0\1\0\4\xc0\0\2\1", b"\xff\xff\xff\xff\0\4\xc0\0\2\1"
    )
    assert parse(wire) == Response(Records(("192.0.2.1",), 0), 0)


@pytest.mark.parametrize(
    ("wire", "missing", "ttl"),
    [
        (response("A", rcode=3, soa="a. b. 1 2 3 4 55"), Missing.NO_DOMAIN, 55),
        (response("A", soa="a. b. 1 2 3 4 99999999"), Missing.NO_DATA, 7200),
        (response("A", rcode=3), Missing.NO_DOMAIN, 0),
        (response("A"), Missing.NO_DATA, 0),
        (response("A", flags=0x8100), Missing.TRY_AGAIN, 0),  # lame
        (response("A", rcode=2), Missing.TRY_AGAIN, 0),
        (response("A", rcode=5), Missing.TRY_AGAIN, 0),
        (response("A", "a.example. 9 CNAME b.example.", rcode=3, soa="a. b. 1 2 3 4 55"), Missing.NO_DOMAIN, 9),
        (response("A", "a.example. 9 CNAME b.example.", soa="a. b. 1 2 3 4 55"), Missing.NO_DATA, 9),
        (response("A", "other.example. 9 A 192.0.2.1", soa="a. b. 1 2 3 4 55"), Missing.NO_DATA, 55),
    ],
)
def test_no_records(wire: bytes, missing: Missing, ttl: int) -> None:
    assert parse(wire) == Response(missing, ttl)


def test_a_server_without_edns_is_told_apart() -> None:
    for rcode, plain in ((1, True), (4, True), (2, False)):
        assert parse(response("A", rcode=rcode)) == Response(Missing.TRY_AGAIN, plain=plain)
    assert parse(struct.pack("!6H", ID, 0x8181, 0, 0, 0, 0)) == Response(Missing.TRY_AGAIN, plain=True)


def test_truncated() -> None:
    assert parse(response("A", flags=0x8780)) == Response(Missing.TRY_AGAIN, truncated=True)


def test_not_our_answer() -> None:
    good = response("A", "a.example. 300 A 192.0.2.1")
    assert parse(good, ident=ID + 1) is None
    assert parse(good, kind="AAAA") is None
    assert parse(good, name="b.example") is None
    assert parse(encode_query(ID, to_name("a.example"), to_type("A"))) is None
    assert parse(good[:2] + b"\xa5" + good[3:]) is None  # another opcode
    assert parse(struct.pack("!6H", ID, 0x8180, 0, 0, 0, 0)) is None
    for short in (b"", good[:11], good[:20]):
        assert parse(short) is None


HEADER = struct.pack("!6H", ID, 0x8580, 1, 1, 0, 0) + b"\1a\7example\0\0\1\0\1"


@pytest.mark.parametrize(
    "tail",
    [
        b"",
        b"\xc0\x1b",  # a pointer to itself
        b"\xc0\xff\0\1\0\1\0\0\0\1\0\4\1\2\3\4",  # forward
        b"\xc0\x0c\0\1\0\1\0\0\0\1\0\3\1\2\3",  # three octets of address
        b"\xc0\x0c\0\1\0\1\0\0\0\1\xff\xff\1\2\3\4",
        b"\x80\x0c\0\1\0\1\0\0\0\1\0\4\1\2\3\4",
    ],
)
def test_garbage_behind_a_good_header_is_a_fault(tail: bytes) -> None:
    assert answer(HEADER + tail) is Missing.TRY_AGAIN


def test_cname_loop_has_no_data_and_a_long_chain_is_a_fault() -> None:
    loop = response("A", "a.example. 9 CNAME b.example.", "b.example. 9 CNAME a.example.")
    assert answer(loop) is Missing.NO_DATA
    names = ["a", *(f"n{i}" for i in range(40))]
    chain = [f"{one}.example. 9 CNAME {two}.example." for one, two in itertools.pairwise(names)]
    assert answer(response("A", *chain, "n39.example. 9 A 192.0.2.1")) is Missing.TRY_AGAIN


def test_answer_of_thousands_is_not_walked() -> None:
    wire = struct.pack("!6H", ID, 0x8580, 1, 5000, 0, 0) + HEADER[12:] + b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\1\2\3\4" * 5000
    assert answer(wire) is Missing.TRY_AGAIN


@pytest.mark.parametrize(
    "text", ["", "@", "a..b", "." * 300, "x" * 64, "é" * 70 + ".example", ".a", "a\\", "\udc80.example"]
)
def test_names_that_cannot_be(text: str) -> None:
    assert to_name(text) is None


def test_international_name() -> None:
    assert to_name("bücher.example").to_text() == "xn--bcher-kva.example."


def test_unknown_type_is_our_fault() -> None:
    with pytest.raises(ValueError, match="no DNS record type"):
        to_type("NOPE")


GOOD = [
    ("MX", response("MX", "a.example. 300 MX 20 b.example.", "a.example. 300 MX 5 c.example.")),
    ("TXT", response("TXT", 'a.example. 300 TXT "v=spf1 " "-all"')),
    ("A", response("A", "a.example. 300 CNAME b.example.", "b.example. 60 A 192.0.2.2")),
    ("A", response("A", rcode=3, soa="a. b. 1 2 3 4 55")),
    ("SRV", response("SRV", "a.example. 300 SRV 1 2 25 x.example.")),
    ("NSEC", response("NSEC", "a.example. 300 NSEC b.example. A MX")),
    ("LOC", response("LOC", "a.example. 300 LOC 60 9 0.000 N 24 39 0.000 E 10.00m 20m 2000m 20m")),
]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(GOOD),
    st.lists(st.tuples(st.integers(2, 120), st.integers(0, 255)), max_size=4),
    st.integers(0, 120),
)
def test_a_damaged_answer_never_raises(good: tuple[str, bytes], damage: list[tuple[int, int]], cut: int) -> None:
    kind, wire = good
    damaged = bytearray(wire)
    for at, value in damage:
        damaged[at % len(damaged)] = value
    damaged[:2] = wire[:2]
    for sample in (bytes(damaged), bytes(damaged[: len(damaged) - cut])):
        parse(sample, kind)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.sampled_from(["A", "MX", "TXT", "SRV", "NAPTR", "SVCB", "OPT", "TSIG", "APL", "CAA"]))
def test_any_bytes_behind_a_good_question_never_raise(tail: bytes, kind: str) -> None:
    number = to_type(kind)
    parse(HEADER[:-4] + struct.pack("!HH", number, 1) + tail, kind)
    record = struct.pack("!HHHIH", 0xC00C, number, 1, 60, len(tail)) + tail
    parse(HEADER[:-4] + struct.pack("!HH", number, 1) + record, kind)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_to_name_takes_any_text(text: str) -> None:
    name = to_name(text)
    assert name is None or name.is_absolute()
