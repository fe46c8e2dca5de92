"""The source text of indexed tables; each case as postmap 3.7 builds it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.errors import Place, Severity
from gatepost.core.tables import hashed
from gatepost.core.tables.source import logical_lines

READ = [  # text, what it holds
    ("a b\n", {"a": "b"}),
    ("a b", {"a": "b"}),
    ("a\tb\t\tc  \n", {"a": "b\t\tc"}),
    ("a b\n c\n", {"a": "b c"}),
    ("a b \n   c\n", {"a": "b    c"}),
    ("a\n b\n", {"a": "b"}),
    ("a b\n#x\n\n # y\n c\n", {"a": "b c"}),
    ("a b\r\nc d\r\n", {"a": "b", "c": "d"}),
    ("a b\r\n c\r\n", {"a": "b\r c"}),
    ("a b\n\x0bc\n", {"a": "b\x0bc"}),
    ("a\x0bb c\n", {"a": "b c"}),
    ("a\x1cb c\n", {"a\x1cb": "c"}),
    ("a\xa0b c\n", {"a\xa0b": "c"}),
    ("a b # c\n", {"a": "b # c"}),
    ("a #b\n", {"a": "#b"}),
    ("a b\\\nc d\n", {"a": "b\\", "c": "d"}),
    ("\ufeffa b\n", {"\ufeffa": "b"}),
    ('"a b" c\n', {'"a b"': "c"}),
    ('"a b"c d\n', {'"a b"c': "d"}),
    ('a"b c" d\n', {'a"b c"': "d"}),
    ('"a\\"b" c\n', {'"a\\"b"': "c"}),
    ('"a\n b" c\n', {'"a b"': "c"}),
    ("a\\ b c\n", {"a\\ b": "c"}),
    ('a  "b  c" \n', {"a": '"b  c"'}),
    ("a:b c\n", {"a:b": "c"}),
    ("a : b\n", {"a": ": b"}),
    ("A B\nÉ É\nSTRAẞE s\n", {"a": "B", "é": "É", "strasse": "s"}),
]

WARNED = [  # text, what it holds, line, what the message speaks of
    ("A 1\na 2\nb 3\n", {"a": "1", "b": "3"}, 2, "already in line 1"),
    ("k v\nspammer@\n\n#x\nc d\n", {"k": "v", "c": "d"}, 2, "'spammer@' has no value"),
    ("a   \n", {}, 1, "'a' has no value"),
    ('"a b"\n', {}, 1, "has no value"),
    ("a: b\n", {"a:": "b"}, 1, "alias"),
]

REFUSED = [  # text, what it holds, line, what the message speaks of
    ("  a b\n", {}, 1, "white space"),
    ("#a\n b\nc d\n", {"c": "d"}, 2, "white space"),
    ('x y\n\n bad\n"\n\n', {"x": "y bad"}, 4, "double quote"),
    ('a"b c\n', {}, 1, "double quote"),
    ("a b\nx \udcff\n", {"a": "b"}, 2, "UTF-8"),
    ("a\0b c\n", {}, 1, "NUL"),
]


def contents(table: hashed.HashedTable) -> dict[str, str]:
    return {key: entry.value for key, entry in table.items()}


@pytest.mark.parametrize(("text", "holds"), READ)
def test_reads(text: str, holds: dict[str, str]) -> None:
    table, problems = hashed.compile("hash:x", text, "x")
    assert contents(table) == holds
    assert problems == ()


@pytest.mark.parametrize(
    ("severity", "text", "holds", "line", "message"),
    [(Severity.WARNING, *case) for case in WARNED] + [(Severity.ERROR, *case) for case in REFUSED],
)
def test_names_a_bad_line(severity: Severity, text: str, holds: dict[str, str], line: int, message: str) -> None:
    table, (problem,) = hashed.compile("hash:x", text, "x")
    assert contents(table) == holds
    assert problem.place == Place("x", line)
    assert problem.severity is severity
    assert message in problem.message


def test_every_entry_knows_its_first_line() -> None:
    table, _ = hashed.compile("hash:/etc/x", "#\na 1\n  2\n\nB 3\n", "/etc/x")
    assert table.name == "hash:/etc/x"
    assert not table.pattern
    entry = table.get("b")
    assert entry is not None
    assert (entry.value, str(entry.place)) == ("3", "/etc/x:5")
    assert [str(entry.place) for entry in table.right_sides()] == ["/etc/x:2", "/etc/x:5"]


@pytest.mark.parametrize("key", ["straße.de", "STRASSE.DE", "Strasse.de"])
def test_case_does_not_matter(key: str) -> None:
    table, _ = hashed.compile("hash:x", "Straße.de yes\n", "x")
    entry = table.get(key)
    assert entry is not None
    assert entry.value == "yes"


def test_equal_values_are_listed_once() -> None:
    table, _ = hashed.compile("hash:x", "a OK\nb REJECT\nc OK\n", "x")
    assert [entry.value for entry in table.right_sides()] == ["OK", "REJECT"]


TEXTS = st.one_of(
    st.text(max_size=200),
    st.text('ab"\\# \t\r\n:\x0b\x0c\x00é\udc80', max_size=120),
)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_never_fails(text: str) -> None:
    table, problems = hashed.compile("hash:x", text, "x")
    lines = list(logical_lines(text))
    assert len(table) + len(problems) >= len(lines)
    for key, entry in table.items():
        assert table.get(key) == entry


@pytest.mark.parametrize(
    "text", ["a\n" + " b\n" * 300_000, '"a\\' * 300_000, "a " * 300_000, '"' * 300_000, "#\n" * 300_000]
)
def test_is_linear(text: str) -> None:
    start = time.process_time()
    hashed.compile("hash:x", text, "x")
    assert time.process_time() - start < 3
