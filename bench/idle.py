"""Idle connections: what one costs in private memory, and what new sessions feel of thousands of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.servers import Contender

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Held:
    """New sessions while idle connections stand; times in milliseconds, from connecting to the last reply."""

    done: int
    errors: int
    first_error: str
    p50: float
    p99: float


class Idle:
    """A context manager: idle connections, held by a generator inside the contender's lab."""

    def __init__(self, contender: Contender, connections: int, *, pace: int = 0, seconds: float = 0.0) -> None:
        self.contender = contender
        arguments = ("--idle", str(connections), "--pace", str(pace), "--seconds", str(seconds))
        self.command = (sys.executable, "-m", "bench.load", str(contender.server.port), *arguments)

    def __enter__(self) -> Idle:
        self.process = self.contender.lab.spawn(
            *self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}
        )
        assert self.process.stdout is not None
        if self.process.stdout.readline() != b"held\n":
            raise RuntimeError(f"{self.contender.name}: the idle connections could not be made")
        return self

    def go(self) -> dict[str, Any]:
        """Start the new sessions; what came of them."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        result: dict[str, Any] = json.loads(self.process.stdout.readline())
        return result

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)


def kilobytes_each(contender: Contender, connections: int) -> float:
    """Private memory for each idle connection, in KB: that of all the server's processes with them, less without."""
    with Idle(contender, 20):
        pass  # whatever is made once, for the first clients, is there now
    before = private_kilobytes(contender.pids())
    with Idle(contender, connections):
        return (private_kilobytes(contender.pids()) - before) / connections


def private_kilobytes(pids: list[int]) -> int:
    """The sum of the processes' private pages (their unique set size), in KB."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
    return total


def serve_while_held(contender: Contender, connections: int, *, pace: int, seconds: float) -> Held:
    """``pace`` new sessions a second, for ``seconds``, each a whole mail, while idle connections stand."""
    with Idle(contender, connections, pace=pace, seconds=seconds) as idle:
        result = idle.go()
    taken: list[float] = result["milliseconds"]
    errors: dict[str, int] = result["errors"]
    p50, p99 = (taken[int(len(taken) * q)] if taken else float("nan") for q in (0.5, 0.99))
    first = next(iter(errors), f"{result['lost']} idle connections lost" if result["lost"] else "")
    return Held(result["done"], sum(errors.values()) + result["lost"], first, p50, p99)
