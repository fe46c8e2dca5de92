"""What a restriction is to the engine, and the register of all that there are.

A restriction is a plain function of the facts and the rules that returns a verdict, or a generator that yields
questions and returns a verdict. It never does I/O. Adding one is adding a file to ``restrictions/``; the file's
docstring is the manual entry, and its ``Example:`` a test.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import msgspec

from gatepost.core.access.verdict import Verdict
from gatepost.core.ask import Answer, Question

Check = Generator[Question, Answer, Verdict]


class Restriction(msgspec.Struct, frozen=True):
    """``argument`` names what the word after it in a list is (``table``, ``service``, ...), empty where there is none.

    ``wants_subject`` says that ``function`` takes the Subject of the list that it stands in as its last parameter, and
    ``fault`` looks at the argument when a list is compiled. ``name`` is Postfix's, in lower case.
    """

    name: str
    function: Callable[..., Any]
    argument: str
    wants_subject: bool
    manual: str
    fault: Callable[[Any, str], str | None] | None = None


RESTRICTIONS: dict[str, Restriction] = {}


F = TypeVar("F", bound=Callable[..., Any])
Fault = Callable[[Any, str], str | None]
"""(rules, argument) -> what is wrong with the argument, or None."""


def restriction(*old_names: str, fault: Fault | None = None) -> Callable[[F], F]:
    """Register the decorated function under its own name and the ``old_names`` that Postfix still accepts.

    Its parameters are ``(facts, rules)``, then its argument where it takes one (that parameter's name says what it is:
    ``table``, ``service``), then ``subject`` where its reply speaks of what the list is about. ``fault`` looks at the
    argument when the list is compiled.
    """

    def register(function: F) -> F:
        extra = list(inspect.signature(function).parameters)[2:]
        module = inspect.getmodule(function)
        entry = Restriction(
            name=function.__name__.strip("_"),
            function=function,
            argument=next((name for name in extra if name != "subject"), ""),
            wants_subject="subject" in extra,
            fault=fault,
            manual=(module.__doc__ if module else "") or "",
        )
        for name in (entry.name, *old_names):
            RESTRICTIONS[name] = entry
        return function

    return register
