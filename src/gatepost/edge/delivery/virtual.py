"""virtual(8): mailboxes of domains whose users are in a table."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence

from gatepost.core.access.unlisted import address_keys
from gatepost.core.address import Address
from gatepost.core.ask import Hit, Missing
from gatepost.core.envelope import Outcome
from gatepost.edge.delivery.agent import Letter, Target, failed
from gatepost.edge.delivery.mailbox import Mailboxes, Place
from gatepost.edge.delivery.owner import Owner

Lookup = Callable[[tuple[str, ...]], Awaitable[Hit | Missing]]
"""Asks a parameter's tables for the keys in order; the first hit counts."""


class Virtual:
    """Delivers to ``virtual_mailbox_base``/RESULT, a Maildir where RESULT ends in ``/``.

    ``mailboxes_of``, ``uid_of`` and ``gid_of`` ask virtual_mailbox_maps, virtual_uid_maps and virtual_gid_maps. With
    ``own_rights`` everything is delivered with the process's own rights and the ids are not asked for, as where a mail
    system runs unprivileged as the owner of all mailboxes. ``owner_request`` is owner_request_special.
    """

    daemon = "postfix/virtual"
    needs_content = True

    def __init__(
        self,
        mailboxes: Mailboxes,
        *,
        base: str,
        mailboxes_of: Lookup,
        uid_of: Lookup,
        gid_of: Lookup,
        minimum_uid: int = 100,
        recipient_delimiter: str = "",
        owner_request: bool = True,
        own_rights: bool = False,
    ) -> None:
        self._mailboxes = mailboxes
        self._base = base
        self._lookups = (mailboxes_of, uid_of, gid_of)
        self._minimum_uid = minimum_uid
        self._delimiters = recipient_delimiter
        self._owner_request = owner_request
        self._own_rights = own_rights

    async def deliver(self, mail: Letter, targets: Sequence[Target]) -> list[Outcome]:
        return list(await asyncio.gather(*[self._deliver(mail, target) for target in targets]))

    async def _deliver(self, mail: Letter, target: Target) -> Outcome:
        place = await self._place(target)
        if isinstance(place, Outcome):
            return place
        return await self._mailboxes.run(self._mailboxes.put, mail, target.recipient, place, "virtual")

    async def _place(self, target: Target) -> Place | Outcome:
        address = target.route.recipient
        folded = Address(address.local.lower(), address.domain.lower())
        keys = address_keys(folded, self._delimiters, bare=False, owner_request=self._owner_request)
        mailbox = await self._lookups[0](keys)
        if mailbox is Missing.NOT_FOUND:
            return failed("5.1.1", f'unknown user: "{address.text}"', "virtual")
        if isinstance(mailbox, Missing):
            return failed("4.3.0", "mail system configuration error", "virtual")
        if ".." in mailbox.value.split("/"):
            return failed("4.3.5", f"mailbox of {address.text} leads out of virtual_mailbox_base", "virtual")
        path = os.path.join(self._base, mailbox.value.lstrip("/")) if self._base else mailbox.value
        if not path.startswith("/"):
            return failed("4.3.5", f"mailbox of {address.text} is no absolute path", "virtual")
        if self._own_rights:
            return Place(path, None)
        owner = await self._owner(keys, address.text)
        return Place(path, owner) if isinstance(owner, Owner) else owner

    async def _owner(self, keys: tuple[str, ...], name: str) -> Owner | Outcome:
        ids = []
        for lookup, kind in zip(self._lookups[1:], ("uid", "gid"), strict=True):
            found = await lookup(keys)
            if isinstance(found, Missing):
                return failed("4.3.5", f"recipient {name}: not found in virtual_{kind}_maps", "virtual")
            if not found.value.isascii() or not found.value.isdigit():
                return failed("4.3.5", f"recipient {name}: bad {kind} {found.value} in virtual_{kind}_maps", "virtual")
            ids.append(int(found.value))
        if ids[0] < self._minimum_uid:
            return failed("4.3.5", f"recipient {name}: uid {ids[0]} is below virtual_minimum_uid", "virtual")
        return Owner(ids[0], ids[1], name)
