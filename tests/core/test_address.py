"""Addresses, host names and literals: parsed, written out again, and never an error but AddressError."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.address import NULL, Address, is_valid_hostname, parent_domains, parse_literal, split_address
from gatepost.core.errors import AddressError
from gatepost.core.smtp.grammar import parse_path

LOCAL = st.text(st.characters(exclude_characters="\t\r\n\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "one.example",
        "ONE.example",
        "a_b.example",
        "_dmarc.one.example",
        "1.example",
        "a.1",
        "x--y.example",
        "öne.example",
    ],
)
def test_host_names(name: str) -> None:
    assert is_valid_hostname(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "-a",
        "a-",
        "a.-b",
        "a b",
        "a!b",
        "192.0.2.1",
        "1",
        "1.2.3",
        "x" * 64,
        "a:b",
        "a@b",
        "[a]",
        "a\n",
    ],
)
def test_what_is_no_host_name(name: str) -> None:
    assert not is_valid_hostname(name)


def test_a_host_name_has_at_most_255_octets() -> None:
    assert is_valid_hostname(".".join(["a" * 63] * 3 + ["a" * 61]))
    assert not is_valid_hostname(".".join(["a" * 63] * 4) + ".a")


@pytest.mark.parametrize(
    ("text", "address"),
    [("[192.0.2.1]", "192.0.2.1"), ("[IPv6:2001:DB8::1]", "2001:db8::1"), ("[ipv6:::1]", "::1")],
)
def test_literals(text: str, address: str) -> None:
    assert str(parse_literal(text)) == address


@pytest.mark.parametrize(
    "text", ["", "[]", "192.0.2.1", "[192.0.2]", "[2001:db8::1]", "[IPv6:192.0.2.1]", "[IPv6:]", "[x]", "[192.0.2.1"]
)
def test_what_is_no_literal(text: str) -> None:
    with pytest.raises(AddressError):
        parse_literal(text)


@pytest.mark.parametrize(
    ("address", "text", "external"),
    [
        (Address("ann", "one.example"), "ann@one.example", "ann@one.example"),
        (Address("ann b", "one.example"), "ann b@one.example", '"ann b"@one.example'),
        (Address('a"b\\', "one.example"), 'a"b\\@one.example', '"a\\"b\\\\"@one.example'),
        (Address("a..b", "one.example"), "a..b@one.example", '"a..b"@one.example'),
        (Address("a@b", "[192.0.2.1]"), "a@b@[192.0.2.1]", '"a@b"@[192.0.2.1]'),
        (Address("postmaster", ""), "postmaster", "postmaster"),
        (NULL, "", ""),
    ],
)
def test_an_address_has_two_forms(address: Address, text: str, external: str) -> None:
    assert (address.text, address.external, str(address)) == (text, external, f"<{text}>")
    assert split_address(text) == address


def test_what_an_address_is() -> None:
    assert NULL.is_null and not Address("a", "").is_null
    assert Address("a", "[192.0.2.1]").is_literal and not Address("a", "b").is_literal


def test_parent_domains() -> None:
    assert parent_domains("a.b.example") == ["b.example", "example"]
    assert parent_domains("example") == []
    assert parent_domains("[192.0.2.1]") == []


@given(LOCAL)
def test_the_external_form_is_read_back(local: str) -> None:
    address = Address(local, "one.example")
    assert parse_path(f"<{address.external}>") == address


@given(st.text(max_size=40))
def test_anything_is_a_host_name_or_not(text: str) -> None:
    assert is_valid_hostname(text) in (True, False)
    assert split_address(text).text == text or text.endswith("@")
    with contextlib.suppress(AddressError):
        parse_literal(text)
