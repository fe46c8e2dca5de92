"""pickup(8): takes local submissions from the maildrop into the spool.

Looks every second at most. A mail that was taken when the process died before its file was removed is taken again.
"""

from __future__ import annotations

import asyncio
import pwd
import time
from dataclasses import dataclass
from pathlib import Path

from gatepost.core.envelope import Envelope, Recipient
from gatepost.core.errors import SpoolError
from gatepost.core.submission import completed, message_id_of, printable_words, qualified, split_header
from gatepost.edge.delivery.attempt import Log
from gatepost.edge.delivery.lines import printable
from gatepost.edge.spool import Spool, maildrop
from gatepost.edge.spool.maildrop import BadSubmission, Claimed


@dataclass(frozen=True, slots=True)
class Site:
    """myhostname, myorigin, mail_name, message_size_limit and the configuration's name."""

    hostname: str
    origin: str
    mail_name: str = "Postfix"
    size_limit: int = 10_240_000
    generation: str = ""


class Pickup:
    """Serves one maildrop. Several processes may serve the same one."""

    def __init__(self, spool: Spool, directory: Path, site: Site, log: Log, *, interval: float = 0.5) -> None:
        self._spool = spool
        self._directory = directory
        self._site = site
        self._log = log
        self._interval = interval
        self._ignored: set[str] = set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(self._interval)

    async def once(self) -> int:
        """Take everything that waits; returns how many mails that were."""
        loop = asyncio.get_running_loop()
        try:
            names = await loop.run_in_executor(None, maildrop.waiting, self._directory)
        except OSError as error:
            self._complain("", str(error))
            return 0
        self._ignored &= {"", *names}
        taken = 0
        for name in names:
            if name in self._ignored:
                continue
            try:
                claimed = await loop.run_in_executor(None, Claimed, self._directory / name, self._site.size_limit)
            except (BlockingIOError, FileNotFoundError):
                continue  # another process has it
            except (BadSubmission, OSError) as error:
                self._complain(name, f"not taken: {error}")
                continue
            taken += await self._take(claimed)
        return taken

    async def _take(self, claimed: Claimed) -> int:
        try:
            await self._queue(claimed)
        except SpoolError as error:
            claimed.leave()
            self._log("postfix/pickup", f"warning: maildrop: {error}; will try again")
            return 0
        except BaseException:
            claimed.leave()
            raise
        claimed.done()
        return 1

    async def _queue(self, claimed: Claimed) -> None:
        site = self._site
        submission = claimed.submission
        incoming = self._spool.open_mail()
        name = incoming.queue_id
        user, full_name = _user(claimed.uid)
        typed = submission.sender or user
        sender = qualified("" if typed == "<>" else typed, "" if typed == "<>" else site.origin)
        self._log("postfix/pickup", f"{name}: uid={claimed.uid} from=<{printable('' if typed == '<>' else typed)}>")
        header = split_header(claimed.content)
        stamp = time.strftime("%Y%m%d%H%M%S", time.localtime(incoming.arrived))
        message_id = f"{stamp}.{name}@{site.hostname}"
        content = completed(
            header,
            received=f"Received: by {site.hostname} ({site.mail_name}, from userid {claimed.uid})\n"
            f"\tid {name}; {incoming.date}\n",
            sender=sender,
            full_name=submission.full_name or full_name,
            message_id=message_id,
            date=incoming.date,
        )
        incoming.write(content)
        self._log("postfix/cleanup", f"{name}: message-id={printable(message_id_of(header)) or f'<{message_id}>'}")
        recipients = tuple(
            Recipient(qualified(text, site.origin), notify=submission.notify)
            for text in printable_words(submission.recipients)
        )
        envelope = Envelope(
            name,
            sender,
            recipients,
            incoming.arrived,
            size=len(content) + content.count(b"\n"),
            protocol="local",
            login=user,
            body=submission.body or ("7BIT" if content.isascii() else "8BITMIME"),
            ret=submission.ret,
            envid=submission.envid,
            generation=site.generation,
        )
        await self._spool.commit(incoming, envelope)

    def _complain(self, name: str, text: str) -> None:
        """Once for each file."""
        if name not in self._ignored:
            self._ignored.add(name)
            self._log("postfix/pickup", f"warning: {self._directory / name}: {printable(text)}")


def _user(uid: int) -> tuple[str, str]:
    """Login and full name of whoever submitted."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return str(uid), ""
    return entry.pw_name, entry.pw_gecos.split(",")[0]
