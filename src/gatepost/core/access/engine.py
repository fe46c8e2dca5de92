"""Deciding: the restriction lists of a stage are run, and what they said becomes a Decision (SMTPD_ACCESS_README).

``decide`` is a generator of questions and otherwise pure: the live server, explain, replay, the relay proof and the
tests differ only in who answers. What each verdict does:

    Reject            ends everything with its reply
    PERMIT            ends the list; the stage's next list is run
    DeferIfPermit     remembered (the first counts): given after the last list, where none rejects
    DeferIfReject     remembered (the first counts): given in the place of a rejection by the same list; the relay and
                      recipient lists count as one. Where both are remembered, it is the DeferIfPermit's reply
    DISCARD           no further list is run
    other effects     remembered; the next item is run
    Branch            its items are run in place; a PERMIT in it ends the list that it stands in
    Broken            451 4.3.5, and why goes to the log

Under warn_if_reject a refusal or DeferIfPermit is logged and the next item is run; before a class, in the whole class.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import Enum
from types import GeneratorType

from msgspec import structs

from gatepost.core.access.items import CompiledItem, Items
from gatepost.core.access.rules import BRANCH_DEPTH, DEFERRING_STAGES, Rules
from gatepost.core.access.subject import LISTS, Subject
from gatepost.core.access.transports import unavailable_transport
from gatepost.core.access.unlisted import unlisted_recipient
from gatepost.core.access.verdict import (
    DUNNO,
    PERMIT,
    Branch,
    Broken,
    Decision,
    DeferIfPermit,
    DeferIfReject,
    Effect,
    EffectKind,
    Item,
    Logged,
    Reject,
    Step,
    Verdict,
)
from gatepost.core.ask import Answer, Question
from gatepost.core.facts import Facts, Stage
from gatepost.core.reply import Reply

BROKEN = Reply(451, "3.5", "Server configuration error")

NOTHING = {stage: Decision(stage, None, (), ()) for stage in Stage}
"""What is decided at a stage where there is nothing to evaluate."""

_RECIPIENT_LISTS = frozenset({"smtpd_relay_restrictions", "smtpd_recipient_restrictions"})
_RECIPIENT_STAGES = frozenset({Stage.RCPT, Stage.VRFY})
_UNLISTED = Item("smtpd_reject_unlisted_recipient", 0, "reject_unlisted_recipient", None)
_TRANSPORT = Item("master.cf", 0, "transport", None)

_POSTMASTER = Item("RFC 5321 section 4.5.1", 0, "postmaster", None)

FinalCheck = Callable[[Facts, Rules], Generator[Question, Answer, Verdict]]


class After(Enum):
    """How the running of a list goes on after an item."""

    NEXT = "the next item"
    END = "the next list"
    DISCARD = "no further list"
    STOP = "the decision is made"


Running = Generator[Question, Answer, After]


def decide(
    stage: Stage, facts: Facts, rules: Rules, deferred: Reply | None = None
) -> Generator[Question, Answer, Decision]:
    """Run the lists of ``stage`` over ``facts``.

    ``deferred`` is a DeferIfPermit that an earlier stage of the session left (smtpd_delay_reject = no): the first of
    the ``Decision.deferred`` of CONNECT, HELO and MAIL.
    """
    if not rules.decides_at(stage):
        return NOTHING[stage]
    if facts.stage is not stage:
        facts = structs.replace(facts, stage=stage)
    trial = Trial(facts, rules, deferred)
    if stage is Stage.RCPT and _is_postmaster(facts):
        trial.steps.append(Step(_POSTMASTER, PERMIT))
        return trial.decision(stage)
    shared = False
    for name in rules.lists_at(stage, facts):
        if not (shared and name in _RECIPIENT_LISTS):
            trial.defer_if_reject = None
        shared = name in _RECIPIENT_LISTS
        items = rules.lists[name]
        if items:
            after = yield from trial.run(items, LISTS[name])
            if after is After.STOP:
                return trial.decision(stage)
            if after is After.DISCARD:
                break
    if trial.defer_if_permit is not None and stage in DEFERRING_STAGES:
        trial.refuse(trial.defer_if_permit)
    elif stage in _RECIPIENT_STAGES and not trial.discarded:
        if rules.reject_unlisted_recipient:
            yield from trial.check(_UNLISTED, unlisted_recipient)
        if rules.transports is not None and trial.reply is None:
            yield from trial.check(_TRANSPORT, unavailable_transport)
    return trial.decision(stage)


def _is_postmaster(facts: Facts) -> bool:
    """Mail for the bare ``postmaster`` is taken from everybody, whatever the lists say."""
    recipient = facts.recipient
    return recipient is not None and not recipient.domain and recipient.local.lower() == "postmaster"


class Trial:
    """The running of one decision: what the items have said so far."""

    __slots__ = (
        "defer_if_permit",
        "defer_if_reject",
        "discarded",
        "effects",
        "facts",
        "logged",
        "reply",
        "rules",
        "steps",
    )

    def __init__(self, facts: Facts, rules: Rules, deferred: Reply | None) -> None:
        self.facts = facts
        self.rules = rules
        self.reply: Reply | None = None
        self.defer_if_permit = deferred
        self.defer_if_reject: Reply | None = None
        self.discarded = False
        self.effects: list[Effect] = []
        self.steps: list[Step] = []
        self.logged: list[Logged] = []

    def decision(self, stage: Stage) -> Decision:
        return Decision(
            stage, self.reply, tuple(self.effects), tuple(self.steps), tuple(self.logged), self.defer_if_permit
        )

    def run(self, items: Items, subject: Subject, depth: int = 0, warns: bool = False) -> Running:
        """Run a list, or a class or table entry in it; ``warns`` where that stands under warn_if_reject."""
        facts, steps = self.facts, self.steps
        for item in items:
            verdict = item.function(facts, *item.arguments)
            if type(verdict) is GeneratorType:
                asked: list[tuple[Question, Answer]] = []
                verdict = yield from _record(verdict, asked)
                steps.append(Step(item.item, verdict, tuple(asked), depth))
            else:
                steps.append(Step(item.item, verdict, (), depth))
            if verdict is DUNNO:
                continue
            if verdict is PERMIT:
                return After.END
            if isinstance(verdict, Branch):
                after = yield from self._branch(verdict, item, subject, depth, warns or item.warns)
            else:
                after = self._take(verdict, warns or item.warns)
            if after is not After.NEXT:
                return after
        return After.NEXT

    def _branch(self, branch: Branch, item: CompiledItem, subject: Subject, depth: int, warns: bool) -> Running:
        if depth >= BRANCH_DEPTH:
            return self._take(Broken(f"{item.item.text}: restrictions nested deeper than {BRANCH_DEPTH}"), warns)
        items, problems = self.rules.branch(branch.text, branch.place, subject)
        after = yield from self.run(items, subject, depth + 1, warns)
        if after is After.NEXT and problems:
            return self._take(Broken(str(problems[0])), warns)
        return after

    def check(self, item: Item, check: FinalCheck) -> Running:
        """A check that no list names, after all lists have let the recipient pass."""
        asked: list[tuple[Question, Answer]] = []
        verdict = yield from _record(check(self.facts, self.rules), asked)
        self.steps.append(Step(item, verdict, tuple(asked)))
        return self._take(verdict, False)

    def _take(self, verdict: Verdict, warns: bool) -> After:
        """Do what a verdict other than a Branch says."""
        match verdict:
            case Reject(reply):
                return self._reject(reply, warns)
            case Broken(why):
                self.logged.append(Logged("warning", why))
                return self._reject(BROKEN, warns)
            case DeferIfPermit(reply):
                if warns:
                    self.logged.append(Logged("reject_warning", str(reply)))
                elif self.defer_if_permit is None:
                    self.defer_if_permit = reply
            case DeferIfReject(reply):
                if self.defer_if_reject is None:
                    self.defer_if_reject = reply
            case Effect(kind, text, about):
                self.effects.append(verdict)
                self.logged.append(Logged(kind.value.lower(), f"{about} {text or f'triggers {kind.value} action'}"))
                if kind is EffectKind.DISCARD:
                    self.discarded = True
                    return After.DISCARD
        return After.NEXT

    def _reject(self, reply: Reply, warns: bool) -> After:
        if warns:
            self.logged.append(Logged("reject_warning", str(reply)))
            return After.NEXT
        if self.defer_if_reject is not None:
            reply = self.defer_if_permit or self.defer_if_reject
        self.refuse(reply)
        return After.STOP

    def refuse(self, reply: Reply) -> None:
        """Settle the decision."""
        self.reply = reply
        self.logged.append(Logged("reject", str(reply)))


def _record(
    check: Generator[Question, Answer, Verdict], asked: list[tuple[Question, Answer]]
) -> Generator[Question, Answer, Verdict]:
    """Run a restriction, keeping what it asks and is told."""
    try:
        question = next(check)
        while True:
            answer = yield question
            asked.append((question, answer))
            question = check.send(answer)
    except StopIteration as stop:
        verdict: Verdict = stop.value
        return verdict
