"""Typed values from text: yes or no, numbers, times (postconf(5)).

Each function returns the value, or raises ValueError with the complaint as Postfix words it.
"""

from __future__ import annotations

import re

MAX_NUMBER = (1 << 31) - 1
MAX_SIZE = (1 << 63) - 1
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

_NUMBER = re.compile(r"[ \t]*[+-]?[0-9]{1,19}\Z")
_TIME = re.compile(r"[ \t]*\+?([0-9]{1,19})(?:([smhdw]).*)?\Z", re.DOTALL)


def yes_or_no(name: str, text: str) -> bool:
    """``yes`` or ``no``, in any case."""
    word = text.lower()
    if word not in ("yes", "no"):
        raise ValueError(f"bad boolean configuration: {name} = {text}")
    return word == "yes"


def number(name: str, text: str, minimum: int | None = None) -> int:
    """A decimal number, not below ``minimum``."""
    value = _number(name, text, MAX_NUMBER)
    if minimum is not None and value < minimum:
        raise ValueError(f"invalid {name} parameter value {value} < {minimum}")
    return value


def size(name: str, text: str) -> int:
    """A number of octets, which may be large."""
    return _number(name, text, MAX_SIZE)


def seconds(name: str, text: str, unit: str, minimum: int | None = None) -> int:
    """A time in seconds; ``unit`` (s, m, h, d, w) applies to a number without one.

    Postfix: what follows the unit's letter is ignored, as the running program does (``5m3s`` is five minutes).
    """
    match = _TIME.match(text)
    value = int(match.group(1)) * UNITS[match.group(2) or unit] if match is not None else MAX_SIZE
    if value > MAX_NUMBER:
        raise ValueError(f"parameter {name}: bad time value or unit: {text}")
    if minimum is not None and value < minimum:
        raise ValueError(f"invalid {name}: {value} (min {minimum})")
    return value


def _number(name: str, text: str, limit: int) -> int:
    if not _NUMBER.match(text) or abs(int(text)) > limit:
        raise ValueError(f"bad numerical configuration: {name} = {text}")
    return int(text)
