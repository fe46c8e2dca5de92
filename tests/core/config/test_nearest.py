from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.config.nearest import nearest
from gatepost.core.config.registry import PARAMETERS


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("smtpd_recipent_restrictions", "smtpd_recipient_restrictions"),
        ("smtpd_recipeint_restrictions", "smtpd_recipient_restrictions"),
        ("smptd_helo_required", "smtpd_helo_required"),
        ("mynetwork", "mynetworks"),
        ("bif", None),
        ("mua_client_restrictions", None),
        ("entirely_my_own", None),
    ],
)
def test_neighbours(name: str, near: str | None) -> None:
    assert nearest(name, PARAMETERS) == near


@given(st.sampled_from(sorted(PARAMETERS)), st.data())
def test_one_letter_less_is_found(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    shorter = name[:at] + name[at + 1 :]
    if len(name) > 12:
        assert shorter in PARAMETERS or nearest(shorter, PARAMETERS) is not None


def test_long_names_cost_nothing() -> None:
    started = time.process_time()
    assert nearest("x" * 1_000_000, PARAMETERS) is None
    assert nearest("smtpd_" + "x" * 90, PARAMETERS) is None
    assert time.process_time() - started < 5
