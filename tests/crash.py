"""Checking that nothing is lost or torn when a server is killed: mails that can be recognised, and a Maildir's audit.

Each mail carries its number and a digest of its body, so that a part of one, or one that was mixed up, is seen.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

_HEADER = re.compile(rb"^X-Crash: (\S+) (\d+) ([0-9a-f]{64})$", re.MULTILINE)


def make_mail(name: str, size: int) -> bytes:
    """A mail of about ``size`` octets (LF line ends) that ``audit`` recognises as ``name``."""
    seed = hashlib.sha256(name.encode()).hexdigest().encode()
    body = (seed + b"\n") * max(1, size // (len(seed) + 1))
    digest = hashlib.sha256(body).hexdigest()
    header = f"Subject: crash test {name}\nX-Crash: {name} {len(body)} {digest}\n\n"
    return header.encode() + body


@dataclass
class Audit:
    """What a Maildir's ``new`` holds. ``torn`` are files that are not whole mails of ours."""

    found: Counter[str] = field(default_factory=Counter)
    torn: list[str] = field(default_factory=list)

    @property
    def duplicates(self) -> int:
        return sum(count - 1 for count in self.found.values())

    def missing(self, acknowledged: set[str]) -> set[str]:
        return acknowledged - set(self.found)


def audit(maildir: Path) -> Audit:
    """Read every file in ``maildir/new``."""
    result = Audit()
    for path in (maildir / "new").iterdir():
        content = path.read_bytes()
        match = _HEADER.search(content)
        _, _, body = content.partition(b"\n\n")
        whole = match is not None and len(body) == int(match[2])
        if match is None or not whole or hashlib.sha256(body).hexdigest() != match[3].decode():
            result.torn.append(path.name)
        else:
            result.found[match[1].decode()] += 1
    return result
