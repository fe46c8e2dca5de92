r"""Contents that servers may see differently, and what becomes of them under each smtpd_forbid_bare_newline.

# what it is
data: content\r\n.\r\n       DATA's content, octets escaped as in dialogues
bdat: octets                 or BDAT chunks, one a line; the last line is the last chunk
MODE said: text              a reply to it; those to commands that a server saw in it follow
MODE stored: text            what is stored, our own header lines left out; nothing where nothing is
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dialogue import unescape

CORPUS = Path(__file__).parent / "corpus" / "smuggling"
MODES = ("no", "normalize", "reject")
_NAMES = {9: "\\t", 10: "\\n", 13: "\\r", 0: "\\0", 92: "\\\\"}


@dataclass
class Outcome:
    said: list[str] = field(default_factory=list)
    stored: bytes = b""


@dataclass
class Case:
    name: str
    about: list[str]
    sends: list[bytes]
    chunked: bool
    outcomes: dict[str, Outcome]

    def send(self) -> list[bytes]:
        """What the client sends after RCPT, piece by piece; each is to be answered before the next."""
        if not self.chunked:
            return [b"DATA\r\n", self.sends[0]]
        last = len(self.sends) - 1
        return [
            b"BDAT %d%s\r\n%s" % (len(chunk), b" LAST" if i == last else b"", chunk)
            for i, chunk in enumerate(self.sends)
        ]

    def text(self) -> str:
        lines = [*self.about]
        lines += [f"{'bdat' if self.chunked else 'data'}: {escape(send)}" for send in self.sends]
        for mode, outcome in self.outcomes.items():
            lines += [f"{mode} said: {line}" for line in outcome.said]
            if outcome.stored:
                lines.append(f"{mode} stored: {escape(outcome.stored)}")
        return "\n".join(lines) + "\n"


def escape(data: bytes) -> str:
    return "".join(_NAMES.get(octet) or (chr(octet) if 32 <= octet < 127 else f"\\x{octet:02x}") for octet in data)


def parse_case(name: str, text: str) -> Case:
    case = Case(name, [], [], False, {mode: Outcome() for mode in MODES})
    for line in text.splitlines():
        key, _, value = line.partition(": ")
        mode, _, what = key.partition(" ")
        if line.startswith("#"):
            case.about.append(line)
        elif key in ("data", "bdat", "bdat:"):
            case.sends.append(unescape(value))
            case.chunked = key.startswith("bdat")
        elif what == "said":
            case.outcomes[mode].said.append(value)
        elif what == "stored":
            case.outcomes[mode].stored = unescape(value)
        else:
            raise ValueError(f"{name}: what is {line!r}?")
    return case


def all_cases() -> list[Case]:
    return [parse_case(path.stem, path.read_text()) for path in sorted(CORPUS.glob("*.content"))]
