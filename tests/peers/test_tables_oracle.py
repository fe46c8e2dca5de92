"""Random tables and keys through the real postmap and through ours: every look-up agrees.

Tables that ours refuses as a whole or in part are compared all the same: a bad line has no entry on either side. What
differs on purpose is kept out of the generators: NUL, and a broken ``if`` (core.tables.program).
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gatepost.core.tables.compile import Given, compile_given, compile_table
from gatepost.core.tables.table import Entry, Table
from table_corpus import TableCase, table_cases

pytestmark = [pytest.mark.peers, pytest.mark.skipif(not shutil.which("postmap"), reason="wants postfix")]

ROUNDS = 150
OLD = (1e9, 1e9)  # Postfix waits until a file has been as it is for some seconds


class Postmap:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        settings = directory / "main.cf"
        settings.write_text("compatibility_level = 3.6\nsmtputf8_enable = yes\n")
        os.utime(settings, OLD)
        self.file = directory / "table"

    def run(self, *arguments: str, keys: list[str] | None = None) -> str:
        done = subprocess.run(
            ["postmap", "-c", str(self.directory), *arguments],
            input="".join(f"{key}\n" for key in keys or []).encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
        )
        return done.stdout.decode("utf-8", "surrogateescape")

    def ask(self, kind: str, text: str, keys: list[str]) -> dict[str, str]:
        self.file.write_bytes(text.encode("utf-8", "surrogateescape"))
        os.utime(self.file, OLD)
        name = f"{kind}:{self.file}"
        if kind in ("hash", "btree", "lmdb"):
            self.run(name)
        return answers(self.run("-q", "-", name, keys=keys))


def answers(output: str) -> dict[str, str]:
    found = {}
    for line in output.split("\n"):
        key, tab, value = line.partition("\t")
        if tab and value:
            found[key] = value
    return found


def ours(table: Table, keys: list[str]) -> dict[str, str]:
    found = {}
    for key in keys:
        entry = table.get(key)
        if isinstance(entry, Entry) and entry.value:
            found[key] = entry.value
    return found


@pytest.fixture
def postmap(tmp_path: Path) -> Postmap:
    return Postmap(tmp_path)


def pick(rng: random.Random, choices: list[str], least: int, most: int) -> str:
    return "".join(rng.choice(choices) for _ in range(rng.randint(least, most)))


def hash_case(rng: random.Random) -> tuple[str, list[str]]:
    atoms = [
        "a",
        "B",
        "@",
        "b.c",
        '"',
        "\\",
        " ",
        "\t",
        "#",
        ":",
        "é",
        "ẞ",
        "\x0b",
        "\r",
        "x y",
        '"x y"@z',
        "\n",
        "\n ",
        "1",
    ]
    lines = []
    for _ in range(rng.randint(1, 25)):
        if rng.random() < 0.6:
            key = pick(rng, ["a", "B", "@", "b.c", '"a b"', "\\ ", "é"], 1, 3)
            lines.append(f"{key}{rng.choice([' ', chr(9), '  ', ''])}{pick(rng, atoms, 0, 4)}")
        else:
            lines.append(pick(rng, atoms, 0, 6))
    text = rng.choice(["\n", "\r\n"]).join(lines) + rng.choice(["", "\n"])
    return text, [pick(rng, ["a", "B", "@", "b.c", '"a b"', "\\ ", "é", '"', "É", " "], 1, 3) for _ in range(60)]


def cidr_case(rng: random.Random) -> tuple[str, list[str]]:
    def address() -> str:
        if rng.random() < 0.6:
            return ".".join(str(rng.choice([0, 1, 10, 128, 192, 255])) for _ in range(4))
        return rng.choice(["2001:db8::", "::", "2001:db8:0:1::", "::ffff:1.1.1.1", "fe80::1", "2001:DB8::1", "1::1:0"])

    def network() -> str:
        if rng.random() < 0.3:
            return address()
        if rng.random() < 0.6:
            prefix = rng.randint(0, 32)
            value = (
                rng.choice([0x0A000000, 0xC0C0C0C0, 0x01010101, 0]) >> (32 - prefix) << (32 - prefix) if prefix else 0
            )
            return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0)) + f"/{prefix}"
        return rng.choice(
            ["2001:db8::/32", "::/0", "::/96", "2001:db8:0:1::/64", "2001:db8::1/32", "1::/16", "fe80::/10"]
        )

    lines, depth = [], 0
    for number in range(rng.randint(1, 30)):
        mark = rng.choice(["", "", "", "", "!", "! ", "!!"])
        kind = rng.random()
        if kind < 0.15:
            good = rng.choice(["10.0.0.0/8", "192.192.0.0/16", "0.0.0.0/0", "::/0", "2001:db8::/32", "1.1.1.1"])
            lines.append(f"{rng.choice(['if', 'IF'])} {mark}{good}")
            depth += 1
        elif kind < 0.3 and depth:
            lines.append("endif")
            depth -= 1
        else:
            lines.append(f"{mark}{network()} {rng.choice(['', '', 'x y '])}{number}")
    lines += ["endif"] * depth
    keys = [address() for _ in range(60)] + ["x", "1.2.3", "[1.1.1.1]", "01.1.1.1", "fe80::1%lo", "1.1.1.1.1", ""]
    return "\n".join(lines) + "\n", [key for key in keys if key]


RESULTS = ["x", "$1", "${1}y", "$(2) z", "$$1", "a$", "$x", "$1x", "x y", "", "$3"]
SUBJECTS = [
    "abc",
    "ABC",
    "a b",
    "aab",
    "a.b",
    "a+b",
    "(a)",
    "x[y]",
    "a/b",
    "é",
    "b-c",
    "a{2}",
    "a\\b",
    "foo@bar.example",
    "1",
]


def rules_case(rng: random.Random, atoms: list[str], flags: list[str]) -> tuple[str, list[str]]:
    def expression() -> str:
        delimiter = rng.choice(["/", "/", "/", "|", "#" if rng.random() < 0.1 else "!"])
        body = pick(rng, atoms, 1, 6)
        if delimiter == "!":
            delimiter = "/"
        return f"{delimiter}{body}{delimiter}{rng.choice(flags)}"

    lines, depth = [], 0
    for _ in range(rng.randint(1, 12)):
        mark = rng.choice(["", "", "", "!", "! "])
        kind = rng.random()
        if kind < 0.15:
            lines.append(f"if {mark}/{rng.choice(['a', 'b', '^a', 'c$', '[.@]'])}/{rng.choice(['', 'i'])}")
            depth += 1
        elif kind < 0.25 and depth:
            lines.append("endif")
            depth -= 1
        else:
            lines.append(f"{mark}{expression()} {rng.choice(RESULTS)}")
    lines += ["endif"] * depth
    keys = SUBJECTS + [pick(rng, list("aAbBc.+é({[]})-_ 1\\"), 1, 8) for _ in range(30)]
    return "\n".join(lines) + "\n", keys


def pcre_case(rng: random.Random) -> tuple[str, list[str]]:
    atoms = [
        "a",
        "b",
        "B",
        ".",
        "^",
        "$",
        "(a)",
        "(b|c)",
        "(",
        ")",
        "*",
        "+",
        "?",
        "[ab]",
        "[^a]",
        "\\.",
        "\\w",
        "\\d",
        "x",
    ]
    atoms += [
        "{2}",
        "(?=b)",
        "(?:a)",
        "\\b",
        "é",
        "[[:alpha:]]",
        "\\x61",
        "\\x{62}",
        "|",
        "\\/",
        "(?i)",
        "\\1",
        "\\xe9",
        " ",
    ]
    return rules_case(rng, atoms, ["", "", "", "i", "x", "s", "m", "A", "E", "U", "X", "ii", "q", "im"])


def regexp_case(rng: random.Random) -> tuple[str, list[str]]:
    # no ( | ) with captures of different lengths: POSIX takes the longest way, PCRE the first
    atoms = [
        "a",
        "b",
        "B",
        ".",
        "^",
        "$",
        "(a)",
        "(b)",
        "(",
        ")",
        "*",
        "+",
        "?",
        "[ab]",
        "[^a]",
        "\\.",
        "\\w",
        "\\d",
        "x",
        "{",
    ]
    atoms += [
        "{2}",
        "{,1}",
        "{1,}",
        "{x}",
        "\\<",
        "\\>",
        "\\b",
        "é",
        "[[:alpha:]]",
        "[]a]",
        "[^]a]",
        "[\\]",
        "[a\\-b]",
        "[[.a.]]",
    ]
    atoms += [
        "[a-c]",
        "[c-a]",
        "[[:x:]]",
        "}",
        "]",
        "\\(",
        "\\{",
        "\\}",
        "\\)",
        "\\+",
        "\\`",
        "\\'",
        "-",
        "_",
        " ",
        "\\/",
        "\\B",
    ]
    return rules_case(rng, atoms, ["", "", "", "i", "x", "m", "ii", "q"])


CASES: dict[str, Callable[[random.Random], tuple[str, list[str]]]] = {
    "hash": hash_case,
    "texthash": hash_case,
    "lmdb": hash_case,
    "cidr": cidr_case,
    "pcre": pcre_case,
    "regexp": regexp_case,
}


@pytest.mark.parametrize("kind", CASES)
def test_random_tables_agree(kind: str, postmap: Postmap) -> None:
    rng = random.Random(kind)
    for _ in range(ROUNDS):
        text, keys = CASES[kind](rng)
        keys = list(dict.fromkeys(keys))
        table, problems = compile_table(f"{kind}:{postmap.file}", text, str(postmap.file))
        expected = postmap.ask(kind, text, keys)
        assert ours(table, keys) == expected, f"{text}\n{problems}"


@pytest.mark.parametrize("case", table_cases(), ids=lambda case: f"{case.kind}: {case.title}")
def test_the_corpus_says_what_postmap_says(case: TableCase, postmap: Postmap) -> None:
    kind = "texthash" if case.kind == "hash" else case.kind
    expected = {key: value for key, value in case.answers.items() if value}
    assert postmap.ask(kind, case.text, list(case.answers)) == expected


NAMES = [
    "inline:{a=b}",
    "inline:{A=1, b=2 a=3}",
    "inline:{{ a = b c, d }}",
    "inline:{a=b=c}",
    "inline:{{a={b}}}",
    'inline:{"a"=1}',
    "inline:{{a=b} {b=c}}",
    "static:x",
    "static:{ x y }",
    "static:x}",
    "static:{{x}}",
    "pipemap:{inline:{a=b},inline:{b=c}}",
    "pipemap:{inline:{a=b} inline:{b=c} static:{d e}}",
    "pipemap:{inline:{a=B},inline:{B=q}}",
    "pipemap:{inline:{a=B},pcre:{{/B/i big}}}",
    "unionmap:{inline:{a=1},inline:{a=2},inline:{b=3}}",
    "unionmap:{static:x,inline:{a=2}}",
    "unionmap:{pipemap:{inline:{a=b},inline:{b=c}},static:{x y}}",
    "unionmap:{pcre:{{/(A)/i x$1}},inline:{A=1}}",
    "unionmap:{inline:{A=1},pcre:{{/(A)/i x$1}}}",
    "unionmap:{inline:{A=1},fail:x}",
    "randmap:{x}",
    "randmap:{{a}}",
    "pcre:{{/a/ x},{/b/ y}}",
    "pcre:{{ /a/ $$1 }}",
    "pcre:{{/a{1}/ x}}",
    "pcre:{{if /a/}, {/b/ x}, {endif}}",
    "regexp:{{#foo},{/a/ x}}",
    "cidr:{{1.2.3.4 x}, {}}",
]


@pytest.mark.parametrize("name", NAMES)
def test_tables_in_main_cf_agree(name: str, postmap: Postmap) -> None:
    keys = ["a", "A", "b", "c", "x", "ab", '"a"', "1.2.3.4", "{a"]
    table, problems = compile_given(name, Given(seed=b"x"))
    assert ours(table, keys) == answers(postmap.run("-q", "-", name, keys=keys))
    assert not [problem for problem in problems if "twice" not in problem.message]


WRONG = [
    "inline:{a}",
    "inline:{}",
    "inline:a=b",
    "inline:{a=b",
    "inline:{{a b}}",
    "inline:{{a b = c}}",
    "inline:{{a=b}x}",
    "inline:{a = b}",
    "inline:{a=b}c",
    "inline:{{}a=b}",
    "static:{x",
    "static:{x}y",
    "static:",
    "randmap:{}",
    "randmap:x",
    "randmap:{a b",
    "pipemap:{}",
    "pipemap:x",
    "pipemap:{x}",
    "unionmap:{}",
    "foo:bar",
    "hash",
    "HASH:/x",
    "pcre:{/a/ x}",
    "pcre:{{/a/ x}",
    "regexp:{{/a/ x}} ",
    "cidr:{1.2.3.4=x}",
    "unix:foo",
]


def test_what_postmap_refuses_is_a_problem(postmap: Postmap) -> None:
    running = [  # all at once: each takes a second to die
        subprocess.Popen(["postmap", "-c", str(postmap.directory), "-q", "a", name], stderr=subprocess.DEVNULL)
        for name in WRONG
    ]
    assert [name for name, process in zip(WRONG, running, strict=True) if process.wait() == 0] == []
    assert [name for name in WRONG if not compile_table(name)[1]] == []
