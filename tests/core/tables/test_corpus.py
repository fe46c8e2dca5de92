"""The readable table cases: answers, and every problem with its line."""

from __future__ import annotations

import pytest

from gatepost.core.tables.compile import compile_table
from gatepost.core.tables.table import Entry
from table_corpus import TableCase, table_cases


@pytest.mark.parametrize("case", table_cases(), ids=lambda case: f"{case.kind}: {case.title}")
def test_answers_and_problems(case: TableCase) -> None:
    table, problems = compile_table(f"{case.kind}:/x", case.text, "/x")
    for key, value in case.answers.items():
        entry = table.get(key)
        assert (entry.value if isinstance(entry, Entry) else "") == value, key
    lines = [problem.place.line if problem.place else 0 for problem in problems]
    assert lines == [line for line, _ in case.problems], problems
    for problem, (_, message) in zip(problems, case.problems, strict=True):
        assert message in problem.message
