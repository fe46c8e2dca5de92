"""The two servers as they are measured: the tutorial's lists, ``discard:`` behind a durable queue.

Both have the same configuration, the same DNS and spools in the same file system, a lab each; they run side by
side and are loaded in turn. The load comes from 127.0.0.1, which is taken out of mynetworks (else permit_mynetworks
would end each list) and has a proper name. Postfix is as it comes, but for the limits per client, which are off for
both, and its process limit, which is as high as the measurement needs.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from peers.gatepost import Gatepost
from peers.lab import Lab, wait_for
from peers.postfix import RealPostfix
from peers.variants import WITHOUT_SERVICES, copy_of_example

CLIENT = "client.ok.example"
SENDER = "ann@ok.example"
RECIPIENT = "grant@dragon.lab"
REFUSED = "from_spammer@dragon.lab"  # by access_recipient, after every list has been asked
ZONE = f"""
PTR 127.0.0.1  {CLIENT}
{CLIENT}       A   127.0.0.1
ok.example     MX  10 {CLIENT}
ok.example     A   192.0.2.10
dragon.lab     MX  10 {CLIENT}
"""
PARAMETERS = {
    **WITHOUT_SERVICES,
    "mynetworks": "10.11.0.0/16",
    "smtpd_client_connection_count_limit": "0",
    "smtpd_client_connection_rate_limit": "0",
    "smtpd_error_sleep_time": "0",
    "smtpd_authorized_xclient_hosts": "",
    "smtpd_timeout": "300s",
}
NAMES = ("Postfix", "Gatepost")


@dataclass
class Contender:
    name: str
    lab: Lab
    server: RealPostfix | Gatepost
    pids: Callable[[], list[int]]

    def settle(self) -> None:
        """Until nothing is left to deliver, so that the next run does not pay for the last one."""
        if isinstance(self.server, RealPostfix):
            wait_for("Postfix to deliver", lambda: not self.server.queue(), seconds=120, pause=0.05)
        else:
            wait_for("Gatepost to be idle", lambda: _idle(self.pids()), seconds=120, pause=0.05)


@contextmanager
def contenders(names: tuple[str, ...], *, workers: int, processes: int) -> Iterator[list[Contender]]:
    """The servers named, started. ``processes`` is Postfix's default_process_limit, ``workers`` Gatepost's."""
    with ExitStack() as stack:
        root = Path(tempfile.mkdtemp(prefix="gatepost-bench-"))
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        source = copy_of_example(root / "dragon.lab")
        hosts = {"/etc/hosts": f"127.0.0.1 {CLIENT} localhost\n"}
        found = []
        for name in names:
            lab = stack.enter_context(Lab(ZONE, files=hosts))
            parameters = {**PARAMETERS, "default_process_limit": str(processes)}
            server: RealPostfix | Gatepost
            if name == "Postfix":
                server = stack.enter_context(RealPostfix(lab, source, parameters))
                found.append(Contender(name, lab, server, lab.pids))
            else:
                server = stack.enter_context(Gatepost(lab, source, parameters, workers=workers))
                found.append(Contender(name, lab, server, server.pids))
        yield found


def _idle(pids: list[int]) -> bool:
    """Whether the processes used no processor time while one tick of the clock went by."""

    def used() -> int:
        total = 0
        for pid in pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total

    before = used()
    wait_for("a moment", _Moments(8), pause=0.05)
    return used() - before <= 2


class _Moments:
    """True when called for the nth time."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0
