"""The maildrop: where local programs leave mail, also while the server is down (postdrop(1)).

    tmp.RANDOM   being written
    new.RANDOM   whole and on disk: a line of JSON (core.submission.Submission), then the content

The directory belongs to the server's user. Where others may submit, it is mode 1733: anybody adds files, only the
server lists them. Files are readable by everybody who knows their name, which is 128 random bits; the submitter is the
file's owner, as the system tells it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
import time
from pathlib import Path

import msgspec

from gatepost.core.errors import GatepostError
from gatepost.core.submission import Submission
from gatepost.edge.spool import faults

_MAX_FIRST_LINE = 1024 * 1024
_STALE = 86400.0  # seconds after which a file that was never finished is taken away

_decode = msgspec.json.Decoder(Submission).decode


class BadSubmission(GatepostError):
    """A file in the maildrop that is no submission; the text says why."""


def prepare(directory: Path, *, shared: bool) -> None:
    """Make the maildrop. ``shared``: every local user may submit. Raises SpoolError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o1733 if shared else 0o700)
    except OSError as error:
        raise faults.from_system(error) from error


def submit(directory: Path, submission: Submission, content: bytes) -> str:
    """Leave a mail, durably; returns its file's name. Raises SpoolFull or SpoolError, and leaves nothing then."""
    token = secrets.token_hex(16)
    temporary, final = directory / f"tmp.{token}", directory / f"new.{token}"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as stream:
                os.fchmod(descriptor, 0o644)  # whatever the submitter's umask is
                stream.write(msgspec.json.encode(submission) + b"\n")
                stream.write(content)
                stream.flush()
                os.fsync(descriptor)
            temporary.rename(final)
            _sync(directory)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise faults.from_system(error) from error
    return final.name


def _sync(directory: Path) -> None:
    """The directory's entry to disk. Who may only add files may not open the directory: then all of it is synced."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        os.sync()
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def waiting(directory: Path) -> list[str]:
    """The names of whole submissions, oldest first. Takes stale unfinished files away. Raises OSError."""
    found = []
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.startswith("new."):
                with contextlib.suppress(FileNotFoundError):
                    found.append((entry.stat(follow_symlinks=False).st_mtime_ns, entry.name))
            elif entry.name.startswith("tmp."):
                with contextlib.suppress(OSError):
                    if time.time() - entry.stat(follow_symlinks=False).st_mtime > _STALE:
                        os.unlink(entry.path)
    return [name for _, name in sorted(found)]


class Claimed:
    """A submission that this process alone is taking: ``submission``, ``content``, and the submitter's ``uid``."""

    def __init__(self, path: Path, size_limit: int) -> None:
        """Lock and read ``path``; blocks. ``size_limit`` bounds the content, 0 does not.

        Raises BadSubmission, BlockingIOError where another process is taking it, and other OSErrors.
        """
        self._path = path
        # A submitter may have put anything here: no link is followed, no FIFO waited for.
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            status = os.fstat(self._descriptor)  # behind the lock: another process may have just taken it
            if status.st_nlink == 0:
                raise FileNotFoundError(path)
            if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                raise BadSubmission("not a plain file")
            self.uid = status.st_uid
            self.submission, self.content = _read(self._descriptor, status.st_size, size_limit)
        except BaseException:
            os.close(self._descriptor)
            raise

    def done(self) -> None:
        """The mail is in the spool: take the file away."""
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def leave(self) -> None:
        """The mail is not in the spool: another time."""
        os.close(self._descriptor)


def _read(descriptor: int, size: int, limit: int) -> tuple[Submission, bytes]:
    if limit and size > limit + _MAX_FIRST_LINE:
        raise BadSubmission(f"{size} octets is over the size limit")
    with open(descriptor, "rb", closefd=False) as stream:
        line = stream.readline(_MAX_FIRST_LINE)
        content = stream.read(size)
    try:
        submission = _decode(line)
    except msgspec.DecodeError as error:
        raise BadSubmission(f"its first line is no submission: {error}") from error
    if limit and len(content) > limit:
        raise BadSubmission(f"{len(content)} octets is over the size limit")
    if submission.version != 1 or not submission.recipients:
        raise BadSubmission("no recipients" if submission.version == 1 else f"version {submission.version}")
    return submission, content
