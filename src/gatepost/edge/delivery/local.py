"""local(8): mailboxes of this machine's users. Aliases and .forward files are not looked at here."""

from __future__ import annotations

import asyncio
import os
import pwd
import stat
from collections.abc import Callable, Sequence

from gatepost.core.access.keys import split_extension
from gatepost.core.address import Address
from gatepost.core.dsn import header_of
from gatepost.core.envelope import Outcome
from gatepost.edge.delivery.agent import Letter, Target, failed, failed_by_system
from gatepost.edge.delivery.mailbox import Mailboxes, Place
from gatepost.edge.delivery.owner import Owner

_HEAD = 65536  # octets of the content searched for Delivered-To:


class Local:
    """Delivers to home_mailbox below the user's home, or else to mail_spool_directory.

    ``user_of`` answers for the password database (tests put their own).
    """

    daemon = "postfix/local"
    needs_content = True

    def __init__(
        self,
        mailboxes: Mailboxes,
        *,
        home_mailbox: str = "",
        mail_spool_directory: str = "/var/mail",
        recipient_delimiter: str = "",
        owner_request: bool = True,
        user_of: Callable[[str], pwd.struct_passwd] = pwd.getpwnam,
    ) -> None:
        self._mailboxes = mailboxes
        self._home_mailbox = home_mailbox
        self._spool_directory = mail_spool_directory
        self._delimiters = recipient_delimiter
        self._owner_request = owner_request
        self._user_of = user_of

    async def deliver(self, mail: Letter, targets: Sequence[Target]) -> list[Outcome]:
        tasks = [self._mailboxes.run(self._deliver, mail, target) for target in targets]
        return list(await asyncio.gather(*tasks))

    def _deliver(self, mail: Letter, target: Target) -> Outcome:
        """In a delivery thread: the password database may be slow."""
        address = target.route.recipient
        try:
            if _was_here(mail, target.recipient.address):
                return failed("5.4.6", f"mail forwarding loop for {address.text}", "local")
            user = self._user(address.local)
            if user is None:
                return failed("5.1.1", f'unknown user: "{address.local}"', "local")
            return self._mailboxes.put(mail, target.recipient, self._place(user), "local")
        except OSError as error:
            return failed_by_system(error, "user lookup failed:", "local")

    def _user(self, local: str) -> pwd.struct_passwd | None:
        """The user of a local part in lower case, with its extension or else without."""
        local = local.lower()
        for name in (local, split_extension(local, self._delimiters, self._owner_request)):
            if not name or not name.isprintable() or "/" in name:
                continue
            try:
                return self._user_of(name)
            except (KeyError, UnicodeError):
                continue
        return None

    def _place(self, user: pwd.struct_passwd) -> Place:
        if self._home_mailbox:
            return Place(os.path.join(user.pw_dir, self._home_mailbox), _owner(user, user.pw_gid))
        directory = self._spool_directory.rstrip("/")
        if self._spool_directory.endswith("/"):
            return Place(f"{directory}/{user.pw_name}/", _owner(user, user.pw_gid))
        # A mail spool that only a group may write to (mail, mode 2775): new files and locks need that group's rights.
        status = os.stat(directory)
        group = status.st_gid if status.st_mode & stat.S_IWGRP else user.pw_gid
        return Place(f"{directory}/{user.pw_name}", _owner(user, group))


def _owner(user: pwd.struct_passwd, gid: int) -> Owner:
    return Owner(user.pw_uid, gid, user.pw_name)


def _was_here(mail: Letter, address: Address) -> bool:
    """Whether a Delivered-To: header of ours names the address already: the mail goes in circles."""
    head = b"\n" + header_of(next(mail.chunks(), b"")[:_HEAD]).lower()
    wanted = f"\ndelivered-to: {address.external.lower()}\n".encode("utf-8", "surrogateescape")
    return wanted in head
