"""What a server session asks of whoever drives it.

The session is a generator: it yields a need, the driver satisfies it and sends the answer back. The live server, the
tests and the fuzzers are drivers. Nothing calls back from below; a driver does just this:

    call ``session.receive(data)`` whenever bytes come, whatever the session waits for. It keeps what is ahead of time,
    so stop reading from the socket while it asks for anything but Receive and ``session.waiting`` is past a few kB

    Receive(timeout)          -> None | Ended     more input is wanted: answer None once ``receive`` was called
    Say(data)                 -> None             bytes for the client; may be collected until the next Receive, Sleep,
                                                  StartTls or the end
    Decide(stage, facts)      -> Decision
    OpenMail(facts)           -> Opened | Reply   a queue id is taken; a Reply (451, 452) refuses the command
    Write(data)               -> None             a piece of the mail as it is to be stored: LF line ends, the Received:
                                                  and prepended headers first. A failure is kept for Commit to tell
    Commit(envelope)          -> None | Reply     the durable commit; a Reply (451, 452) where it failed
    Abandon()                 -> None             forget the open mail
    StartTls()                -> Tls | None       after all was said; None: the handshake failed, the session is over.
                                                  Stop reading plaintext at once: what came before was forgotten
    Sleep(seconds)            -> None             tar-pit
    Note(text, level)         -> None             as Postfix's smtpd logs it, safe to log; ``level`` is info or warning,
                                                  whose ``warning: `` is not in the text
    Search(table, keys)       -> Hit | Missing    a table in a match list, such as smtpd_authorized_xclient_hosts; asked
                                                  only where one is configured

The generator's return ends the connection, after what was said is sent. A driver that loses the connection while the
session waits for something other than input tells it at the next Receive. Needs without content are constants.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from gatepost.core.ask import Question
from gatepost.core.envelope import Envelope
from gatepost.core.facts import Facts, Stage


class Ended(Enum):
    """Why no more input came; the values are the words of Postfix's log."""

    EOF = "lost connection"
    TIMEOUT = "timeout"


class Receive(msgspec.Struct, frozen=True):
    """Wait at most ``timeout`` seconds for input."""

    timeout: float


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
    date: str  # RFC 5322 date-time for the Received: header, such as "Sun, 22 Nov 2026 16:01:02 +0000 (UTC)"


class Write(msgspec.Struct, frozen=True):
    data: bytes


class Commit(msgspec.Struct, frozen=True):
    """Keep the mail: after this the 250 may be said. ``envelope`` is complete, with queue id, size and effects."""

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


ABANDON = Abandon()
START_TLS = StartTls()

Need = Receive | Say | Decide | OpenMail | Write | Commit | Abandon | StartTls | Sleep | Note | Question
