r"""Readable SMTP dialogues, played against the session here and against the real Postfix in tests/peers.

    # comment                    the first says what is shown, and by which text
    conf NAME = VALUE            a main.cf setting
    decide STAGE KEY -> REPLY    what the stub decides; KEY is the recipient, else sender or HELO name, or * for all
    C: text                      a line from the client; \r \n \t \0 \xNN \\ are octets. Lines in a row go in one write
    C| text                      the same without CRLF behind it
    S: text                      a line from the server
    S: <closed>                  the server hangs up
    log: text                    what the session notes, in order (only the lines given are looked for)

Queue ids read ``ID``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus" / "dialogues"
_ESCAPES = re.compile(rb"\\(?:x([0-9a-f]{2})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0", b"\\": b"\\"}
_QUEUED = re.compile(r"queued as [0-9A-Za-z]+")


@dataclass
class Turn:
    """What the client sends at once, and what is then to be said."""

    send: bytes = b""
    expect: list[str] = field(default_factory=list)


@dataclass
class Dialogue:
    name: str
    conf: dict[str, str]
    decisions: list[tuple[str, str, str]]
    turns: list[Turn]
    log: list[str]


def unescape(text: str) -> bytes:
    def one(match: re.Match[bytes]) -> bytes:
        return bytes([int(match[1], 16)]) if match[1] else _PLAIN_ESCAPES[match[2]]

    return _ESCAPES.sub(one, text.encode())


def parse_dialogue(name: str, text: str) -> Dialogue:
    dialogue = Dialogue(name, {}, [], [Turn()], [])
    speaking = False
    for line in text.splitlines():
        if line.startswith("conf "):
            key, _, value = line[5:].partition("=")
            dialogue.conf[key.strip()] = value.strip()
        elif line.startswith("decide "):
            what, _, reply = line[7:].partition(" -> ")
            stage, _, key = what.partition(" ")
            dialogue.decisions.append((stage, key, reply))
        elif line.startswith("log: "):
            dialogue.log.append(line[5:])
        elif line[:2] in ("C:", "C|"):
            if not speaking:
                dialogue.turns.append(Turn())
            speaking = True
            dialogue.turns[-1].send += unescape(line[3:]) + (b"\r\n" if line[1] == ":" else b"")
        elif line.startswith("S:"):
            speaking = False
            dialogue.turns[-1].expect.append(line[3:])
        elif line and not line.startswith("#"):
            raise ValueError(f"{name}: what is {line!r}?")
    return dialogue


def all_dialogues() -> list[Dialogue]:
    return [parse_dialogue(path.stem, path.read_text()) for path in sorted(CORPUS.glob("*.dialogue"))]


def normalise(line: str) -> str:
    return _QUEUED.sub("queued as ID", line)


def rewrite(text: str, answers: list[list[str]]) -> str:
    """The dialogue's text with its ``S:`` lines made anew: each run of them becomes what was said in that turn."""
    lines: list[str] = []
    listening = False
    remaining = iter(answers)
    for line in text.splitlines():
        if not line.startswith("S:"):
            lines.append(line)
        elif not listening:
            lines += [f"S: {answer}" for answer in next(remaining)]
        listening = line.startswith("S:")
    return "\n".join(lines) + "\n"
