"""docs/rfc.tsv: every RFC that the source cites is listed, with how far it is followed."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "rfc.tsv"
CITED = re.compile(r"\bRFC[ -]?(\d{3,5})\b", re.IGNORECASE)


def _rows() -> list[list[str]]:
    header, *lines = LIST.read_text().splitlines()
    assert header.split("\t") == ["RFC", "followed", "what"]
    return [line.split("\t") for line in lines]


def test_the_list_is_well_formed() -> None:
    rows = _rows()
    assert all(len(row) == 3 and row[1] in ("yes", "partial", "no") and row[2].strip() for row in rows)
    numbers = [int(row[0]) for row in rows]
    assert numbers == sorted(set(numbers))


def test_every_cited_rfc_is_listed() -> None:
    listed = {row[0] for row in _rows()}
    missing = {
        f"{file.relative_to(ROOT)}: RFC {number}"
        for file in (ROOT / "src").rglob("*.py")
        for number in CITED.findall(file.read_text())
        if number not in listed
    }
    assert not missing
