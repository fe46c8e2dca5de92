"""The agents that write into mailboxes, local(8) and virtual(8), as a configuration has them.

Used by the steward, and by a worker where there is none.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor

from gatepost.core.ask import Answer, Hit, Missing, Question, Search, search
from gatepost.core.config.settings import Settings
from gatepost.core.matchlist import is_table
from gatepost.edge.delivery.local import Local
from gatepost.edge.delivery.mailbox import Mailboxes
from gatepost.edge.delivery.mbox import Locking
from gatepost.edge.delivery.virtual import Virtual
from gatepost.edge.world import World

_THREADS = 8  # mailboxes written to at a time


class MailboxAgents:
    """Makes agents that share a few threads. ``warn`` takes a line of log. Needs a running event loop."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "mailbox")
        self._loop = asyncio.get_running_loop()
        self._warn = warn
        self._warned = False

    def local(self, settings: Settings) -> Local:
        return Local(
            Mailboxes(settings.text("myhostname"), self._threads, locking=_locking(settings, "mailbox_delivery_lock")),
            home_mailbox=settings.text("home_mailbox"),
            mail_spool_directory=settings.text("mail_spool_directory") or "/var/mail",
            recipient_delimiter=settings.text("recipient_delimiter"),
            owner_request=settings.flag("owner_request_special"),
        )

    def virtual(self, settings: Settings, world: World) -> Virtual:
        """Asks ``world`` for its tables.

        Lenient: Postfix delivers nothing without virtual_uid_maps, and needs root. Here, not being root, mail is
        delivered with our own rights, if they suffice.
        """
        root = os.geteuid() == 0
        return Virtual(
            Mailboxes(
                settings.text("myhostname"),
                self._threads,
                locking=_locking(settings, "virtual_mailbox_lock"),
                stand_in=None if root else self._stood_in,
            ),
            base=settings.text("virtual_mailbox_base"),
            mailboxes_of=_lookup(world, settings.words("virtual_mailbox_maps")),
            uid_of=_lookup(world, settings.words("virtual_uid_maps")),
            gid_of=_lookup(world, settings.words("virtual_gid_maps")),
            minimum_uid=settings.number("virtual_minimum_uid"),
            recipient_delimiter=settings.text("recipient_delimiter"),
            owner_request=settings.flag("owner_request_special"),
            own_rights=not root and not has_owners(settings),
        )

    def close(self) -> None:
        """Wait for what is being written, and end the threads."""
        self._threads.shutdown()

    def _stood_in(self, why: str) -> None:
        """In a delivery thread; told once."""
        if not self._warned:
            self._warned = True
            text = f"warning: {why}; virtual mailboxes are written to with its rights wherever those suffice"
            self._loop.call_soon_threadsafe(self._warn, text)


def has_owners(settings: Settings) -> bool:
    """Whether virtual mailboxes belong to anybody but the mail system itself."""
    return bool(settings.words("virtual_uid_maps"))


def _locking(settings: Settings, styles: str) -> Locking:
    return Locking(
        settings.words(styles),
        settings.number("deliver_lock_attempts"),
        settings.seconds("deliver_lock_delay"),
        settings.seconds("stale_lock_time"),
    )


def _lookup(world: World, names: tuple[str, ...]) -> Callable[[tuple[str, ...]], Awaitable[Hit | Missing]]:
    tables = [name for name in names if is_table(name)]

    async def look_up(keys: tuple[str, ...]) -> Hit | Missing:
        return await world.run(_first_hit(tables, keys))

    return look_up


def _first_hit(tables: list[str], keys: tuple[str, ...]) -> Generator[Question, Answer, Hit | Missing]:
    """Each key through all tables, as Postfix does: a second table's user@domain goes before a first one's @domain.

    Tables of patterns are asked for the first key alone, the whole address.
    """
    for index, key in enumerate(keys):
        for table in tables:
            found = yield from search(Search(table, (key,), whole=int(index == 0)))
            if found is not Missing.NOT_FOUND:
                return found
    return Missing.NOT_FOUND
