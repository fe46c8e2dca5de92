"""A session's state, and what every command needs: the facts, a reply, the counting of errors.

The commands stand in modules of their own; server.py puts them together.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from gatepost.core.access.verdict import Decision
from gatepost.core.address import Address
from gatepost.core.facts import Client, Facts, Login, Stage, Tls
from gatepost.core.reply import Reply
from gatepost.core.smtp.lines import Input
from gatepost.core.smtp.needs import ABANDON, Decide, Ended, Need, Receive, Say, Sleep
from gatepost.core.smtp.settings import SessionSettings
from gatepost.core.smtp.transaction import Transaction

Talk = Generator[Need, Any, None]
OK = Say(b"250 2.0.0 Ok\r\n")


class Session:
    """What is known of a connection. ``server`` is our end of it, address and port."""

    __slots__ = (
        "client",
        "closing",
        "counts",
        "errors",
        "helo",
        "input",
        "instance",
        "junk",
        "login",
        "protocol",
        "receive_need",
        "server",
        "settings",
        "tls",
        "transaction",
        "where",
    )

    def __init__(
        self,
        settings: SessionSettings,
        client: Client,
        *,
        server: tuple[str, int] = ("", 0),
        tls: Tls | None = None,
        instance: str = "",
    ) -> None:
        self.settings = settings
        self.client = client
        self.server = server
        self.tls = tls
        self.instance = instance
        self.login: Login | None = None
        self.helo = ""
        self.protocol = "SMTP"
        self.transaction: Transaction | None = None
        self.input = Input()
        self.receive_need = Receive(settings.timeout)
        self.errors = 0
        self.junk = 0
        self.closing = False
        self.where = "CONNECT"
        self.counts: dict[str, list[int]] = {}

    def receive(self, data: bytes) -> None:
        """Bytes from the client, whenever they come."""
        self.input.receive(data)

    @property
    def waiting(self) -> int:
        """Octets received and not yet used."""
        return len(self.input)

    def facts(
        self, recipient: Address | None = None, verbatim: str = "", *, pipelined: bool = False, size: int | None = None
    ) -> Facts:
        """The facts as they stand; ``recipient`` is the one in question, ``size`` the content's once it is there."""
        mail = self.transaction
        if mail is None:
            return Facts(
                client=self.client,
                helo=self.helo,
                protocol=self.protocol,
                login=self.login,
                tls=self.tls,
                pipelined=pipelined,
                instance=self.instance,
                server_address=self.server[0],
                server_port=self.server[1],
            )
        return Facts(
            client=self.client,
            helo=self.helo,
            protocol=self.protocol,
            sender=mail.sender,
            recipient=recipient,
            recipients=len(mail.recipients),
            size=mail.size if size is None else size,
            login=self.login,
            tls=self.tls,
            pipelined=pipelined,
            queue_id=mail.opened.queue_id if mail.opened else "",
            instance=self.instance,
            server_address=self.server[0],
            server_port=self.server[1],
            smtputf8=mail.smtputf8,
            sender_verbatim=mail.verbatim,
            recipient_verbatim=verbatim,
        )

    def decide(self, stage: Stage, facts: Facts) -> Generator[Need, Any, bool]:
        """Ask for a decision and keep its effects; False where it refused, which has been said."""
        decision: Decision = yield Decide(stage, facts)
        if decision.reply is not None:
            yield from self.refuse(decision.reply)
            return False
        if decision.effects and self.transaction is not None:
            self.transaction.keep(decision)
        return True

    def refuse(self, reply: Reply) -> Talk:
        if reply.hangs_up:
            self.closing = True
        yield from self.fault(Say(reply.wire()))

    def fault(self, say: Say) -> Talk:
        """Say an error reply, later and later (postconf(5): smtpd_error_sleep_time)."""
        settings = self.settings
        if self.errors >= settings.soft_error_limit and settings.error_sleep_time:
            yield Sleep(settings.error_sleep_time)
        self.errors += 1
        yield say

    def more(self) -> Generator[Need, Any, Ended | None]:
        """Wait for input; why none came, or None."""
        ended: Ended | None = yield self.receive_need
        return ended

    def end_transaction(self, *, abandon: bool = True) -> Talk:
        mail, self.transaction = self.transaction, None
        if abandon and mail is not None and mail.opened is not None:
            yield ABANDON
