"""Retry and expiry (qmgr(8), postconf(5))."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.schedule import RetryTimes, is_expired, next_attempt

TIMES = RetryTimes()


def test_waits_double_between_the_limits() -> None:
    arrived = now = 0.0
    waits = []
    for attempts in range(1, 9):
        following = next_attempt(arrived, now, attempts, TIMES)
        waits.append(following - now)
        now = following
    assert waits == [300, 300, 600, 1200, 2400, 4000, 4000, 4000]


def test_a_mail_that_lay_here_for_days_begins_with_short_waits() -> None:
    assert next_attempt(0, 200_000, 1, TIMES) == 200_600


@given(st.floats(0, 1e10), st.floats(0, 1e10), st.integers(0, 10**6))
def test_a_wait_is_within_the_limits_whatever_the_clock_says(arrived: float, now: float, attempts: int) -> None:
    assert 299 < next_attempt(arrived, now, attempts, TIMES) - now < 4001


def test_expiry() -> None:
    assert not is_expired(0, 5 * 86400 - 1, False, TIMES)
    assert is_expired(0, 5 * 86400, False, TIMES)
    assert is_expired(5, 5, False, RetryTimes(maximal_queue_lifetime=0))


def test_a_bounce_never_lives_longer_than_a_mail() -> None:
    times = RetryTimes(maximal_queue_lifetime=100, bounce_queue_lifetime=1000)
    assert is_expired(0, 100, True, times)
    assert is_expired(0, 50, True, RetryTimes(bounce_queue_lifetime=50))
