"""The whole server killed at random moments under load, twenty times: every mail that was answered 250 is delivered."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

from crash import Audit, audit, make_mail
from server import PATIENCE, Server, wait_until

KILLS = 20
CONNECTIONS = 8
SIZES = (300, 3000, 40_000, 300_000)  # the last is kept in a file of its own
MOST = 60  # mails from a start to a kill, at most
LONGEST = 0.05  # seconds from there, at most: kills come at any moment, not only when a reply does


class Load:
    """SMTP clients that send one mail after another until the server goes away.

    ``acknowledged`` holds every name that was answered 250.
    """

    def __init__(self) -> None:
        self.acknowledged: set[str] = set()
        self.sent = 0
        self._wanted = 0
        self._enough = asyncio.Event()

    async def run(self, port: int, wanted: int, delay: float, kill: Callable[[], None]) -> None:
        """Call ``kill`` in the midst of it, ``delay`` seconds after ``wanted`` more mails were acknowledged."""
        self._wanted = len(self.acknowledged) + wanted
        self._enough = asyncio.Event()
        clients = [asyncio.create_task(self._client(port)) for _ in range(CONNECTIONS)]
        await asyncio.wait_for(self._enough.wait(), PATIENCE)
        await asyncio.sleep(delay)
        kill()
        await asyncio.gather(*clients)

    async def _client(self, port: int) -> None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return
        try:
            await self._reply(reader)
            writer.write(b"EHLO client.example\r\n")
            await self._reply(reader)
            while True:
                await self._mail(reader, writer)
        except (OSError, EOFError):
            pass  # the server is dead
        finally:
            writer.close()

    async def _mail(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sent += 1
        name = str(self.sent)
        writer.write(b"MAIL FROM:<ann@example.com>\r\nRCPT TO:<box@dragon.lab>\r\nDATA\r\n")
        for _ in range(3):
            await self._reply(reader)
        content = make_mail(name, SIZES[self.sent % len(SIZES)]).replace(b"\n", b"\r\n")
        for start in range(0, len(content), 20_000):
            writer.write(content[start : start + 20_000])
            await writer.drain()
        writer.write(b".\r\n")
        reply = await self._reply(reader)
        assert reply.startswith(b"250"), reply
        self.acknowledged.add(name)
        if len(self.acknowledged) >= self._wanted:
            self._enough.set()

    @staticmethod
    async def _reply(reader: asyncio.StreamReader) -> bytes:
        while (line := await reader.readuntil(b"\n"))[3:4] == b"-":
            pass
        assert line[:1] in b"23", line
        return line


def test_no_acknowledged_mail_is_lost_or_torn(place: Path) -> None:
    randomness = random.Random(2)
    server = Server(place, main={"smtpd_error_sleep_time": "0"}, workers=2)
    load = Load()

    for _ in range(KILLS):
        with server:
            wanted, delay = randomness.randrange(MOST), randomness.uniform(0, LONGEST)
            asyncio.run(load.run(server.port(), wanted, delay, server.kill))
    waiting = audit_of(server).missing(load.acknowledged)
    with server:
        wait_until("the spool to be empty", lambda: server.spooled() == 0)
        result = audit_of(server)

    print(
        f"{KILLS} kills, {load.sent} sent, {len(load.acknowledged)} acknowledged, {len(waiting)} of them delivered "
        f"after the last start, {result.found.total()} delivered, {result.duplicates} duplicates"
    )
    assert not result.torn
    assert not result.missing(load.acknowledged)
    assert len(load.acknowledged) > 5 * KILLS
    assert not [line for line in server.log() if "damaged" in line or "Traceback" in line]


def audit_of(server: Server) -> Audit:
    (server.mailboxes / "box" / "new").mkdir(parents=True, exist_ok=True)
    return audit(server.mailboxes / "box")
