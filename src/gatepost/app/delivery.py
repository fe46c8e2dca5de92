"""The delivery agents that a configuration calls for, and the runner that drives them.

Which agent a transport is follows from its command in master.cf (app.transports).
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Generator

from gatepost.app.generation import Generation
from gatepost.app.transports import transports
from gatepost.core.address import Address
from gatepost.core.ask import Answer, Hit, Missing, Question, Search, search
from gatepost.core.config.configuration import Configuration
from gatepost.core.config.settings import Settings
from gatepost.core.dsn import Reporter
from gatepost.core.envelope import Outcome
from gatepost.core.matchlist import is_table
from gatepost.core.routing import Route
from gatepost.core.schedule import RetryTimes
from gatepost.edge.delivery.agent import Agent
from gatepost.edge.delivery.discard import Discard
from gatepost.edge.delivery.error import Error
from gatepost.edge.delivery.local import Local
from gatepost.edge.delivery.mailbox import Mailboxes
from gatepost.edge.delivery.runner import Runner
from gatepost.edge.delivery.virtual import Virtual
from gatepost.edge.spool import Spool
from gatepost.edge.world import World


class Delivery:
    """One worker's runner, with the routes and agents of the generation that was installed last."""

    def __init__(self, spool: Spool, configuration: Configuration, log: Callable[[str, str], None]) -> None:
        settings = configuration.settings
        self._mailboxes = Mailboxes(settings.text("myhostname"))
        self._agents: dict[str, Agent] = {}
        self._generation: Generation | None = None
        self._world: World | None = None
        self.runner = Runner(
            spool,
            self._route,
            self._agents,
            log=log,
            reporter=Reporter(settings.text("myhostname"), settings.text("mail_name")),
            times=RetryTimes(
                settings.seconds("minimal_backoff_time"),
                settings.seconds("maximal_backoff_time"),
                settings.seconds("maximal_queue_lifetime"),
                settings.seconds("bounce_queue_lifetime"),
            ),
            bounce_size_limit=settings.number("bounce_size_limit"),
        )

    def install(self, generation: Generation, world: World) -> None:
        """Route and deliver by this generation from now on."""
        self._generation = generation
        self._world = world
        settings = generation.configuration.settings
        self._agents.clear()
        for name, command in transports(generation.configuration).items():
            self._agents[name] = self._agent(name, command, settings)

    def close(self) -> None:
        self._mailboxes.close()

    def _agent(self, name: str, command: str, settings: Settings) -> Agent:
        match command:
            case "local":
                return Local(
                    self._mailboxes,
                    home_mailbox=settings.text("home_mailbox"),
                    mail_spool_directory=settings.text("mail_spool_directory") or "/var/mail",
                    recipient_delimiter=settings.text("recipient_delimiter"),
                )
            case "virtual":
                return Virtual(
                    self._mailboxes,
                    base=settings.text("virtual_mailbox_base"),
                    mailboxes_of=self._lookup(settings.words("virtual_mailbox_maps")),
                    uid_of=self._lookup(settings.words("virtual_uid_maps")),
                    gid_of=self._lookup(settings.words("virtual_gid_maps")),
                    minimum_uid=settings.number("virtual_minimum_uid"),
                    recipient_delimiter=settings.text("recipient_delimiter"),
                    own_rights=not settings.words("virtual_uid_maps") and os.geteuid() != 0,
                )
            case "discard":
                return Discard()
            case _:
                return Error(temporary=name == "retry")

    def _lookup(self, tables: tuple[str, ...]) -> Callable[[tuple[str, ...]], Awaitable[Hit | Missing]]:
        async def look_up(keys: tuple[str, ...]) -> Hit | Missing:
            assert self._world is not None
            return await self._world.run(_first_hit(tables, keys))

        return look_up

    def _route(self, recipient: Address) -> Route | Outcome | Awaitable[Route | Outcome]:
        assert self._generation is not None and self._world is not None
        return self._world.run_now(_route(self._generation, recipient))


def _first_hit(tables: tuple[str, ...], keys: tuple[str, ...]) -> Generator[Question, Answer, Hit | Missing]:
    for table in tables:
        if is_table(table):
            found = yield from search(Search(table, keys))
            if found is not Missing.NOT_FOUND:
                return found
    return Missing.NOT_FOUND


def _route(generation: Generation, recipient: Address) -> Generator[Question, Answer, Route | Outcome]:
    route = yield from generation.rules.domains.route(recipient)
    if isinstance(route, Missing):
        return Outcome("deferred", "4.3.0", "mail routing: temporary lookup failure", "none")
    return route
