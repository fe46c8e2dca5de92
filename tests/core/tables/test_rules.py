"""cidr:, pcre: and regexp: tables beyond the corpus: hostile text, time, and the same answers as a plain search."""

from __future__ import annotations

import ipaddress
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.tables import cidr, pcre, regexp
from gatepost.core.tables.posix import PosixError, translate
from gatepost.core.tables.table import Entry

RULES = st.one_of(
    st.text(max_size=150),
    st.text("/!ifendx(a)[]{}1.2:,*+?|^$\\ \n\t<>`'-=", max_size=80),
    st.lists(
        st.sampled_from(
            [
                "if /a/",
                "endif",
                "/a/ x",
                "!/b/ $1",
                "/(a)/i $1",
                "if 1.2.3.0/24",
                "1.2.3.4 y",
                "!::/0 z",
                " a",
                "#",
                "if",
            ]
        ),
        max_size=12,
    ).map("\n".join),
)


@settings(max_examples=80, deadline=None)
@given(RULES, st.text(max_size=20))
@pytest.mark.parametrize("compile", [cidr.compile, pcre.compile, regexp.compile])
def test_never_fails(compile: type, text: str, key: str) -> None:
    table, _ = compile("x", text, "/x")
    for one in (key, "a", "ab", "1.2.3.4", "::1", "\udcff"):
        entry = table.get(one)
        assert entry is None or isinstance(entry, Entry)
    list(table.right_sides())


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=60), st.booleans(), st.booleans())
def test_translation_gives_an_expression_or_says_why(pattern: bytes, basic: bool, newline: bool) -> None:
    try:
        assert isinstance(translate(pattern, basic=basic, newline=newline, ignore_case=newline), bytes)
    except PosixError as error:
        assert str(error)


NETWORKS = st.tuples(st.integers(0, 0xFFFFFFFF), st.integers(0, 32)).map(
    lambda pair: ipaddress.IPv4Network(
        (pair[0] & 0xC0000003 >> (32 - pair[1]) << (32 - pair[1]), pair[1]), strict=False
    )
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), NETWORKS), max_size=20), st.lists(st.integers(0, 0xFFFFFFFF), max_size=10))
def test_networks_are_found_as_by_looking_at_each(
    rules: list[tuple[bool, ipaddress.IPv4Network]], keys: list[int]
) -> None:
    text = "".join(f"{'!' if negate else ''}{network} {number}\n" for number, (negate, network) in enumerate(rules))
    table, problems = cidr.compile("x", text, "/x")
    assert problems == ()
    for key in [*keys, *(int(network.network_address) for _, network in rules)]:
        address = ipaddress.IPv4Address(key)
        wanted = next((n for n, (negate, network) in enumerate(rules) if (address in network) is not negate), None)
        entry = table.get(str(address))
        assert (entry and int(entry.value)) == wanted


def test_a_big_list_of_networks_is_found_fast() -> None:
    text = "".join(f"10.{a}.{b}.0/24 {a}\n" for a in range(250) for b in range(200))
    table, _ = cidr.compile("x", text, "/x")
    assert len(table) == 50_000
    start = time.process_time()
    for _ in range(1000):
        assert table.get("10.249.199.7")
    assert time.process_time() - start < 0.2


def test_right_sides_leave_out_what_only_the_key_decides() -> None:
    table, _ = pcre.compile("x", "/(a)/ $1\n/(b)/ REJECT $1 for $$5\n/c/ OK\n", "/x")
    assert [entry.value for entry in table.right_sides()] == ["REJECT $1 for $5", "OK"]


def test_lines_are_kept() -> None:
    table, _ = pcre.compile("x", "#\n/(a)/ $1\n\n/b/ OK\n", "/x")
    assert [str(entry.place) for key in ("a", "b") if (entry := table.get(key))] == ["/x:2", "/x:4"]


@pytest.mark.parametrize("compile", [pcre.compile, regexp.compile])
def test_matching_has_a_limit(compile: type) -> None:
    table, problems = compile("x", "/^(a+)+$/ x\n/^((a|a)*)*b$/ y\n/(.)*z$/ w\n/!/ z\n", "/x")
    assert problems == ()
    start = time.process_time()
    entry = table.get("a" * 5000 + "!")
    assert time.process_time() - start < 1
    assert entry == Entry("z", entry.place)


@pytest.mark.parametrize(
    "text",
    [
        "if /a/\n" * 5_000,
        "if /a/\n" * 5_000 + "/b/ x\n" + "endif\n" * 5_000,
        "!" * 200_000,
        "/" + "a" * 200_000,
        "/a/ " + "${" * 100_000,
        "/(a)/ " + "$1" * 50_000,
        "/" + "(" * 50_000 + "/ x",
        "/a" + "*" * 50_000 + "/ x",
        "/" + "[" * 100_000 + "/ x",
        "[" * 200_000,
        "1.2.3.4/" + "9" * 200_000 + " x",
    ],
)
@pytest.mark.parametrize("compile", [cidr.compile, pcre.compile, regexp.compile])
def test_is_linear(compile: type, text: str) -> None:
    start = time.process_time()
    table, _ = compile("x", text, "/x")
    table.get("a")
    table.get("1.2.3.4")
    assert time.process_time() - start < 3
