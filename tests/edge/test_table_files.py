"""Tables on disk: where they are read from, what is said of those that cannot be, and that changes are noticed."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gatepost.core.ask import Missing
from gatepost.core.tables.table import Entry
from gatepost.edge import table_files
from gatepost.edge.table_files import QUIET_SECONDS, changed, load, stamp


def value(loaded: table_files.LoadedTable, key: str) -> str | None:
    entry = loaded.table.get(key)
    return entry.value if isinstance(entry, Entry) else None


@pytest.mark.parametrize("kind", ["hash", "btree", "dbm", "lmdb", "cdb", "proxy:hash"])
def test_the_source_text_is_read_or_the_in_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "access"
    (tmp_path / "access.in").write_text("cn REJECT\n")
    loaded = load(f"{kind}:{path}")
    assert (value(loaded, "CN"), loaded.problems) == ("REJECT", ())
    assert [file.path for file in loaded.files] == [path, tmp_path / "access.in"]
    path.write_text("cn OK\n")
    assert value(load(f"{kind}:{path}"), "cn") == "OK"


def test_only_a_database_is_there(tmp_path: Path) -> None:
    (tmp_path / "access.db").touch()
    loaded = load(f"hash:{tmp_path}/access")
    assert [str(problem) for problem in loaded.problems] == [
        f"{tmp_path}/access: only {tmp_path}/access.db is there; the table is read from its source text"
    ]
    assert loaded.table.get("x") is Missing.TRY_AGAIN


def test_what_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def complaint(path: Path) -> str:
        return str(load(f"hash:{path}").problems[0])

    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "big").write_text("a b\n" * 10)
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.setattr(table_files, "MAX_SIZE", 16)
    assert complaint(tmp_path / "none") == f"{tmp_path}/none: cannot be read: No such file or directory"
    assert complaint(tmp_path) == f"{tmp_path}: cannot be read: Is a directory"
    assert complaint(tmp_path / "fifo") == f"{tmp_path}/fifo: cannot be read: not a regular file"
    assert complaint(tmp_path / "big") == f"{tmp_path}/big: cannot be read: longer than 16 octets"
    assert "symbolic links" in complaint(tmp_path / "loop")
    assert "cannot be read" in complaint(tmp_path / "a\0b")


def test_a_table_that_has_not_changed_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "access.in"
    path.write_text("a b\n")
    name = f"hash:{tmp_path}/access"
    first = load(name)
    assert load(name, first) is first
    path.write_text("a bc\n")
    second = load(name, first)
    assert value(second, "a") == "bc"
    (tmp_path / "access").write_text("a d\n")
    assert value(load(name, second), "a") == "d"


def test_tables_of_tables_depend_on_all_their_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x 1\n")
    (tmp_path / "b").write_text("/^x/ 2\n")
    loaded = load(f"unionmap:{{hash:{tmp_path}/a, pcre:{tmp_path}/b, unix:passwd.byname}}")
    assert value(loaded, "X") == "1,2"
    assert [file.path.name for file in loaded.files] == ["a", "b"]


def test_accounts_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("gatepost_test", "yes")
    assert (value(load("unix:passwd.byname"), "ROOT") or "").startswith("root:")
    assert (value(load("unix:group.byname"), "root") or "").startswith("root:")
    assert value(load("unix:passwd.byname"), "no\0one") is None
    assert value(load("environ:x"), "gatepost_test") == "yes"
    assert value(load("randmap:{a}"), "x") == "a"


def append(path: Path) -> None:
    with path.open("a") as stream:
        stream.write("c d\n")


def replace(path: Path) -> None:
    new = path.with_name("new")
    new.write_text("e f\n")
    new.rename(path)


@pytest.mark.parametrize("change", [append, replace, Path.unlink])
def test_a_change_is_noticed_within_a_second(change: Callable[[Path], None], tmp_path: Path) -> None:
    async def scenario() -> None:
        path, other = tmp_path / "access", tmp_path / "other"
        path.write_text("a b\n")
        other.touch()
        known = {path: stamp(path), other: stamp(other)}
        waiting = asyncio.create_task(changed([path, other], known))
        start = time.monotonic()
        change(path)
        assert await asyncio.wait_for(waiting, 5) == {path}
        assert time.monotonic() - start < 1

    asyncio.run(scenario())


def test_the_system_tells_of_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        path = tmp_path / "access"
        path.touch()
        waiting = asyncio.create_task(changed([path]))
        await asyncio.sleep(0)
        for number in range(100):  # the first may come before the directory is watched
            replace(path)
            os.utime(path, ns=(number, number))
            done, _ = await asyncio.wait([waiting], timeout=0.1)
            if done:
                break
        assert await waiting == {path}

    monkeypatch.setattr(table_files, "LOOK_SECONDS", 60)
    asyncio.run(scenario())


def test_a_change_before_the_wait_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "access"
    path.write_text("a b\n")
    known = {path: stamp(path)}
    append(path)
    assert asyncio.run(asyncio.wait_for(changed([path], known), 5)) == {path}


@pytest.mark.parametrize("place", ["access", "not/there/yet"])
def test_a_missing_file_that_appears_is_noticed(place: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        path = tmp_path / place
        waiting = asyncio.create_task(changed([path], {path: stamp(path)}))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a b\n")
        assert await asyncio.wait_for(waiting, 5) == {path}

    asyncio.run(scenario())


def test_a_link_that_leads_elsewhere_is_noticed(tmp_path: Path) -> None:
    async def scenario() -> None:
        for name in ("old", "new"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "access").write_text(f"a {name}\n")
        (tmp_path / "data").symlink_to("old")
        path = tmp_path / "etc" / "access"
        path.parent.mkdir()
        path.symlink_to("../data/access")
        waiting = asyncio.create_task(changed([path], {path: stamp(path)}))
        (tmp_path / "next").symlink_to("new")
        (tmp_path / "next").rename(tmp_path / "data")
        assert await asyncio.wait_for(waiting, 5) == {path}

    asyncio.run(scenario())


def test_files_are_looked_at_where_nothing_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no inotify")

    async def scenario() -> None:
        path = tmp_path / "access"
        waiting = asyncio.create_task(changed([path], {path: stamp(path)}))
        path.touch()
        assert await asyncio.wait_for(waiting, 5) == {path}

    monkeypatch.setattr(table_files, "awatch", refuse)
    asyncio.run(scenario())


def test_other_files_in_the_directory_do_not_matter(tmp_path: Path) -> None:
    async def scenario() -> None:
        path = tmp_path / "access"
        path.touch()
        waiting = asyncio.create_task(changed([path], {path: stamp(path)}))
        for number in range(500):
            (tmp_path / f"mail{number}").touch()
        done, _ = await asyncio.wait([waiting], timeout=0.2)
        assert not done
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(scenario())


async def _emptied_for_a_while(path: Path) -> frozenset[Path]:
    """Truncate, and write only after the watcher has seen the empty file."""
    waiting = asyncio.create_task(changed([path]))
    await asyncio.sleep(0)
    path.write_text("")
    await asyncio.sleep(2.5 * QUIET_SECONDS)  # what is shown is that this long is waited for
    path.write_text("ann@example.org REJECT\n")
    return await waiting


def test_a_file_that_is_being_written_anew_is_not_read_while_it_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "access"
    path.write_text("bob@example.org REJECT\n")
    assert asyncio.run(_emptied_for_a_while(path)) == {path}
    assert load(f"hash:{path}").table.get("ann@example.org") is not None
