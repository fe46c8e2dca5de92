"""main.cf and master.cf, compiled together: services, each with its settings, and everything that is wrong.

Postfix stops at the first fault that the program in question happens to meet, often when mail arrives. Here every value
that is set is expanded and read once, as each service sees it, so that a configuration without errors has none later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatepost.core.config.acted_on import ACTED_ON
from gatepost.core.config.main_cf import Assignment, parse_main_cf
from gatepost.core.config.master import COMMANDS, Service, Spawn, parse_master_cf, spawn_of
from gatepost.core.config.names import check_names
from gatepost.core.config.nearest import nearest
from gatepost.core.config.registry import Kind, Parameter, service_parameters
from gatepost.core.config.settings import Settings
from gatepost.core.config.source import Source
from gatepost.core.errors import ConfigError, Place, Problem, Severity

_TIMED = "_time_limit"  # policy-spf_time_limit and its like: each spawn service has one of its own


@dataclass(frozen=True, slots=True)
class Configuration:
    """A configuration directory as it was read. Usable only if ``errors`` is empty.

    ``settings`` is main.cf's own view, ``services`` master.cf's services in order. ``problems`` are all of them, notes
    and warnings too, in the order of files and lines.
    """

    directory: str
    settings: Settings
    services: tuple[Service, ...]
    problems: tuple[Problem, ...]
    views: Mapping[tuple[str, str], Settings]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    def settings_for(self, service: Service) -> Settings:
        """The settings as this service sees them, its ``-o`` options first."""
        return self.views[service.name, service.type]


def compile_configuration(
    main_text: str,
    master_text: str,
    *,
    main_file: str,
    master_file: str,
    defaults: Mapping[str, str],
    overrides: Mapping[str, str] | None = None,
    files: Mapping[str, Source] | None = None,
) -> Configuration:
    """Compile the two files' texts. Never raises: whatever is wrong is in ``problems``.

    ``defaults`` are this host's: myhostname, mydomain, mynetworks, config_directory, ... ``overrides`` win over
    main.cf, as from a command line. ``files`` are values that main.cf has in files of their own (myorigin =
    /etc/mailname), read; each one's place is its file.
    """
    assignments, main_problems = parse_main_cf(main_text, main_file)
    services, master_problems = parse_master_cf(master_text, master_file)
    problems = main_problems + master_problems
    families: dict[str, Parameter] = {}
    for service in services:
        families.update(service_parameters(service.name, service.command))
    main = {name: assignment.value for name, assignment in assignments.items()}
    main.update({name: Source.at(text, Place("-o", 0)) for name, text in (overrides or {}).items()})
    settings = Settings((main,), defaults=defaults, families=families, files=files)
    views: dict[tuple[str, str], Settings] = {}
    for service in services:
        own = {**defaults, "service_name": service.name, "process_name": service.command}
        layers = (service.options, main)
        view = Settings(layers, defaults=own, families=families, files=files, service=service.name)
        views[service.name, service.type] = view
        _check_service(service, problems)
        _check_values(service.options, view, problems)
    _check_values(main, settings, problems)
    check_names(assignments, services, settings, problems)
    _note_idle(assignments, services, settings, problems)
    problems.sort(
        key=lambda problem: (problem.place is None, problem.place and (problem.place.file, problem.place.line))
    )
    directory = defaults.get("config_directory", main_file.rpartition("/")[0])
    return Configuration(directory, settings, services, tuple(dict.fromkeys(problems)), views)


def _check_service(service: Service, problems: list[Problem]) -> None:
    if service.command not in COMMANDS:
        hint = nearest(service.command, COMMANDS)
        ending = f", did you mean {hint}" if hint else ""
        problems.append(Problem(f"unknown command '{service.command}'{ending}", service.place))
    elif service.command == "spawn":
        if service.unprivileged:
            problems.append(Problem(f"service {service.name} requires privileged operation", service.place))
        spawn = spawn_of(service)
        if not isinstance(spawn, Spawn):
            problems.append(spawn)


def _check_values(values: Mapping[str, Source], settings: Settings, problems: list[Problem]) -> None:
    """Expand and read each value as ``settings`` sees it."""
    for name in values:
        parameter = settings.parameter(name)
        kind = parameter.kind if parameter is not None else Kind.TEXT
        try:
            if kind is Kind.YESNO:
                settings.flag(name)
            elif kind in (Kind.NUMBER, Kind.SIZE):
                settings.number(name)
            elif kind is Kind.TIME:
                settings.seconds(name)
            else:
                settings.text(name)
                _check_choice(name, settings, problems)
        except ConfigError as error:
            problems.extend(error.problems)


def _check_choice(name: str, settings: Settings, problems: list[Problem]) -> None:
    value = settings.text(name)
    if name == "mynetworks_style" and value not in ("class", "subnet", "host"):
        message = f'unknown mynetworks mask style value "{value}" in "{value}"'
        problems.append(Problem(message, settings.place(name)))


def _note_idle(
    assignments: Mapping[str, Assignment], services: tuple[Service, ...], settings: Settings, problems: list[Problem]
) -> None:
    """A note for each known parameter that is set and that nothing acts on."""
    given = [(name, assignment.place) for name, assignment in assignments.items()]
    for service in services:
        given += [(name, value.place or service.place) for name, value in service.options.items()]
    for name, place in given:
        if settings.parameter(name) is not None and name not in ACTED_ON and not name.endswith(_TIMED):
            problems.append(Problem(f"{name} is known, but has no effect here", place, Severity.NOTE))
