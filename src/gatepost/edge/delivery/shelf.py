"""Where mails wait in memory: deferred ones until their time, held ones until somebody releases them."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Mapping

from gatepost.edge.spool import Mail


class Shelf:
    """``due`` is called with each mail whose time has come, at most once for each time it was put here."""

    def __init__(self, due: Callable[[Mail], None], clock: Callable[[], float]) -> None:
        self._due = due
        self._clock = clock
        self._later: list[tuple[float, int, Mail]] = []  # a heap by time
        self._held: dict[int, Mail] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def __len__(self) -> int:
        """How many wait for their time."""
        return len(self._later)

    def put(self, mail: Mail, until: float) -> None:
        """Keep ``mail``, without its content, until the time ``until``; a held one until its release."""
        mail.content = None
        if mail.held:
            self._held[mail.row] = mail
            return
        heapq.heappush(self._later, (until, mail.row, mail))
        if self._later[0][2] is mail:
            self._set_timer()

    def release(self, row: int) -> None:
        """A held mail is due after all."""
        if (mail := self._held.pop(row, None)) is not None:
            mail.held = False
            self._due(mail)

    def flush(self) -> None:
        """Every deferred mail is due now."""
        later, self._later = self._later, []
        for _, _, mail in later:
            self._due(mail)

    def apply(self, flags: Mapping[int, bool]) -> None:
        """Follow what others did: ``flags`` has each row that is still there, and whether it is held."""
        later, self._later = self._later, []
        for until, row, mail in later:
            if row in flags:
                mail.held = flags[row]
                self.put(mail, until)
        for row in list(self._held):
            if row not in flags:
                del self._held[row]
            elif not flags[row]:
                self.release(row)
        self._set_timer()

    def close(self) -> None:
        """Nothing is due any more."""
        self._closed = True
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._later and not self._closed:
            self._timer = self._loop.call_later(max(0.0, self._later[0][0] - self._clock()), self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            self._due(heapq.heappop(self._later)[2])
        self._set_timer()
