"""DNS messages, as far as a resolver's client needs them (RFC 1035 section 4, RFC 6891, RFC 2308).

Pure: bytes to values and back. Names and record data are dnspython's; the envelope around them is walked here, because
only the records that answer the question are worth parsing, and a hostile answer must not cost more than a good one.
Every bound on an answer stands here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.wire

from gatepost.core.ask import Missing, Records

EDNS_PAYLOAD = 1232  # octets; what passes everywhere without fragments (RFC 6891 section 6.2.5)
MAX_UDP = 4096  # octets of a datagram that we look at
MAX_RECORDS = 512  # records that we walk over in one section
MAX_VALUES = 256  # records that one answer holds
MAX_CHAIN = 16  # CNAMEs followed
MAX_TTL = 86400  # seconds
MAX_NEGATIVE_TTL = 10800  # seconds; RFC 2308 section 5 advises one to three hours

_HEADER = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")
_IN = dns.rdataclass.IN
_NAMES = {dns.rdatatype.PTR, dns.rdatatype.NS, dns.rdatatype.CNAME, dns.rdatatype.DNAME}
_OPT = b"\0" + _RECORD.pack(dns.rdatatype.OPT, EDNS_PAYLOAD, 0, 0)
# What dnspython raises on bytes that are no name or no record of the type, its own errors and what shines through.
_GARBAGE = (dns.exception.DNSException, ValueError, IndexError, KeyError, OverflowError, struct.error)


@dataclass(frozen=True, slots=True)
class Response:
    """What one nameserver said to one question.

    ``ttl`` is how many seconds the answer may be kept. ``truncated`` asks for TCP, ``plain`` for the question again
    without EDNS; the answer is TRY_AGAIN then.
    """

    answer: Records | Missing
    ttl: int = 0
    truncated: bool = False
    plain: bool = False


FAILED = Response(Missing.TRY_AGAIN)


def to_name(text: str) -> dns.name.Name | None:
    """The absolute name, internationalised labels encoded (RFC 3490); None for text that can be no DNS name."""
    if not text or text == "@":
        return None
    try:
        return dns.name.from_text(text)
    except (dns.exception.DNSException, ValueError):
        return None


def to_type(text: str) -> dns.rdatatype.RdataType:
    """The record type. Raises ValueError for one that does not exist: types come from us, never from a peer."""
    try:
        return dns.rdatatype.from_text(text)
    except dns.exception.DNSException as error:
        raise ValueError(f"no DNS record type: {text!r}") from error


def encode_query(ident: int, name: dns.name.Name, kind: dns.rdatatype.RdataType, *, edns: bool = True) -> bytes:
    """A recursive query."""
    header = _HEADER.pack(ident, 0x0100, 1, 0, 0, 1 if edns else 0)
    return header + (name.to_wire() or b"") + struct.pack("!HH", kind, _IN) + (_OPT if edns else b"")


def parse_response(wire: bytes, ident: int, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> Response | None:
    """What ``wire`` answers to the question; None where it is no answer to it, and the real one may still come.

    Never raises. Garbage behind a matching header and question is FAILED.
    """
    if len(wire) < _HEADER.size:
        return None
    got, flags, questions, answers, authorities, _ = _HEADER.unpack_from(wire)
    rcode = flags & 0x000F
    if got != ident or not flags & 0x8000 or flags & 0x7800:
        return None
    if questions == 0 and rcode not in (0, 3):
        return Response(Missing.TRY_AGAIN, plain=rcode in (1, 4))
    parser = dns.wire.Parser(wire, _HEADER.size)
    try:
        if questions != 1 or dns.name.from_wire_parser(parser) != name or parser.get_struct("!HH") != (kind, _IN):
            return None
    except _GARBAGE:
        return None
    if flags & 0x0200:
        return Response(Missing.TRY_AGAIN, truncated=True)
    if rcode not in (0, 3):
        return Response(Missing.TRY_AGAIN, plain=rcode in (1, 4))
    try:
        return _read(parser, flags, answers, authorities, name, kind)
    except _GARBAGE:
        return FAILED


def _read(
    parser: dns.wire.Parser,
    flags: int,
    answers: int,
    authorities: int,
    name: dns.name.Name,
    kind: dns.rdatatype.RdataType,
) -> Response:
    if answers > MAX_RECORDS:
        return FAILED
    found: dict[dns.name.Name, list[tuple[int, dns.rdata.Rdata]]] = {}
    aliases: dict[dns.name.Name, tuple[int, dns.rdata.Rdata]] = {}
    for _ in range(answers):
        owner, type_, ttl, rdata = _record(parser, (kind, dns.rdatatype.CNAME))
        if rdata is None:
            continue
        if type_ == kind:
            found.setdefault(owner, []).append((ttl, rdata))
        else:
            aliases.setdefault(owner, (ttl, rdata))
    ttl = MAX_TTL
    passed = {name}
    for _ in range(MAX_CHAIN):
        if name in found and not flags & 0x000F:
            records = found[name][:MAX_VALUES]
            ttl = min(ttl, *(each for each, _ in records))
            return Response(Records(_texts(kind, [rdata for _, rdata in records]), ttl), ttl)
        if name not in aliases:
            break
        alias_ttl, alias = aliases[name]
        ttl, name = min(ttl, alias_ttl), alias.target  # type: ignore[attr-defined]
        if name in passed:  # Postfix: a loop is a domain without mail, not a fault that may pass
            return Response(Missing.NO_DATA, ttl)
        passed.add(name)
    else:
        return FAILED
    return _negative(parser, flags, answers, authorities, ttl)


def _negative(parser: dns.wire.Parser, flags: int, answers: int, authorities: int, ttl: int) -> Response:
    """No records: NXDOMAIN, or no data; a lame server's empty answer is a failure."""
    keep = None
    for _ in range(min(authorities, MAX_RECORDS)):
        _, _, soa_ttl, soa = _record(parser, (dns.rdatatype.SOA,))
        if soa is not None:
            keep = min(ttl, soa_ttl, soa.minimum, MAX_NEGATIVE_TTL)  # type: ignore[attr-defined]
            break
    if flags & 0x000F == 3:
        return Response(Missing.NO_DOMAIN, keep or 0)
    # Neither authoritative nor recursive, and nothing to say: it was asked for a zone that it does not serve.
    if keep is None and not answers and not flags & 0x0480:
        return FAILED
    return Response(Missing.NO_DATA, keep or 0)


