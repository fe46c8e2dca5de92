"""Rules in order with if/endif, as cidr:, regexp: and pcre: tables have them: a flat program with jumps.

A step is a test and what follows. An ``if`` whose test fails jumps behind its ``endif``; the first rule whose test
succeeds ends the run. Nesting costs no recursion.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from gatepost.core.errors import Place, Problem, Severity

Test = Callable[[Any], Any]


class Step(NamedTuple):
    """``test`` returns something for a match and None for none; ``negate`` wants none.

    ``skip`` is 0 for a rule, and for an ``if`` the step to go on with where the test fails. ``result`` is a rule's.
    """

    test: Test
    negate: bool
    skip: int
    result: Any


Program = tuple[Step, ...]


def run(program: Program, key: Any) -> tuple[Any, Any] | None:
    """What the first matching rule's test returned, and its result; None where no rule matches."""
    at, end = 0, len(program)
    while at < end:
        test, negate, skip, result = program[at]
        found = test(key)
        if (found is None) is not negate:
            at = skip or at + 1
        elif skip:
            at += 1
        else:
            return found, result
    return None


class Builder:
    """Puts a program together line by line, and reports an ``if`` and ``endif`` without partner.

    Postfix: it skips a broken ``if``, so that the rules inside apply to everything; here they apply to nothing.
    """

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self._file = file
        self._problems = problems
        self._steps: list[Step] = []
        self._open: list[tuple[int, int, bool]] = []  # line, first step, whether the test is sound

    def rule(self, test: Test, negate: bool, result: object) -> None:
        self._steps.append(Step(test, negate, 0, result))

    def begin(self, line: int, test: Test | None, negate: bool) -> None:
        """An ``if``; ``test`` is None where it is broken."""
        self._open.append((line, len(self._steps), test is not None))
        self._steps.append(Step(test or _never, negate and test is not None, 0, None))

    def end(self, line: int, extra: str) -> None:
        """An ``endif``, and what stands after it."""
        if not self._open:
            self.complain(line, "endif without if")
            return
        if extra:
            self.complain(line, f"'{extra}' after endif is ignored", Severity.WARNING)
        self._close()

    def finish(self) -> Program:
        for line, _, _ in self._open:
            self.complain(line, "if without endif")
        while self._open:
            self._close()
        return tuple(self._steps)

    def complain(self, line: int, message: str, severity: Severity = Severity.ERROR) -> None:
        self._problems.append(Problem(message, self.place(line), severity))

    def place(self, line: int) -> Place | None:
        """None where the rules stand in the table's name."""
        return Place(self._file, line) if self._file else None

    def _close(self) -> None:
        _, at, sound = self._open.pop()
        if sound and len(self._steps) > at + 1:
            self._steps[at] = self._steps[at]._replace(skip=len(self._steps))
        else:
            del self._steps[at:]


def _never(_key: object) -> None:
    return None
