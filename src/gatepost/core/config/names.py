"""Which names a configuration may use: the registry's, the services', and those that the user made.

A name of one's own is fine where something refers to it (``$name``, smtpd_restriction_classes, or a lookup table such
as ``ldap:name``). Postfix is silent about most misspelt names; here one that is near a known name is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from gatepost.core.config.main_cf import Assignment, excerpt
from gatepost.core.config.master import Service
from gatepost.core.config.nearest import nearest
from gatepost.core.config.registry import LEGACY, PARAMETERS, Kind
from gatepost.core.config.settings import Settings
from gatepost.core.config.source import Source
from gatepost.core.errors import ConfigError, Place, Problem, Severity

MAX_HINTS = 50  # a name's neighbours are sought this often in one configuration: it costs milliseconds each time

_REFERENCE = re.compile(r"\$\$|\$[{(]?[ \t\r\n]*([A-Za-z0-9_]+)")
_DICTIONARY = re.compile(r"(?:ldap|mysql|pgsql|sqlite|memcache|nisplus):([A-Za-z0-9_.-]+)")


def check_names(
    assignments: Mapping[str, Assignment], services: tuple[Service, ...], settings: Settings, problems: list[Problem]
) -> None:
    """Unknown names that nothing refers to, and references to names that nothing defines."""
    given = [(assignment.name, assignment.place, assignment.value) for assignment in assignments.values()]
    for service in services:
        given += [(name, value.place or service.place, value) for name, value in service.options.items()]
    used, dictionaries = _referred(given, services)
    classes = _classes(settings)
    defined = {name for name, _, _ in given}
    hints = _Hints()
    for name, place, value in given:
        known = settings.parameter(name) is not None or name in used or name in classes
        if not known and not any(name.startswith(f"{dictionary}_") for dictionary in dictionaries):
            problems.append(_unused(name, place, value, hints))
        problems.extend(_undefined(name, value, settings, defined, hints))


class _Hints:
    """Finds neighbours, a bounded number of times."""

    def __init__(self) -> None:
        self._left = MAX_HINTS

    def near(self, name: str) -> str | None:
        self._left -= 1
        return nearest(name, PARAMETERS) if self._left >= 0 else None


def _unused(name: str, place: Place, value: Source, hints: _Hints) -> Problem:
    hint = hints.near(name)
    if hint is not None:
        return Problem(f"unknown parameter '{excerpt(name)}', did you mean {hint}", place)
    return Problem(f"unused parameter: {excerpt(f'{name}={value.text}')}", place, Severity.WARNING)


def _undefined(name: str, value: Source, settings: Settings, defined: set[str], hints: _Hints) -> Iterator[Problem]:
    """A warning for each reference to a name that is defined nowhere, as postconf gives it."""
    parameter = settings.parameter(name)
    if parameter is not None and parameter.kind is Kind.RAW:
        return
    for match in _REFERENCE.finditer(value.text):
        target = match.group(1)
        if target is None or target in defined or target in LEGACY or settings.knows(target):
            continue
        hint = hints.near(target)
        ending = f", did you mean {hint}" if hint else ""
        place = value.place_at(match.start())
        yield Problem(f"undefined parameter: {excerpt(target)}{ending}", place, Severity.WARNING)


def _referred(given: list[tuple[str, Place, Source]], services: tuple[Service, ...]) -> tuple[set[str], set[str]]:
    """The names that some value refers to, and the names of lookup tables that are configured in main.cf."""
    texts = [value.text for _, _, value in given]
    texts += [word.text for service in services for word in service.args]
    used = {match.group(1) for text in texts for match in _REFERENCE.finditer(text) if match.group(1)}
    dictionaries = {match.group(1) for text in texts for match in _DICTIONARY.finditer(text)}
    return used, dictionaries


def _classes(settings: Settings) -> frozenset[str]:
    try:
        return frozenset(settings.words("smtpd_restriction_classes"))
    except ConfigError:
        return frozenset()
