"""What of master.cf is served here, and where: smtpd services listen, spawn services run their commands."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from gatepost.app.options import Options
from gatepost.app.places import Places
from gatepost.core.config.configuration import Configuration
from gatepost.core.config.master import Service
from gatepost.core.config.settings import Settings


def listening(configuration: Configuration, options: Options) -> list[tuple[Service, Settings]]:
    """The inet smtpd services with their settings; ``--listen`` moves one to another host and port."""
    found = []
    for service in configuration.services:
        if service.command != "smtpd" or service.type != "inet":
            continue
        settings = configuration.settings_for(service)
        if service.name in options.listen:
            host, port = options.listen[service.name]
            service = dataclasses.replace(service, host=host, port=port)
        found.append((service, settings))
    return found


def spawn_sockets(configuration: Configuration, places: Places) -> dict[str, Path]:
    """What unix: paths of policy services mean: the spawn services of master.cf listen below our own state
    directory.
    """
    return {
        f"{'private' if service.private else 'public'}/{service.name}": places.private / service.name
        for service in configuration.services
        if service.command == "spawn" and service.type == "unix"
    }
