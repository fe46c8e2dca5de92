"""The delivery agents that a configuration calls for, and the runner that drives them.

Which agent a transport is follows from its command in master.cf (app.transports). Mailboxes of other users are the
steward's affair (app.steward), where there is one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from pathlib import Path

from gatepost.app.generation import Generation
from gatepost.app.mailboxes import MailboxAgents, has_owners
from gatepost.app.transports import transport_settings, transports
from gatepost.core.address import Address
from gatepost.core.ask import Answer, Missing, Question
from gatepost.core.config.configuration import Configuration
from gatepost.core.config.settings import Settings
from gatepost.core.dsn import Reporter
from gatepost.core.envelope import Outcome
from gatepost.core.routing import Route
from gatepost.core.schedule import RetryTimes
from gatepost.edge.delivery.agent import Agent
from gatepost.edge.delivery.discard import Discard
from gatepost.edge.delivery.error import Error
from gatepost.edge.delivery.remote import Line, Remote
from gatepost.edge.delivery.runner import Runner
from gatepost.edge.spool import Spool
from gatepost.edge.world import World


class Delivery:
    """One worker's runner, with the routes and agents of the generation that was installed last.

    ``steward`` is the socket of the one who delivers to mailboxes; None: we do.
    """

    def __init__(
        self, spool: Spool, configuration: Configuration, log: Callable[[str, str], None], steward: Path | None = None
    ) -> None:
        settings = configuration.settings

        def warn(text: str) -> None:
            log("postfix/master", text)

        self._mailboxes = MailboxAgents(warn)
        self._line = None if steward is None else Line(steward, warn)
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
        configuration = generation.configuration
        self._agents.clear()
        for name, command in transports(configuration).items():
            self._agents[name] = self._agent(name, command, transport_settings(configuration, name), world)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._mailboxes.close()

    def _agent(self, name: str, command: str, settings: Settings, world: World) -> Agent:
        match command:
            case "local":
                return Remote(self._line, "postfix/local") if self._line else self._mailboxes.local(settings)
            case "virtual":
                if self._line is not None and has_owners(settings):
                    return Remote(self._line, "postfix/virtual")
                return self._mailboxes.virtual(settings, world)
            case "discard":
                return Discard()
            case _:
                return Error(temporary=name == "retry")

    def _route(self, recipient: Address) -> Route | Outcome | Awaitable[Route | Outcome]:
        assert self._generation is not None and self._world is not None
        return self._world.run_now(_route(self._generation, recipient))


def _route(generation: Generation, recipient: Address) -> Generator[Question, Answer, Route | Outcome]:
    route = yield from generation.rules.domains.route(recipient)
    if isinstance(route, Missing):
        return Outcome("deferred", "4.3.0", "mail routing: temporary lookup failure", "none")
    return route
