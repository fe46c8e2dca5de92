"""The log lines of queue and delivery, as Postfix writes them (pflogsumm and the like read them)."""

from __future__ import annotations

from gatepost.core.envelope import Envelope, Outcome, Recipient


def active(envelope: Envelope) -> str:
    """qmgr's line when delivery begins; nrcpt counts all recipients, also those that are done."""
    return (
        f"{envelope.queue_id}: from=<{printable(envelope.sender.external)}>, size={envelope.size}, "
        f"nrcpt={len(envelope.recipients)} (queue active)"
    )


def delivered(envelope: Envelope, recipient: Recipient, outcome: Outcome, delays: tuple[float, float, float]) -> str:
    """An agent's line. ``delays`` in seconds: before the queue manager, in it, and in the agent."""
    origin = recipient.original
    orig_to = f" orig_to=<{printable(origin.external)}>," if origin and origin != recipient.address else ""
    before, queued, agent = delays
    return (
        f"{envelope.queue_id}: to=<{printable(recipient.address.external)}>,{orig_to} relay={outcome.relay}, "
        f"delay={seconds(before + queued + agent)}, delays={seconds(before)}/{seconds(queued)}/0/{seconds(agent)}, "
        f"dsn={outcome.dsn}, status={outcome.status} ({printable(outcome.text)})"
    )


def seconds(value: float) -> str:
    """A delay with two significant digits, none below 0.01 and whole seconds above 100."""
    if value < 0.01:
        return "0"
    if value >= 10:
        return f"{value:.0f}"
    return f"{round(value, 2):.2g}"


def printable(text: str) -> str:
    """``text`` with ``?`` for each character that could disturb a log."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "?" for char in text)
