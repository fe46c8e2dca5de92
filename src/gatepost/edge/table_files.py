"""Lookup tables on disk: loaded from their source text, and watched.

hash:/path/name and the like are read from ``/path/name``, or where only that exists from ``/path/name.in``; no database
is needed. A file that is missing is remembered as such, so that its appearing is a change.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from watchfiles import awatch

from gatepost.core.errors import Place, Problem
from gatepost.core.tables.compile import Given, Leaf, compile_given, leaves
from gatepost.core.tables.table import Table
from gatepost.edge.account_table import AccountTable

MAX_SIZE = 256 << 20  # octets of a table's text
READ_ATTEMPTS = 3  # a file that is being written to is read again
LOOK_SECONDS = 0.5  # how often files are looked at where the system does not tell of changes
QUIET_SECONDS = 0.05  # a change is complete when nothing more happened for so long
MAX_WAIT_SECONDS = 0.4  # but no longer than this

Opener = Callable[[str, int], int]

_BUILT = (".db", ".lmdb", ".cdb", ".dir", ".pag")


@dataclass(frozen=True, slots=True)
class FileStamp:
    """A file as it was when it was looked at: time of change in nanoseconds, octets, inode; all 0 for none there."""

    path: Path
    mtime_ns: int = 0
    size: int = 0
    inode: int = 0


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """A table, the files that it depends on, and what is wrong with it.

    ``files`` holds those that were read and those that were looked for in vain. With an error in ``problems`` the table
    lacks entries, or fails each look-up; it should not replace one that works.
    """

    table: Table
    files: tuple[FileStamp, ...]
    problems: tuple[Problem, ...]


def open_file(path: str, flags: int) -> int:
    """A descriptor of ``path``; a FIFO does not stop us."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def load(
    name: str, previous: LoadedTable | None = None, *, aliases: bool = False, opener: Opener = open_file
) -> LoadedTable:
    """Read and compile the table ``name`` (``type:name``). Never raises; may take seconds for a big table.

    ``previous`` is returned as it is where none of its files has changed. ``aliases`` reads hash: and the like as alias
    files are written (alias_maps). ``opener`` opens the files: a worker's has its supervisor's help.
    """
    if previous is not None and previous.files and all(stamp(file.path) == file for file in previous.files):
        return previous
    files: list[FileStamp] = []
    problems: list[Problem] = []
    texts = {}
    tables = {}
    for leaf in leaves(name):
        if leaf.path:
            text = _read_leaf(leaf, files, problems, opener)
            if text is not None:
                texts[leaf.name] = text
        elif leaf.kind == "unix":
            tables[leaf.name] = AccountTable(leaf.name)
    given = Given(texts, dict(os.environ), tables, os.urandom(16), aliases)
    table, found = compile_given(name, given)
    return LoadedTable(table, tuple(files), (*problems, *found))


