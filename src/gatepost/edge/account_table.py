"""unix: tables: the accounts and groups of the machine, asked for one by one (DATABASE_README).

    unix:passwd.byname      login name -> its line in passwd(5) format
    unix:group.byname       group name -> its line in group(5) format

Not a snapshot: accounts may come from a directory that cannot be listed. Keys are folded to lower case: an account
whose name has capital letters is not found, and Postfix does not find it either.
"""

from __future__ import annotations

import grp
import pwd
from collections.abc import Iterator

from gatepost.core.tables.table import Entry


class AccountTable:
    """``name`` is ``unix:passwd.byname`` or ``unix:group.byname``."""

    pattern = False

    def __init__(self, name: str) -> None:
        self.name = name
        self._line = _group if name.endswith("group.byname") else _account

    def get(self, key: str) -> Entry | None:
        """The line of the account or group ``key``."""
        try:
            return Entry(self._line(key.casefold()))
        except (KeyError, ValueError, OSError):
            return None

    def right_sides(self) -> Iterator[Entry]:
        return iter(())


def _account(name: str) -> str:
    return ":".join(str(field) for field in pwd.getpwnam(name))


def _group(name: str) -> str:
    group = grp.getgrnam(name)
    return f"{group.gr_name}:{group.gr_passwd}:{group.gr_gid}:{','.join(group.gr_mem)}"
