"""The world's faults as the spool's own errors: want of room is told from everything else."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

from gatepost.core.errors import SpoolError, SpoolFull

_FULL = {errno.ENOSPC, errno.EDQUOT}
_SCARCE = (
    1 << 18
)  # with less free, an SQLite I/O error is for want of room: it has no code of its own for the WAL index


def from_system(error: OSError) -> SpoolError:
    """The spool's own error for one of the operating system's."""
    return SpoolFull(str(error)) if error.errno in _FULL else SpoolError(str(error))


def from_sqlite(error: sqlite3.Error, directory: Path) -> SpoolError:
    """The spool's own error for one of SQLite's; ``directory`` is where its database lies."""
    name = getattr(error, "sqlite_errorname", None) or ""
    text = f"{error} ({name})" if name else str(error)
    if name == "SQLITE_FULL" or (
        name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")) and free_space(directory) < _SCARCE
    ):
        return SpoolFull(text)
    return SpoolError(text)


def free_space(directory: Path) -> int:
    """Octets that may still be written in ``directory``'s file system; 0 where it cannot be asked."""
    try:
        status = os.statvfs(directory)
    except OSError:
        return 0
    return status.f_bavail * status.f_frsize
