"""The real Postgrey and policyd-spf in a lab, as the tutorial sets them up."""

from __future__ import annotations

import subprocess
from types import TracebackType
from typing import Self

from peers.lab import Lab

GREYLISTED = "450 4.2.0 <{recipient}>: Recipient address rejected: Greylisted"

# The tutorial's block at the end of master.cf, and its line at the end of main.cf.
POLICYD_SPF_SERVICE = """
policy-spf  unix  -       n       n       -       -       spawn
     user=nobody argv=/usr/bin/policyd-spf
"""
POLICYD_SPF_PARAMETERS = {"policy-spf_time_limit": "3600s"}
# Debian's policyd-spf.conf, in our own words: reject on Fail, never defer.
POLICYD_SPF_CONFIGURATION = """\
debugLevel = 1
TestOnly = 1
HELO_reject = Fail
Mail_From_reject = Fail
PermError_reject = False
TempError_Defer = False
skip_addresses = 127.0.0.0/8,::ffff:127.0.0.0/104,::1
"""
POLICYD_SPF_FILE = "/etc/postfix-policyd-spf-python/policyd-spf.conf"


class RealPostgrey:
    """A context manager: Postgrey on 127.0.0.1:10023 with an empty database of its own.

    ``delay`` is in seconds; ``allowed`` are clients (names, addresses, networks) that are not greylisted.
    """

    port = 10023

    def __init__(self, lab: Lab, *, delay: int = 1, allowed: tuple[str, ...] = ()) -> None:
        self.lab = lab
        self.delay = delay
        self.allowed = allowed

    def __enter__(self) -> Self:
        for name, lines in (("whitelist_clients", self.allowed), ("whitelist_recipients", ())):
            self.lab.inside(f"/etc/postgrey/{name}").write_text("".join(f"{line}\n" for line in lines))
        self.lab.run("chown", "-R", "postgrey", "/var/lib/postgrey")
        self.process = self.lab.spawn(
            "postgrey", f"--inet=127.0.0.1:{self.port}", "--dbdir=/var/lib/postgrey", f"--delay={self.delay}",
            "--hostname=mail.dragon.lab", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.lab.wait_for_port(self.port, greeting=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lab.signal(self.process, 15)
        self.process.wait(10)
