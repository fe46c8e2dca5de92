"""Every case of tests/corpus/smuggling comes out of the real Postfix as it is written there.

Make the outcomes anew from it, to be reviewed as a diff: ``python tests/peers/test_smuggling_oracle.py``.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
from dialogue import Dialogue, normalise
from peers.dialogue_oracle import Line, Oracle
from smuggling import CORPUS, MODES, Case, Outcome, all_cases

pytestmark = pytest.mark.peers

HELD = {
    "smtpd_recipient_restrictions": "check_client_access static:HOLD",
    "local_header_rewrite_clients": "",
}


class Keeper:
    """A Postfix that holds what it accepts."""

    def __init__(self) -> None:
        self.dialogues = {
            mode: Dialogue(mode, {**HELD, "smtpd_forbid_bare_newline": mode}, [], [], []) for mode in MODES
        }
        self.oracle = Oracle(list(self.dialogues.values()))

    def play(self, case: Case, mode: str, lines: int | None = None) -> Outcome:
        """What Postfix makes of it; ``lines`` are awaited after RCPT, or, where None, all until it is silent."""
        outcome = Outcome()
        line = Line(self.oracle.ports[repr(self.dialogues[mode].conf)])
        line.raw = True
        with contextlib.closing(line.socket):
            line.listen(1)
            for command in (b"EHLO client.example", b"MAIL FROM:<ann@one.example>", b"RCPT TO:<bob@two.example>"):
                line.say(command + b"\r\n")
                line.reply()
            pieces = case.send()
            for left, piece in reversed(list(enumerate(reversed(pieces)))):
                line.say(piece)
                awaited = None if lines is None else 1 if left else max(0, lines + 1 - case.chunked - len(pieces) + 1)
                outcome.said += line.listen(awaited)
        outcome.said = outcome.said[not case.chunked :]  # DATA's 354
        queued = re.search(r"queued as ([0-9A-F]+)", " ".join(outcome.said))
        outcome.said = [normalise(text) for text in outcome.said]
        if queued:
            outcome.stored = self.stored(queued[1])
        return outcome

    def stored(self, queue_id: str) -> bytes:
        command = ["postcat", "-c", self.oracle.root / "etc", "-q", queue_id]
        deadline = time.monotonic() + 5
        while True:
            out = subprocess.run(command, capture_output=True, check=False).stdout
            if b"MESSAGE FILE END" in out or time.monotonic() > deadline:
                break
        content = out.split(b"*** MESSAGE CONTENTS", 1)[1].split(b"\n", 1)[1].split(b"*** HEADER EXTRACTED", 1)[0]
        return re.sub(rb"\AReceived: [^\n]*\n(?:\t[^\n]*\n)*", b"", content)

    def stop(self) -> None:
        self.oracle.stop()


@pytest.fixture(scope="module")
def keeper() -> Iterator[Keeper]:
    if not shutil.which("postfix") or os.geteuid() != 0:
        pytest.skip("needs Postfix and root")
    postfix = Keeper()
    yield postfix
    postfix.stop()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_postfix_stores_the_same(keeper: Keeper, case: Case, mode: str) -> None:
    outcome = case.outcomes[mode]
    assert keeper.play(case, mode, len(outcome.said)) == outcome


def record() -> None:
    postfix = Keeper()
    try:
        cases = all_cases()
        with ThreadPoolExecutor(20) as pool:
            played = pool.map(lambda case: {mode: postfix.play(case, mode) for mode in MODES}, cases)
        for case, outcomes in zip(cases, played, strict=True):
            case.outcomes = outcomes
            (CORPUS / f"{case.name}.content").write_text(case.text())
    finally:
        postfix.stop()


if __name__ == "__main__":
    record()
