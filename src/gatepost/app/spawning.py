"""The process that runs spawn services: it alone keeps root, to run each command as its user, and never meets a client.

It is one of the supervisor's processes, started beside the workers where master.cf has spawn services. They listen
below our own state directory, for the workers' policy client.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from gatepost.app.log import open_sink
from gatepost.app.places import Places
from gatepost.core.config.configuration import Configuration
from gatepost.core.config.master import Service
from gatepost.edge import log_lines
from gatepost.edge.control import Control, Order
from gatepost.edge.listeners import Listener
from gatepost.edge.log_sink import LogSink
from gatepost.edge.spawn import Spawner, prepare


def spawn_services(configuration: Configuration) -> list[Service]:
    """The spawn services that policy clients reach by a unix: path."""
    return [one for one in configuration.services if one.command == "spawn" and one.type == "unix"]


def open_spawn_listeners(configuration: Configuration, places: Places) -> list[Listener]:
    """Their sockets. Raises OSError."""
    return [Listener(service.name, _bind(places.private / service.name)) for service in spawn_services(configuration)]


def _bind(path: Path) -> socket.socket:
    """A listening socket that replaces what an earlier run left; ``private/`` itself keeps strangers out."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(0o666)
    listener.listen(128)
    return listener


def run(configuration: Configuration, listeners: Sequence[Listener], control: Control) -> int:
    """The process's main function, until the supervisor tells it to end."""
    return asyncio.run(_serve(configuration, listeners, control))


async def _serve(configuration: Configuration, listeners: Sequence[Listener], control: Control) -> int:
    loop = asyncio.get_running_loop()
    sink = open_sink(configuration.settings, control)
    sink.attach(loop)
    services = {service.name: service for service in spawn_services(configuration)}
    spawners = []
    for listener in listeners:
        service = services[listener.service]
        settings = configuration.settings_for(service)
        tag = log_lines.tag(settings.text("syslog_name"), "spawn")
        command, problems = prepare(service, settings, os.environ)
        for problem in problems:
            sink.line(tag, f"warning: {problem}", "warning")
        if command is not None:
            spawner = Spawner(command, [listener.socket], log=partial(_warn, sink, tag))
            spawner.start()
            spawners.append(spawner)
    stopping = asyncio.Event()

    def take_orders() -> None:
        if any(order is not Order.RELOAD for order in control.orders()):
            loop.remove_reader(control.fileno())
            stopping.set()

    loop.add_reader(control.fileno(), take_orders)
    control.ready()
    await stopping.wait()
    await asyncio.gather(*(spawner.stop() for spawner in spawners))
    sink.close()
    return 0


def _warn(sink: LogSink, tag: str, line: str) -> None:
    sink.line(tag, line, "warning")
