"""A decision as something to read: each list and item in order, what was asked and answered, and the reply.

The same evidence that the journal keeps, as plain values (``--json``) or as text.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatepost.core.access.verdict import (
    Branch,
    Broken,
    Decision,
    DeferIfPermit,
    DeferIfReject,
    Effect,
    Neutral,
    Reject,
    Step,
    Verdict,
)
from gatepost.core.ask import Advice, Answer, Consult, Dns, Hit, Missing, Question, Records, Search
from gatepost.core.errors import Place
from gatepost.core.reply import Reply


def verdict_word(decisions: list[Decision]) -> str:
    """``permit``, ``reject`` or ``defer``: what the session comes to; DISCARD counts as permit, as the client sees
    it.
    """
    reply = final_reply(decisions)
    if reply is None:
        return "permit"
    return "defer" if reply.is_temporary else "reject"


def final_reply(decisions: list[Decision]) -> Reply | None:
    """The first refusal, or None."""
    return next((decision.reply for decision in decisions if decision.reply is not None), None)


def as_json(decisions: list[Decision]) -> dict[str, object]:
    """The whole explanation: verdict, reply, effects, and every step as evidence."""
    reply = final_reply(decisions)
    return {
        "verdict": verdict_word(decisions),
        "reply": None if reply is None else {"code": reply.code, "status": reply.status, "text": reply.text},
        "effects": [
            {"action": effect.kind.value, "text": effect.text} for decision in decisions for effect in decision.effects
        ],
        "evidence": [
            {"stage": decision.stage.value, **_step_json(step)} for decision in decisions for step in decision.steps
        ],
    }


def _step_json(step: Step) -> dict[str, object]:
    return {
        "list": step.item.list,
        "item": step.item.text,
        "place": _place(step.item.place),
        "depth": step.depth,
        "verdict": describe_verdict(step.verdict),
        "asked": [{**_question_json(question), **_answer_json(answer)} for question, answer in step.asked],
    }


def _question_json(question: Question) -> dict[str, object]:
    match question:
        case Search(table, keys, _):
            return {"table": table, "keys": list(keys)}
        case Dns(name, type):
            return {"dns": name, "type": type}
        case Consult():
            return {"policy": question.service, "attributes": dict(question.attributes)}


def _answer_json(answer: Answer) -> dict[str, object]:
    match answer:
        case Hit(key, value, place):
            return {"answer": value, "key": key, "answer_place": _place(place)}
        case Records(values, _):
            return {"answer": list(values)}
        case Advice(action):
            return {"answer": action}
        case Missing():
            return {"answer": None, "missing": answer.value}


def as_text(decisions: list[Decision]) -> Iterator[str]:
    """The explanation in lines, lists as headings, and last the reply."""
    for decision in decisions:
        current = ""
        for step in decision.steps:
            if step.item.list != current and step.depth == 0:
                current = step.item.list
                yield f"{decision.stage.value}  {current}"
            yield from _step_text(step)
    for decision in decisions:
        for effect in decision.effects:
            yield f"effect: {effect.kind.value} {effect.text}".rstrip()
    reply = final_reply(decisions)
    yield f"=> {reply}" if reply is not None else "=> permit"


def _step_text(step: Step) -> Iterator[str]:
    indent = "    " + "  " * step.depth
    place = _place(step.item.place)
    yield f"{indent}{step.item.text}  [{place or 'default'}]  {describe_verdict(step.verdict)}"
    for question, answer in step.asked:
        yield f"{indent}    {describe_question(question)}: {describe_answer(answer)}"


def describe_verdict(verdict: Verdict) -> str:
    """A verdict in a few words."""
    match verdict:
        case Neutral():
            return verdict.value
        case Reject(reply):
            return f"REJECT {reply}"
        case DeferIfPermit(reply):
            return f"DEFER_IF_PERMIT {reply}"
        case DeferIfReject(reply):
            return f"DEFER_IF_REJECT {reply}"
        case Effect(kind, text, _):
            return f"{kind.value} {text}".rstrip()
        case Branch(text, _):
            return f"see {text}"
        case Broken(why):
            return f"configuration error: {why}"


def describe_question(question: Question) -> str:
    """A question in a few words."""
    match question:
        case Search(table, keys, whole):
            tried = ", ".join(keys[:whole] if len(keys) > 12 else keys)
            return f"{table} {tried}{', ...' if len(keys) > 12 else ''}"
        case Dns(name, type):
            return f"DNS {name} {type}"
        case Consult():
            return f"policy service {question.service}"


def describe_answer(answer: Answer) -> str:
    """An answer in a few words."""
    match answer:
        case Hit(key, value, place):
            return f"{key} -> {value}" + (f"  [{place}]" if place else "")
        case Records(values, _):
            return ", ".join(values)
        case Advice(action):
            return action
        case Missing():
            return answer.value


def _place(place: Place | None) -> str | None:
    return str(place) if place is not None else None
