"""The cases of tests/corpus/smuggling: nobody hides a mail in another's content, however it is cut into pieces.

The same cases are played against the real Postfix in tests/peers.
"""

from __future__ import annotations

import re

import pytest

from smtp_player import Player
from smuggling import MODES, Case, Outcome, all_cases

GREETING = b"EHLO client.example\r\nMAIL FROM:<ann@one.example>\r\nRCPT TO:<bob@two.example>\r\n"


def play(case: Case, mode: str, *, octets: int) -> Outcome:
    player = Player(conf={"smtpd_forbid_bare_newline": mode})
    player.turn(GREETING)
    outcome = Outcome()
    for send in case.send():
        if not player.over:
            pieces = [send[i : i + octets] for i in range(0, len(send), octets)]
            outcome.said += player.turn(*pieces)
    outcome.said = outcome.said[not case.chunked :]  # DATA's 354
    if player.committed:
        outcome.stored = re.sub(rb"\AReceived: [^\n]*\n(?:\t[^\n]*\n)*", b"", player.committed[0][1])
    return outcome


@pytest.mark.parametrize("octets", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_the_outcome_is_the_one_written_down(case: Case, mode: str, octets: int) -> None:
    assert play(case, mode, octets=octets) == case.outcomes[mode]


def test_no_carriage_return_is_ever_stored() -> None:
    for case in all_cases():
        assert all(b"\r" not in outcome.stored for outcome in case.outcomes.values())
