"""The server's side of a connection, without I/O: bytes in, needs out (RFC 5321, postconf(5) smtpd_*)."""

from __future__ import annotations

from collections.abc import Callable

from gatepost.core.facts import Stage
from gatepost.core.smtp import hello, mail, message
from gatepost.core.smtp.needs import Say
from gatepost.core.smtp.session import OK, Session, Talk

_UNKNOWN = Say(b"500 5.5.2 Error: command not recognized\r\n")
_EMPTY = Say(b"500 5.5.2 Error: bad syntax\r\n")
_BYE = Say(b"221 2.0.0 Bye\r\n")


class ServerSession(Session):
    """One connection. Drive ``run()`` as core.smtp.needs says, and hand what the client sends to ``receive``."""

    __slots__ = ()

    def run(self) -> Talk:
        """The whole session; its return ends the connection."""
        if not (yield from self.decide(Stage.CONNECT, self.facts(pipelined=len(self.input) > 0))):
            return
        yield Say(f"220 {self.settings.banner}\r\n".encode())
        limit = self.settings.line_length_limit
        while not self.closing:
            line = self.input.line(limit)
            if line is None:
                if (yield from self.more()) is not None:
                    break
                continue
            verb, _, argument = line.decode("utf-8", "surrogateescape").strip().partition(" ")
            self.where = verb = verb.upper()
            command = _COMMANDS.get(verb)
            if command is None:
                yield from self.fault(_UNKNOWN if verb else _EMPTY)
            else:
                yield from command(self, argument.strip())
        yield from self.end_transaction()


def _rset(session: Session, argument: str) -> Talk:
    yield from session.end_transaction()
    yield OK


def _noop(session: Session, argument: str) -> Talk:
    yield OK


def _quit(session: Session, argument: str) -> Talk:
    session.closing = True
    yield _BYE


_COMMANDS: dict[str, Callable[[Session, str], Talk]] = {
    "HELO": hello.helo,
    "EHLO": hello.ehlo,
    "MAIL": mail.mail,
    "RCPT": mail.rcpt,
    "DATA": message.data,
    "RSET": _rset,
    "NOOP": _noop,
    "QUIT": _quit,
}
