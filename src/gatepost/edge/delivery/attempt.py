"""One attempt to deliver a mail: which recipients are due, what became of each, and how long it took."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from gatepost.core.envelope import Outcome, Progress, Recipient
from gatepost.edge.delivery import lines
from gatepost.edge.delivery.agent import Agent, Target
from gatepost.edge.spool import Mail

Log = Callable[[str, str], None]
"""Takes the daemon's name (``postfix/qmgr``) and the text."""

Plan = list[tuple[Agent, list[Target]]]


class Attempt:
    """Collects the outcomes of ``mail``'s due recipients, and logs each as it comes."""

    def __init__(self, mail: Mail, now: float, log: Log) -> None:
        self.mail = mail
        self.outcomes: dict[int, Outcome] = {}
        self._began = now
        self._log = log
        self._handed_over = now
        self._recipients = dict(mail.envelope.deliveries)
        progress = mail.progress
        self.due = [pair for pair in self._recipients.items() if not progress.is_done(pair[0])]

    def hand_over(self, now: float) -> None:
        """The agents begin."""
        self._handed_over = now

    def record(self, daemon: str, targets: Sequence[Target], outcomes: Sequence[Outcome], now: float) -> None:
        for target, outcome in zip(targets, outcomes, strict=True):
            self.settle(daemon, target.index, target.recipient, outcome, now)

    def settle(self, daemon: str, index: int, recipient: Recipient, outcome: Outcome, now: float) -> None:
        """Recipient ``index`` is done with for this time."""
        self.outcomes[index] = outcome
        envelope = self.mail.envelope
        delays = (
            max(0.0, self._began - envelope.arrived),
            max(0.0, self._handed_over - self._began),
            max(0.0, now - self._handed_over),
        )
        self._log(daemon, lines.delivered(envelope, recipient, outcome, delays))

    @property
    def is_finished(self) -> bool:
        """Whether every recipient has its last outcome."""
        return all(outcome.is_final for outcome in self.outcomes.values())

    def progress(self, next_attempt: float) -> Progress:
        """The mail's progress with this attempt in it."""
        before = self.mail.progress
        return Progress(before.attempts + 1, next_attempt, {**before.outcomes, **self.outcomes})

    def give_up(self) -> None:
        """Deferred recipients fail for good, with the reason of the last attempt."""
        for index, outcome in self.outcomes.items():
            if not outcome.is_final:
                self.outcomes[index] = msgspec.structs.replace(outcome, status="expired")

    def forget_failures(self) -> None:
        """Only what was delivered counts: the failures could not be told, and come again."""
        self.outcomes = {index: outcome for index, outcome in self.outcomes.items() if outcome.status == "sent"}

    def with_status(self, *statuses: str) -> list[tuple[Recipient, Outcome]]:
        """This attempt's outcomes of these kinds."""
        return [(self._recipients[index], found) for index, found in self.outcomes.items() if found.status in statuses]
