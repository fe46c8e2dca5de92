"""The right-hand side of an access table, and a policy service's answer, as a value (access(5)).

    OK, RELAY, all-numeric          PERMIT
    DUNNO                           DUNNO
    REJECT, DEFER, 4NN, 5NN,
    DEFER_IF_PERMIT/_REJECT         Refusal: code, enhanced status and text
    BCC, DISCARD, FILTER, HOLD,
    INFO, PREPEND, REDIRECT, WARN   Do: something to do with the mail
    anything else                   RestrictionList: names of restrictions and classes

The first word, its case ignored, decides; only white space ends it (``REJECT, foo`` is a list whose first restriction
is reject). An action without what it needs (``BCC`` without an address, ``FILTER`` without transport:) is BadAction:
Postfix logs a warning and goes on as for DUNNO. What a refusal's text is wrapped in, and which code the parameters
give, is the engine's business.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import Enum
from functools import lru_cache

import msgspec

from gatepost.core.access.verdict import DUNNO, PERMIT, EffectKind, Neutral
from gatepost.core.config.nearest import nearest
from gatepost.core.errors import Place, Problem, Severity

ACCESS_DENIED = "Access denied"
SERVICE_UNAVAILABLE = "Service unavailable"

_CODE = re.compile(r"[45][0-9][0-9]\Z")
_STATUS = re.compile(r"[245]\.([0-9]{1,3}\.[0-9]{1,3})(?![^ \t\r\n])[ \t\r\n]*")
_HEADER = re.compile(r"[\x21-\x39\x3b-\x7e]+[ \t]*:")
_WORD = re.compile(r"[^\s,]+", re.ASCII)
_NOT_IN_TABLE = "not possible inside a table; define a restriction class and name that"
_SPACE = " \t\n\v\f\r"


class RefusalKind(Enum):
    """Which code a refusal has: that of the table, access_map_reject_code, or (the others) access_map_defer_code."""

    CODE = "code"
    REJECT = "REJECT"
    DEFER = "DEFER"
    DEFER_IF_PERMIT = "DEFER_IF_PERMIT"
    DEFER_IF_REJECT = "DEFER_IF_REJECT"


class Refusal(msgspec.Struct, frozen=True):
    """``code`` is 400 to 599 for RefusalKind.CODE and otherwise 0: the parameter says.

    ``detail`` is the enhanced status less its class (the class follows the code, whatever the table says), ``7.1`` by
    default. ``text`` is never empty: Postfix's generic text stands in. Postfix: after a status without a text (``REJECT
    5.7.2``) it says whatever its buffer last held; we say the generic text.
    """

    kind: RefusalKind
    code: int
    detail: str
    text: str


class Do(msgspec.Struct, frozen=True):
    """Something to do with the mail. ``text`` is what follows the word, empty where that is optional and not given."""

    kind: EffectKind
    text: str


class RestrictionList(msgspec.Struct, frozen=True):
    """Restrictions to evaluate in place, with their arguments, as words; ``text`` is the list as written.

    Restrictions are named in any case, restriction classes exactly; OK and DUNNO are no restrictions.
    """

    words: tuple[str, ...]
    text: str


class BadAction(msgspec.Struct, frozen=True):
    """An action that lacks what it needs; ``message`` says what. To be taken as DUNNO."""

    message: str


Action = Neutral | Refusal | Do | RestrictionList | BadAction

_REFUSALS = {kind.value: kind for kind in RefusalKind if kind is not RefusalKind.CODE}
_EFFECTS = {kind.value: kind for kind in EffectKind}
_PERMITS = frozenset({"OK", "RELAY"})
WORDS = (*_PERMITS, "DUNNO", *_REFUSALS, *_EFFECTS)
"""The action words of access(5)."""


@lru_cache(maxsize=1024)
def parse_action(text: str) -> Action:
    """The action that ``text`` asks for. Never raises; white space around it does not count; empty means DUNNO."""
    text = text.strip(_SPACE)
    word = text.replace("\t", " ").partition(" ")[0]
    rest = text[len(word) :].lstrip(_SPACE)
    name = word.upper()
    if name in _PERMITS or (text.isascii() and text.isdigit()):
        return PERMIT
    if name == "DUNNO":
        return DUNNO
    if (refusal := _REFUSALS.get(name)) is not None:
        return _refusal(refusal, 0, rest)
    if rest and _CODE.match(word):
        return _refusal(RefusalKind.CODE, int(word), rest)
    if (effect := _EFFECTS.get(name)) is not None:
        return _effect(effect, rest)
    words = tuple(_WORD.findall(text))
    return RestrictionList(words, text) if words else DUNNO


def check_action(
    text: str, restrictions: Mapping[str, str], classes: Collection[str], place: Place | None = None
) -> Problem | None:
    """What is wrong with a table's right-hand side, with the nearest known name, or None.

    ``restrictions`` holds every restriction's name in lower case and what argument it takes (empty: none); ``classes``
    the names in smtpd_restriction_classes. A value that Postfix would answer with 451 4.3.5, or skip, is an error; one
    that likely means something else than it says (``550`` without a text is all-numeric, so it means OK) is a warning.
    """
    action = parse_action(text)
    if action is PERMIT and _CODE.match(text.strip()):
        return Problem(
            f"'{text.strip()}' without a text is all-numeric and means OK; write REJECT, or a text after it",
            place,
            Severity.WARNING,
        )
    if isinstance(action, BadAction):
        return Problem(action.message, place)
    message = _check_list(action.words, restrictions, classes) if isinstance(action, RestrictionList) else None
    return Problem(message, place) if message else None


def _refusal(kind: RefusalKind, code: int, text: str) -> Refusal:
    detail = "7.1"
    if (status := _STATUS.match(text)) is not None:
        detail = status[1]
        text = text[status.end() :]
    if not text:
        later = kind in (RefusalKind.DEFER_IF_PERMIT, RefusalKind.DEFER_IF_REJECT)
        text = SERVICE_UNAVAILABLE if later else ACCESS_DENIED
    return Refusal(kind, code, detail, text)


def _effect(kind: EffectKind, text: str) -> Do | BadAction:
    match kind:
        case EffectKind.BCC | EffectKind.REDIRECT if "@" not in text:
            return BadAction(f"{kind.value} needs an address, user@domain, after it")
        case EffectKind.FILTER if ":" not in text:
            return BadAction("FILTER needs transport:destination after it")
        case EffectKind.PREPEND if not _HEADER.match(text):
            return BadAction("PREPEND needs a header, Name: text, after it")
    return Do(kind, text)


def _check_list(words: tuple[str, ...], restrictions: Mapping[str, str], classes: Collection[str]) -> str | None:
    """The first fault in a list of restrictions; what follows permit, reject or defer is never evaluated."""
    expect_argument = False
    for word in words:
        name = word.lower()
        if ":" in word:
            return (
                f"'{word}' names a table or service: not possible in a table; define a restriction class and name that"
            )
        if expect_argument:
            expect_argument = False
        elif word in classes or name == "warn_if_reject":
            continue
        elif name not in restrictions:
            return _unknown(word, restrictions, classes)
        elif name in ("permit", "reject", "defer"):
            return None
        elif restrictions[name].startswith(("table", "service")):
            return f"{name} needs a table or service: {_NOT_IN_TABLE}"
        else:
            expect_argument = bool(restrictions[name])
    return f"{words[-1]} needs a word after it" if expect_argument else None


def _unknown(word: str, restrictions: Mapping[str, str], classes: Collection[str]) -> str:
    near = nearest(word.upper(), WORDS) or nearest(word.lower(), [*restrictions, *classes])
    return f"'{word}' is neither an action nor a restriction" + (f", did you mean {near}?" if near else "")
