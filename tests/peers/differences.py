"""The differences from Postfix that are meant; docs/differences.md gives each one's reason under the same title.

A pair of replies (or log lines) that differs must match one of these, or the differential test fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """``said`` is a pattern for what the client sent (any, where empty); the other two are for the whole answers."""

    title: str
    theirs: str
    ours: str
    said: str = ""

    def explains(self, said: str, theirs: str, ours: str) -> bool:
        return bool(
            re.search(self.said, said, re.IGNORECASE)
            and re.fullmatch(self.theirs, theirs, re.DOTALL)
            and re.fullmatch(self.ours, ours, re.DOTALL)
        )


IN_REPLIES: tuple[Difference, ...] = ()
IN_THE_LOG: tuple[Difference, ...] = ()
