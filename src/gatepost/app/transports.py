"""The transports that mail can be delivered by here: unix services of master.cf, by their command.

``local``, ``virtual``, ``discard``, ``error`` and ``retry`` are there even where master.cf does not name them.
"""

from __future__ import annotations

from gatepost.core.config.configuration import Configuration
from gatepost.core.config.settings import Settings

COMMANDS = frozenset({"local", "virtual", "discard", "error"})
ALWAYS = {"local": "local", "virtual": "virtual", "discard": "discard", "error": "error", "retry": "error"}


def transports(configuration: Configuration) -> dict[str, str]:
    """Transport name -> command, of those that can be delivered by."""
    found = dict(ALWAYS)
    for service in configuration.services:
        if service.type == "unix" and service.command in COMMANDS:
            found[service.name] = service.command
    return found


def transport_settings(configuration: Configuration, transport: str) -> Settings:
    """What holds for a transport, with the -o values of its service in master.cf."""
    for service in configuration.services:
        if service.type == "unix" and service.name == transport:
            return configuration.settings_for(service)
    return configuration.settings
