"""Every dialogue of tests/corpus/dialogues, played against the session: Postfix's replies, letter for letter.

The same dialogues are played against the real Postfix in tests/peers.
"""

from __future__ import annotations

import pytest

from dialogue import Dialogue, all_dialogues
from smtp_player import Player


@pytest.mark.parametrize("dialogue", all_dialogues(), ids=lambda dialogue: dialogue.name)
def test_the_replies_are_postfix_s(dialogue: Dialogue) -> None:
    player = Player(dialogue)
    assert [player.turn(turn.send) for turn in dialogue.turns] == [turn.expect for turn in dialogue.turns]
    missing = [text for text in dialogue.log if text not in player.notes]
    assert not missing, player.notes


# What is sent byte by byte is not sent ahead: there is nothing to forbid in it.
_ALIKE = [one for one in all_dialogues() if not one.name.startswith("forbid_unauth_pipelining")]


@pytest.mark.parametrize("dialogue", _ALIKE, ids=lambda dialogue: dialogue.name)
def test_it_is_the_same_byte_by_byte(dialogue: Dialogue) -> None:
    player = Player(dialogue)
    said = [player.turn(*(turn.send[i : i + 1] for i in range(len(turn.send)))) for turn in dialogue.turns]
    assert said == [turn.expect for turn in dialogue.turns]
