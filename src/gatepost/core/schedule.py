"""When a deferred mail is tried again, and when it is given up (qmgr(8), postconf(5)).

Postfix: the time between attempts grows with the mail's age, within minimal_backoff_time and maximal_backoff_time.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryTimes:
    """Seconds, named and defaulting as in postconf(5). A lifetime of 0 tries once only."""

    minimal_backoff_time: int = 300
    maximal_backoff_time: int = 4000
    maximal_queue_lifetime: int = 5 * 86400
    bounce_queue_lifetime: int = 5 * 86400


def next_attempt(arrived: float, now: float, attempts: int, times: RetryTimes) -> float:
    """When to try again a mail that was tried ``attempts`` times, the last of them ``now``.

    The wait is about the mail's age, which doubles it each time. A mail that waited elsewhere (held, or the server was
    down) begins with the short waits that its attempts deserve: no more than the minimum doubled per attempt.
    """
    age = max(0.0, now - arrived)
    earned = float(times.minimal_backoff_time << min(attempts, 20))
    wait = min(age, earned, float(times.maximal_backoff_time))
    return now + max(wait, float(times.minimal_backoff_time))


def is_expired(arrived: float, now: float, is_bounce: bool, times: RetryTimes) -> bool:
    """Whether to give up. ``is_bounce``: the sender is null."""
    lifetime = times.maximal_queue_lifetime
    if is_bounce:
        lifetime = min(lifetime, times.bounce_queue_lifetime)  # Postfix: a bounce never lives longer than a mail
    return now - arrived >= lifetime
