"""$expansion: what postconf cannot show, such as places and bounds; test_against_postconf compares results."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.config.expand import MAX_LENGTH, Expander, ExpansionError
from gatepost.core.config.source import Source
from gatepost.core.errors import Place

PIECES = st.sampled_from(
    ["$", "{", "}", "(", ")", "?", ":", "==", "<level", "a", "b", "1", " ", "${", "${a", "}:{", "$$"]
)


def expand(text: str, **names: str) -> str:
    sources = {name: Source.at(value, None) for name, value in names.items()}
    return Expander(sources.get).expand(Source.at(text, None)).text


def test_a_word_from_another_value_keeps_its_place() -> None:
    mua = Source.joined([("permit_sasl_authenticated,", Place("main.cf", 7)), ("  reject", Place("main.cf", 8))])
    expanded = Expander({"mua": mua}.get).expand(Source.at("permit_mynetworks $mua warn", Place("master.cf", 3)))
    assert [(word.text, str(word.place)) for word in expanded.words()] == [
        ("permit_mynetworks", "master.cf:3"),
        ("permit_sasl_authenticated", "main.cf:7"),
        ("reject", "main.cf:8"),
        ("warn", "master.cf:3"),
    ]


def test_undefined_and_used_names_are_collected() -> None:
    expander = Expander({"a": Source.at("1", None)}.get)
    assert expander.expand(Source.at("$a ${b?x}", None)).text == "1 "
    assert expander.used == {"a", "b"}
    assert expander.undefined == {"b"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$a", 'unreasonable macro call nesting: "a"'),
        ("x ${b", 'truncated macro reference: "${b"'),
        ("${}", 'empty macro name: "${}"'),
        ("$-", 'empty macro name: "$-"'),
        ("${b?{x}y}", '":" expected at: "...${b?{x}>>>y}"'),
        ("${{1} == {1", 'truncated macro reference: "${{1} == {1"'),
    ],
)
def test_faults_are_told_in_postfix_s_words(text: str, message: str) -> None:
    with pytest.raises(ExpansionError) as caught:
        expand(text, a="$a", b="1")
    assert str(caught.value) == message


def test_nesting_goes_as_deep_as_in_postfix() -> None:
    names = {f"x{i}": f"$x{i + 1}" for i in range(100)} | {"x100": "end"}
    assert expand("$x1", **names) == "end"
    with pytest.raises(ExpansionError):
        expand("$x0", **names)
    assert expand("${a?{" * 100 + "x" + "}}" * 100, a="1") == "x"
    with pytest.raises(ExpansionError):
        expand("${a?{" * 101 + "x" + "}}" * 101, a="1")


def test_a_value_cannot_explode() -> None:
    names = {f"x{i}": f"$x{i + 1}" * 9 for i in range(20)} | {"x20": "y" * 1000}
    with pytest.raises(ExpansionError):
        expand("$x0", **names)
    with pytest.raises(ExpansionError):
        expand("$a" * 10_000, a="b" * (MAX_LENGTH // 100))


@given(st.lists(PIECES, max_size=40).map("".join))
def test_expansion_fails_only_as_documented(text: str) -> None:
    try:
        expanded = expand(text, a=text, b="x ${c?{y}:{z}}")
    except ExpansionError:
        return
    assert "$" in text or expanded == text


@pytest.mark.parametrize(
    "text",
    [
        "${" * 500_000,
        "$(" * 500_000,
        "${a?{" * 200_000,
        "${{" * 300_000,
        "$a" * 500_000,
        "$" * 200_000,
        "${a?{" + "{" * 200_000 + "}" * 200_000 + "}}",
        "${b?" + " " * 1_000_000 + "}",
    ],
    ids=lambda text: text[:6],
)
def test_a_megabyte_takes_no_quadratic_time(text: str) -> None:
    started = time.process_time()
    for names in ({"a": "x"}, {"a": text}, {"a": f"${{b?{text}}}"}):
        for value in (text, "$a" * 10_000):
            with suppress(ExpansionError):
                expand(value, **names)
    assert time.process_time() - started < 20
