"""One session's decisions: questions answered, the answers remembered, what came of it logged and recorded.

DNS answers are kept for the rest of the session, so that one session sees one world; policy services are asked anew
every time. Deferrals of the early stages wait here for the recipient (smtpd_delay_reject = no).
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator

from gatepost.core.access.engine import NOTHING, decide
from gatepost.core.access.verdict import Decision
from gatepost.core.ask import Answer, Dns, Question
from gatepost.core.facts import Stage
from gatepost.core.reply import Reply
from gatepost.core.smtp.needs import Decide
from gatepost.edge import log_lines
from gatepost.edge.door import Door

REMEMBERED = 500  # DNS answers a session keeps

_EARLY = (Stage.CONNECT, Stage.HELO, Stage.MAIL)
_LATE = (Stage.DATA, Stage.END_OF_MESSAGE)


class Deciding:
    """``session`` names the session in the journal."""

    __slots__ = ("_answers", "_deferred", "_door", "_session")

    def __init__(self, door: Door, session: str) -> None:
        self._door = door
        self._session = session
        self._answers: dict[Dns, Answer] | None = None
        self._deferred: dict[Stage, Reply] | None = None

    def decide(self, need: Decide) -> Decision | Awaitable[Decision]:
        """At once where every answer is at hand."""
        if not self._door.rules.decides_at(need.stage):
            return NOTHING[need.stage]
        deciding = decide(need.stage, need.facts, self._door.rules, self._earlier(need.stage))
        try:
            question = next(deciding)
            while True:
                answer = self._answer(question)
                if answer is None:
                    return self._wait(need, deciding, question)
                question = deciding.send(answer)
        except StopIteration as stop:
            return self._keep(need, stop.value)

    async def _wait(
        self, need: Decide, deciding: Generator[Question, Answer, Decision], question: Question
    ) -> Decision:
        try:
            while True:
                answer = self._answer(question)
                if answer is None:
                    answer = await self._door.world.wait(question)
                    self._remember(question, answer)
                question = deciding.send(answer)
        except StopIteration as stop:
            return self._keep(need, stop.value)

    def _answer(self, question: Question) -> Answer | None:
        if type(question) is not Dns:
            return self._door.world.answer_now(question)
        answer = self._answers.get(question) if self._answers is not None else None
        if answer is None:
            answer = self._door.world.answer_now(question)
            if answer is not None:
                self._remember(question, answer)
        return answer

    def _remember(self, question: Question, answer: Answer) -> None:
        if isinstance(question, Dns):
            if self._answers is None or len(self._answers) >= REMEMBERED:
                self._answers = {}
            self._answers[question] = answer

    def _earlier(self, stage: Stage) -> Reply | None:
        """The first deferral that an earlier stage left."""
        if self._deferred is None or stage in _LATE:
            return None
        before = _EARLY[: _EARLY.index(stage)] if stage in _EARLY else _EARLY
        return next((self._deferred[early] for early in before if early in self._deferred), None)

    def _keep(self, need: Decide, decision: Decision) -> Decision:
        """Log and record a decision."""
        if need.stage in _EARLY and (decision.deferred is not None or self._deferred is not None):
            self._deferred = self._deferred or {}
            self._deferred.pop(need.stage, None)
            if decision.deferred is not None:
                self._deferred[need.stage] = decision.deferred
        door, facts = self._door, need.facts
        for logged in decision.logged:
            if logged.kind == "warning":
                door.log(f"warning: {logged.text}", "warning")
            elif logged.kind != "prepend":
                label = log_lines.label(facts.client, port=door.port_logging)
                door.log(log_lines.decided(logged, need.stage, label, facts), "info")
        if decision.steps:
            door.record(self._session, facts, decision)
        return decision
