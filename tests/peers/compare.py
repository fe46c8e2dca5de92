"""Compares what two servers said and logged, and shows a difference as a dialogue to read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from peers.differences import IN_REPLIES, IN_THE_LOG
from peers.play import Transcript, printable

_PROGRAM = re.compile(r"^.*?\[\d+\]: ")
_QUEUE_ID = re.compile(r"^[0-9A-Za-z]{6,20}: (?=[a-z_]+: )")
_DECISIONS = re.compile(r"^(?:NOQUEUE|ID): (?:reject|reject_warning|info|warn|hold|discard|filter|redirect|bcc): ")


def differing(theirs: Sequence[Transcript], ours: Sequence[Transcript]) -> list[str]:
    """One text for each session in which a reply differs without being listed in peers.differences."""
    return [text for pair in zip(theirs, ours, strict=True) if (text := _difference(*pair))]


def _difference(theirs: Transcript, ours: Transcript) -> str:
    shown = [f"--- {theirs.session.name.encode('utf-8', 'backslashreplace').decode()}"]
    for i in range(max(len(theirs.exchanges), len(ours.exchanges))):
        step, said = theirs.exchanges[i] if i < len(theirs.exchanges) else ("", [["(over)"]])
        our_step, our_said = ours.exchanges[i] if i < len(ours.exchanges) else ("", [["(over)"]])
        shown += [f"C: {printable(line)}" for line in (step or our_step).split("\n") if line]
        if step == our_step and _same(step, said, our_said):
            shown += [f"S: {line}" for reply in said for line in reply[-1:]]
            continue
        shown += [f"Postfix:  {line}" for reply in said for line in reply]
        if step != our_step:
            shown += [f"C: {printable(line)}     (to Gatepost)" for line in our_step.split("\n")]
        shown += [f"Gatepost: {line}" for reply in our_said for line in reply]
        return "\n".join(shown)
    return ""


def _same(step: str, theirs: list[list[str]], ours: list[list[str]]) -> bool:
    if theirs == ours:
        return True
    if len(theirs) != len(ours):
        return _explained(step, theirs, ours)
    commands = step.split("\n")
    said = commands if len(commands) == len(theirs) else [step] * len(theirs)
    return all(a == b or _explained(command, [a], [b]) for command, a, b in zip(said, theirs, ours, strict=True))


def _explained(step: str, theirs: list[list[str]], ours: list[list[str]]) -> bool:
    texts = ["\n".join(line for reply in replies for line in reply) for replies in (theirs, ours)]
    return any(difference.explains(step, *texts) for difference in IN_REPLIES)


def decisions(log: Iterable[str]) -> Counter[str]:
    """The log's lines that tell a decision (``NOQUEUE: reject: ...``), without time and process; ``ID`` for ids."""
    found: Counter[str] = Counter()
    for line in log:
        text = _QUEUE_ID.sub("ID: ", _PROGRAM.sub("", line, count=1))
        if _DECISIONS.match(text):
            found[text] += 1
    return found


def differing_log(theirs: Iterable[str], ours: Iterable[str]) -> list[str]:
    """The decisions that only one of them logged, sorted so that a pair stands together."""
    a, b = decisions(theirs), decisions(ours)
    only_theirs, only_ours = sorted((a - b).elements()), sorted((b - a).elements())
    for line in list(only_theirs):
        pair = next((x for x in only_ours if any(d.explains("", line, x) for d in IN_THE_LOG)), None)
        if pair is not None:
            only_theirs.remove(line)
            only_ours.remove(pair)
    lines = [(line, f"only Postfix:  {line}") for line in only_theirs] + [
        (line, f"only Gatepost: {line}") for line in only_ours
    ]
    return [shown for _, shown in sorted(lines)]
