"""error(8) and retry(8): refuse or defer every recipient, with the next hop as the reason (``error:5.7.1 no``).

An enhanced status code in front of the reason is used; without one it is 5.0.0 for error and 4.0.0 for retry. Its class
is made to agree with the transport.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatepost.core.envelope import Outcome
from gatepost.edge.delivery.agent import Target, failed
from gatepost.edge.spool import Mail

_STATUS = re.compile(r"[245](\.\d{1,3}\.\d{1,3})(?:\s+|\Z)")


class Error:
    """``temporary`` makes it the retry transport."""

    needs_content = False

    def __init__(self, *, temporary: bool = False) -> None:
        self.daemon = "postfix/retry" if temporary else "postfix/error"
        self._class = "4" if temporary else "5"

    def deliver(self, mail: Mail, targets: Sequence[Target]) -> list[Outcome]:
        return [self._outcome(target.route.nexthop) for target in targets]

    def _outcome(self, text: str) -> Outcome:
        match = _STATUS.match(text)
        detail, reason = (match[1], text[match.end() :]) if match else (".0.0", text)
        return failed(self._class + detail, reason, "none")


class Missing:
    """Stands for a transport that this program does not have: the mail waits, and the log says why."""

    daemon = "postfix/error"
    needs_content = False

    def deliver(self, mail: Mail, targets: Sequence[Target]) -> list[Outcome]:
        return [
            failed("4.3.5", f"mail transport {target.route.transport} is not available", "none") for target in targets
        ]
