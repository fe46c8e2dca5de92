"""Paths, words and xtext: what comes out, and that nothing else ever does."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.address import NULL, Address
from gatepost.core.errors import AddressError
from gatepost.core.smtp.grammar import decode_xtext, parse_path, split_word, split_words

ODD = st.text(st.sampled_from('<>@,;:\\". ()[]ab1-_\t\x00\x01ä%!+'), max_size=40)


@pytest.mark.parametrize(
    ("text", "local", "domain"),
    [
        ("<ann@one.example>", "ann", "one.example"),
        ("ann@one.example", "ann", "one.example"),
        ("ann@one.example>", "ann", "one.example"),
        ("<Ann@One.Example>", "Ann", "One.Example"),
        ("<ann @one.example>", "ann", "one.example"),
        ('<"ann b"@one.example>', "ann b", "one.example"),
        ('<"ann\\"b"@one.example>', 'ann"b', "one.example"),
        ('<"a\tb"@one.example>', "a b", "one.example"),
        ('<"a".b@one.example>', "a.b", "one.example"),
        ("<a\\@b@one.example>", "a@b", "one.example"),
        ("<a@b@one.example>", "a@b", "one.example"),
        ("<@x,@y:ann@one.example>", "ann", "one.example"),
        ("<ann@[192.0.2.1]>", "ann", "[192.0.2.1]"),
        ("<ann@[192.0.2.1>", "ann", "[192.0.2.1]"),
        ("<ann@[IPv6:2001:db8::1]>", "ann", "[IPv6:2001:db8::1]"),
        ("<ann@one.example (comment)>", "ann", "one.example"),
        ("(comment)<ann@one.example>", "ann", "one.example"),
        ('<"Foo Bar" <ann@one.example>>', "ann", "one.example"),
        ("<<ann@one.example>>", "ann", "one.example"),
        ("<a:b@one.example>", "a:b", "one.example"),
        ("<@one.example>", "", "one.example"),
        ('<""@one.example>', "", "one.example"),
        ("<ann>", "ann", ""),
        ("<ann@one.example.>", "ann", "one.example."),
        ("<>", "", ""),
        ("< >", "", ""),
        ('""', "", ""),
        ("<änn@öne.example>", "änn", "öne.example"),
    ],
)
def test_a_path_is_taken_as_postfix_takes_it(text: str, local: str, domain: str) -> None:
    assert parse_path(text) == Address(local, domain)


def test_the_null_path_is_the_null_address() -> None:
    assert parse_path("<>") is NULL


@pytest.mark.parametrize(
    "text", ["<ann", "<a b@c>", "<a@>", "<a;b@c>", "<a,b@c>", '"', "<a@b>c", "<a@1.2.3.4>", "<a@[x]>"]
)
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(AddressError):
        parse_path(text)


@pytest.mark.parametrize(
    "text", ["ann@one.example", "<a@b (c)>", '"Foo"<a@b>', '<"Foo" <a@b>>', "<@b>", '<""@b>', "(c)<a@b>"]
)
def test_what_is_none_where_envelopes_are_strict(text: str) -> None:
    parse_path(text)
    with pytest.raises(AddressError):
        parse_path(text, strict=True)


@settings(max_examples=500, deadline=None)
@given(ODD, st.booleans())
def test_a_path_is_an_address_or_an_address_error(text: str, strict: bool) -> None:
    try:
        address = parse_path(text, strict=strict)
    except AddressError:
        return
    assert isinstance(address, Address)


@settings(max_examples=500, deadline=None)
@given(ODD)
def test_words_lose_nothing_but_white_space(text: str) -> None:
    words = split_words(text)
    assert all(words)
    assert "".join("".join(words).split()) == "".join(text.strip(" \t").split())
    first, rest = split_word(text.strip(" \t"))
    assert words[:1] == ([first] if first else [])
    assert split_words(rest) == words[1:]


@pytest.mark.parametrize("unit", ['"\\', "(", "<", '"', "a ", "<(", "\\", "[", "@", "a@", "<a>"])
def test_a_long_path_takes_no_longer_than_it_is_long(unit: str) -> None:
    text = unit * (60_000 // len(unit))
    started = time.perf_counter()
    split_words(text[:2048])
    split_word(text)
    with contextlib.suppress(AddressError):
        parse_path(text)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("abc", "abc"),
        ("a+2Bb", "a+b"),
        ("a+2bb", "a+b"),
        ("+C3+B6", "ö"),
        ("ö", "ö"),
        ("a+", None),
        ("a+2", None),
        ("+zz", None),
        ("a b", None),
        ("a=b", "a=b"),
    ],
)
def test_xtext(text: str, decoded: str | None) -> None:
    assert decode_xtext(text) == decoded


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_xtext_is_text_or_none(text: str) -> None:
    decoded = decode_xtext(text)
    assert decoded is None or isinstance(decoded, str)
