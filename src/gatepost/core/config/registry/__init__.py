"""Every parameter that has a name of its own, and the families that services bring with them.

PARAMETERS          name -> Parameter: Postfix's own (as ``postconf -d`` without master.cf) and ours
service_parameters  NAME_time_limit, NAME_destination_concurrency_limit, ... of one service in master.cf
LEGACY              names that defaults still refer to; setting them is fine, they have no default
"""

from __future__ import annotations

from collections.abc import Iterator

from gatepost.core.config.registry import (
    content,
    delivery,
    gatepost,
    legacy,
    milter,
    postscreen,
    queue,
    rewriting,
    smtp,
    smtp_tls,
    smtpd,
    smtpd_policy,
    smtpd_tls,
    system,
    tls,
    tlsproxy,
    transport,
    verify,
)
from gatepost.core.config.registry.parameter import Kind, Parameter, parse_table

__all__ = ["LEGACY", "PARAMETERS", "TRANSPORT_COMMANDS", "Kind", "Parameter", "service_parameters"]

TRANSPORT_COMMANDS = frozenset({"error", "lmtp", "local", "pipe", "smtp", "virtual"})
TIMED_COMMANDS = frozenset({"pipe", "spawn"})

_TABLES = (
    content.TABLE,
    delivery.TABLE,
    gatepost.TABLE,
    milter.TABLE,
    postscreen.TABLE,
    queue.TABLE,
    rewriting.TABLE,
    smtp.TABLE,
    smtp_tls.TABLE,
    smtpd.TABLE,
    smtpd_policy.TABLE,
    smtpd_tls.TABLE,
    system.TABLE,
    tls.TABLE,
    tlsproxy.TABLE,
    verify.TABLE,
)


def _both_clients(parameter: Parameter) -> Iterator[Parameter]:
    """``*_name`` as smtp_name and lmtp_name; any other parameter as it is."""
    if not parameter.name.startswith("*_"):
        yield parameter
        return
    for client in ("smtp", "lmtp"):
        yield parameter.renamed(client + parameter.name[1:], parameter.default.replace("*_", f"{client}_"))


PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for table in _TABLES
    for row in parse_table(table).values()
    for parameter in _both_clients(row)
}
LEGACY: dict[str, Parameter] = parse_table(legacy.TABLE)
_TRANSPORT = parse_table(transport.TABLE)


def service_parameters(service: str, command: str) -> dict[str, Parameter]:
    """The parameters that a service of this name and command brings (qmgr(8), pipe(8), spawn(8))."""
    if command not in TRANSPORT_COMMANDS and command not in TIMED_COMMANDS:
        return {}
    found = {}
    for row in _TRANSPORT.values():
        timed = row.name == "*_time_limit"
        if command in (TIMED_COMMANDS if timed else TRANSPORT_COMMANDS):
            name = service + row.name[1:]
            if name not in PARAMETERS:
                found[name] = row.renamed(name, row.default)
    return found
