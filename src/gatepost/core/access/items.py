"""Restriction lists as written -> compiled items (postconf(5), RESTRICTION_CLASS_README).

A list is words: a restriction's name and, where it takes one, its argument; ``warn_if_reject`` before an item; the name
of a restriction class; ``type:table`` as shorthand for the list's own check_*_access. What a name means is settled
here, once, so that evaluating is a call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gatepost.core.access.restriction import RESTRICTIONS
from gatepost.core.access.subject import Subject
from gatepost.core.access.verdict import Branch, Item
from gatepost.core.config.nearest import nearest
from gatepost.core.config.settings import Word
from gatepost.core.errors import Problem
from gatepost.core.matchlist import is_table

SHORTHAND = {
    Subject.CLIENT: "check_client_access",
    Subject.HELO: "check_helo_access",
    Subject.SENDER: "check_sender_access",
    Subject.RECIPIENT: "check_recipient_access",
    Subject.ETRN: "check_etrn_access",
}


@dataclass(frozen=True, slots=True)
class CompiledItem:
    """One item, ready to run: ``function(facts, *arguments)`` gives a verdict, or a generator that comes to one.

    ``table`` is the table that an access check searches, or empty; ``warns`` says that warn_if_reject stands before it.
    """

    item: Item
    function: Callable[..., Any]
    arguments: tuple[object, ...]
    warns: bool = False
    name: str = ""
    table: str = ""


Items = tuple[CompiledItem, ...]


@dataclass(frozen=True, slots=True)
class ListParser:
    """Parses lists for one service. ``rules`` is handed to every restriction; ``classes`` are the class names."""

    rules: object
    classes: frozenset[str]

    def parse(self, words: Sequence[Word], list_name: str, subject: Subject) -> tuple[Items, tuple[Problem, ...]]:
        """The items of a list, and what is wrong with it. An item in error is left out."""
        items: list[CompiledItem] = []
        problems: list[Problem] = []
        position = 0
        warns = False
        while position < len(words):
            word = words[position]
            name = word.text if word.text in self.classes else word.text.lower()
            position += 1
            if name == "warn_if_reject":
                warns = True
                continue
            if is_table(word.text):
                position -= 1
                name = SHORTHAND.get(subject, "")
            argument, problem = None, None
            if name in RESTRICTIONS and RESTRICTIONS[name].argument:
                argument, problem = self._argument(name, words, position, word)
                position += 1
            elif name not in RESTRICTIONS and name not in self.classes:
                problem = self._unknown(word, list_name)
                position += is_table(word.text)
            if problem is not None:
                problems.append(problem)
            else:
                items.append(self._compile(name, word, argument, Position(list_name, len(items), subject, warns)))
            warns = False
        return tuple(items), tuple(problems)

    def _argument(
        self, name: str, words: Sequence[Word], position: int, word: Word
    ) -> tuple[Word | None, Problem | None]:
        if position < len(words):
            argument, fault = words[position], RESTRICTIONS[name].fault
            message = fault(self.rules, argument.text) if fault is not None else None
            return argument, Problem(message, argument.place) if message else None
        return None, Problem(f"{name} needs a {RESTRICTIONS[name].argument} after it", word.place)

    def _unknown(self, word: Word, list_name: str) -> Problem:
        if is_table(word.text):
            return Problem(f"{list_name}: table {word.text} needs a check_*_access before it", word.place)
        near = nearest(word.text.lower(), [*RESTRICTIONS, *self.classes])
        hint = f", did you mean {near}" if near else ""
        return Problem(f"unknown restriction '{word.text}'{hint}", word.place)

    def _compile(self, name: str, word: Word, argument: Word | None, where: Position) -> CompiledItem:
        text = f"{name} {argument.text}" if argument else name
        item = Item(where.list_name, where.index, f"warn_if_reject {text}" if where.warns else text, word.place)
        if name in self.classes:
            return CompiledItem(item, _enter_class, (name,), where.warns, name)
        entry = RESTRICTIONS[name]
        arguments: tuple[object, ...] = (self.rules,)
        if argument is not None:
            arguments = (*arguments, argument.text)
        if entry.wants_subject:
            arguments = (*arguments, where.subject)
        table = argument.text if argument is not None and entry.argument == "table" else ""
        return CompiledItem(item, entry.function, arguments, where.warns, name, table)


@dataclass(frozen=True, slots=True)
class Position:
    """Where in which list an item stands."""

    list_name: str
    index: int
    subject: Subject
    warns: bool


def _enter_class(_facts: object, name: str) -> Branch:
    return Branch(name)
