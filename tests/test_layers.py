"""The floors: imports go down only, core is pure, its parts stand in their order, and no module is past 400 lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "gatepost"
FLOORS = ("core", "edge", "app")
# A part of core may import earlier ones. Parts that are not named stand anywhere, as long as no circle arises.
PARTS = (
    "errors",
    "address",
    "reply",
    "envelope",
    "config",
    "facts",
    "ask",
    "matchlist",
    "tables",
    "routing",
    "smtp",
    "access",
    "relayproof",
)
# Values that the session hands through: what a decision comes to.
SHARED = {"gatepost.core.access.verdict"}
IMPURE = {
    "asyncio", "fcntl", "ftplib", "http", "io", "logging", "mmap", "multiprocessing", "os", "random", "sched",
    "secrets", "select", "selectors", "shutil", "signal", "smtplib", "socket", "sqlite3", "ssl", "subprocess",
    "syslog", "tempfile", "threading", "time", "urllib", "uuid", "uvloop", "watchfiles", "zoneinfo",
}  # fmt: skip
PURE_PATHS = {"PurePath", "PurePosixPath", "PureWindowsPath"}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "breakpoint"}
CLOCKS = {"now", "utcnow", "today"}
LONGEST = 400


@dataclass(frozen=True)
class Import:
    """``names`` are what a ``from`` import takes (empty: the module itself)."""

    file: Path
    line: int
    module: str
    names: tuple[str, ...] = ()

    @property
    def importer(self) -> str:
        return ".".join(("gatepost", *self.file.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")

    def targets(self) -> set[str]:
        """The modules named; ``from package import module`` names the module."""
        if not self.module.startswith("gatepost") or not self.names:
            return {self.module}
        inner = {f"{self.module}.{name}" for name in self.names}
        return {target if _is_module(target) else self.module for target in inner}

    def __str__(self) -> str:
        return f"{self.file.relative_to(SOURCE.parent)}:{self.line}: {self.importer} imports {self.module}"


def _is_module(name: str) -> bool:
    path = SOURCE.joinpath(*name.split(".")[1:])
    return path.is_dir() or path.with_suffix(".py").exists()


def _files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def _imports(file: Path) -> Iterator[Import]:
    for node in ast.walk(ast.parse(file.read_text(), str(file))):
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = ("gatepost", *file.relative_to(SOURCE).parts[:-1])
                base = ".".join((*package[: len(package) - node.level + 1], *base.split("."))).rstrip(".")
            yield Import(file, node.lineno, base, tuple(alias.name for alias in node.names))


ALL = [found for file in _files() for found in _imports(file)]
CORE = [found for found in ALL if found.importer.startswith("gatepost.core")]


def _floor(module: str) -> str:
    """Its floor; the package itself and its __main__ belong to the top."""
    words = module.split(".")
    return words[1] if len(words) > 1 and words[1] in FLOORS else "app"


def _part(module: str) -> str:
    words = module.split(".")
    return words[2] if len(words) > 2 and words[1] == "core" else ""


def test_there_is_something_to_look_at() -> None:
    assert any(found.module.startswith("gatepost.") for found in CORE)


def test_imports_go_down_only() -> None:
    wrong = [
        str(found)
        for found in ALL
        for target in found.targets()
        if target.startswith("gatepost.") and FLOORS.index(_floor(target)) > FLOORS.index(_floor(found.importer))
    ]
    assert not wrong


def test_core_is_in_order() -> None:
    wrong = [
        str(found)
        for found in CORE
        for target in found.targets() - SHARED
        if (mine := _part(found.importer)) in PARTS
        and (its := _part(target)) in PARTS
        and PARTS.index(its) > PARTS.index(mine)
    ]
    assert not wrong


def test_core_has_no_circles() -> None:
    below: dict[str, set[str]] = {}
    for found in CORE:
        mine = _part(found.importer)
        below.setdefault(mine, set()).update({_part(target) for target in found.targets() - SHARED} - {"", mine})
    # Take away, again and again, what imports nothing that is left.
    while ready := {part for part, needs in below.items() if not needs & below.keys()}:
        for part in ready:
            del below[part]
    assert not below, "these parts of core import each other"


def test_core_does_not_touch_the_world() -> None:
    wrong = [str(found) for found in CORE if found.module.split(".")[0] in IMPURE]
    wrong += [str(found) for found in CORE if found.module == "pathlib" and set(found.names or "*") - PURE_PATHS]
    assert not wrong


@pytest.mark.parametrize("file", [f for f in _files() if "core" in f.parts], ids=lambda f: str(f.relative_to(SOURCE)))
def test_core_calls_nothing_that_touches_the_world(file: Path) -> None:
    wrong = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            called = node.func
            impure = isinstance(called, ast.Name) and called.id in IMPURE_CALLS
            clock = isinstance(called, ast.Attribute) and called.attr in CLOCKS
            if impure or clock:
                wrong.append(f"line {node.lineno}: {ast.unparse(called)}()")
    assert not wrong


def test_no_module_is_past_the_limit() -> None:
    lengths = {str(file.relative_to(SOURCE)): len(file.read_text().splitlines()) for file in _files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_module_shadows_the_standard_library_or_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager"}
    assert not [file for file in _files() if file.stem in drawers]
