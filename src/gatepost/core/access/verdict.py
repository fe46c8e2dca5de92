"""What a restriction can say, and what a decision comes to.

    DUNNO                      no opinion; the next item is asked
    PERMIT                     this list is done; the next list is asked
    Reject(reply)              done: the reply is given (a 4xx reply is a plain deferral)
    DeferIfPermit(reply)       remembered: defer if nothing rejects
    DeferIfReject(reply)       remembered: a later rejection becomes this deferral
    Effect(kind, text)         something to do with the mail; the next item is asked (DISCARD: as PERMIT)
    Branch(text)               these restrictions are asked here
    Broken(why)                a fault of the configuration: 451 4.3.5

Verdicts are values: a peer's or a policy's "no" is never an exception.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from gatepost.core.ask import Answer, Question
from gatepost.core.errors import Place
from gatepost.core.facts import Stage
from gatepost.core.reply import Reply


class Neutral(Enum):
    DUNNO = "DUNNO"
    PERMIT = "PERMIT"


DUNNO = Neutral.DUNNO
PERMIT = Neutral.PERMIT


class Reject(msgspec.Struct, frozen=True, tag="reject"):
    reply: Reply


class DeferIfPermit(msgspec.Struct, frozen=True, tag="defer_if_permit"):
    reply: Reply


class DeferIfReject(msgspec.Struct, frozen=True, tag="defer_if_reject"):
    reply: Reply


class EffectKind(Enum):
    """access(5), OTHER ACTIONS; the values are the words in a table."""

    BCC = "BCC"
    DISCARD = "DISCARD"
    FILTER = "FILTER"
    HOLD = "HOLD"
    INFO = "INFO"
    PREPEND = "PREPEND"
    REDIRECT = "REDIRECT"
    WARN = "WARN"


class Effect(msgspec.Struct, frozen=True, tag="effect"):
    """``text`` is the action's text after the word, ``about`` what triggered it (``<x@y>: Sender address``)."""

    kind: EffectKind
    text: str
    about: str = ""


class Branch(msgspec.Struct, frozen=True, tag="branch"):
    """Evaluate these restrictions here: a class's, or those that a table's right-hand side names (access(5)).

    ``text`` is the list as written, ``place`` where that is.
    """

    text: str
    place: Place | None = None


class Broken(msgspec.Struct, frozen=True, tag="broken"):
    """The configuration cannot answer: ``451 4.3.5 Server configuration error``, and ``why`` goes to the log."""

    why: str


Verdict = Neutral | Reject | DeferIfPermit | DeferIfReject | Effect | Branch | Broken


class Item(msgspec.Struct, frozen=True):
    """One item of a restriction list as configured: ``text`` is ``check_sender_access hash:/etc/postfix/x``."""

    list: str
    index: int
    text: str
    place: Place | None


class Step(msgspec.Struct, frozen=True):
    """Evidence: one item that was evaluated, what it asked and was told, and what it said. ``depth`` counts classes."""

    item: Item
    verdict: Verdict
    asked: tuple[tuple[Question, Answer], ...] = ()
    depth: int = 0


class Logged(msgspec.Struct, frozen=True):
    """A line that the decision wants logged: ``kind`` is reject, reject_warning, warn, info, hold, discard, ..."""

    kind: str
    text: str


class Decision(msgspec.Struct, frozen=True):
    """The end of ``decide``: ``reply`` is None to go on (Postfix's own 250 follows), else what the client is told.

    ``deferred`` is a DeferIfPermit that has not been given yet; the next stage of the session takes it up.
    """

    stage: Stage
    reply: Reply | None
    effects: tuple[Effect, ...]
    steps: tuple[Step, ...]
    logged: tuple[Logged, ...] = ()
    deferred: Reply | None = None
