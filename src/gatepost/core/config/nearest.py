"""The nearest known name for a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

MAX_LENGTH = 100  # longer names are not compared


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name with the fewest slips away from ``name``, or None where none is near.

    A slip is a character too many, missing, wrong, or swapped with its neighbour. One slip is allowed in a name of at
    least 4 characters, and another for every 8 more, up to 3. Of equals the first in alphabetical order wins.
    """
    if not 4 <= len(name) <= MAX_LENGTH:
        return None
    best: str | None = None
    limit = min(1 + (len(name) - 4) // 8, 3)
    for candidate in sorted(known):
        if abs(len(candidate) - len(name)) <= limit:
            slips = _slips(name, candidate, limit)
            if slips is not None:
                best, limit = candidate, slips - 1
                if limit < 0:
                    break
    return best


def _slips(left: str, right: str, limit: int) -> int | None:
    """How many slips lie between two names (optimal string alignment), or None for more than ``limit``."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, above, row = row, before, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return None
    return row[-1] if row[-1] <= limit else None
