"""The log: lines from sessions are collected and written in groups, never waiting and never failing into a session.

Each line gets Postfix's header, ``Nov 22 16:02:32 host postfix/smtpd[123]: ``, and is made safe here, once, whatever
made it. Lines that cannot be written wait, up to a limit; past it the oldest are lost, and the log itself says so when
it can be written again.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from gatepost.edge.log_lines import MAX_LINE, safe
from gatepost.edge.log_outputs import Output

if TYPE_CHECKING:  # the supervisor logs too, and must not load an event loop
    import asyncio

GROUP_SECONDS = 0.05
GROUP_CHARACTERS = 65_536
RETRY_SECONDS = 1.0
MAX_WAITING = 8_192  # lines that wait for an output that does not take them; at most 16 MB


def _complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class LogSink:
    """Takes lines of one process. ``host`` is what stands for this machine in each line: myhostname's first label.

    Until ``attach`` gives it an event loop each line is written at once. ``flush`` writes what is waiting, ``close``
    also lets go of the output. No method raises for what the world does.
    """

    def __init__(
        self,
        output: Output,
        host: str,
        *,
        clock: Callable[[], float] = time.time,
        complain: Callable[[str], None] = _complain,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self._output = output
        self._host = host
        self._clock = clock
        self._complain = complain
        self._max_waiting = max_waiting
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.Handle | None = None
        self._lines: list[str] = []
        self._characters = 0
        self._second = -1
        self._headers: dict[tuple[str, str], str] = {}
        self._fault = ""
        self._lost = 0

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write in groups from now on, by this loop's timers."""
        self._loop = loop

    def line(self, tag: str, text: str, level: str = "info") -> None:
        """Log ``text``, which may hold anything, under ``tag`` (``postfix/smtpd``).

        ``level`` is info, warning, error or fatal: it decides the syslog severity and how soon the line is written; a
        ``warning: `` that is to be seen is part of the text.
        """
        second = int(self._clock())
        if second != self._second:
            self._second = second
            self._headers.clear()
        header = self._headers.get((tag, level))
        if header is None:
            header = self._header(tag, level)
        if len(text) * 4 > MAX_LINE or not text.isprintable():
            text = safe(text)
        self._lines.append(header + text)
        self._characters += len(text)
        if self._timer is None:
            self._schedule(soon=level != "info")
        elif self._characters > GROUP_CHARACTERS and not self._fault:
            self.flush()
        elif len(self._lines) > self._max_waiting:
            self._shed()

    def _header(self, tag: str, level: str) -> str:
        stamp = time.strftime("%b %e %H:%M:%S", time.localtime(self._second))
        header = self._output.header(stamp, self._host, f"{tag}[{os.getpid()}]", level)
        self._headers[tag, level] = header
        return header

    def _schedule(self, *, soon: bool = False) -> None:
        if self._loop is None or self._loop.is_closed():
            self.flush()
        elif soon and not self._fault:
            self._timer = self._loop.call_soon(self._tick)
        else:
            self._timer = self._loop.call_later(RETRY_SECONDS if self._fault else GROUP_SECONDS, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.flush()
        if self._lines and self._timer is None:
            self._schedule()

    def flush(self) -> None:
        """Write what is waiting, as far as the output takes it without waiting."""
        if not self._lines:
            return
        try:
            done = self._output.write(self._lines)
        except OSError as error:
            self._failed(error)
            return
        if done == len(self._lines):
            self._lines = []
            self._characters = 0
            self._recovered()
        else:
            del self._lines[:done]
            self._characters = sum(map(len, self._lines))
            self._shed()

    def _failed(self, error: OSError) -> None:
        if not self._fault:
            self._fault = error.strerror or str(error)
            self._complain(f"gatepost: cannot write the log: {self._fault}; lines wait, the oldest may be lost")
        self._shed()

    def _shed(self) -> None:
        excess = len(self._lines) - self._max_waiting
        if excess > 0:
            # Half goes at once: dropping them one by one would move the whole list for each line.
            excess += self._max_waiting // 2
            del self._lines[:excess]
            self._characters = sum(map(len, self._lines))
            self._lost += excess

    def _recovered(self) -> None:
        if not self._fault and not self._lost:
            return
        lost, fault, self._lost, self._fault = self._lost, self._fault, 0, ""
        if lost:
            reason = fault or "the log is read too slowly"
            self.line("gatepost", f"warning: {lost} log lines were lost: {reason}", "warning")
        if fault:
            self._complain("gatepost: the log is written again")

    def reopen(self) -> None:
        """Open the log anew, as after its rotation (SIGHUP)."""
        self.flush()
        try:
            self._output.reopen()
        except OSError as error:
            self.line("gatepost", f"warning: cannot reopen the log: {error.strerror or error}", "warning")

    def close(self) -> None:
        """Write what is waiting and let go of the output; what cannot be written now is lost."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._loop = None
        self.flush()
        self._output.close()
