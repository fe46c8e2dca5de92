"""A load generator that runs inside a lab: holds idle connections, and meanwhile opens new sessions at a steady pace.

    python -m bench.load PORT --idle N --pace N --seconds N

It says ``held`` when the idle connections stand, waits for a line on standard input, then says one line of JSON:
sessions done, errors, and the times that a whole session took (connect to 221) in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import sys
import time
from collections import Counter

import uvloop

from bench.servers import CLIENT, RECIPIENT, SENDER

_DIALOGUE = (
    (f"EHLO {CLIENT}", b"250"),
    (f"MAIL FROM:<{SENDER}>", b"250"),
    (f"RCPT TO:<{RECIPIENT}>", b"250"),
    ("DATA", b"354"),
    ("Subject: load\r\n\r\n" + "x" * 70 + "\r\n.", b"250"),
    ("QUIT", b"221"),
)


class _Refused(Exception):
    pass


async def _reply(reader: asyncio.StreamReader, wanted: bytes) -> None:
    while True:
        line = await asyncio.wait_for(reader.readline(), 30)
        if line[3:4] != b"-":
            break
    if not line.startswith(wanted):
        raise _Refused(line.decode(errors="replace").strip() or "connection lost")


async def _session(port: int, taken: list[float], errors: Counter[str]) -> None:
    begin = time.perf_counter()
    writer = None
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 30)
        await _reply(reader, b"220")
        for command, wanted in _DIALOGUE:
            writer.write(command.encode() + b"\r\n")
            await _reply(reader, wanted)
        taken.append((time.perf_counter() - begin) * 1000)
    except (OSError, TimeoutError, _Refused) as error:
        errors[f"{type(error).__name__}: {error}"] += 1
    finally:
        if writer is not None:
            writer.close()


async def _hold(port: int, count: int) -> list[asyncio.StreamWriter]:
    """Connections that have had their greeting and said EHLO, 50 at a time."""
    slots = asyncio.Semaphore(50)

    async def one() -> asyncio.StreamWriter:
        async with slots:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await _reply(reader, b"220")
            writer.write(f"EHLO {CLIENT}\r\n".encode())
            await _reply(reader, b"250")
            return writer

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def _run(port: int, idle: int, pace: int, seconds: float) -> dict[str, object]:
    held = await _hold(port, idle)
    print("held", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    taken: list[float] = []
    errors: Counter[str] = Counter()
    sessions = set()
    begin = time.perf_counter()
    warm_up: list[float] = []  # in the first second processes start and caches fill
    for i in range(int(pace * (seconds + 1)) if pace else 0):
        with contextlib.suppress(ValueError):
            await asyncio.sleep(begin + i / pace - time.perf_counter())
        sessions.add(asyncio.create_task(_session(port, warm_up if i < pace else taken, errors)))
    if sessions:
        await asyncio.wait(sessions)
    lost = sum(writer.is_closing() for writer in held)
    return {"done": len(taken), "errors": dict(errors), "lost": lost, "milliseconds": sorted(taken)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--idle", type=int, default=0)
    parser.add_argument("--pace", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0.0)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(_run(options.port, options.idle, options.pace, options.seconds))), flush=True)


if __name__ == "__main__":
    main()
