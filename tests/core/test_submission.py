"""Messages from local programs, as the observed sendmail and cleanup take them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.address import Address
from gatepost.core.submission import completed, message_from, message_id_of, qualified, recipients_of, split_header

RECEIVED = "Received: by mx (Postfix, from userid 0)\n\tid X; D\n"


def complete(content: bytes) -> bytes:
    return completed(
        split_header(content),
        received=RECEIVED,
        sender=Address("ann", "a.example"),
        full_name="Ann B",
        message_id="1.X@mx",
        date="D",
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a\r\n.\r\nmore\r\n", b"a\n"),
        (b"a\n.\n", b"a\n"),
        (b"a\n.", b"a\n"),
        (b".\nmore", b""),
        (b"a\n..\nb", b"a\n..\nb\n"),
        (b"From here Thu\nSubject: x\n\nhi", b"Subject: x\n\nhi\n"),
        (b"", b""),
    ],
)
def test_standard_input(data: bytes, expected: bytes) -> None:
    assert message_from(data, dot_ends=True) == expected


def test_with_i_a_dot_ends_nothing() -> None:
    assert message_from(b"a\n.\nb\n", dot_ends=False) == b"a\n.\nb\n"


def test_recipients_are_found_in_all_three_fields_once() -> None:
    content = b'To: Bob <bob@v>, "x, y" <ann@v>,\n  bob@v (comment)\nBcc: hidden@v\nCC: c@v\nX-To: no@v\n\nTo: body@v\n'
    assert recipients_of(split_header(content)) == ("bob@v", "ann@v", "hidden@v", "c@v")


def test_a_resent_message_goes_to_its_resent_recipients_alone() -> None:
    content = b"To: bob@v\nResent-To: r@v\n\n"
    assert recipients_of(split_header(content)) == ("r@v",)
    assert b"\nResent-From: Ann B <ann@a.example>\n\n" in complete(content)


def test_missing_fields_are_added_behind_the_header_and_bcc_goes() -> None:
    assert complete(b"To: b@v\nBcc: h@v,\n\ti@v\nSubject: t\n\nbody\n") == (
        RECEIVED.encode() + b"To: b@v\nSubject: t\nMessage-Id: <1.X@mx>\nDate: D\nFrom: Ann B <ann@a.example>\n\nbody\n"
    )


def test_what_is_there_is_left_alone() -> None:
    content = b"From: x\nDate: y\nmessage-id : <z>\n\n"
    assert complete(content) == RECEIVED.encode() + content
    assert message_id_of(split_header(content)) == "<z>"


def test_a_message_without_a_header_gets_one() -> None:
    assert complete(b"no header here\nSubject: x\n").endswith(b"<ann@a.example>\n\nno header here\nSubject: x\n")


def test_addresses_are_qualified_and_unquoted() -> None:
    assert qualified("bob", "o.example") == Address("bob", "o.example")
    assert qualified('"b \\"c"@x', "o") == Address('b "c', "x")
    assert qualified("b@", "o") == Address("b", "o")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet='To:<>@(),;"\\ \n\r.a', max_size=200).map(str.encode))
def test_whatever_comes_is_taken(data: bytes) -> None:
    content = message_from(data, dot_ends=True)
    header = split_header(content)
    recipients_of(header)
    result = complete(content)
    assert result.startswith(RECEIVED.encode()) and result.endswith(header.body)


def test_comments_in_comments_do_not_hurt() -> None:
    assert isinstance(recipients_of(split_header(b"To: " + b"(" * 50_000 + b"\n\n")), tuple)
