"""Killed at random moments under load, twenty times: every acknowledged mail is delivered, whole."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uvloop

from crash import audit, make_mail
from gatepost.core.address import Address
from gatepost.core.ask import Hit, Missing
from gatepost.core.dsn import Reporter
from gatepost.core.envelope import Envelope, Recipient
from gatepost.core.routing import AddressClass, Route
from gatepost.edge.delivery.mailbox import Mailboxes
from gatepost.edge.delivery.runner import Runner
from gatepost.edge.delivery.virtual import Virtual
from gatepost.edge.spool import Spool

KILLS = 20
SESSIONS = 8
SIZES = (300, 4000, 40_000, 300_000)  # the last does not fit into memory
TO = Address("box", "lab")


async def serve(directory: Path, generation: str, sessions: int) -> None:
    """The child: accepts without end and prints each acknowledged name; or, without sessions, only clears the spool."""

    async def mailbox(keys: tuple[str, ...]) -> Hit | Missing:
        return Hit(keys[0], "box/")

    threads = ThreadPoolExecutor(8)
    agent = Virtual(
        Mailboxes("test", threads),
        base=str(directory),
        mailboxes_of=mailbox,
        uid_of=mailbox,
        gid_of=mailbox,
        own_rights=True,
    )
    spool = Spool(directory / "spool")
    runner = Runner(
        spool,
        lambda address: Route(AddressClass.VIRTUAL_MAILBOX, "virtual", "lab", address),
        {"virtual": agent},
        log=lambda daemon, text: None,
        reporter=Reporter("test"),
    )
    await runner.start()
    os.write(1, b"ready\n")

    async def session(number: int) -> None:
        count = 0
        while True:
            count += 1
            name = f"{generation}-{number}-{count}"
            incoming = spool.open_mail()
            content = make_mail(name, SIZES[count % len(SIZES)])
            for start in range(0, len(content), 10_000):
                incoming.write(content[start : start + 10_000])
            sender = Address("a", "b.example")
            await spool.commit(incoming, Envelope(incoming.queue_id, sender, (Recipient(TO),), incoming.arrived))
            os.write(1, f"{name}\n".encode())
            while runner.waiting > 50:  # what is accepted is delivered in the meantime
                await asyncio.sleep(0.001)

    await asyncio.gather(*[session(number) for number in range(sessions)])
    while runner.waiting:
        await asyncio.sleep(0.01)
    await runner.stop()
    await spool.close()
    threads.shutdown()


def start(directory: Path, generation: str, sessions: int) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    command = [sys.executable, __file__, str(directory), generation, str(sessions)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path})
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    return child


def kill_after(child: subprocess.Popen[bytes], names: int) -> set[str]:
    """Read that many acknowledgements, kill at once, and return all that were given."""
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(names)]
    child.send_signal(signal.SIGKILL)
    lines += child.stdout.readlines()
    child.wait()
    return {line.decode().strip() for line in lines if line.endswith(b"\n")}


def test_no_acknowledged_mail_is_lost_or_torn(tmp_path: Path) -> None:
    randomness = random.Random(20)
    acknowledged: set[str] = set()
    for generation in range(KILLS):
        child = start(tmp_path, str(generation), SESSIONS)
        acknowledged |= kill_after(child, randomness.randrange(1, 120))
    last = start(tmp_path, "last", 0)
    assert last.wait(timeout=20) == 0

    result = audit(tmp_path / "box")
    print(f"{len(acknowledged)} acknowledged, {result.found.total()} delivered, {result.duplicates} duplicates")
    assert not result.torn
    assert not result.missing(acknowledged)
    assert len(acknowledged) > KILLS


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
