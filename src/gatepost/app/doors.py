"""A generation's doors: one for each smtpd service, with everything that its connections share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gatepost.app.generation import Generation
from gatepost.core.access.rules import Rules
from gatepost.core.access.verdict import Decision
from gatepost.core.config.master import Service
from gatepost.core.facts import Facts
from gatepost.core.smtp.settings import SessionSettings
from gatepost.edge import log_lines
from gatepost.edge.connection import Connection
from gatepost.edge.door import ClientNames, Door
from gatepost.edge.log_sink import LogSink
from gatepost.edge.spool import Spool
from gatepost.edge.tls import Opener, TlsContexts
from gatepost.edge.world import World


@dataclass(frozen=True, slots=True)
class Hall:
    """What every door of a worker opens to, whatever the generation."""

    names: ClientNames
    spool: Spool
    sink: LogSink
    journal: Callable[[str, str, Facts, Decision], object]
    opener: Opener


def doors(generation: Generation, world: World, hall: Hall, connections: set[Connection]) -> dict[str, Door]:
    """The doors by the service's name in master.cf; each keeps its connections in ``connections``."""
    return {
        service.name: _door(generation, service, rules, world, hall, connections)
        for service, rules in generation.services
    }


def _door(
    generation: Generation, service: Service, rules: Rules, world: World, hall: Hall, connections: set[Connection]
) -> Door:
    settings = rules.settings
    tag = log_lines.tag(settings.text("syslog_name"), "smtpd")

    def log(text: str, level: str) -> None:
        hall.sink.line(tag, text, level)

    def record(session: str, facts: Facts, decision: Decision) -> None:
        hall.journal(generation.digest, session, facts, decision)

    tls = TlsContexts(settings, warn=lambda text: log(text, "warning"), opener=hall.opener)
    return Door(
        service=service.name,
        generation=generation.digest,
        settings=SessionSettings.of(settings),
        rules=rules,
        world=world,
        names=hall.names,
        spool=hall.spool,
        log=log,
        record=record,
        tls=tls.current,
        handshake_seconds=settings.seconds("smtpd_starttls_timeout"),
        wrapped=settings.flag("smtpd_tls_wrappermode"),
        port_logging=settings.flag("smtpd_client_port_logging"),
        peername_lookup=settings.flag("smtpd_peername_lookup"),
        connections=connections,
    )
