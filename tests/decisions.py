"""The little language of examples: restrictions' docstrings and tests/corpus/sessions speak it.

    dns NAME TYPE VALUE             an answer; NXDOMAIN, NODATA and TRY_AGAIN stand for faults
    table TYPE:NAME KEY VALUE       an entry of a table; TRY_AGAIN for a VALUE is a table that is down
    policy SERVICE ACTION           what a policy service answers
    conf NAME = VALUE               a parameter; stays in force until it is set again
    STAGE key=value ... -> WANTED   a decision: STAGE is connect, helo, mail, rcpt, data, end-of-message, vrfy or etrn

Keys: client=ADDRESS[,NAME], reverse=NAME, name_status=, helo=, from=<..>, to=<..>, login=, pipelined=yes. WANTED is the
beginning of the reply, or ``permit`` and the names of effects. A comment begins with #.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gatepost.core.access.engine import decide
from gatepost.core.access.rules import Rules
from gatepost.core.access.verdict import Decision
from gatepost.core.address import NULL, Address, split_address
from gatepost.core.ask import Advice, Answer, Consult, Dns, Hit, Missing, Question, Records, Search
from gatepost.core.config.settings import Settings
from gatepost.core.errors import Place
from gatepost.core.facts import Client, Facts, Login, NameStatus, Stage

DEFAULTS = {
    "compatibility_level": "3.6",
    "myhostname": "mx.dragon.lab",
    "mydomain": "dragon.lab",
    "mydestination": "dragon.lab",
    "mynetworks": "127.0.0.0/8",
    "gatepost_own_addresses": "127.0.0.1",
    "local_recipient_maps": "",
    "smtpd_relay_restrictions": "",
}

_FAULTS = {"NXDOMAIN": Missing.NO_DOMAIN, "NODATA": Missing.NO_DATA, "TRY_AGAIN": Missing.TRY_AGAIN}
_WORD = re.compile(r"(\w+)=(\S*)")


@dataclass
class Case:
    """One decision that an example wants."""

    line: int
    text: str
    stage: Stage
    facts: Facts
    wanted: str
    settings: dict[str, str]


@dataclass
class Example:
    """An example's answers, and the cases in it."""

    dns: dict[Dns, Answer] = field(default_factory=dict)
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    policy: dict[str, str] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)

    def answer(self, question: Question) -> Answer:
        match question:
            case Dns(name, type):
                return self.dns.get(Dns(name.lower(), type), self._absent(name))
            case Search(table, keys):
                return self._search(table, keys)
            case Consult():
                action = self.policy.get(question.service)
                return Advice(action) if action is not None else Missing.UNAVAILABLE

    def _absent(self, name: str) -> Missing:
        known = any(question.name == name.lower() for question in self.dns)
        return Missing.NO_DATA if known else Missing.NO_DOMAIN

    def _search(self, table: str, keys: tuple[str, ...]) -> Answer:
        entries = self.tables.get(table)
        if entries is None:
            return Missing.TRY_AGAIN
        for key in keys:
            value = entries.get(key.lower())
            if value == "TRY_AGAIN":
                return Missing.TRY_AGAIN
            if value is not None:
                return Hit(key, value, Place(table, 1))
        return Missing.NOT_FOUND

    def decide(self, case: Case) -> Decision:
        rules = Rules(Settings.of({**DEFAULTS, **case.settings}))
        assert not rules.problems, rules.problems
        deciding = decide(case.stage, case.facts, rules)
        try:
            question = next(deciding)
            while True:
                question = deciding.send(self.answer(question))
        except StopIteration as stop:
            decision: Decision = stop.value
            return decision

    def check(self, case: Case) -> None:
        decision = self.decide(case)
        if case.wanted.startswith("permit"):
            assert decision.reply is None, f"{case.text}\n  got {decision.reply}"
            assert [effect.kind.value for effect in decision.effects] == case.wanted.split()[1:], case.text
        else:
            assert str(decision.reply).startswith(case.wanted), f"{case.text}\n  got {decision.reply}"


def parse(text: str) -> Example:
    """An example from its text. Raises ValueError on a line that is none of the language."""
    example = Example()
    settings: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        kind, rest = words[0], line.strip().partition(" ")[2]
        if kind == "dns":
            name, type, value = rest.split(None, 2)
            question = Dns(name, type)
            known = example.dns.get(question)
            earlier = known.values if isinstance(known, Records) else ()
            example.dns[question] = _FAULTS.get(value) or Records((*earlier, value))
        elif kind == "table":
            table, key, value = rest.split(None, 2)
            example.tables.setdefault(table, {})[key.lower()] = value
        elif kind == "policy":
            service, action = rest.split(None, 1)
            example.policy[service] = action
        elif kind == "conf":
            name, _, value = rest.partition("=")
            settings[name.strip()] = value.strip()
        elif "->" in rest or rest.startswith("->"):
            command, _, wanted = line.strip().partition("->")
            example.cases.append(
                Case(number, line.strip(), Stage(kind.upper()), _facts(command), wanted.strip(), dict(settings))
            )
        else:
            raise ValueError(f"line {number}: {line!r}")
    return example


def _address(text: str) -> Address:
    inner = text.strip("<>")
    return split_address(inner) if inner else NULL


def _facts(command: str) -> Facts:
    given = dict(_WORD.findall(command))
    address, _, name = given.get("client", "192.0.2.1").partition(",")
    status = NameStatus[given.get("name_status", "OK" if name else "MISSING")]
    reverse = given.get("reverse", name or "unknown")
    client = Client(address, name or "unknown", reverse, 0, status, NameStatus.OK if reverse else status)
    return Facts(
        client=client,
        helo=given.get("helo", "client.example"),
        protocol="ESMTP",
        sender=_address(given.get("from", "<ann@example.org>")),
        recipient=_address(given.get("to", "<bob@dragon.lab>")),
        login=Login(given["login"]) if "login" in given else None,
        pipelined=given.get("pipelined") == "yes",
    )
