"""ACTED_ON tells what the code does: every parameter that the code names is in it, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from gatepost.core.config.acted_on import ACTED_ON
from gatepost.core.config.registry import PARAMETERS

SOURCES = Path(__file__).parents[3] / "src" / "gatepost"

# Named in the code by a part of their name, or looked at by $expansion alone.
ASSEMBLED = ("smtpd_policy_service_", "smtpd_tls_")
EXPANDED = {"compatibility_level", "process_name", "service_name"}


def named_in_code() -> set[str]:
    found: set[str] = set()
    for file in SOURCES.rglob("*.py"):
        if "registry" not in file.parts and file.name != "acted_on.py":
            found |= set(re.findall(r'"([a-z0-9_]+)"', file.read_text()))
    return found & set(PARAMETERS)


def test_what_the_code_names_is_acted_on() -> None:
    assert named_in_code() - ACTED_ON - EXPANDED == set()


def test_what_is_acted_on_is_named_in_the_code() -> None:
    silent = {name for name in ACTED_ON - named_in_code() - EXPANDED if not name.startswith(ASSEMBLED)}
    assert silent == set()
    assert set(PARAMETERS) >= ACTED_ON
