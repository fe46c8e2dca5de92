"""Every dialogue of tests/corpus/dialogues is what the real Postfix says.

Make the ``S:`` lines anew from it, to be reviewed as a diff: ``python tests/peers/test_dialogues_oracle.py [NAME...]``.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
from dialogue import CORPUS, Dialogue, all_dialogues, parse_dialogue, rewrite
from peers.dialogue_oracle import Oracle

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    if not shutil.which("postfix") or os.geteuid() != 0:
        pytest.skip("needs Postfix and root")
    postfix = Oracle(all_dialogues())
    yield postfix
    postfix.stop()


@pytest.mark.parametrize("dialogue", all_dialogues(), ids=lambda dialogue: dialogue.name)
def test_postfix_says_the_same(oracle: Oracle, dialogue: Dialogue) -> None:
    assert oracle.play(dialogue, count=True) == [turn.expect for turn in dialogue.turns]


def record(names: list[str]) -> None:
    paths = [path for path in sorted(CORPUS.glob("*.dialogue")) if not names or path.stem in names]
    dialogues = {path: parse_dialogue(path.stem, path.read_text()) for path in paths}
    postfix = Oracle(list(dialogues.values()))
    try:
        with ThreadPoolExecutor(40) as pool:
            answers = pool.map(lambda dialogue: postfix.play(dialogue, count=False), dialogues.values())
        for path, answer in zip(paths, answers, strict=True):
            path.write_text(rewrite(path.read_text(), answer))
    finally:
        postfix.stop()


if __name__ == "__main__":
    record(sys.argv[1:])
