"""Log lines of delivery; the samples are a real Postfix's."""

from __future__ import annotations

import pytest

from gatepost.core.address import Address
from gatepost.core.envelope import Envelope, Outcome, Recipient
from gatepost.edge.delivery.lines import active, delivered, printable, seconds

BOB = Recipient(Address("bob", "mx.dragon.lab"), original=Address("bob", ""))
ENVELOPE = Envelope("C130A212520", Address("root", "mx.dragon.lab"), (BOB, BOB), 0.0, size=261)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.004, "0"), (0.0123, "0.01"), (0.09, "0.09"), (0.126, "0.13"), (1.26, "1.3"), (12.6, "13"), (360.2, "360")],
)
def test_delays(value: float, text: str) -> None:
    assert seconds(value) == text


def test_queue_active() -> None:
    assert active(ENVELOPE) == "C130A212520: from=<root@mx.dragon.lab>, size=261, nrcpt=2 (queue active)"


def test_delivery_with_another_original_recipient() -> None:
    outcome = Outcome("bounced", "5.0.0", "no such transport here")
    assert delivered(ENVELOPE, BOB, outcome, (0.0, 0.01, 0.01)) == (
        "C130A212520: to=<bob@mx.dragon.lab>, orig_to=<bob>, relay=none, delay=0.02, delays=0/0.01/0/0.01, dsn=5.0.0, "
        "status=bounced (no such transport here)"
    )


def test_a_quoted_local_part_is_logged_with_its_quotes() -> None:
    quoted = Recipient(Address("quo ted", "dragon.lab"))
    line = delivered(ENVELOPE, quoted, Outcome("bounced", "5.1.1", 'unknown user: "quo ted"', "local"), (0, 0, 0))
    assert 'to=<"quo ted"@dragon.lab>, relay=local, delay=0, delays=0/0/0/0,' in line


def test_nothing_breaks_a_line() -> None:
    assert printable("a\nb\x1b\udcff") == "a?b??"
