"""Sessions as readable values, and a player that holds them with a server in a lab.

A session is a name and its steps. A step is one write: a command; several commands, a line each, sent at once
(pipelining); a ``Content`` after DATA (skipped where DATA was refused); or a ``Burst``, sent at once and
followed by nothing but reading until the server hangs up, for where the number of replies is the very question.
Bytes outside ASCII are written as surrogate escapes (``\\udcff``) or, as characters, go out in UTF-8.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from peers.lab import Lab

_QUEUED = re.compile(r"queued as [0-9A-Za-z]+")
CLOSED = "<closed>"
SILENT = "<silent>"


class Content(str):
    """A message's content in LF lines, without the final dot; dots are stuffed as they go out."""

    __slots__ = ()

    def wire(self) -> bytes:
        lines = self.encode("utf-8", "surrogateescape").split(b"\n")
        return b"".join(b"." * line.startswith(b".") + line + b"\r\n" for line in lines) + b".\r\n"


class Burst(str):
    """Everything that is left to say, at once, in LF lines."""

    __slots__ = ()


@dataclass(frozen=True)
class Session:
    name: str
    steps: tuple[str, ...]


@dataclass
class Transcript:
    """What was said: the replies (each of one or more lines) to each step that was sent, the greeting's first."""

    session: Session
    exchanges: list[tuple[str, list[list[str]]]] = field(default_factory=list)

    def lines(self) -> list[str]:
        """A dialogue to read."""
        text = []
        for step, replies in self.exchanges:
            text += [f"C: {printable(line)}" for line in step.split("\n")] if step else []
            text += [f"S: {line}" for reply in replies for line in reply]
        return text

    def replies(self) -> list[str]:
        return [line for _, replies in self.exchanges for reply in replies for line in reply]


def printable(line: str) -> str:
    shown = line.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return shown if len(shown) <= 200 else f"{shown[:160]}... ({len(shown)} characters)"


def play_all(lab: Lab, port: int, sessions: Sequence[Session], *, at_once: int = 8) -> list[Transcript]:
    """Hold every session, ``at_once`` at a time; transcripts in the order of the sessions."""

    async def everything() -> list[Transcript]:
        slots = asyncio.Semaphore(at_once)

        async def one(session: Session) -> Transcript:
            async with slots:
                return await _hold(lab, port, session)

        return list(await asyncio.gather(*(one(session) for session in sessions)))

    return asyncio.run(everything())


def play(lab: Lab, port: int, session: Session) -> Transcript:
    return play_all(lab, port, [session])[0]


async def _hold(lab: Lab, port: int, session: Session) -> Transcript:
    transcript = Transcript(session)
    sock = lab.socket()
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=sock, limit=1 << 20)
    try:
        reply = await _reply(reader)
        transcript.exchanges.append(("", [reply]))
        for step in (*session.steps, "QUIT"):
            if reply[-1] in (CLOSED, SILENT):
                break
            if isinstance(step, Content) and not reply[-1].startswith("354"):
                continue
            writer.write(_wire(step))
            expected = 1 if isinstance(step, Content) else step.count("\n") + 1
            replies = []
            while len(replies) < expected or isinstance(step, Burst):
                reply = await _reply(reader)
                replies.append(reply)
                if reply[-1] in (CLOSED, SILENT):
                    break
            transcript.exchanges.append((step, replies))
    finally:
        writer.close()
    return transcript


def _wire(step: str) -> bytes:
    if isinstance(step, Content):
        return step.wire()
    return step.replace("\n", "\r\n").encode("utf-8", "surrogateescape") + b"\r\n"


async def _reply(reader: asyncio.StreamReader) -> list[str]:
    lines: list[str] = []
    while True:
        try:
            line = await asyncio.wait_for(reader.readline(), 30)
        except TimeoutError:
            return [*lines, SILENT]
        except ConnectionError:
            line = b""
        if not line:
            return [*lines, CLOSED]
        text = line.decode("utf-8", "backslashreplace")
        lines.append(_QUEUED.sub("queued as ID", text.removesuffix("\r\n")))
        if line[3:4] != b"-":
            return lines
