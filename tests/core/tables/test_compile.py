"""Tables by name, whatever their type."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.ask import Hit, Missing, Search
from gatepost.core.errors import Severity
from gatepost.core.tables import aliases, hashed
from gatepost.core.tables.compile import Given, compile_given, compile_table, leaves
from gatepost.core.tables.find import find
from gatepost.core.tables.table import Entry, Table


def value(table: Table, key: str) -> str | None:
    entry = table.get(key)
    return entry.value if isinstance(entry, Entry) else None


@pytest.mark.parametrize("kind", [*hashed.TYPES, "proxy:hash"])
def test_indexed_types_are_one(kind: str) -> None:
    table, problems = compile_table(f"{kind}:/etc/x", "A b\n", "/etc/x.in")
    assert problems == ()
    assert table.name == f"{kind}:/etc/x"
    entry = table.get("a")
    assert isinstance(entry, Entry)
    assert str(entry.place) == "/etc/x.in:1"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mysql:/etc/x", "table type mysql is not served yet: mysql:/etc/x"),
        ("proxy:pgsql:/etc/x", "table type pgsql is not served yet: proxy:pgsql:/etc/x"),
        ("hsah:/etc/x", "unknown table type 'hsah' in hsah:/etc/x, did you mean hash?"),
        ("HASH:/etc/x", "unknown table type 'HASH' in HASH:/etc/x, did you mean hash?"),
        ("/etc/x", "'/etc/x' is no table: type:name is wanted"),
        ("hash:", "'hash:' is no table: type:name is wanted"),
        ("proxy:x", "'proxy:x' is no table: type:name is wanted"),
        ("unix:x", "unix:x: unix: has passwd.byname and group.byname"),
        ("pipemap:" + "{pipemap:" * 30 + "x" + "}" * 30, "nested too deeply"),
    ],
)
def test_what_cannot_be_made_is_named_and_fails(name: str, message: str) -> None:
    table, problems = compile_table(name)
    assert message in problems[0].message
    assert problems[0].severity is Severity.ERROR
    assert table.get("x") is Missing.TRY_AGAIN
    assert table.name == name


def test_what_is_in_main_cf_has_no_place() -> None:
    for name in ("inline:{a=x}", "static:x", "pcre:{{/a/ x}}", "cidr:{{1.2.3.4 x}}", "randmap:{x}"):
        table, problems = compile_table(name)
        assert problems == ()
        assert table.get("1.2.3.4" if name.startswith("cidr") else "a") == Entry("x")
        assert list(table.right_sides()) == [Entry("x")]


def test_a_rule_in_main_cf_that_is_wrong_is_a_problem() -> None:
    _, problems = compile_table("pcre:{{/(/ x}}")
    assert problems[0].place is None
    assert "missing closing parenthesis" in problems[0].message


def test_leaves_of_tables_of_tables() -> None:
    name = "unionmap:{hash:/a,{x},pipemap:{proxy:pcre:/b hash:/a},unix:passwd.byname,pcre:{{/x/ y}}}"
    assert [leaf.path for leaf in leaves(name)] == ["/a", "", "/b", "", ""]
    assert "unix:passwd.byname" in [leaf.name for leaf in leaves(name)]


def test_a_file_that_was_not_given_fails_alone() -> None:
    table, problems = compile_given("unionmap:{hash:/a,hash:/b}", Given({"hash:/a": ("/a", "x 1\n")}))
    assert problems == ()
    assert table.get("x") is Missing.TRY_AGAIN


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("hash:/x", False),
        ("static:x", False),
        ("inline:{a=b}", False),
        ("environ:x", False),
        ("pcre:/x", True),
        ("regexp:/x", True),
        ("cidr:/x", True),
        ("randmap:{x}", True),
        ("pipemap:{static:x,pcre:/x}", False),
        ("pipemap:{pcre:/x,inline:{a=b}}", True),
        ("unionmap:{inline:{a=b},pcre:/x}", False),
        ("unionmap:{pcre:/x,static:x}", True),
    ],
)
def test_which_tables_are_asked_for_the_whole_key_alone(name: str, pattern: bool) -> None:
    assert compile_table(name)[0].pattern is pattern


def test_a_search_goes_through_the_keys_in_order() -> None:
    table, _ = compile_table("hash:/x", "b.example two\nuser@ three\n", "/x")
    keys = ("user@b.example", "b.example", "example", "user@")
    hit = find(table, Search("hash:/x", keys))
    assert isinstance(hit, Hit)
    assert (hit.key, hit.value, str(hit.place)) == ("b.example", "two", "/x:1")


def test_a_table_of_patterns_is_asked_for_the_whole_keys() -> None:
    table, _ = compile_table("pcre:{{/^b.example$/ part},{/^a b@/ whole}}")
    keys = ('"a b"@b.example', "a b@b.example", "b.example")
    hit = find(table, Search("pcre:x", keys, whole=2))
    assert isinstance(hit, Hit)
    assert hit.value == "whole"
    assert find(table, Search("pcre:x", keys)) is Missing.NOT_FOUND


def test_a_failing_table_ends_a_search() -> None:
    assert find(compile_table("fail:x")[0], Search("fail:x", ("a",))) is Missing.TRY_AGAIN


def test_lots_fall_by_key_and_seed() -> None:
    keys = [f"user{number}@example.org" for number in range(1000)]
    table, _ = compile_given("randmap:{a,b b}", Given(seed=b"x"))
    drawn = [value(table, key) for key in keys]
    assert drawn == [value(table, key) for key in keys]
    assert 250 < drawn.count("a") < 420
    other, _ = compile_given("randmap:{a,b b}", Given(seed=b"y"))
    assert drawn != [value(other, key) for key in keys]


def test_environment_names_are_found_in_lower_case() -> None:
    table, _ = compile_given("environ:x", Given(environment={"x": "1", "Y": "2"}))
    assert (value(table, "X"), value(table, "Y")) == ("1", None)


def test_alias_files() -> None:
    text = 'Postmaster: root\n# c\n"a b":  x,\n  y\nfoo:bar\nbaz :\tqux\nbad\nx@y: z\nq:\n"un: c\nbaz: dup\n'
    table, problems = aliases.compile("hash:/x", text, "/x")
    found = {key: " ".join(entry.value.split()) for key, entry in table.items()}
    assert found == {"postmaster": "root", "a b": "x, y", "foo": "bar", "baz": "qux"}
    assert [problem.place.line for problem in problems if problem.place] == [7, 8, 9, 10, 11]
    assert all(problem.severity is Severity.WARNING for problem in problems)
    assert value(compile_given("hash:/x", Given({"hash:/x": ("/x", text)}, aliases=True))[0], "POSTMASTER") == "root"


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        ["inline", "static", "randmap", "pipemap", "unionmap", "pcre", "regexp", "cidr", "proxy", "hash", "x"]
    ),
    st.one_of(st.text("{}=,: ab/1.$\\!", max_size=40), st.text(max_size=20)),
)
def test_no_name_makes_it_fail(kind: str, rest: str) -> None:
    table, _ = compile_table(f"{kind}:{rest}", rest, "/x")
    table.get("a")
    list(table.right_sides())
