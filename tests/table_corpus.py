"""The table cases of tests/corpus/tables, for the pure tests and for the comparison with postmap."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus" / "tables"
KINDS = ("hash", "cidr", "pcre", "regexp")


@dataclass
class TableCase:
    kind: str
    title: str
    text: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)


def table_cases() -> list[TableCase]:
    return [case for kind in KINDS for case in _read(kind)]


def _read(kind: str) -> list[TableCase]:
    cases: list[TableCase] = []
    in_text = False
    for line in (CORPUS / kind).read_text().splitlines():
        if line.startswith("== "):
            cases.append(TableCase(kind, line[3:]))
            in_text = True
        elif line == "--":
            in_text = False
        elif in_text:
            cases[-1].text += line + "\n"
        elif line.startswith("problem "):
            number, _, message = line.removeprefix("problem ").partition(": ")
            cases[-1].problems.append((int(number), message))
        else:
            key, _, value = line.partition(" ->")
            cases[-1].answers[key] = value.removeprefix(" ")
    return cases
