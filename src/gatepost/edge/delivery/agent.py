"""What a delivery agent is to the runner: one transport of transport(5).

An agent answers with one Outcome for each recipient it was given, at once (a list) or later (an awaitable). It never
raises for a fault of the world; an exception is a bug, and defers.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gatepost.core.envelope import Envelope, Outcome, Recipient
from gatepost.core.routing import Route
from gatepost.edge.spool import Mail


@dataclass(frozen=True, slots=True)
class Target:
    """One recipient of a delivery: its ``index`` in the envelope, and where it goes."""

    index: int
    recipient: Recipient
    route: Route


class Letter(Protocol):
    """What is put into a mailbox. ``chunks`` blocks and may raise OSError."""

    @property
    def envelope(self) -> Envelope: ...

    def chunks(self) -> Iterator[bytes]: ...


Outcomes = list[Outcome] | Awaitable[list[Outcome]]


class Agent(Protocol):
    """``daemon`` is the name in the log (``postfix/virtual``). ``needs_content``: the content must be at hand."""

    @property
    def daemon(self) -> str: ...

    @property
    def needs_content(self) -> bool: ...

    def deliver(self, mail: Mail, targets: Sequence[Target]) -> Outcomes:
        """Deliver to ``targets``, which share transport and next hop. One outcome each, in their order."""
        ...


def sent(text: str, relay: str) -> Outcome:
    return Outcome("sent", "2.0.0", text, relay)


def failed(dsn: str, text: str, relay: str) -> Outcome:
    """``dsn``'s class says whether the mail is tried again."""
    return Outcome("deferred" if dsn.startswith("4") else "bounced", dsn, text, relay)


_PERMANENT = {errno.EDQUOT: "5.2.2", errno.EFBIG: "5.2.2"}


def failed_by_system(error: OSError, what: str, relay: str) -> Outcome:
    """A fault of the file system: over quota is permanent, everything else is tried again."""
    dsn = _PERMANENT.get(error.errno or 0, "4.3.0" if error.errno == errno.ENOSPC else "4.2.0")
    place = f" {error.filename}" if error.filename else ""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return failed(dsn, f"{what}{place}: {reason}", relay)
