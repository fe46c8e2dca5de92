"""What all tests share: hypothesis kept short, and the mark for tests that start real servers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("short", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("short")

PEERS = Path(__file__).parent / "peers"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever lies in tests/peers starts real servers."""
    for item in items:
        if PEERS in item.path.parents:
            item.add_marker(pytest.mark.peers)
