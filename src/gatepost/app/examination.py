"""A described session, decided: what ``explain`` does, one session or many.

The session is run through the stages as the live server would, up to the one asked for; each is decided by the same
engine, with the same world behind it.
"""

from __future__ import annotations

import dataclasses
import ipaddress

import msgspec

from gatepost.app.generation import Generation
from gatepost.core.access.engine import decide
from gatepost.core.access.rules import Rules
from gatepost.core.access.verdict import Decision
from gatepost.core.address import NULL, Address, split_address
from gatepost.core.errors import GatepostError
from gatepost.core.facts import Client, Facts, Login, NameStatus, Stage
from gatepost.edge.door import ClientNames
from gatepost.edge.world import World

STAGES = {stage.value.lower(): stage for stage in Stage} | {"ehlo": Stage.HELO, "end_of_message": Stage.END_OF_MESSAGE}
_ORDER = (Stage.CONNECT, Stage.HELO, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.END_OF_MESSAGE)


class BadSession(GatepostError):
    """A session that cannot be decided as it is described."""


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A session as described: the keys of ``explain --batch``.

    Without ``client_name`` the name is looked up as the server would; with it, it counts as confirmed, ``unknown`` as
    missing. ``stage`` is where to stop; ``service`` the master.cf service that is spoken to.
    """

    client: str
    client_name: str | None = None
    reverse_client_name: str | None = None
    helo: str = ""
    sender: str | None = None
    recipient: str | None = None
    login: str = ""
    stage: str = "rcpt"
    service: str = ""
    pipelined: bool = False
    size: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Examiner:
    """Decides described sessions by one generation."""

    generation: Generation
    world: World
    names: ClientNames

    async def examine(self, session: Session) -> list[Decision]:
        """The decisions in order, the last one at the stage asked for or where the session was refused."""
        rules = self._rules(session.service)
        last = STAGES.get(session.stage.lower())
        if last is None:
            raise BadSession(f"unknown stage '{session.stage}'; known are {', '.join(STAGES)}")
        facts = await self._facts(session)
        decisions: list[Decision] = []
        for stage in self._stages(last):
            known = _at(facts, stage)
            deferred = next((one.deferred for one in decisions if one.deferred is not None), None)
            decision = await self.world.run(decide(stage, known, rules, deferred))
            decisions.append(decision)
            if decision.reply is not None:
                break
        return decisions

    def _rules(self, service: str) -> Rules:
        if not service:
            first = self.generation.services
            return first[0][1] if first else self.generation.rules
        rules = self.generation.rules_for(service)
        if rules is None:
            known = ", ".join(service.name for service, _ in self.generation.services)
            raise BadSession(f"no smtpd service '{service}' in master.cf; there are {known}")
        return rules

    @staticmethod
    def _stages(last: Stage) -> tuple[Stage, ...]:
        if last in _ORDER:
            return _ORDER[: _ORDER.index(last) + 1]
        return (Stage.CONNECT, Stage.HELO, last)

    async def _facts(self, session: Session) -> Facts:
        sender = _address(session.sender) if session.sender is not None else None
        return Facts(
            client=await self._client(session),
            helo=session.helo,
            protocol="ESMTP" if session.helo else "SMTP",
            sender=sender,
            recipient=_address(session.recipient) if session.recipient is not None else None,
            recipients=1,
            size=session.size,
            login=Login(session.login, "PLAIN") if session.login else None,
            pipelined=session.pipelined,
        )

    async def _client(self, session: Session) -> Client:
        if session.client != "unknown":
            try:
                ipaddress.ip_address(session.client)
            except ValueError as error:
                raise BadSession(f"client '{session.client}' is no IP address") from error
        if session.client_name is None:
            return await self.names.client_name(session.client)
        name = session.client_name or "unknown"
        reverse = session.reverse_client_name or name
        return Client(
            session.client,
            name,
            reverse,
            name_status=NameStatus.OK if name != "unknown" else NameStatus.MISSING,
            reverse_status=NameStatus.OK if reverse != "unknown" else NameStatus.MISSING,
        )


def _at(facts: Facts, stage: Stage) -> Facts:
    """The facts as far as they are known at ``stage``."""
    if stage in (Stage.CONNECT, Stage.HELO, Stage.MAIL):
        return msgspec.structs.replace(
            facts,
            helo="" if stage is Stage.CONNECT else facts.helo,
            sender=facts.sender if stage is Stage.MAIL else None,
            recipient=None,
            recipients=0,
        )
    return msgspec.structs.replace(facts, recipients=0) if stage is Stage.RCPT else facts


def _address(text: str) -> Address:
    inner = text.strip()
    if inner.startswith("<") and inner.endswith(">"):
        inner = inner[1:-1]
    return split_address(inner) if inner else NULL
