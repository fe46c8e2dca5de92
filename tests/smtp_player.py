"""Drives a ServerSession by hand: the pieces that the client sends go in, what is said, stored and noted comes out."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from dialogue import Dialogue, normalise
from gatepost.core.access.verdict import Decision, Effect, EffectKind
from gatepost.core.config.settings import Settings
from gatepost.core.facts import Client, Facts, NameStatus, Stage, Tls
from gatepost.core.reply import Reply
from gatepost.core.smtp.needs import (
    Abandon,
    Commit,
    Decide,
    Ended,
    Need,
    Note,
    Opened,
    OpenMail,
    Receive,
    Say,
    StartTls,
    Write,
)
from gatepost.core.smtp.server import ServerSession
from gatepost.core.smtp.settings import SessionSettings

CLIENT = Client("127.0.0.1", "localhost", "localhost", 0, NameStatus.OK, NameStatus.OK)
BASE = {
    "compatibility_level": "3.6",
    "myhostname": "mx.example",
    "mynetworks": "192.0.2.0/24",
    "smtpd_error_sleep_time": "0",
    "smtpd_forbid_bare_newline": "no",  # Postfix 3.7's default
}


class Player:
    """A session and its stub of a world. ``stored`` is what was written for each committed mail."""

    def __init__(
        self,
        dialogue: Dialogue | None = None,
        *,
        conf: dict[str, str] | None = None,
        settings: SessionSettings | None = None,
        tls: Tls | None = None,
    ) -> None:
        conf = {**BASE, **(dialogue.conf if dialogue else {}), **(conf or {})}
        self.session = ServerSession(settings or SessionSettings.of(Settings.of(conf)), CLIENT, instance="1")
        self.decisions = dialogue.decisions if dialogue else []
        self.talk: Generator[Need, Any, None] = self.session.run()
        self.over = False
        self.waiting = False
        self.notes: list[str] = []
        self.needs: list[Need] = []
        self.committed: list[tuple[Commit, bytes]] = []
        self.abandoned = 0
        self.tls = tls
        self._said = b""
        self._open = b""

    def turn(self, *pieces: bytes) -> list[str]:
        """Send pieces, and return the lines that are said to them."""
        if self.over:
            return ["<closed>"]
        if not self.waiting:
            self._run(None)
        for piece in pieces:
            if piece and not self.over:
                self.session.receive(piece)
                self._run(None)
        lines = [normalise(line) for line in self._said.decode("utf-8", "surrogateescape").split("\r\n")[:-1]]
        self._said = b""
        return [*lines, "<closed>"] if self.over else lines

    def end(self, how: Ended = Ended.EOF) -> list[str]:
        if not self.over:
            self._run(how)
        lines, self._said = self._said.decode().split("\r\n")[:-1], b""
        return lines

    def _run(self, answer: object) -> None:
        try:
            while True:
                need = self.talk.send(answer)
                self.needs.append(need)
                if isinstance(need, Receive):
                    self.waiting = True
                    return
                answer = self._satisfy(need)
        except StopIteration:
            self.over = True

    def _satisfy(self, need: Need) -> object:
        match need:
            case Say(data):
                self._said += data
            case Decide(stage, facts):
                return self._decide(stage, facts)
            case OpenMail():
                self._open = b""
                return Opened("ID", 0.0, "Thu, 1 Jan 1970 00:00:00 +0000 (UTC)")
            case Write(data):
                self._open += data
            case Commit():
                self.committed.append((need, self._open))
            case Abandon():
                self.abandoned += 1
            case StartTls():
                return self.tls
            case Note(text, level):
                self.notes.append(text if level == "info" else f"{level}: {text}")
        return None

    def _decide(self, stage: Stage, facts: Facts) -> Decision:
        subject = facts.etrn_domain or facts.helo
        if stage is Stage.HELO:
            pass
        elif facts.recipient is not None:
            subject = facts.recipient.text
        elif facts.sender is not None:
            subject = facts.sender.text
        for wanted, key, reply in self.decisions:
            if wanted == stage.value and key in ("*", subject):
                return _decision(stage, reply)
        return Decision(stage, None, (), ())


def _decision(stage: Stage, reply: str) -> Decision:
    word, _, rest = reply.partition(" ")
    if not word.isdigit():
        return Decision(stage, None, (Effect(EffectKind(word), rest),), ())
    status, _, text = rest.partition(" ")
    return Decision(stage, Reply(int(word), status.partition(".")[2], text), (), ())
