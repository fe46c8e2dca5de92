"""What a server session asks of whoever drives it.

The session is a generator: it yields a need, the driver satisfies it and sends the answer back. The live server, the
tests and the fuzzers are drivers. Nothing calls back from below.

    ReadLine(timeout)       -> bytes without the line end, or an Ended
    Say(data)               -> None            bytes for the client; the driver may collect them until the next read
    Decide(stage, facts)    -> Decision
    OpenMail(envelope so far) -> Opened | Reply     the first accepted recipient: a queue id is taken
    ReadContent(content, timeout) -> None | Ended   feed the content parser until it is done
    Commit(envelope, prepend) -> None | Reply       the durable commit; a Reply (451, 452) where it failed
    Abandon()               -> None            forget the open mail
    StartTls()              -> Tls | None      None: the handshake failed, the session is over
    Sleep(seconds)          -> None            tar-pit; the driver must not read meanwhile
    Note(text, level)       -> None            a log line about this session, text already safe to log
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec

from gatepost.core.envelope import Envelope
from gatepost.core.facts import Facts, Stage


class Ended(Enum):
    """Why no more input came."""

    EOF = "lost connection"
    TIMEOUT = "timeout"


class ReadLine(msgspec.Struct, frozen=True):
    """One line, ended by LF (a CR before it is taken off); a line over ``limit`` octets is cut there, the rest dropped."""

    timeout: float
    limit: int


class Say(msgspec.Struct, frozen=True):
    data: bytes


class Decide(msgspec.Struct, frozen=True):
    stage: Stage
    facts: Facts


class OpenMail(msgspec.Struct, frozen=True):
    facts: Facts


class Opened(msgspec.Struct, frozen=True):
    """The mail that is being received: its queue id, and its arrival in seconds since the epoch (UTC)."""

    queue_id: str
    arrived: float
    date: str  # RFC 5322 date-time for the Received: header


class ReadContent(msgspec.Struct, frozen=True):
    """``content`` is a core.smtp.content parser; what it puts out goes to the open mail in the spool."""

    content: Any
    timeout: float


class Commit(msgspec.Struct, frozen=True):
    """Keep the mail: after this the 250 may be said. ``headers`` go before the content, in front of the Received: line."""

    envelope: Envelope


class Abandon(msgspec.Struct, frozen=True):
    pass


class StartTls(msgspec.Struct, frozen=True):
    pass


class Sleep(msgspec.Struct, frozen=True):
    seconds: float


class Note(msgspec.Struct, frozen=True):
    text: str
    level: str = "info"


Need = ReadLine | Say | Decide | OpenMail | ReadContent | Commit | Abandon | StartTls | Sleep | Note