def stamp(path: Path) -> FileStamp:
    """What ``path`` is now; links are followed."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return FileStamp(path)
    return FileStamp(path, found.st_mtime_ns, found.st_size, found.st_ino)


async def changed(files: Iterable[Path], known: Mapping[Path, FileStamp] | None = None) -> frozenset[Path]:
    """Wait until any of ``files`` has changed, appeared or gone, and the change is complete; returns those that have.

    ``known`` is what they were when they were last read, so that nothing is missed in between; without it, what they
    are now. Renaming over a file, and links that lead elsewhere, are changes. Takes less than a second, whether the
    file system tells of changes or not.
    """
    before = {path: stamp(path) for path in files}
    before.update(known or {})
    now = _differing(before)
    if not now:
        try:
            now = await _told(before)
        except (OSError, RuntimeError):  # no inotify to be had
            now = await _seen(before)
    return await _settled(before, now)


def _read_leaf(leaf: Leaf, files: list[FileStamp], problems: list[Problem], opener: Opener) -> tuple[str, str] | None:
    """The file for a table and its text, or None after a problem."""
    path = leaf.path
    candidates = [path] if leaf.kind in ("cidr", "pcre", "regexp", "texthash") else [path, f"{path}.in"]
    for candidate in candidates:
        try:
            text, seen = _read(candidate, opener)
        except FileNotFoundError:
            files.append(FileStamp(Path(candidate)))
        except (OSError, ValueError) as error:
            files.append(stamp(Path(candidate)))
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            problems.append(Problem(f"cannot be read: {why}", Place(candidate, 0)))
            return None
        else:
            files.append(seen)
            return candidate, text
    built = next((path + suffix for suffix in _BUILT if os.path.exists(path + suffix)), None)
    if built is None:
        problems.append(Problem("cannot be read: No such file or directory", Place(path, 0)))
    else:
        problems.append(Problem(f"only {built} is there; the table is read from its source text", Place(path, 0)))
    return None


def _read(path: str, opener: Opener) -> tuple[str, FileStamp]:
    """A file's text, octets that are no UTF-8 kept as surrogates, and the file as it was then.

    A file that changes meanwhile is read again. Raises OSError, or ValueError for what is no file or too big.
    """
    with open(path, "rb", opener=opener) as stream:
        for _ in range(READ_ATTEMPTS):
            before = os.fstat(stream.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise ValueError("not a regular file")
            stream.seek(0)
            data = stream.read(MAX_SIZE + 1)
            if len(data) > MAX_SIZE:
                raise ValueError(f"longer than {MAX_SIZE} octets")
            after = os.fstat(stream.fileno())
            if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size):
                break
    seen = FileStamp(Path(path), before.st_mtime_ns, before.st_size, before.st_ino)
    return data.decode("utf-8", "surrogateescape"), seen


def _differing(before: Mapping[Path, FileStamp]) -> frozenset[Path]:
    return frozenset(path for path, known in before.items() if stamp(path) != known)


async def _told(before: Mapping[Path, FileStamp]) -> frozenset[Path]:
    """The files that differ, as soon as their directories tell that something happened, and every LOOK_SECONDS."""
    told = awatch(
        *_directories(before),
        watch_filter=None,
        debounce=int(MAX_WAIT_SECONDS * 1000),
        step=int(QUIET_SECONDS * 1000),
        rust_timeout=int(LOOK_SECONDS * 1000),
        yield_on_timeout=True,
        recursive=False,
        ignore_permission_denied=True,
    )
    async with aclosing(told):
        async for _ in told:
            now = _differing(before)
            if now:
                return now
    return frozenset()


async def _seen(before: Mapping[Path, FileStamp]) -> frozenset[Path]:
    """The files that differ, found by looking again and again."""
    while not (now := _differing(before)):
        await asyncio.sleep(LOOK_SECONDS)
    return now


async def _settled(before: Mapping[Path, FileStamp], now: frozenset[Path]) -> frozenset[Path]:
    """``now`` and what changed with it, once all of them stay as they are.

    A file that has just become empty is most likely being written, and a table that is empty for a moment would let
    mail pass or refuse all of it: that one is given all the time there is.
    """
    last = [stamp(path) for path in before]
    for _ in range(int(MAX_WAIT_SECONDS / QUIET_SECONDS)):
        await asyncio.sleep(QUIET_SECONDS)
        current = [stamp(path) for path in before]
        emptied = any(is_now.inode and not is_now.size and before[is_now.path].size for is_now in current)
        if current == last and not emptied:
            break
        last = current
    return now | _differing(before)


def _directories(files: Iterable[Path]) -> set[Path]:
    """The directories of the files, and of those that links lead to; for a missing one, the nearest that exists."""
    found = set()
    for path in files:
        for one in {path.absolute(), Path(os.path.realpath(path))}:
            parent = one.parent
            while not parent.is_dir() and parent != parent.parent:
                parent = parent.parent
            found.add(parent)
    return found
