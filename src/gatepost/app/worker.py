"""One worker process: an event loop with the listeners, the doors of the current generation, the spool and its runner.

What does not depend on the configuration lives as long as the process (spool, journal, log, resolver); what does is
made again for each generation, and old sessions keep what they began with.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop

from gatepost.app.delivery import Delivery
from gatepost.app.doors import Hall, doors
from gatepost.app.generation import Generation
from gatepost.app.log import open_sink
from gatepost.app.options import Options
from gatepost.app.places import Places
from gatepost.app.reloading import Reloading
from gatepost.app.services import spawn_sockets
from gatepost.core.config.settings import Settings
from gatepost.core.errors import SpoolError
from gatepost.edge import log_lines
from gatepost.edge.connection import Connection
from gatepost.edge.control import Control, Order
from gatepost.edge.delivery.pickup import Pickup, Site
from gatepost.edge.door import Door
from gatepost.edge.journal import Journal
from gatepost.edge.listeners import Listener
from gatepost.edge.policy_client import PolicyClient
from gatepost.edge.privileges import drop_privileges
from gatepost.edge.resolver import Resolver, read_hosts, system_options
from gatepost.edge.spool import Spool
from gatepost.edge.world import World

SWEEP_SECONDS = 1.0  # how often the time limits of waiting connections are looked at
DRAIN_SECONDS = 30.0  # what a session that is at work is given to end
BACKLOG = 1024
SWITCH_SECONDS = 0.0005  # how long the spool's thread may wait for the interpreter, several times a commit
COLLECT = (50_000, 20, 50)  # gc thresholds: a session makes no cycles worth looking for after every 700 objects


class Worker:
    """Runs in a process of its own; ``run`` returns its exit status."""

    def __init__(
        self, number: int, listeners: Sequence[Listener], control: Control, generation: Generation, options: Options
    ) -> None:
        self._number = number
        self._listeners = listeners
        self._control = control
        self._generation = generation
        self._options = options
        self._doors: dict[str, Door] = {}
        self._connections: set[Connection] = set()
        self._stopping = asyncio.Event()
        settings = generation.configuration.settings
        self._steward = Places.of(settings).steward if os.geteuid() == 0 else None
        warning = drop_privileges(settings.text("mail_owner"))
        self._sink = open_sink(settings, control)
        self._tag = log_lines.tag(settings.text("syslog_name"), "master")
        if warning is not None:
            self._log(f"warning: {warning}", "warning")

    def run(self) -> int:
        """Serve until told to drain, or until the supervisor is gone."""
        gc.set_threshold(*COLLECT)
        sys.setswitchinterval(SWITCH_SECONDS)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            try:
                return runner.run(self._serve())
            except SpoolError as error:
                self._log(f"fatal: {error}", "fatal")
                return os.EX_CONFIG
            finally:
                self._sink.close()

    def _log(self, text: str, level: str = "info") -> None:
        self._sink.line(self._tag, text, level)

    async def _serve(self) -> int:
        loop = asyncio.get_running_loop()
        self._sink.attach(loop)
        settings = self._generation.configuration.settings
        places = Places.of(settings)

        def alarm(text: str) -> None:
            loop.call_soon_threadsafe(self._warn, f"warning: {text}")

        self._journal = Journal(places.journal, self._number, alarm=alarm)
        self._journal.start()
        self._resolver = Resolver(
            system_options(settings.words("gatepost_nameservers")), hosts=read_hosts(), log=self._warn
        )
        self._policy = PolicyClient(queue_directory=Path(settings.text("queue_directory")), log=self._warn)
        self._spool = Spool(places.spool(self._number), worker=self._number, minfree=_minfree(settings), alarm=alarm)
        self._delivery = Delivery(self._spool, self._generation.configuration, self._sink.line, self._steward)
        self._install(self._generation)
        self._reloading = Reloading(
            self._options, self._generation, self._install, opener=self._control.open, log=self._log
        )
        await self._delivery.runner.start()
        servers = [await self._listen(listener) for listener in self._listeners]
        work = [
            asyncio.create_task(self._sweep()),
            asyncio.create_task(self._reloading.watch()),
            asyncio.create_task(self._pickup(settings, places)),
        ]
        for task in work:
            task.add_done_callback(self._died)
        loop.add_reader(self._control.fileno(), self._take_orders)
        self._control.ready()
        await self._stopping.wait()
        await self._drain(servers, work)
        return 0

    def _install(self, generation: Generation) -> None:
        """New sessions and deliveries go by this generation from now on."""
        world = World(generation.tables, self._resolver, self._policy)
        hall = Hall(self._resolver, self._spool, self._sink, self._journal.append, self._control.open)
        self._policy.services = spawn_sockets(generation.configuration, Places.of(generation.rules.settings))
        self._delivery.install(generation, world)
        self._doors = doors(generation, world, hall, self._connections)
        self._generation = generation

    async def _listen(self, listener: Listener) -> asyncio.Server:
        loop = asyncio.get_running_loop()

        def connect() -> Connection:
            return Connection(self._doors[listener.service], loop)

        return await loop.create_server(connect, sock=listener.socket, backlog=BACKLOG)

    async def _sweep(self) -> None:
        """End the waits for input that have lasted too long."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = loop.time()
            for connection in [one for one in self._connections if one.deadline is not None and one.deadline < now]:
                connection.expire()

    async def _pickup(self, settings: Settings, places: Places) -> None:
        site = Site(
            settings.text("myhostname"),
            settings.text("myorigin"),
            settings.text("mail_name"),
            settings.number("message_size_limit"),
            self._generation.digest,
        )
        await Pickup(self._spool, places.maildrop, site, self._sink.line).run()

    def _died(self, task: asyncio.Task[Any]) -> None:
        """Work that never ends has ended: a bug. Let sessions end and be replaced, rather than go on half alive."""
        if not task.cancelled():
            self._log(f"fatal: {task.exception()!r}", "fatal")
            self._stopping.set()

    def _take_orders(self) -> None:
        for order in self._control.orders():
            if order is Order.RELOAD:
                self._sink.reopen()
                self._asked_for = asyncio.ensure_future(self._reloading.reload())
            else:
                asyncio.get_running_loop().remove_reader(self._control.fileno())
                self._stopping.set()

    async def _drain(self, servers: list[asyncio.Server], work: list[asyncio.Task[None]]) -> None:
        """Take nothing new, let sessions that are at work end, and leave everything else in the spool."""
        for server in servers:
            server.close()
        for connection in list(self._connections):
            connection.dismiss()
        deadline = asyncio.get_running_loop().time() + DRAIN_SECONDS
        while self._connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)
            for connection in list(self._connections):
                connection.dismiss()
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await self._delivery.runner.stop()
        self._delivery.close()
        self._policy.close()
        await self._spool.close()
        await self._resolver.close()
        self._journal.close()

    def _warn(self, text: str) -> None:
        self._log(text, "warning")


def _minfree(settings: Settings) -> int:
    """postconf(5) queue_minfree: by default one and a half times the message size limit."""
    return max(settings.number("queue_minfree"), settings.number("message_size_limit") * 3 // 2)
