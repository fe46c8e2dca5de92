"""Notifications, parsed back with the standard library (RFC 3464, RFC 6522)."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.address import Address
from gatepost.core.dsn import Dates, Kind, Reporter, header_of, report, wants
from gatepost.core.envelope import Envelope, Outcome, Recipient

CONTENT = b"From: a@b\nSubject: hi\n\nThe body\n"
DATES = Dates("Sun, 22 Nov 2026 16:18:53 +0000 (UTC)", "Sun, 22 Nov 2026 16:00:00 +0000 (UTC)", 1795364333)
BOB = Recipient(Address("bob", "b.example"), orcpt="rfc822;Bob@orig.example")


def envelope(**more: Any) -> Envelope:
    return Envelope("075332124E8", Address("ann", "a.example"), (BOB,), 0.0, **more)


def make(
    original: bytes = CONTENT,
    kind: Kind = Kind.FAILED,
    text: str = 'unknown user: "bob"',
    recipient: Recipient = BOB,
    **more: Any,
) -> bytes:
    outcome = Outcome("bounced", "5.1.1", text, "local")
    return report(kind, envelope(**more), [(recipient, outcome)], original, Reporter("mx.example"), DATES, "0A1B")


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def test_the_report_has_three_parts_and_the_fields() -> None:
    message = parsed(make(envid="xx+id"))
    assert message["To"] == "ann@a.example"
    assert message["From"] == "Mail Delivery System <MAILER-DAEMON@mx.example>"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["Message-Id"] == "<20261122161853.0A1B@mx.example>"
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    text, status, original = message.iter_parts()
    assert '<bob@b.example>: unknown user: "bob"' in text.get_content()
    of_message, of_bob = status.get_payload()
    assert of_message["Reporting-MTA"] == "dns; mx.example"
    assert of_message["Original-Envelope-Id"] == "xx+id"
    assert of_message["X-Postfix-Queue-ID"] == "075332124E8"
    assert of_bob["Final-Recipient"] == "rfc822; bob@b.example"
    assert of_bob["Original-Recipient"] == "rfc822;Bob@orig.example"
    assert of_bob["Action"] == "failed"
    assert of_bob["Status"] == "5.1.1"
    assert of_bob["Diagnostic-Code"] == 'X-Postfix; unknown user: "bob"'
    assert original.get_content_type() == "message/rfc822"
    assert original.get_payload()[0]["Return-Path"] == "<ann@a.example>"
    assert b"The body" in bytes(original)


def test_a_header_alone_is_returned_as_such() -> None:
    *_, original = parsed(make(header_of(CONTENT))).iter_parts()
    assert original.get_content_type() == "text/rfc822-headers"
    assert b"Subject: hi" in bytes(original) and b"The body" not in bytes(original)


def test_success() -> None:
    message = parsed(make(header_of(CONTENT), kind=Kind.DELIVERED, text="delivery via virtual: delivered to maildir"))
    assert message["Subject"] == "Successful Mail Delivery Report"
    assert b"Action: delivered" in bytes(message)


def test_smtputf8_makes_it_global() -> None:
    content = make(recipient=Recipient(Address("bobü", "b.example")), smtputf8=True)
    message = parsed(content)
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds[1:] == ["message/global-delivery-status", "message/global"]
    assert "Final-Recipient: utf-8; bobü@b.example".encode() in content


def test_a_boundary_in_the_content_is_not_ours() -> None:
    inner = make()
    message = parsed(make(inner))
    assert len(list(message.iter_parts())) == 3


def test_who_is_told() -> None:
    address = Address("b", "c")
    assert wants(Recipient(address), Kind.FAILED) and not wants(Recipient(address), Kind.DELIVERED)
    assert not wants(Recipient(address, notify=("NEVER",)), Kind.FAILED)
    assert not wants(Recipient(address, notify=("SUCCESS",)), Kind.FAILED)
    assert wants(Recipient(address, notify=("SUCCESS", "DELAY")), Kind.DELIVERED)


def test_a_line_break_in_a_reason_begins_no_field() -> None:
    content = make(text="no\r\nStatus: 2.0.0\n\n--x")
    assert content.count(b"\nStatus:") == 1


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.binary(max_size=200))
def test_whatever_was_said_the_report_stands(text: str, original: bytes) -> None:
    message = email.message_from_bytes(make(original, text=text))
    assert len(message.get_payload()) == 3


def test_header_of() -> None:
    assert header_of(b"A: b\n\nbody") == b"A: b\n"
    assert header_of(b"\nbody") == b""
    assert header_of(b"A: b\n") == b"A: b\n"
