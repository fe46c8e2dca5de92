"""Which policy service is asked, and how: ``check_policy_service`` and what follows it (SMTPD_POLICY_README).

    inet:host:port    inet:port    unix:path    local:path
    { inet:host:port, timeout=10s, default_action=DUNNO, { policy_context = two words } }

Settings inside the braces have the names of main.cf less their ``smtpd_policy_service_``. A path is relative to the
queue directory.
"""

from __future__ import annotations

import ipaddress

import msgspec

from gatepost.core.address import is_valid_hostname
from gatepost.core.ask import Consult
from gatepost.core.config.master import split_endpoint
from gatepost.core.config.settings import Settings
from gatepost.core.config.source import SEPARATORS, spans
from gatepost.core.config.values import number, seconds
from gatepost.core.facts import Facts, Stage
from gatepost.core.policy import attributes

_PREFIX = "smtpd_policy_service_"
_TIMES = ("timeout", "max_idle", "max_ttl", "retry_delay")
_NUMBERS = {"request_limit": 0, "try_limit": 1}  # and the least value
_TEXTS = ("default_action", "policy_context")


class Endpoint(msgspec.Struct, frozen=True):
    """Where a service listens: ``host`` (without brackets) and ``port``, a number or a name; or else ``path``."""

    host: str = ""
    port: str = ""
    path: str = ""

    def __str__(self) -> str:
        """As Postfix names it in its log."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.path or (f"{host}:{self.port}" if host else self.port)


class PolicyService(msgspec.Struct, frozen=True):
    """A service as configured; ``default_action`` is what an unavailable one is taken to answer."""

    consult: Consult
    default_action: str
    policy_context: str = ""

    def request(self, facts: Facts, stage: Stage, settings: Settings) -> Consult:
        """The question to ask about a session."""
        told = attributes(facts, stage, settings, self.policy_context)
        return msgspec.structs.replace(self.consult, attributes=told)


def parse_endpoint(text: str) -> Endpoint:
    """``inet:...``, ``unix:path`` or ``local:path``. Raises ValueError with the complaint."""
    kind, colon, rest = text.partition(":")
    if not colon or kind not in ("inet", "unix", "local"):
        raise ValueError(f"invalid transport name: {kind} in service: {text}")
    if not rest:
        raise ValueError(f"missing endpoint in service: {text}")
    if kind != "inet":
        return Endpoint(path=rest)
    host, port = split_endpoint(rest)
    if not port:
        raise ValueError(f"missing port in service: {text}")
    if port.isdigit() and not (port.isascii() and int(port[:6]) < 65536):
        raise ValueError(f"bad port number in service: {text}")
    if host and not _is_host(host):
        raise ValueError(f"{rest}: valid hostname or network address required")
    return Endpoint(host=host, port=port)


def _is_host(host: str) -> bool:
    if is_valid_hostname(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def parse_service(text: str, settings: Settings) -> PolicyService | str:
    """What follows ``check_policy_service``, with the defaults of ``settings``; or what is wrong with it."""
    try:
        return _parse(text.strip(), settings)
    except ValueError as error:
        return str(error)


def _parse(text: str, settings: Settings) -> PolicyService:
    server, given = text, dict[str, str]()
    if text.startswith("{"):
        if not text.endswith("}") or [*spans(text, SEPARATORS)] != [(0, len(text))]:
            raise ValueError(f"policy service syntax error: {text}")
        inner = text[1:-1]
        words = [inner[a:b] for a, b in spans(inner, SEPARATORS)]
        if not words:
            raise ValueError(f'empty policy service: "{text}"')
        server, given = words[0], dict(_option(word) for word in words[1:])
    parse_endpoint(server)
    times = {name: _time(name, given, settings) for name in _TIMES}
    numbers = {name: _number(name, given, settings) for name in _NUMBERS}
    return PolicyService(
        Consult(
            server,
            (),
            timeout=times["timeout"],
            max_idle=times["max_idle"],
            max_ttl=times["max_ttl"],
            request_limit=numbers["request_limit"],
            try_limit=numbers["try_limit"],
            retry_delay=times["retry_delay"],
        ),
        given.get("default_action", settings.text(_PREFIX + "default_action")),
        given.get("policy_context", settings.text(_PREFIX + "policy_context")),
    )


def _option(word: str) -> tuple[str, str]:
    """``name=value``, or ``{ name = value }``."""
    text = word[1:-1] if word.startswith("{") and word.endswith("}") else word
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise ValueError(f"malformed option: missing '=' after attribute name: \"...{text.strip()}...\"")
    if name not in _TIMES and name not in _NUMBERS and name not in _TEXTS:
        raise ValueError(f'unknown option: "{name} = {value}"')
    if not value:
        raise ValueError(f"bad string length 0 < 1: {name} = ")
    return name, value


def _time(name: str, given: dict[str, str], settings: Settings) -> int:
    value = seconds(name, given[name], "s") if name in given else settings.seconds(_PREFIX + name)
    if value < 1:
        raise ValueError(f"invalid {name}: {value} (min 1)")
    return value


def _number(name: str, given: dict[str, str], settings: Settings) -> int:
    value = number(name, given[name]) if name in given else settings.number(_PREFIX + name)
    if value < _NUMBERS[name]:
        raise ValueError(f"invalid {name} parameter value {value} < {_NUMBERS[name]}")
    return value
