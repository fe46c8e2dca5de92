"""discard(8): says that it delivered, with the next hop as its reason (``discard:thrown away``)."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.core.envelope import Outcome
from gatepost.edge.delivery.agent import Target
from gatepost.edge.spool import Mail


class Discard:
    daemon = "postfix/discard"
    needs_content = False

    def deliver(self, mail: Mail, targets: Sequence[Target]) -> list[Outcome]:
        return [Outcome("sent", "2.0.0", target.route.nexthop) for target in targets]
