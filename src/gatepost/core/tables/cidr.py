"""cidr: tables: networks in order, the first match counts (cidr_table(5)).

    192.0.2.0/24        REJECT
    !2001:db8::/32      DUNNO
    if 198.51.100.0/24
    198.51.100.7        OK
    endif

A run of plain entries costs one dictionary per prefix length in it, however many there are. ``!`` matches addresses of
the same family only. A key that is no address matches nothing.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from gatepost.core.errors import Problem, Severity
from gatepost.core.tables.program import Builder, Program, Test, run
from gatepost.core.tables.source import logical_lines, unusable
from gatepost.core.tables.table import Entry

Key = tuple[int, int]  # the address's width in bits, and its value
Network = tuple[int, int, int]  # width, prefix length, the network's value

_IF = re.compile(r"if(?![A-Za-z0-9])\s*(.*)\Z", re.IGNORECASE | re.ASCII | re.DOTALL)
_ENDIF = re.compile(r"endif(?![A-Za-z0-9])\s*(.*)\Z", re.IGNORECASE | re.ASCII | re.DOTALL)
_NOT = re.compile(r"(?:!\s*)*", re.ASCII)
_RULE = re.compile(r"(\[[^]\s]*\]\S*|\S+)\s*(.*)\Z", re.ASCII | re.DOTALL)
_PREFIX = re.compile(r"[0-9]+\Z")
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}\Z")


class CidrTable:
    __slots__ = ("_program", "_results", "name")

    pattern = True

    def __init__(self, name: str, program: Program, results: list[Entry]) -> None:
        self.name = name
        self._program = program
        self._results = results

    def get(self, key: str) -> Entry | None:
        """The first entry whose network holds the address ``key``."""
        address = _address(key)
        if address is None:
            return None
        match = run(self._program, address)
        if match is None:
            return None
        found, result = match
        number: int = found if result is None else result
        return self._results[number]

    def right_sides(self) -> Iterator[Entry]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)


class Run:
    """Consecutive plain entries: called with an address, the number of the first entry that holds it, or None."""

    __slots__ = ("_widths",)

    def __init__(self) -> None:
        self._widths: dict[int, dict[int, dict[int, int]]] = {32: {}, 128: {}}  # width -> bits to drop -> network

    def add(self, network: Network, number: int) -> None:
        width, prefix, value = network
        drop = width - prefix
        self._widths[width].setdefault(drop, {}).setdefault(value >> drop, number)

    def __call__(self, address: Key) -> int | None:
        width, value = address
        first = None
        for drop, numbers in self._widths[width].items():
            number = numbers.get(value >> drop)
            if number is not None and (first is None or number < first):
                first = number
        return first


def compile(name: str, text: str, file: str) -> tuple[CidrTable, tuple[Problem, ...]]:
    """The table in ``text``; a bad rule is a Problem and matches nothing. Never raises."""
    problems: list[Problem] = []
    builder = Builder(file, problems)
    results: list[Entry] = []
    plain: Run | None = None
    for line, source in logical_lines(text):
        if fault := unusable(source):
            builder.complain(line, fault)
        elif match := _ENDIF.match(source):
            plain = None
            builder.end(line, match[1])
        elif match := _IF.match(source):
            plain = None
            negate, pattern = _negation(match[1])
            network = _network(pattern, line, builder)
            builder.begin(line, _tester(network, negate) if network else None, False)
        else:
            negate, rest = _negation(source)
            rule = _rule(rest, line, builder)
            if rule is None:
                continue
            network, value = rule
            results.append(Entry(value, builder.place(line)))
            if negate:
                plain = None
                builder.rule(_tester(network, True), False, len(results) - 1)
                continue
            if plain is None:
                plain = Run()
                builder.rule(plain, False, None)
            plain.add(network, len(results) - 1)
    return CidrTable(name, builder.finish(), results), tuple(problems)


def _negation(text: str) -> tuple[bool, str]:
    """Whether an odd number of ``!`` stands in front, and what follows."""
    match = _NOT.match(text)
    marks = match[0] if match else ""
    return marks.count("!") % 2 == 1, text[len(marks) :]


def _rule(text: str, line: int, builder: Builder) -> tuple[Network, str] | None:
    match = _RULE.match(text)
    if match is None:
        builder.complain(line, "'!' without a network")
        return None
    network = _network(match[1], line, builder)
    if network is None:
        return None
    if not match[2]:
        builder.complain(line, f"'{match[1]}' has no value; the line is skipped", Severity.WARNING)
        return None
    return network, match[2]


def _network(text: str, line: int, builder: Builder) -> Network | None:
    """The network that ``text`` names, or None after a complaint."""
    fault = f"'{text}' is no network: 192.0.2.0/24, 2001:db8::/32 or an address" if text else "if without a network"
    pattern = text
    if text.startswith("["):
        inner, bracket, rest = text[1:].partition("]")
        pattern = inner + rest if bracket and (not rest or rest[0] == "/") else ""
    address, slash, length = pattern.partition("/")
    parsed = _address(address)
    if parsed is not None and (not slash or _PREFIX.match(length)):
        width, value = parsed
        prefix = int(length[:9]) if slash else width
        drop = width - prefix
        if drop < 0:
            fault = f"'{text}': the prefix length is at most {width}"
        elif value >> drop << drop == value:
            return width, prefix, value
        else:
            kind = ipaddress.IPv4Network if width == 32 else ipaddress.IPv6Network
            fault = f"'{text}' has bits set beyond its prefix, did you mean {kind((value >> drop << drop, prefix))}?"
    builder.complain(line, fault)
    return None


def _tester(network: Network, negate: bool) -> Test:
    """A test for one network; negated, for every other address of the family."""
    width, prefix, value = network
    drop = width - prefix
    wanted = value >> drop

    def test(address: Key) -> bool | None:
        if address[0] != width or (address[1] >> drop == wanted) is negate:
            return None
        return True

    return test


def _address(text: str) -> Key | None:
    if match := _IPV4.match(text):
        a, b, c, d = map(int, match.groups())
        return 32, a << 24 | b << 16 | c << 8 | d
    if ":" not in text or len(text) > 45 or "%" in text:
        return None
    try:
        return 128, int(ipaddress.IPv6Address(text))
    except ValueError:
        return None
