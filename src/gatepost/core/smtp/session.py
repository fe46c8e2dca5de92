"""A session's state, and what every command needs: the facts, a decision, an error reply.

The commands stand in modules of their own; server.py puts them together.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from gatepost.core.access.verdict import Decision
from gatepost.core.address import Address
from gatepost.core.facts import Client, Facts, Login, Stage, Tls
from gatepost.core.matchlist import NetworkList
from gatepost.core.reply import Reply
from gatepost.core.smtp.footer import with_footer
from gatepost.core.smtp.lines import Input
from gatepost.core.smtp.needs import ABANDON, Decide, Ended, Need, Note, Receive, Say
from gatepost.core.smtp.settings import NOBODY, SessionSettings
from gatepost.core.smtp.transaction import Transaction

Talk = Generator[Need, Any, None]
Asking = Generator[Need, Any, bool]

OK = Say(b"250 2.0.0 Ok\r\n")
AFTER_DOT = "END-OF-MESSAGE"


class Session:
    """What is known of a connection.

    ``server`` is our end of it, address and port; ``instance`` names it in policy requests. ``tls_available`` is False
    where the settings want TLS but there is no certificate. ``localtime`` gives the time for smtpd_reject_footer.

    ``counts`` maps a command in lower case to how many were (accepted, given). ``where`` is the command that logs speak
    of. ``pipelined`` says that the client once sent ahead what it may not, and stays.
    """

    __slots__ = (
        "client",
        "closing",
        "counts",
        "denied",
        "errors",
        "forwarded",
        "helo",
        "input",
        "instance",
        "junk",
        "localtime",
        "login",
        "lost_chunks",
        "mail_instance",
        "mails",
        "messages",
        "pipelined",
        "protocol",
        "receive_need",
        "received",
        "server",
        "settings",
        "strict",
        "tls",
        "tls_available",
        "transaction",
        "where",
        "xclient",
        "xforward",
    )

    def __init__(
        self,
        settings: SessionSettings,
        client: Client,
        *,
        server: tuple[str, int] = ("", 0),
        tls: Tls | None = None,
        instance: str = "",
        tls_available: bool = True,
        localtime: Callable[[], str] = str,
    ) -> None:
        self.settings = settings
        self.client = client
        self.server = server
        self.tls = tls
        self.tls_available = tls_available
        self.instance = instance
        self.localtime = localtime
        self.login: Login | None = None
        self.helo = ""
        self.protocol = "SMTP"
        self.transaction: Transaction | None = None
        self.input = Input()
        self.receive_need = Receive(settings.timeout)
        self.errors = 0
        self.junk = 0
        self.mails = 0
        self.mail_instance = f"{instance}.0"
        self.closing = False
        self.denied = False  # the client was refused at CONNECT: every command is
        self.lost_chunks = False  # an earlier BDAT was refused: so is what follows it
        self.pipelined = False
        self.strict: bool | None = None  # smtpd_forbid_bare_newline for this client, once it is known
        self.received = -1  # octets of the content that is being received, -1 outside of it
        self.where = "CONNECT"
        self.counts: dict[str, list[int]] = {}
        self.xclient = self.xforward = False  # whether the client may; known from the start of run()
        self.forwarded: dict[str, str] = {}

    def receive(self, data: bytes) -> None:
        """Bytes from the client, whenever they come."""
        self.input.receive(data)

    @property
    def waiting(self) -> int:
        """Octets received and not yet used."""
        return len(self.input)

    @property
    def label(self) -> str:
        """The client, as logs write it."""
        client = self.client
        port = f":{client.port}" if self.settings.port_logging else ""
        return f"{client.name}[{client.address}]{port}"

    def facts(self, recipient: Address | None = None, verbatim: str = "", *, size: int = -1, etrn: str = "") -> Facts:
        """The facts as they stand; ``recipient`` is the one in question, ``size`` the content's once it is there."""
        mail = self.transaction
        server_address, server_port = self.server
        if mail is None:
            return Facts(
                client=self.client,
                helo=self.helo,
                protocol=self.protocol,
                recipient=recipient,
                login=self.login,
                tls=self.tls,
                pipelined=self.pipelined,
                instance=self.mail_instance,
                server_address=server_address,
                server_port=server_port,
                etrn_domain=etrn,
                recipient_verbatim=verbatim,
            )
        parameters, opened = mail.parameters, mail.opened
        return Facts(
            self.client,
            self.helo,
            self.protocol,
            mail.sender,
            recipient,
            len(mail.recipients),
            parameters.size if size < 0 else size,
            self.login,
            self.tls,
            self.pipelined,
            "" if opened is None else opened.queue_id,
            self.mail_instance,
            server_address,
            server_port,
            smtputf8=parameters.smtputf8,
            sender_verbatim=mail.verbatim,
            recipient_verbatim=verbatim,
        )

    def begin_mail(self) -> None:
        """Each mail has an instance of its own (SMTPD_POLICY_README)."""
        self.mails += 1
        self.mail_instance = f"{self.instance}.{self.mails}"

    def decide(self, stage: Stage, facts: Facts) -> Asking:
        """Ask for a decision and keep its effects; False where it refused, which has been said."""
        decision: Decision = yield Decide(stage, facts)
        if decision.reply is not None:
            yield from self.refuse(decision.reply)
            return False
        if decision.effects and self.transaction is not None:
            self.transaction.keep(decision)
        return True

    def refuse(self, reply: Reply) -> Talk:
        """Say an error reply; 421 and 521 end the connection."""
        if reply.hangs_up:
            self.closing = True
        return self.fault(Say(reply.wire()))

    def fault(self, say: Say) -> Talk:
        """Say an error reply and count it."""
        self.errors += 1
        yield self.refusal(say)

    def refusal(self, say: Say) -> Say:
        """An error reply with smtpd_reject_footer, where that is set."""
        template = self.settings.reject_footer
        return Say(with_footer(say.data, template, self._footer_attributes())) if template else say

    def _footer_attributes(self) -> dict[str, str]:
        client, mail = self.client, self.transaction
        return {
            "client": client.label,
            "client_name": client.name,
            "client_address": client.address,
            "client_port": str(client.port),
            "helo_name": self.helo,
            "sender": mail.sender.text if mail else "",
            "server_name": self.settings.myhostname,
            "localtime": self.localtime(),
        }

    def matches(self, hosts: NetworkList) -> Asking:
        """Whether the client is in a list; a table that cannot answer says no."""
        if hosts is NOBODY:
            return False
        matched = yield from hosts.matches(self.client.name, self.client.address)
        return matched is True

    def note_reject(self, where: str, text: str, recipient: str = "") -> Note:
        """``reject:`` as Postfix logs it; with what is known of the mail."""
        mail = self.transaction
        queue_id = mail.opened.queue_id if mail and mail.opened else "NOQUEUE"
        parts = [f"{queue_id}: reject: {where} from {self.label}: {text};"]
        if mail is not None:
            parts.append(f"from=<{mail.sender.text}>")
            if len(mail.recipients) == 1 and not recipient:
                recipient = mail.recipients[0].address.text
        if recipient:
            parts.append(f"to=<{recipient}>")
        parts.append(f"proto={self.protocol}")
        if self.helo:
            parts.append(f"helo=<{self.helo}>")
        return Note(printable(" ".join(parts)))

    def warning(self, text: str) -> Note:
        return Note(printable(text), "warning")

    def strict_newlines(self) -> Asking:
        """Whether smtpd_forbid_bare_newline holds for this client (smtpd_forbid_bare_newline_exclusions)."""
        if self.strict is None:
            settings = self.settings
            if settings.bare_newline in ("no", "note"):
                self.strict = False
            else:
                self.strict = not (yield from self.matches(settings.bare_newline_exclusions))
        return self.strict

    def cut_off(self, ended: Ended) -> Talk:
        """No more input comes: the end of the session, as Postfix logs it."""
        settings = self.settings
        self.closing = True
        octets = ""
        if self.received >= 0:
            octets = f" ({self.received} bytes)"
            self.errors += 1
        if ended is Ended.TIMEOUT:
            yield self.refusal(Say(f"421 4.4.2 {settings.myhostname} Error: timeout exceeded\r\n".encode()))
        elif self.where == AFTER_DOT:
            return  # it said no QUIT, but left nothing unfinished
        yield Note(f"{ended.value} after {self.where}{octets} from {self.label}")

    def end_transaction(self, *, abandon: bool = True) -> Talk:
        """Forget the transaction, and with it the mail in the spool unless that was committed."""
        mail, self.transaction = self.transaction, None
        self.lost_chunks = False
        self.received = -1
        if self.forwarded:
            self.forwarded = {}
        if abandon and mail is not None and mail.opened is not None:
            yield ABANDON


def bare_newline(settings: SessionSettings) -> Say:
    """The refusal of a line that ends in LF alone."""
    code = settings.bare_newline_reject_code
    return Say(f"{code} 5.5.2 {settings.myhostname} Error: bare <LF> received\r\n".encode())


def printable(text: str) -> str:
    """``text`` for a log: what could not be printed becomes ``?``."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "?" for character in text)


def escaped(data: bytes, limit: int = 100) -> str:
    """Octets for a log, as Postfix escapes them, cut to ``limit``."""
    names = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 92: "\\\\"}
    return "".join(
        names.get(octet) or (chr(octet) if 32 <= octet < 127 else f"\\{octet:03o}") for octet in data[:limit]
    )