def _record(parser: dns.wire.Parser, wanted: tuple[int, ...]) -> tuple[dns.name.Name, int, int, dns.rdata.Rdata | None]:
    """Owner, type, TTL, and the record data where the type is wanted (else None)."""
    owner = dns.name.from_wire_parser(parser)
    type_, class_, ttl, length = parser.get_struct("!HHIH")
    if ttl > 0x7FFFFFFF:  # RFC 2181 section 8
        ttl = 0
    if class_ != _IN or type_ not in wanted:
        parser.get_bytes(length)
        return owner, type_, ttl, None
    with parser.restrict_to(length):
        rdata = dns.rdata.from_wire_parser(_IN, dns.rdatatype.RdataType.make(type_), parser)
    return owner, type_, ttl, rdata


def _texts(kind: int, rdatas: list[dns.rdata.Rdata]) -> tuple[str, ...]:
    """As core.ask.Records holds them; MX by preference. Bytes of a TXT that are no UTF-8 become U+FFFD."""
    if kind == dns.rdatatype.MX:
        pairs = sorted((each.preference, each.exchange.to_text(True)) for each in rdatas)  # type: ignore[attr-defined]
        return tuple(f"{preference} {exchange}" for preference, exchange in pairs)
    if kind == dns.rdatatype.TXT:
        return tuple(b"".join(each.strings).decode("utf-8", "replace") for each in rdatas)  # type: ignore[attr-defined]
    if kind in _NAMES:
        return tuple(each.target.to_text(True) for each in rdatas)  # type: ignore[attr-defined]
    return tuple(each.to_text() for each in rdatas)
