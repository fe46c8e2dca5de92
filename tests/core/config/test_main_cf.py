"""main.cf's form: what postconf cannot show, such as places, and that nothing breaks the parser."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.config.main_cf import logical_lines, parse_main_cf
from gatepost.core.config.source import Word
from gatepost.core.errors import Place, Severity

PIECES = st.sampled_from(["a", "=", " ", "\t", "\n", "#", "\r", ",", "{", "}", "$", "\0", "\\", "ä", "b = c\n"])


def test_a_word_knows_the_line_it_is_written_on() -> None:
    text = "# lists\nsmtpd_helo_restrictions = a,\n\n   b c\n# between\n\td\n"
    assignments, problems = parse_main_cf(text, "main.cf")
    assert not problems
    value = assignments["smtpd_helo_restrictions"].value
    assert value.text == "a,   b c\td", "line breaks go, white space stays"
    lines = [("a", 2), ("b", 4), ("c", 4), ("d", 6)]
    assert value.words() == tuple(Word(text, Place("main.cf", line)) for text, line in lines)


def test_the_last_assignment_wins_with_a_warning() -> None:
    assignments, problems = parse_main_cf("relayhost = one\nx = 1\nrelayhost = two\n", "main.cf")
    assert list(assignments) == ["x", "relayhost"]
    assert assignments["relayhost"].value.text == "two"
    [warning] = problems
    assert warning.severity is Severity.WARNING
    assert str(warning) == "main.cf:3: warning: overriding earlier entry: relayhost=one (main.cf:1)"


def test_every_faulty_line_is_reported_and_the_good_ones_are_kept() -> None:
    assignments, problems = parse_main_cf("  early = 1\nno sign\n= x\nre lay = y\ngood = z\n", "main.cf")
    assert [str(problem) for problem in problems] == [
        'main.cf:1: logical line must not start with whitespace: "  early = 1"',
        "main.cf:2: missing '=' after attribute name: \"no sign\"",
        'main.cf:3: missing attribute name: "= x"',
        "main.cf:4: missing '=' after attribute name: \"re lay = y\"",
    ]
    assert list(assignments) == ["good"]


def test_a_value_set_to_nothing_has_a_place() -> None:
    assignments, _ = parse_main_cf("a =\nb=  \n", "main.cf")
    assert [(a.value.text, a.value.place) for a in assignments.values()] == [
        ("", Place("main.cf", 1)),
        ("", Place("main.cf", 2)),
    ]


@given(st.lists(PIECES, max_size=60).map("".join))
def test_parsing_never_fails_and_is_stable(text: str) -> None:
    assignments, _ = parse_main_cf(text, "main.cf")
    written = "".join(f"{name} = {assignment.value.text}\n" for name, assignment in assignments.items())
    again, problems = parse_main_cf(written, "main.cf")
    if "\r" not in text:  # a CR within a value is kept, at its ends it is white space
        assert not problems
        assert {n: a.value.text for n, a in again.items()} == {n: a.value.text for n, a in assignments.items()}


@given(st.lists(PIECES, max_size=60).map("".join))
def test_every_character_has_a_place(text: str) -> None:
    lines, _ = logical_lines(text, "f")
    physical = text.split("\n")
    for line in lines:
        for word in line.source.words():
            assert word.place is not None
            assert word.text[0] in physical[word.place.line - 1]


def test_a_megabyte_takes_no_quadratic_time() -> None:
    started = time.process_time()
    for text in ("a = b\n" + " c\n" * 50_000, "a = " + "{" * 1_000_000, "a" * 1_000_000, "a = " + "{ }," * 50_000):
        assignments, _ = parse_main_cf(text, "main.cf")
        for assignment in assignments.values():
            assignment.value.words()
    assert time.process_time() - started < 20
