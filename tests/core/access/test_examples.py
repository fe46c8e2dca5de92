"""Every example in a restriction's manual entry, and every session of the corpus, comes out as it says."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

import gatepost.core.access.restrictions  # noqa: F401  registers them
from decisions import Case, Example, parse
from gatepost.core.access.restriction import RESTRICTIONS

CORPUS = Path(__file__).parents[2] / "corpus" / "sessions"


def manual_example(manual: str) -> str:
    """What stands under ``Example:`` in a docstring."""
    _, _, example = manual.partition("\nExample:\n")
    return textwrap.dedent(example)


def cases() -> list[object]:
    texts = {entry.function.__module__.rpartition(".")[2]: entry.manual for entry in RESTRICTIONS.values()}
    examples = {f"{name}.py": parse(manual_example(manual)) for name, manual in texts.items()}
    examples |= {path.name: parse(path.read_text()) for path in sorted(CORPUS.glob("*.session"))}
    return [
        pytest.param(example, case, id=f"{name}:{case.line}")
        for name, example in examples.items()
        for case in example.cases
    ]


@pytest.mark.parametrize(("example", "case"), cases())
def test_example(example: Example, case: Case) -> None:
    example.check(case)


@pytest.mark.parametrize("entry", RESTRICTIONS.values(), ids=list(RESTRICTIONS))
def test_manual_has_an_example(entry: object) -> None:
    name = entry.name  # type: ignore[attr-defined]
    manual = entry.manual  # type: ignore[attr-defined]
    assert name in manual.partition("\n")[0] or name in manual
    assert parse(manual_example(manual)).cases
