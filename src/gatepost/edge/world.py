"""The world's answers to a decision's questions: tables, DNS and policy services.

What can be answered without waiting is (tables in memory, DNS from the cache); the rest is waited for, each with its
own time limit. A fault is a typed answer: nothing here raises into a decision.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator, Mapping
from typing import Protocol, TypeVar

from gatepost.core.ask import Answer, Consult, Dns, Missing, Question, Search
from gatepost.core.tables.find import find
from gatepost.core.tables.table import Table

T = TypeVar("T")


class Names(Protocol):
    """What answers DNS questions: edge.resolver.Resolver."""

    def answer_now(self, question: Dns) -> Answer | None: ...
    async def wait(self, question: Dns) -> Answer: ...


class Services(Protocol):
    """What asks policy services: edge.policy_client.PolicyClient."""

    async def consult(self, question: Consult) -> Answer: ...


class World:
    """One generation's tables beside the worker's resolver and policy client."""

    __slots__ = ("_names", "_services", "_tables")

    def __init__(self, tables: Mapping[str, Table], names: Names, services: Services) -> None:
        self._tables = tables
        self._names = names
        self._services = services

    def answer_now(self, question: Question) -> Answer | None:
        """The answer, or None where it has to be waited for."""
        if type(question) is Search:
            table = self._tables.get(question.table)
            return Missing.TRY_AGAIN if table is None else find(table, question)
        if type(question) is Dns:
            return self._names.answer_now(question)
        return None

    async def wait(self, question: Question) -> Answer:
        """The answer, whatever it takes (within the time limit of its source)."""
        if isinstance(question, Dns):
            return await self._names.wait(question)
        if isinstance(question, Consult):
            return await self._services.consult(question)
        return self.answer_now(question) or Missing.TRY_AGAIN

    def run_now(self, asking: Generator[Question, Answer, T]) -> T | Awaitable[T]:
        """As ``run``, but without waiting where every answer is at hand."""
        try:
            question = next(asking)
            while True:
                answer = self.answer_now(question)
                if answer is None:
                    return self._go_on(asking, question)
                question = asking.send(answer)
        except StopIteration as stop:
            result: T = stop.value
            return result

    async def _go_on(self, asking: Generator[Question, Answer, T], question: Question) -> T:
        try:
            while True:
                answer = self.answer_now(question)
                question = asking.send(await self.wait(question) if answer is None else answer)
        except StopIteration as stop:
            result: T = stop.value
            return result

    async def run(self, asking: Generator[Question, Answer, T]) -> T:
        """Answer all questions of a generator and return what it comes to."""
        result = self.run_now(asking)
        return await result if isinstance(result, Awaitable) else result
