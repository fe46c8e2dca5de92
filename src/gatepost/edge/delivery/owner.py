"""Delivering with the rights of a mailbox's owner (local(8), virtual(8): DELIVERY RIGHTS).

A privileged process changes the file-system ids of the delivering thread alone (setfsuid(2), Linux): the kernel then
checks every path with the owner's rights and takes the overriding capabilities away, so that a link in a user's
directory leads nowhere that the user could not go. The rest of the process is not touched.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

_UNCHANGED = -1  # no such id: setfsuid(2) then only tells the current one


@dataclass(frozen=True, slots=True)
class Owner:
    """Numeric ids. ``name`` is for messages."""

    uid: int
    gid: int
    name: str


class NotAllowed(Exception):
    """This process may not deliver with those rights; the text says what to change."""


@contextlib.contextmanager
def rights_of(owner: Owner) -> Iterator[None]:
    """Within the block this thread reaches files as ``owner`` would. Raises NotAllowed where that cannot be.

    Without privileges the owner must be this process's own user.
    """
    own = os.geteuid()
    if own != 0:
        if owner.uid != own:
            raise NotAllowed(f"cannot deliver with the rights of {owner.name}: the mail system runs as uid {own}")
        yield
        return
    libc = _libc()
    _drop_groups()
    try:
        libc.setfsgid(owner.gid)
        libc.setfsuid(owner.uid)
        # Both calls say nothing about failure: only asking again tells. A miss would be delivery as root.
        if libc.setfsuid(_UNCHANGED) != owner.uid or libc.setfsgid(_UNCHANGED) != owner.gid:
            raise NotAllowed(f"cannot take the rights of {owner.name}")
        yield
    finally:
        libc.setfsuid(0)
        libc.setfsgid(0)


@cache
def _libc() -> Any:
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "setfsuid"):
        raise NotAllowed("this system cannot change a thread's file-system ids")
    return libc


@cache
def _drop_groups() -> None:
    """Root's supplementary groups would go along with every owner; root needs none."""
    os.setgroups([])
