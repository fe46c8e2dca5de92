"""Throughput with Debian's smtp-source: accepted over a kept session or a connection each, refused at RCPT."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from bench.servers import CLIENT, RECIPIENT, REFUSED, SENDER, Contender

SESSIONS = 20
BYTES = 4096


@dataclass(frozen=True)
class Load:
    name: str
    what: str
    options: tuple[str, ...]
    recipient: str = RECIPIENT


LOADS = (
    Load("kept", "accept 4 KB, session kept: messages/s", ("-d",)),
    Load("each", "accept 4 KB, connection each: messages/s", ()),
    Load("reject", "reject at RCPT, connection each: sessions/s", ("-A",), REFUSED),
)


def rate(contender: Contender, load: Load, messages: int) -> float:
    """Messages (or refused sessions) a second over one run."""
    command = ("smtp-source", "-s", str(SESSIONS), "-m", str(messages), "-l", str(BYTES), "-M", CLIENT)
    begin = time.monotonic()
    said = contender.lab.run(
        *command, "-f", SENDER, "-t", load.recipient, *load.options, f"127.0.0.1:{contender.server.port}", timeout=300
    )
    taken = time.monotonic() - begin
    if said.stdout.count("recipient rejected") != (messages if load.recipient == REFUSED else 0):
        raise RuntimeError(f"{contender.name}: {load.name}: {said.stdout[:500]}")
    contender.settle()
    return messages / taken


def measure(contenders: list[Contender], load: Load, *, rounds: int, seconds: float) -> dict[str, float]:
    """The median rate of each, taking turns; the runs are as long as ``seconds``, by a first short one."""
    messages = {}
    for contender in contenders:
        rate(contender, load, 100)  # processes start, caches fill
        messages[contender.name] = max(100, int(rate(contender, load, 400) * seconds))
    rates: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            rates[contender.name].append(rate(contender, load, messages[contender.name]))
    return {name: statistics.median(found) for name, found in rates.items()}
