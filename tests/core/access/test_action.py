"""access(5) right-hand sides; each case as the running Postfix 3.7 answered it (sender table, access denied texts)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.access.action import (
    BadAction,
    Do,
    Refusal,
    RefusalKind,
    RestrictionList,
    check_action,
    parse_action,
)
from gatepost.core.access.verdict import DUNNO, PERMIT, EffectKind
from gatepost.core.errors import Place, Severity

REJECT, DEFER, CODE = RefusalKind.REJECT, RefusalKind.DEFER, RefusalKind.CODE
DENIED, UNAVAILABLE = "Access denied", "Service unavailable"

RESTRICTIONS = {
    "permit": "",
    "reject": "",
    "defer": "",
    "permit_mynetworks": "",
    "reject_unauth_destination": "",
    "check_sender_access": "table",
    "check_policy_service": "service",
    "reject_rbl_client": "domain",
    "sleep": "seconds",
}
CLASSES = {"myclass"}


@pytest.mark.parametrize(
    "text", ["OK", "ok", "Ok text", "OK reject", "RELAY", "12345", "0", "550", "550 ", " 200", "5500"]
)
def test_permits(text: str) -> None:
    assert parse_action(text) is PERMIT


@pytest.mark.parametrize("text", ["DUNNO", "dunno text", "", "  ", ",", " , ,"])
def test_has_no_opinion(text: str) -> None:
    assert parse_action(text) is DUNNO


@pytest.mark.parametrize(
    ("text", "kind", "code", "detail", "said"),
    [
        ("REJECT", REJECT, 0, "7.1", DENIED),
        ("reject", REJECT, 0, "7.1", DENIED),
        ("Reject now", REJECT, 0, "7.1", "now"),
        ("REJECT\ttab", REJECT, 0, "7.1", "tab"),
        ("REJECT   many   blanks  ", REJECT, 0, "7.1", "many   blanks"),
        ("REJECT 550 txt", REJECT, 0, "7.1", "550 txt"),
        ("REJECT 5.7.2", REJECT, 0, "7.2", DENIED),
        ("REJECT 5.7.2 txt", REJECT, 0, "7.2", "txt"),
        ("REJECT 4.7.2 txt", REJECT, 0, "7.2", "txt"),
        ("REJECT 2.1.3 txt", REJECT, 0, "1.3", "txt"),
        ("REJECT 3.1.3 txt", REJECT, 0, "7.1", "3.1.3 txt"),
        ("REJECT 5.7.2txt", REJECT, 0, "7.1", "5.7.2txt"),
        ("REJECT 5.1.3. txt", REJECT, 0, "7.1", "5.1.3. txt"),
        ("REJECT 5.07.01 txt", REJECT, 0, "07.01", "txt"),
        ("REJECT 5.123.456 txt", REJECT, 0, "123.456", "txt"),
        ("REJECT 5.7.1000 txt", REJECT, 0, "7.1", "5.7.1000 txt"),
        ("REJECT 5.1234.1 txt", REJECT, 0, "7.1", "5.1234.1 txt"),
        ("REJECT $1", REJECT, 0, "7.1", "$1"),
        ("DEFER", DEFER, 0, "7.1", DENIED),
        ("DEFER txt", DEFER, 0, "7.1", "txt"),
        ("DEFER 5.3.1 txt", DEFER, 0, "3.1", "txt"),
        ("DEFER 550 txt", DEFER, 0, "7.1", "550 txt"),
        ("DEFER_IF_PERMIT", RefusalKind.DEFER_IF_PERMIT, 0, "7.1", UNAVAILABLE),
        ("defer_if_permit txt", RefusalKind.DEFER_IF_PERMIT, 0, "7.1", "txt"),
        ("DEFER_IF_PERMIT 4.3.1", RefusalKind.DEFER_IF_PERMIT, 0, "3.1", UNAVAILABLE),
        ("DEFER_IF_REJECT", RefusalKind.DEFER_IF_REJECT, 0, "7.1", UNAVAILABLE),
        ("DEFER_IF_REJECT 5.3.9 txt", RefusalKind.DEFER_IF_REJECT, 0, "3.9", "txt"),
        ("550 txt", CODE, 550, "7.1", "txt"),
        ("450 txt", CODE, 450, "7.1", "txt"),
        ("421 txt", CODE, 421, "7.1", "txt"),
        ("599 txt", CODE, 599, "7.1", "txt"),
        ("400 x", CODE, 400, "7.1", "x"),
        ("550 5.7.2", CODE, 550, "7.2", DENIED),
        ("550 4.7.2 txt", CODE, 550, "7.2", "txt"),
        ("450 2.0.0 txt", CODE, 450, "0.0", "txt"),
        ("550  5.7.2  two", CODE, 550, "7.2", "two"),
        ("550\t5.7.2\ttab", CODE, 550, "7.2", "tab"),
        ("550 5.7 txt", CODE, 550, "7.1", "5.7 txt"),
        ("550 5.7.2.1 txt", CODE, 550, "7.1", "5.7.2.1 txt"),
        ("551 5..1 x", CODE, 551, "7.1", "5..1 x"),
        ("451 4.", CODE, 451, "7.1", "4."),
    ],
)
def test_refuses(text: str, kind: RefusalKind, code: int, detail: str, said: str) -> None:
    assert parse_action(text) == Refusal(kind, code, detail, said)


@pytest.mark.parametrize(
    ("text", "kind", "rest"),
    [
        ("BCC a@b.example", EffectKind.BCC, "a@b.example"),
        ("BCC @foo", EffectKind.BCC, "@foo"),
        ("DISCARD", EffectKind.DISCARD, ""),
        ("FILTER smtp:[192.0.2.1]:9", EffectKind.FILTER, "smtp:[192.0.2.1]:9"),
        ("FILTER foo:", EffectKind.FILTER, "foo:"),
        ("FILTER :x", EffectKind.FILTER, ":x"),
        ("hold reject", EffectKind.HOLD, "reject"),
        ("INFO", EffectKind.INFO, ""),
        ("PREPEND X-Foo: bar baz", EffectKind.PREPEND, "X-Foo: bar baz"),
        ("PREPEND Foo:bar", EffectKind.PREPEND, "Foo:bar"),
        ("PREPEND Foo : bar", EffectKind.PREPEND, "Foo : bar"),
        ("PREPEND X:", EffectKind.PREPEND, "X:"),
        ("PREPEND foo@: bar", EffectKind.PREPEND, "foo@: bar"),
        ("REDIRECT a@b c@d", EffectKind.REDIRECT, "a@b c@d"),
        ("WARN txt", EffectKind.WARN, "txt"),
    ],
)
def test_does_something(text: str, kind: EffectKind, rest: str) -> None:
    assert parse_action(text) == Do(kind, rest)


@pytest.mark.parametrize(
    "text",
    [
        "BCC",
        "BCC foo",
        "REDIRECT",
        "REDIRECT foo",
        "FILTER",
        "FILTER foo",
        "PREPEND",
        "PREPEND foo",
        "PREPEND : bar",
        "PREPEND x y: bar",
        "PREPEND Föö: bar",
    ],
)
def test_an_action_without_what_it_needs_is_named(text: str) -> None:
    assert isinstance(parse_action(text), BadAction)
    assert check_action(text, RESTRICTIONS, CLASSES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("permit_mynetworks, reject", ("permit_mynetworks", "reject")),
        ("PERMIT,REJECT", ("PERMIT", "REJECT")),
        ("REJECT, foo", ("REJECT", "foo")),
        ("DEFER,txt", ("DEFER", "txt")),
        ("OK,", ("OK",)),
        ("DUNNO, reject", ("DUNNO", "reject")),
        ("0 text", ("0", "text")),
        ("600 txt", ("600", "txt")),
        ("250 txt", ("250", "txt")),
        ("550x", ("550x",)),
        ("BCC: a@b.c", ("BCC:", "a@b.c")),
    ],
)
def test_anything_else_is_a_list_of_restrictions(text: str, words: tuple[str, ...]) -> None:
    assert parse_action(text) == RestrictionList(words, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("REJET text", "'REJET' is neither an action nor a restriction, did you mean REJECT?"),
        ("reject_unauth_dest", "'reject_unauth_dest' is neither an action nor a restriction"),
        ("reject_unauth_destinaton", "did you mean reject_unauth_destination?"),
        ("OK,", "'OK' is neither"),
        ("600 txt", "'600' is neither"),
        ("MyClass", "did you mean myclass?"),
        ("check_sender_access", "restriction class"),
        ("check_sender_access hash:/x", "restriction class"),
        ("check_policy_service inet:127.0.0.1:1", "restriction class"),
        ("hash:/x", "restriction class"),
        ("reject_rbl_client", "needs a word"),
        ("permit_mynetworks 550 x", "'550' is neither"),
        ("550", "means OK"),
    ],
)
def test_a_mistake_is_named(text: str, message: str) -> None:
    problem = check_action(text, RESTRICTIONS, CLASSES, Place("access", 7))
    assert problem is not None
    assert message in problem.message
    assert problem.place == Place("access", 7)


def test_a_code_alone_is_only_a_warning() -> None:
    problem = check_action("550", RESTRICTIONS, CLASSES)
    assert problem is not None
    assert problem.severity is Severity.WARNING


@pytest.mark.parametrize(
    "text",
    [
        "OK",
        "200",
        "REJECT 5.7.1 no",
        "550 no",
        "permit txt",
        "REJECT, foo",
        "PERMIT, whatever",
        "warn_if_reject reject",
        "myclass, permit",
        "reject_rbl_client zen.example",
        "sleep 1 reject",
        "BCC a@b",
        "defer_if_permit",
        "",
    ],
)
def test_what_is_fine_is_not_complained_about(text: str) -> None:
    assert check_action(text, RESTRICTIONS, CLASSES) is None


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=200), st.text("REJCTOK5.417 ,:{}@\t", max_size=60)))
def test_never_fails(text: str) -> None:
    parse_action(text)
    check_action(text, RESTRICTIONS, CLASSES)
