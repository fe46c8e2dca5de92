"""A configuration as one immutable, hashed value: main.cf, master.cf and every file table, compiled together.

A session keeps the generation it began with; log and journal name it by its digest. Whatever is wrong is in
``problems``; a generation with errors is never served.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import gatepost.core.access.restrictions  # noqa: F401  registers them all
from gatepost.app.options import Options
from gatepost.app.transports import transports
from gatepost.core.access.action import check_action
from gatepost.core.access.protection import missing_protection
from gatepost.core.access.restriction import RESTRICTIONS
from gatepost.core.access.rules import Rules
from gatepost.core.config.configuration import Configuration
from gatepost.core.config.master import Service
from gatepost.core.errors import Place, Problem, Severity
from gatepost.core.tables.table import Table
from gatepost.edge.config_directory import read_configuration
from gatepost.edge.table_files import FileStamp, LoadedTable, Opener, load, open_file, stamp


@dataclass(frozen=True, slots=True)
class Generation:
    """``rules`` is main.cf's own view, ``services`` each smtpd service with its rules; ``files`` what it was read
    from.
    """

    digest: str
    configuration: Configuration
    rules: Rules
    services: tuple[tuple[Service, Rules], ...]
    tables: Mapping[str, Table]
    loaded: Mapping[str, LoadedTable]
    problems: tuple[Problem, ...]
    files: tuple[FileStamp, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def stamps(self) -> Mapping[Path, FileStamp]:
        """Every file that, changed, makes another generation, as it was when it was read."""
        return {seen.path: seen for seen in self.files}

    def rules_for(self, service: str) -> Rules | None:
        """The rules of an smtpd service by its name in master.cf (``smtp``, ``submission``) or its port."""
        for known, rules in self.services:
            if service in (known.name, known.port):
                return rules
        return None


def load_generation(options: Options, previous: Generation | None = None, *, opener: Opener = open_file) -> Generation:
    """Read and compile the directory; tables whose files have not changed are taken over from ``previous``.

    ``opener`` opens the files: a worker's has its supervisor's help. Blocks; may take seconds where tables are big.
    """
    own = tuple(stamp(options.directory / name) for name in ("main.cf", "master.cf"))
    configuration = read_configuration(options.directory, overrides=options.overrides, opener=opener)
    problems = list(configuration.problems)
    available = frozenset(transports(configuration))
    rules = Rules(configuration.settings, available)
    services = tuple(
        (service, Rules(configuration.settings_for(service), available))
        for service in configuration.services
        if service.command == "smtpd"
    )
    unprotected = (missing_protection(own) for _, own in services)
    problems.extend(problem for problem in unprotected if problem is not None)
    everyone = (rules, *(own for _, own in services))
    names: dict[str, Place | None] = {}
    for one in everyone:
        problems.extend(one.problems)
        for name, place in one.tables().items():
            names.setdefault(name, place)
    aliases = frozenset(configuration.settings.words("alias_maps"))
    loaded = {name: _load(name, place, previous, problems, opener, name in aliases) for name, place in names.items()}
    tables = {name: found.table for name, found in loaded.items()}
    for name in {name for one in everyone for name in one.access_tables()}:
        if name in tables:
            problems.extend(_check_actions(tables[name], rules))
    files = (*own, *(seen for found in loaded.values() for seen in found.files))
    return Generation(
        _digest({seen.path for seen in files}, opener),
        configuration,
        rules,
        services,
        tables,
        loaded,
        tuple(dict.fromkeys(problems)),
        files,
    )


def _load(
    name: str, place: Place | None, previous: Generation | None, problems: list[Problem], opener: Opener, aliases: bool
) -> LoadedTable:
    """The table called ``name``, which ``place`` asks for."""
    known = previous.loaded.get(name) if previous is not None else None
    found = load(name, known, aliases=aliases, opener=opener)
    for problem in found.problems:
        problems.append(problem if problem.place is not None else Problem(problem.message, place, problem.severity))
    return found


def _check_actions(table: Table, rules: Rules) -> list[Problem]:
    """What is wrong with an access table's right-hand sides."""
    known = {name: restriction.argument for name, restriction in RESTRICTIONS.items()}
    checked = (check_action(entry.value, known, rules.class_names, entry.place) for entry in table.right_sides())
    return [problem for problem in checked if problem is not None]


def _digest(files: Iterable[Path], opener: Opener) -> str:
    """Names a generation: twelve hexadecimal digits over everything that it was read from."""
    digest = hashlib.blake2b(digest_size=6)
    for file in sorted(files):
        digest.update(f"{file.name}\0".encode("utf-8", "surrogateescape"))
        try:
            with open(file, "rb", opener=opener) as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
        except OSError:
            digest.update(b"\0")
    return digest.hexdigest()
