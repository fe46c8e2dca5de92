"""Queue ids: which mail a log line is about.

Postfix's short form, upper-case hexadecimal (enable_long_queue_ids = no), so that log readers made for it find ours:
13 digits of microseconds since 1970, then two digits of the worker's number. Unlike Postfix's, an id is not used again
once its mail is gone: each is later than the worker's previous one, and after a restart later than the clock then. It
is also the mail's row number in the spool, which keeps rows in order of arrival.
"""

from __future__ import annotations

import time
from collections.abc import Callable

MAX_WORKERS = 256


class QueueIds:
    """Makes one worker's ids, each after the last, and after row number ``after`` even if the clock was set back."""

    def __init__(self, worker: int, after: int = 0, clock: Callable[[], int] = time.time_ns) -> None:
        if not 0 <= worker < MAX_WORKERS:
            raise ValueError(f"worker {worker} is not in 0..{MAX_WORKERS - 1}")
        self._worker = worker
        self._clock = clock
        self._last = after >> 8

    def next(self) -> int:
        """The next row number; ``queue_id`` gives its text."""
        now = self._clock() // 1000
        self._last = now if now > self._last else self._last + 1
        return self._last << 8 | self._worker


def queue_id(row: int) -> str:
    """The id as logged and shown: 15 hexadecimal digits (until the year 2112)."""
    return f"{row:015X}"


def row_number(text: str) -> int | None:
    """The row of a queue id, in either case, or None where ``text`` is none of ours."""
    if len(text) != 15 or not text.isalnum():
        return None
    try:
        return int(text, 16)
    except ValueError:
        return None
