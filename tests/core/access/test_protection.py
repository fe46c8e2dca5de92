"""Which configurations Postfix's smtpd refuses to run: no working protection against relaying (the running Postfix
3.7).
"""

from __future__ import annotations

import pytest

import gatepost.core.access.restrictions  # noqa: F401  registers them
from gatepost.core.access.protection import missing_protection
from gatepost.core.access.rules import Rules
from gatepost.core.config.settings import Settings


@pytest.mark.parametrize(
    ("relay", "recipient", "protected"),
    [
        ("reject_unauth_destination", "", True),
        ("permit_mynetworks, defer_unauth_destination", "", True),
        ("", "permit_mynetworks, reject", True),
        ("", "defer_if_permit", True),
        ("closed", "", True),
        ("", "", False),
        ("permit", "permit_mynetworks", False),
        ("permit, reject_unauth_destination", "", False),
        ("warn_if_reject reject_unauth_destination", "", False),
        ("open", "", False),
    ],
)
def test_protection(relay: str, recipient: str, protected: bool) -> None:
    settings = {
        "smtpd_relay_restrictions": relay,
        "smtpd_recipient_restrictions": recipient,
        "smtpd_restriction_classes": "open, closed",
        "open": "permit_mynetworks",
        "closed": "permit_mynetworks, reject",
    }
    assert (missing_protection(Rules(Settings.of(settings))) is None) is protected
