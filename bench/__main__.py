"""``python -m bench [PART ...]``: measure Postfix and Gatepost in one run and print the ratios.

Parts: kept, each, reject (or accept, for the first two), memory, held; all of them where none is named.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.accept import LOADS, SESSIONS, measure
from bench.idle import kilobytes_each, serve_while_held
from bench.servers import NAMES, Contender, contenders

PARTS = ("kept", "each", "reject", "memory", "held")
WANTED = {"kept": ">= 5x", "each": ">= 4x", "reject": ">= 1.5x", "memory": "<= 12 KB", "held": "no errors"}
# A process for each connection: more than this of Postfix's would only measure the machine's memory.
POSTFIX_CONNECTIONS = 150


def main() -> None:
    options = _options()
    parts = [part for part in PARTS if part in options.parts or not options.parts]
    names = tuple(name for name in NAMES if options.only in ("", name.lower()))
    console = Console(width=None if sys.stdout.isatty() else 110)
    table = Table(
        title=f"{SESSIONS} sessions, medians of {options.rounds} runs of about {options.seconds:g} s, in turn"
    )
    for column in ("load", *names, "ratio", "wanted"):
        table.add_column(column, justify="left" if column == "load" else "right", no_wrap=True)
    processes = POSTFIX_CONNECTIONS + 50
    console.print(f"{platform.machine()}, {os.cpu_count()} cores, load generator included; {_durability()}")
    with contenders(names, workers=options.workers, processes=processes) as found:
        for load in (load for load in LOADS if load.name in parts):
            with console.status(load.what):
                rates = measure(found, load, rounds=options.rounds, seconds=options.seconds)
            shown = [f"{rates[name]:,.0f}" for name in names]
            table.add_row(load.what, *shown, _ratio(rates), WANTED[load.name])
        if "memory" in parts:
            with console.status("idle connections"):
                each = {c.name: kilobytes_each(c, _connections(c, options.memory_connections)) for c in found}
            shown = [f"{each[name]:,.1f}" for name in names]
            table.add_row("private KB for an idle connection", *shown, _ratio(each, inverse=True), WANTED["memory"])
        if "held" in parts:
            _held(found, table, console, options)
    console.print(table)
    console.print(f"Postfix holds a process for each connection, so it is given {POSTFIX_CONNECTIONS} idle ones.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition("\n\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; accept is the first two")
    parser.add_argument("--only", choices=[name.lower() for name in NAMES], default="", help="measure one server alone")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="about so long for each run")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="Gatepost's worker processes")
    parser.add_argument("--memory-connections", type=int, default=2000)
    parser.add_argument("--held-connections", type=int, default=5000)
    parser.add_argument("--pace", type=int, default=200, help="new sessions a second while connections are held")
    options = parser.parse_args()
    if wrong := set(options.parts) - {*PARTS, "accept"}:
        parser.error(f"no such part: {', '.join(wrong)}")
    if "accept" in options.parts:
        options.parts += ["kept", "each"]
    return options


def _held(found: list[Contender], table: Table, console: Console, options: argparse.Namespace) -> None:
    rows = {}
    for contender in found:
        connections = _connections(contender, options.held_connections)
        with console.status(f"{contender.name}: {connections} idle connections"):
            rows[contender.name] = (
                connections,
                serve_while_held(contender, connections, pace=options.pace, seconds=options.seconds * 2),
            )
    what = f"{options.pace} sessions/s beside idle ones"
    table.add_row(f"{what}: how many idle", *(f"{n:,}" for n, _ in rows.values()), "", "")
    table.add_row(f"{what}: p50 / p99 ms", *(f"{h.p50:.1f} / {h.p99:.1f}" for _, h in rows.values()), "", "")
    table.add_row(
        f"{what}: errors", *(f"{h.errors} {h.first_error}".strip() for _, h in rows.values()), "", WANTED["held"]
    )


def _connections(contender: Contender, wanted: int) -> int:
    return min(wanted, POSTFIX_CONNECTIONS) if contender.name == "Postfix" else wanted


def _ratio(found: dict[str, float], *, inverse: bool = False) -> str:
    if len(found) < 2:
        return ""
    ratio = found["Gatepost"] / found["Postfix"]
    return f"{1 / ratio if inverse else ratio:,.2f}x"


def _durability() -> str:
    """Where the spools lie and what an fsync costs there; both servers fsync before they say 250."""
    taken = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(30):
            file.write(b"x" * 4096)
            file.flush()
            begin = time.perf_counter()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - begin) * 1000)
        device = os.stat(file.name).st_dev
    kinds = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    kind = next((w[w.index("-") + 1] for w in kinds if w[2] == f"{os.major(device)}:{os.minor(device)}"), "unknown")
    return f"spools on {kind}, fsync on for both, {statistics.median(taken):.2f} ms each"


main()
