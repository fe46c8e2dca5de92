"""A Postfix configuration directory, read from disk: main.cf, master.cf and what of the machine they depend on.

All meaning is in core.config; here only files are read, the machine is looked at and names are resolved.
"""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Mapping
from pathlib import Path

from gatepost.core.config.configuration import Configuration, compile_configuration
from gatepost.core.config.host import Host, host_defaults, is_address
from gatepost.core.config.settings import Settings
from gatepost.core.config.source import Source
from gatepost.core.errors import ConfigError, Place, Problem
from gatepost.edge.interfaces import this_host
from gatepost.edge.table_files import Opener, open_file

MAX_SIZE = 16 << 20  # octets of a file; more is no configuration

# A value of these that begins with a slash names a file whose first line is the value, as Debian's Postfix has it.
_FROM_FILE = ("myorigin",)
_NO_NAMES = ("all", "loopback-only")


def read_configuration(
    directory: Path,
    host: Host | None = None,
    overrides: Mapping[str, str] | None = None,
    *,
    opener: Opener = open_file,
) -> Configuration:
    """Read and compile ``main.cf`` and ``master.cf`` in ``directory``. Never raises.

    A file that cannot be read counts as empty, with a problem. ``overrides`` are values that win over main.cf's, as
    from a command line. ``host`` is this machine if it is not given. May block for a moment where inet_interfaces
    holds names that DNS must resolve. ``opener`` opens the files: a worker's has its supervisor's help.
    """
    problems: list[Problem] = []
    main_file, master_file = str(directory / "main.cf"), str(directory / "master.cf")
    main_text, master_text = _read(main_file, problems, opener), _read(master_file, problems, opener)

    def compiled(defaults: Mapping[str, str], files: Mapping[str, Source]) -> Configuration:
        return compile_configuration(
            main_text,
            master_text,
            main_file=main_file,
            master_file=master_file,
            defaults={"config_directory": str(directory.absolute()), **defaults},
            overrides=overrides,
            files=files,
        )

    first = compiled({}, {})
    host = host or this_host()
    try:
        defaults = host_defaults(first.settings, dataclasses.replace(host, names=_resolve(first.settings, host)))
    except ConfigError:  # what is wrong with main.cf is among the problems already
        defaults = {}
    configuration = compiled(defaults, _first_lines(first.settings, problems, opener))
    return dataclasses.replace(configuration, problems=(*problems, *configuration.problems))


def _read(file: str, problems: list[Problem], opener: Opener) -> str:
    """A file's text; octets that are no UTF-8 survive as surrogates."""
    try:
        with open(file, "rb", opener=opener) as stream:
            data = stream.read(MAX_SIZE + 1)
    except OSError as error:
        problems.append(Problem(f"cannot be read: {error.strerror}", Place(file, 0)))
        return ""
    if len(data) > MAX_SIZE:
        problems.append(Problem(f"longer than {MAX_SIZE} octets", Place(file, 0)))
        return ""
    return data.decode("utf-8", "surrogateescape")


def _first_lines(settings: Settings, problems: list[Problem], opener: Opener) -> dict[str, Source]:
    """The values that stand in files of their own: the first line, white space at its ends taken off."""
    found = {}
    for name in _FROM_FILE:
        try:
            file = settings.text(name)
        except ConfigError:
            continue
        if file.startswith("/"):
            line = _read(file, problems, opener).partition("\n")[0].strip()
            found[name] = Source.at(line, Place(file, 1))
    return found


def _resolve(settings: Settings, host: Host) -> dict[str, tuple[str, ...]]:
    """The addresses of the host names in inet_interfaces; a name that cannot be resolved has none."""
    names = dict(host.names)
    for word in settings.words("inet_interfaces"):
        if word.lower() in _NO_NAMES or word in names or is_address(word):
            continue
        try:
            found = socket.getaddrinfo(word, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        names[word] = tuple(str(entry[4][0]) for entry in found)
    return names
