"""The steward: the one process that keeps root, and never meets a client.

It is one of the supervisor's processes, started beside the workers, which gave root up for good:

- for their policy clients it runs spawn services, each command as its user;
- where the supervisor is root, it delivers to mailboxes with their owners' rights. Workers say who sends what to whom;
  tables and settings are the steward's own, read from the same files (edge.delivery.request).

All its sockets lie below our own state directory, in ``private/``, which is the workers' alone.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
from collections.abc import Sequence
from functools import partial

from gatepost.app.generation import Generation
from gatepost.app.log import open_sink
from gatepost.app.mailboxes import MailboxAgents
from gatepost.app.options import Options
from gatepost.app.places import Places
from gatepost.app.reloading import Reloading
from gatepost.app.transports import transport_settings, transports
from gatepost.core.ask import Answer, Missing, Question
from gatepost.core.config.configuration import Configuration
from gatepost.core.config.master import Service
from gatepost.core.envelope import Outcome
from gatepost.edge import log_lines
from gatepost.edge.control import Control, Order
from gatepost.edge.delivery.agent import failed
from gatepost.edge.delivery.local import Local
from gatepost.edge.delivery.request import Parcel, Request
from gatepost.edge.delivery.service import Service as DeliveryService
from gatepost.edge.delivery.virtual import Virtual
from gatepost.edge.listeners import Listener
from gatepost.edge.private_socket import listen_privately
from gatepost.edge.spawn import Spawner, prepare
from gatepost.edge.world import World

DELIVERY = ""  # the name of the listener for requests for delivery; no service has it
DRAIN_SECONDS = 25.0  # what the workers are given to end, which still have mail to deliver


def open_steward_listeners(configuration: Configuration, places: Places) -> list[Listener]:
    """The steward's sockets; none where no steward is needed. Raises OSError."""
    found = [
        Listener(service.name, listen_privately(places.private / service.name, socket.SOCK_STREAM))
        for service in _spawn_services(configuration)
    ]
    if os.geteuid() == 0:
        found.append(Listener(DELIVERY, listen_privately(places.steward, socket.SOCK_SEQPACKET)))
    return found


def _spawn_services(configuration: Configuration) -> list[Service]:
    """The spawn services that policy clients reach by a unix: path."""
    return [one for one in configuration.services if one.command == "spawn" and one.type == "unix"]


class Steward:
    """Runs in a process of its own; ``run`` returns its exit status."""

    def __init__(
        self, listeners: Sequence[Listener], control: Control, generation: Generation, options: Options
    ) -> None:
        self._listeners = listeners
        self._control = control
        self._generation = generation
        self._options = options
        self._settings = generation.configuration.settings
        self._sink = open_sink(self._settings, control)
        self._tag = log_lines.tag(self._settings.text("syslog_name"), "master")
        self._agents: dict[str, Local | Virtual] = {}
        self._stopping = asyncio.Event()

    def run(self) -> int:
        """Serve until the supervisor says otherwise, or is gone."""
        try:
            return asyncio.run(self._serve())
        finally:
            self._sink.close()

    def _log(self, text: str, level: str = "info") -> None:
        self._sink.line(self._tag, text, level)

    def _warn(self, text: str) -> None:
        self._log(text, "warning")

    async def _serve(self) -> int:
        loop = asyncio.get_running_loop()
        self._sink.attach(loop)
        self._mailboxes = MailboxAgents(self._warn)
        self._install(self._generation)
        self._reloading = Reloading(
            self._options, self._generation, self._install, opener=self._control.open, log=_said_by_workers
        )
        watching = loop.create_task(self._reloading.watch())
        spawners = self._spawners()
        services = [
            DeliveryService(one.socket, self._owner(), self._deliver, self._warn)
            for one in self._listeners
            if one.service == DELIVERY
        ]
        for spawner in spawners:
            spawner.start()
        for service in services:
            service.start()
        loop.add_reader(self._control.fileno(), self._take_orders)
        self._control.ready()
        await self._stopping.wait()
        for service in services:
            await service.stop(DRAIN_SECONDS)
        await asyncio.gather(*(spawner.stop() for spawner in spawners))
        watching.cancel()
        self._mailboxes.close()
        return 0

    def _install(self, generation: Generation) -> None:
        """Deliver by this generation from now on."""
        elsewhere = _Elsewhere()
        world = World(generation.tables, elsewhere, elsewhere)
        configuration = generation.configuration
        agents: dict[str, Local | Virtual] = {}
        for name, command in transports(configuration).items():
            settings = transport_settings(configuration, name)
            if command == "local":
                agents[name] = self._mailboxes.local(settings)
            elif command == "virtual":
                agents[name] = self._mailboxes.virtual(settings, world)
        self._agents = agents

    async def _deliver(self, request: Request, parcel: Parcel) -> Outcome:
        """Deliver; a mail is not bounced by rules older than those that a worker may have accepted it by."""
        generation = self._reloading.generation
        outcome = await self._attempt(request, parcel)
        if outcome.status == "bounced" and await self._reloading.newer_than(generation):
            outcome = await self._attempt(request, parcel)
        return outcome

    async def _attempt(self, request: Request, parcel: Parcel) -> Outcome:
        agent = self._agents.get(request.transport)
        if agent is None:
            return failed("4.3.5", f"mail transport {request.transport} is not available", "none")
        return (await agent.deliver(parcel, [request.target()]))[0]

    def _spawners(self) -> list[Spawner]:
        configuration = self._generation.configuration
        services = {service.name: service for service in _spawn_services(configuration)}
        found = []
        for listener in self._listeners:
            if listener.service == DELIVERY:
                continue
            service = services[listener.service]
            settings = configuration.settings_for(service)
            tag = log_lines.tag(settings.text("syslog_name"), "spawn")
            command, problems = prepare(service, settings, os.environ)
            for problem in problems:
                self._sink.line(tag, f"warning: {problem}", "warning")
            if command is not None:
                log = partial(self._sink.line, tag, level="warning")
                found.append(Spawner(command, [listener.socket], log=log))
            else:
                listener.socket.close()  # whoever asks is refused at once, and need not wait
        return found

    def _owner(self) -> int:
        """The user that workers run as (edge.privileges)."""
        try:
            return pwd.getpwnam(self._settings.text("mail_owner")).pw_uid
        except KeyError:
            return 0

    def _take_orders(self) -> None:
        loop = asyncio.get_running_loop()
        for order in self._control.orders():
            if order is Order.RELOAD:
                self._sink.reopen()
                self._asked_for = loop.create_task(self._reloading.reload())
            else:
                loop.remove_reader(self._control.fileno())
                self._stopping.set()


def _said_by_workers(text: str, level: str) -> None:
    """Every worker reads the same files and logs what becomes of them."""


class _Elsewhere:
    """Stands for DNS and policy services: root asks the network nothing, and delivery looks at tables alone."""

    def answer_now(self, question: Question) -> Answer:
        return Missing.TRY_AGAIN

    async def wait(self, question: Question) -> Answer:
        return Missing.TRY_AGAIN

    async def consult(self, question: Question) -> Answer:
        return Missing.TRY_AGAIN
