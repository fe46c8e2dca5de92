"""What all connections to one service of one generation share: its settings, rules and the doors to the world.

A connection keeps the Door that it began with; a new generation makes new Doors.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gatepost.core.access.rules import Rules
from gatepost.core.access.verdict import Decision
from gatepost.core.facts import Client, Facts
from gatepost.core.smtp.settings import SessionSettings
from gatepost.edge.spool import Spool
from gatepost.edge.world import World

if TYPE_CHECKING:
    from gatepost.edge.connection import Connection


class ClientNames(Protocol):
    """What finds clients' names: edge.resolver.Resolver."""

    def client_now(self, address: str, port: int = 0) -> Client | None: ...
    async def client_name(self, address: str, port: int = 0) -> Client: ...


@dataclass(eq=False)
class Door:
    """One smtpd service. ``log(text, level)`` writes under the service's own tag; ``record`` is the journal.

    ``wrapped`` says that TLS comes before the greeting (smtpd_tls_wrappermode); ``tls`` is None where it is not
    offered.
    """

    service: str
    generation: str
    settings: SessionSettings
    rules: Rules
    world: World
    names: ClientNames
    spool: Spool
    log: Callable[[str, str], None]
    record: Callable[[str, Facts, Decision], None]
    tls: Callable[[], ssl.SSLContext | None] = lambda: None
    handshake_seconds: float = 300.0
    wrapped: bool = False
    port_logging: bool = False
    peername_lookup: bool = True
    connections: set[Connection] = field(default_factory=set)
