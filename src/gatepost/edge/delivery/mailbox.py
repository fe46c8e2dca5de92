"""Putting a mail into one mailbox: Maildir or mbox, with its owner's rights, and the headers that delivery adds.

Shared by local(8) and virtual(8). The blocking part runs in a few threads, whose number is the concurrency.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from gatepost.core.envelope import Outcome, Recipient
from gatepost.edge.delivery import maildir, mbox
from gatepost.edge.delivery.agent import Letter, failed, failed_by_system, sent
from gatepost.edge.delivery.mbox import Locking
from gatepost.edge.delivery.owner import NotAllowed, Owner, rights_of


@dataclass(frozen=True, slots=True)
class Place:
    """A mailbox: an absolute path, a Maildir where it ends in ``/``. ``owner`` None: with the process's own rights."""

    path: str
    owner: Owner | None


class Mailboxes:
    """Writes into mailboxes, in ``threads``. ``host`` ends a Maildir's file names.

    With ``stand_in`` a mailbox whose owner this process cannot become is written with the process's own rights, if
    those suffice; ``stand_in`` is then told, in a delivery thread, whose it is.
    """

    def __init__(
        self,
        host: str,
        threads: Executor,
        *,
        locking: Locking | None = None,
        stand_in: Callable[[str], None] | None = None,
    ) -> None:
        self._host = host
        self._threads = threads
        self._locking = locking or Locking()
        self._stand_in = stand_in

    async def run(self, function: Callable[..., Outcome], *arguments: object) -> Outcome:
        """Call ``function`` in a delivery thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    def put(self, mail: Letter, recipient: Recipient, place: Place, relay: str) -> Outcome:
        """Deliver; blocks. The outcome is sent, or deferred or bounced with what the system said."""
        try:
            return self._put(mail, recipient, place, relay)
        except NotAllowed as error:
            return failed("4.3.5", str(error), relay)
        except OSError as error:
            kind = "maildir" if place.path.endswith("/") else "mailbox"
            return failed_by_system(error, f"{kind} delivery failed:", relay)

    def _put(self, mail: Letter, recipient: Recipient, place: Place, relay: str) -> Outcome:
        """Raises NotAllowed and OSError."""
        if place.owner is None:
            return self._write(mail, recipient, place.path, relay)
        try:
            with rights_of(place.owner):
                return self._write(mail, recipient, place.path, relay)
        except NotAllowed as error:
            if self._stand_in is None:
                raise
            try:
                outcome = self._write(mail, recipient, place.path, relay)
            except PermissionError:
                raise error from None
            self._stand_in(str(error))
            return outcome

    def _write(self, mail: Letter, recipient: Recipient, path: str, relay: str) -> Outcome:
        chunks = _with_headers(mail, recipient)
        if path.endswith("/"):
            maildir.deliver(path.rstrip("/"), chunks, self._host)
            return sent("delivered to maildir", relay)
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mbox.deliver(path, _from_line(mail), chunks, self._locking)
        return sent("delivered to mailbox", relay)


def _with_headers(mail: Letter, recipient: Recipient) -> Iterator[bytes]:
    """The content behind what the last hop adds (RFC 5321 section 4.4; Delivered-To as in local(8))."""
    original = recipient.original or recipient.address
    yield (
        f"Return-Path: <{mail.envelope.sender.external}>\n"
        f"X-Original-To: {original.external}\n"
        f"Delivered-To: {recipient.address.external}\n"
    ).encode("utf-8", "surrogateescape")
    last = b"\n"
    for chunk in mail.chunks():
        yield chunk
        last = chunk[-1:] or last
    if last != b"\n":
        yield b"\n"


def _from_line(mail: Letter) -> bytes:
    sender = mail.envelope.sender.external or "MAILER-DAEMON"
    return f"From {sender}  {time.ctime()}\n".encode("utf-8", "surrogateescape")
