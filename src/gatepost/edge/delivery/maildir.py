"""Writing a mail into a Maildir: into tmp, synced, renamed into new, and the directory synced (maildir(5)).

Whatever happens, ``new`` never shows part of a mail. Blocks; runs in a delivery thread.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Iterable

_numbers = itertools.count()


def deliver(maildir: str, chunks: Iterable[bytes], host: str) -> None:
    """Add a mail to ``maildir``, made with mode 700 if there is none. Raises OSError; then nothing was added.

    The name in ``new`` is Postfix's: ``seconds.V<device>I<inode>M<microseconds>.host``.
    """
    now = time.time_ns()
    host = host.replace("/", "\\057").replace(":", "\\072")
    temporary = f"{maildir}/tmp/{now // 10**9}.M{now // 1000 % 10**6}P{os.getpid()}Q{next(_numbers)}.{host}"
    descriptor = _create(maildir, temporary)
    try:
        try:
            for chunk in chunks:
                _write_all(descriptor, chunk)
            os.fsync(descriptor)
            status = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        name = f"{now // 10**9}.V{status.st_dev:x}I{status.st_ino:x}M{now // 1000 % 10**6}.{host}"
        # The inode is ours alone while the file exists, so no other mail can have this name.
        os.rename(temporary, f"{maildir}/new/{name}")
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    sync_directory(f"{maildir}/new")


def _create(maildir: str, temporary: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        return os.open(temporary, flags, 0o600)
    except FileNotFoundError:
        for name in ("tmp", "new", "cur"):
            os.makedirs(f"{maildir}/{name}", mode=0o700, exist_ok=True)
        sync_directory(maildir)
        return os.open(temporary, flags, 0o600)


def _write_all(descriptor: int, chunk: bytes) -> None:
    data = memoryview(chunk)
    while data:
        data = data[os.write(descriptor, data) :]


def sync_directory(directory: str) -> None:
    """The directory's entries to disk. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
