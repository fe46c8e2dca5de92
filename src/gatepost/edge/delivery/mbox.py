"""Appending a mail to an mbox file (mbox(5)): From_ line, body lines that begin with "From " quoted, an empty line.

Locks as mailbox_delivery_lock says. After a failure the file is cut back to what it was. Blocks; runs in a thread.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gatepost.edge.delivery.maildir import sync_directory


@dataclass(frozen=True, slots=True)
class Locking:
    """mailbox_delivery_lock's words, deliver_lock_attempts, and deliver_lock_delay and stale_lock_time in seconds."""

    styles: tuple[str, ...] = ("fcntl", "dotlock")
    attempts: int = 20
    delay: float = 1.0
    stale: float = 500.0


def deliver(path: str, from_line: bytes, chunks: Iterable[bytes], locking: Locking) -> None:
    """Append a mail to ``path``, made with mode 600 if there is none. Raises OSError; then nothing was added."""
    with contextlib.ExitStack() as stack:
        if "dotlock" in locking.styles:
            stack.enter_context(_dotlock(path, locking))
        # O_NONBLOCK: a FIFO in the mailbox's place must not hold the thread.
        descriptor, new = _open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        stack.callback(os.close, descriptor)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        for style in locking.styles:
            _lock(descriptor, style, path, locking)
        _append(descriptor, from_line, chunks)
        if new:
            sync_directory(os.path.dirname(path) or ".")


def _open(path: str, flags: int) -> tuple[int, bool]:
    try:
        return os.open(path, flags), False
    except FileNotFoundError:
        return os.open(path, flags | os.O_CREAT, 0o600), True


def _append(descriptor: int, from_line: bytes, chunks: Iterable[bytes]) -> None:
    size = os.fstat(descriptor).st_size
    try:
        for data in _mbox_form(from_line, chunks):
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, size)
        raise


_FROM = b"\nFrom "


def _mbox_form(from_line: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The mail as mbox has it: what could be the beginning of a body line's "From " waits for the next chunk."""
    held = from_line[-1:]
    yield from_line[:-1]
    for chunk in chunks:
        data = (held + chunk).replace(_FROM, b"\n>From ")
        keep = next((length for length in range(len(_FROM) - 1, 0, -1) if data.endswith(_FROM[:length])), 0)
        held = data[len(data) - keep :]
        yield data[: len(data) - keep]
    yield held + (b"\n" if held == b"\n" else b"\n\n")


def _lock(descriptor: int, style: str, path: str, locking: Locking) -> None:
    for left in range(locking.attempts, 0, -1):
        try:
            if style == "fcntl":
                # An open-file-description lock: unlike lockf it also keeps out this process's other threads, and it
                # excludes other programs' ordinary fcntl locks alike.
                whole = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
                fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, whole)
            elif style == "flock":
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if left == 1:
                raise OSError(errno.EAGAIN, "mailbox is busy", path) from None
            time.sleep(locking.delay)


@contextlib.contextmanager
def _dotlock(path: str, locking: Locking) -> Iterator[None]:
    """``path.lock``, made exclusively; one older than stale_lock_time is taken away."""
    lock = f"{path}.lock"
    for left in range(locking.attempts, 0, -1):
        try:
            os.close(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444))
            break
        except FileExistsError:
            with contextlib.suppress(FileNotFoundError):
                if time.time() - os.stat(lock).st_mtime > locking.stale:
                    os.unlink(lock)
                    continue
            if left == 1:
                raise OSError(errno.EAGAIN, "mailbox is busy", lock) from None
            time.sleep(locking.delay)
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(lock)
