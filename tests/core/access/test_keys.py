"""The keys that the running Postfix 3.7 asked an indexed table for, in its order (access(5))."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.access.keys import (
    address_keys,
    host_keys,
    mail_keys,
    null_sender_keys,
    split_extension,
    whole_forms,
)
from gatepost.core.address import split_address

HOSTS = [
    ("host.sub.example.com", "host.sub.example.com sub.example.com example.com com"),
    ("unknown", "unknown"),
    ("x", "x"),
    ("h.", "h."),
    ("a.b.c.", "a.b.c. b.c. c."),
    ("a..b.c", "a..b.c .b.c c"),
    ("a.b..c", "a.b..c b..c .c"),
    (".h.x", ".h.x x"),
    (".", "."),
    ("..", ".."),
    ("1.2.3.4", "1.2.3.4"),
    ("1.2.3", "1.2.3 2.3 3"),
    ("1.2.3.4.5", "1.2.3.4.5 2.3.4.5 3.4.5 4.5 5"),
    ("[1.2.3.4]", "[1.2.3.4] 2.3.4] 3.4] 4]"),
    ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
    ("2001:db8::1", "2001:db8::1"),
    ("-x-.foo_bar", "-x-.foo_bar foo_bar"),
    ("foo?bar", "foo?bar"),
    ("Émile.Example", "Émile.Example example"),
]

DOTTED_HOSTS = [
    ("a.b.c", "a.b.c .b.c .c"),
    (".h.i.j", ".h.i.j .i.j .j"),
    ("h..j", "h..j ..j .j"),
    ("a.b.c.", "a.b.c. .b.c. .c. ."),
    ("h..", "h.. .. ."),
    ("1.2.3.04", "1.2.3.04"),
    ("0.0.0.0", "0.0.0.0"),
    ("256.1.1.1", "256.1.1.1 .1.1.1 .1.1 .1"),
    ("0x1.2.3.4", "0x1.2.3.4 .2.3.4 .3.4 .4"),
    ("1.2.3.4.", "1.2.3.4. .2.3.4. .3.4. .4. ."),
    ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
    ("1:2.3.4.5", "1:2.3.4.5 .3.4.5 .4.5 .5"),
    ("FE80:1.2", "FE80:1.2 .2"),
]

ADDRESSES = [
    ("192.0.2.33", "192.0.2.33 192.0.2 192.0 192"),
    ("2001:db8::1:2", "2001:db8::1:2 2001:db8::1 2001:db8: 2001:db8 2001"),
    ("::1", "::1 :"),
    ("1::", "1:: 1: 1"),
    ("fe80::1", "fe80::1 fe80: fe80"),
    ("1:0:0:2::3", "1:0:0:2::3 1:0:0:2: 1:0:0:2 1:0:0 1:0 1"),
    (
        "2001:db8::1:0:0:1",
        "2001:db8::1:0:0:1 2001:db8::1:0:0 2001:db8::1:0 2001:db8::1 2001:db8: 2001:db8 2001",
    ),
]

MAIL = [  # recipient_delimiter, address in its internal form, keys
    ("+", "User+Ext@A.ORG", "user+ext@a.org|user@a.org|a.org|org|user+ext@|user@"),
    ("", "user+ext@a.example", "user+ext@a.example|a.example|example|user+ext@"),
    ("+", "x@[1.2.3.4]", "x@[1.2.3.4]|[1.2.3.4]|2.3.4]|3.4]|4]|x@"),
    ("+", "a@[IPv6:2001:db8::1]", "a@[ipv6:2001:db8::1]|[ipv6:2001:db8::1]|a@"),
    ("+", "a@b@c.example", '"a@b"@c.example|a@b@c.example|c.example|example|"a@b"@|a@b@'),
    ("+", "a b+x@b.c", '"a b+x"@b.c|a b+x@b.c|"a b"@b.c|a b@b.c|b.c|c|"a b+x"@|a b+x@|"a b"@|a b@'),
    ("+", "x+y z@b", '"x+y z"@b|x+y z@b|x@b|b|"x+y z"@|x+y z@|x@'),
    ("+", "@b.example", '""@b.example|@b.example|b.example|example|""@|@'),
    ("+", 'a"b@c', '"a\\"b"@c|a"b@c|c|"a\\"b"@|a"b@'),
    ("+", ".a@b", '".a"@b|.a@b|b|".a"@|.a@'),
    ("+", "+ext@c", "+ext@c|c|+ext@"),
    ("+", "a++b@c", "a++b@c|a@c|c|a++b@|a@"),
    ("+", "a+@c", "a+@c|a@c|c|a+@|a@"),
    ("+", "owner-x+y@c", "owner-x+y@c|owner-x@c|c|owner-x+y@|owner-x@"),
    ("+", "Émile+É@Ünï.example", "émile+é@ünï.example|émile@ünï.example|ünï.example|example|émile+é@|émile@"),
]  # fmt: skip

EXTENSIONS = [  # recipient_delimiter, owner_request_special, local part, without extension
    ("-+", True, "a-b+c", "a"),
    ("-+", True, "a+b-c", "a"),
    ("-+", True, "owner-foo", None),
    ("-+", True, "Owner-foo", None),
    ("-+", True, "owner-foo+x", None),
    ("-+", True, "owner+x-y", "owner"),
    ("-+", True, "foo-request", None),
    ("-+", True, "a+b-request", None),
    ("-+", True, "foo-request+x", "foo"),
    ("-+", True, "mailer-daemon", None),
    ("-+", True, "MAILER-daemon", None),
    ("-+", True, "mailer-daemon-x", "mailer"),
    ("-+", True, "double-bounce", None),
    ("-+", True, "double-bounce+x", "double"),
    ("-+", True, "x-", "x"),
    ("+-", True, "+a+b", None),
    ("+-", True, "+-a", None),
    ("-", False, "foo-request", "foo"),
    ("-", False, "owner-x", "owner"),
    ("-", False, "mailer-daemon", None),
    ("", True, "a+b", None),
]


@pytest.mark.parametrize(("name", "keys"), HOSTS)
def test_host(name: str, keys: str) -> None:
    assert host_keys(name) == tuple(keys.split(" "))


@pytest.mark.parametrize(("name", "keys"), DOTTED_HOSTS)
def test_host_with_dotted_parents(name: str, keys: str) -> None:
    assert host_keys(name, dotted=True) == tuple(keys.split(" "))


@pytest.mark.parametrize(("address", "keys"), ADDRESSES)
def test_address(address: str, keys: str) -> None:
    assert address_keys(address) == tuple(keys.split(" "))


@pytest.mark.parametrize(("delimiter", "address", "keys"), MAIL)
def test_mail_address(delimiter: str, address: str, keys: str) -> None:
    expected = tuple(keys.split("|"))
    assert mail_keys(split_address(address), delimiter=delimiter) == expected
    assert whole_forms(split_address(address)) == (2 if expected[0].startswith('"') else 1)


def test_mail_address_with_dotted_parents() -> None:
    keys = mail_keys(split_address("a-b+c@c.b.example"), delimiter="-+", dotted=True)
    assert keys == ("a-b+c@c.b.example", "a@c.b.example", "c.b.example", ".b.example", ".example", "a-b+c@", "a@")


def test_null_sender() -> None:
    assert null_sender_keys("<>") == ("<>",)
    assert null_sender_keys("") == ()


@pytest.mark.parametrize(("delimiter", "owner_request", "local", "shorter"), EXTENSIONS)
def test_extension(delimiter: str, owner_request: bool, local: str, shorter: str | None) -> None:
    assert split_extension(local, delimiter, owner_request) == shorter


def test_parents_of_a_very_long_name_are_bounded() -> None:
    keys = host_keys("a." * 1_000_000)
    assert len(keys) <= 130
    assert all(len(key) <= 256 for key in keys[1:])
    keys = mail_keys(split_address("x@" + ".a" * 100_000))
    assert len(keys) <= 135


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text("+-=", max_size=3), st.booleans())
def test_never_fails(text: str, delimiter: str, dotted: bool) -> None:
    assert host_keys(text, dotted=dotted)[0] == text
    assert address_keys(text)[0] == text
    assert mail_keys(split_address(text), delimiter=delimiter, dotted=dotted)
