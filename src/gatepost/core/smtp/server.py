"""The server's side of a connection, without I/O: bytes in, needs out (RFC 5321, postconf(5) smtpd_*).

Here are the loop, what holds for every command, and the small commands; the others have modules of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from gatepost.core.facts import Stage
from gatepost.core.smtp import hello, mail, message, verify, xclient
from gatepost.core.smtp.needs import Ended, Note, Say, Sleep
from gatepost.core.smtp.session import OK, Asking, Session, Talk, bare_newline, escaped
from gatepost.core.smtp.settings import SessionSettings

_EMPTY = Say(b"500 5.5.2 Error: bad syntax\r\n")
_BAD_UTF8 = Say(b"500 5.5.2 Error: bad UTF-8 syntax\r\n")
_UNKNOWN = Say(b"500 5.5.2 Error: command not recognized\r\n")
_FORBIDDEN = Say(b"221 2.7.0 Error: I can break rules, too. Goodbye.\r\n")
_NEEDS_TLS = Say(b"530 5.7.0 Must issue a STARTTLS command first\r\n")
_OUT_OF_STEP = Say(b"554 5.5.0 Error: SMTP protocol synchronization\r\n")
_RSET_SYNTAX = Say(b"501 5.5.4 Syntax: RSET\r\n")
_BYE = Say(b"221 2.0.0 Bye\r\n")

# Commands that must be the last of a group (RFC 2920 section 3.1), those that smtpd_junk_command_limit counts, and
# those that may come before STARTTLS where TLS is required.
_LAST = frozenset(("HELO", "EHLO", "DATA", "NOOP", "VRFY"))
_JUNK = frozenset(("HELO", "EHLO", "NOOP", "VRFY", "ETRN", "RSET"))
_PLAIN = frozenset(("HELO", "EHLO", "NOOP", "QUIT", "STARTTLS", "XCLIENT"))


class ServerSession(Session):
    """One connection. Drive ``run()`` as core.smtp.needs says, and hand what the client sends to ``receive``."""

    __slots__ = ()

    def run(self) -> Talk:
        """The whole session; its return ends the connection."""
        settings, source = self.settings, self.input
        self.xforward = yield from self.matches(settings.xforward_hosts)
        yield from self._greet()
        limit, hard, soft = settings.line_length_limit, settings.hard_error_limit, settings.soft_error_limit
        strict, noops = settings.bare_newline == "reject", settings.noop_commands
        while not self.closing:
            if self.errors >= hard:
                yield from self._too_many_errors()
                break
            line = source.line(limit)
            if line is None:
                ended: Ended | None = yield self.receive_need
                if ended is not None:
                    yield from self.cut_off(ended)
                continue
            if self.errors >= soft and settings.error_sleep_time:
                yield Sleep(settings.error_sleep_time)
            if len(line) > limit:
                yield self._long(line)
            if strict and line[-2:-1] != b"\r" and (yield from self._bare_newline()):
                break
            text = self._text(line)
            words = text.split(None, 1) if text else []
            if not words:
                yield from self.fault(_BAD_UTF8 if text is None else _EMPTY)
                continue
            verb = words[0].upper()
            if noops and verb.lower() in noops:
                yield OK
                continue
            yield from self._command(verb, words[1].rstrip() if len(words) > 1 else "", line)
        if self.transaction is not None:
            yield from self.end_transaction()

    def _greet(self) -> Talk:
        """The greeting, or a refusal: then the client is heard, and refused, until it quits."""
        settings = self.settings
        self.strict = None
        self.xclient = yield from self.matches(settings.xclient_hosts)
        self.denied = not (yield from self.decide(Stage.CONNECT, self.facts()))
        if not self.denied:
            yield greeting(settings)

    def _text(self, line: bytes) -> str | None:
        """A command line as text, up to a NUL; None where it should be UTF-8 and is not."""
        if b"\0" in line:
            line = line[: line.index(b"\0")]
        try:
            return line.decode()
        except UnicodeDecodeError:
            return None if self.settings.smtputf8 else line.decode("utf-8", "surrogateescape")

    def _long(self, line: bytes) -> Note:
        start = line[:30].decode("utf-8", "replace")
        return self.warning(f"{self.label}: request longer than {self.settings.line_length_limit}: {start}...")

    def _bare_newline(self) -> Asking:
        """Whether a command that ended in LF alone has ended the session (smtpd_forbid_bare_newline = reject)."""
        if not (yield from self.strict_newlines()):
            return False
        yield self.note_reject(self.where, "bare <LF> received")
        yield from self.fault(bare_newline(self.settings))
        return True

    def _command(self, verb: str, argument: str, line: bytes) -> Talk:
        """Whatever holds for every command, and the command."""
        command = COMMANDS.get(verb)
        name = verb.lower() if command else "unknown"
        count = self.counts.get(name)
        if count is None:
            count = self.counts[name] = [0, 0]
        count[1] += 1
        errors = self.errors
        if self.denied and verb != "QUIT":
            yield from self.fault(Say(f"503 5.7.0 Error: access denied for {self.label}\r\n".encode()))
        elif command is None:
            yield from self._unknown(verb, line.strip())
        else:
            self.where = verb
            if self.tls is None and self.settings.tls == "encrypt" and verb not in _PLAIN:
                yield from self.fault(_NEEDS_TLS)
            elif (verb in _LAST or self.protocol != "ESMTP") and len(self.input) and not (yield from self._in_step()):
                return
            else:
                yield from command(self, argument)
        if self.errors <= errors and command is not None:
            count[0] += 1
        if verb in _JUNK:
            if self.junk > self.settings.junk_command_limit:
                self.errors += 1
            self.junk += 1

    def _unknown(self, verb: str, line: bytes) -> Talk:
        self.where = "UNKNOWN"
        if self.settings.forbidden.matches(verb, line.decode("utf-8", "surrogateescape")):
            yield Note(f"non-SMTP command from {self.label}: {escaped(line)}", "warning")
            yield _FORBIDDEN
            self.closing = True
        else:
            yield from self.fault(_UNKNOWN)

    def _in_step(self) -> Asking:
        """Note that the client sent ahead what it may not; False where that ends the session."""
        if not self.pipelined:
            self.pipelined = True
            ahead = escaped(self.input.ahead(100))
            yield Note(f"improper command pipelining after {self.where} from {self.label}: {ahead}")
        if not self.settings.forbid_unauth_pipelining:
            return True
        yield from self.fault(_OUT_OF_STEP)
        self.closing = True
        return False

    def _too_many_errors(self) -> Talk:
        text = f"421 4.7.0 {self.settings.myhostname} Error: too many errors\r\n"
        yield self.refusal(Say(text.encode()))
        yield Note(f"too many errors after {self.where} from {self.label}")


@lru_cache(maxsize=256)
def greeting(settings: SessionSettings) -> Say:
    return Say(f"220 {settings.banner}\r\n".encode())


def _rset(session: Session, argument: str) -> Talk:
    if argument:
        yield from session.fault(_RSET_SYNTAX)
        return
    yield from session.end_transaction()
    yield OK


def _noop(session: Session, argument: str) -> Talk:
    yield OK


def _quit(session: Session, argument: str) -> Talk:
    session.closing = True
    yield _BYE


def _xclient(session: Session, argument: str) -> Talk:
    """A new client: the session begins anew, and what is sent ahead is out of step."""
    assert isinstance(session, ServerSession)
    if not (yield from xclient.xclient(session, argument)):
        return
    count = session.counts["xclient"]
    count[0] -= 1  # Postfix: never counted as accepted
    yield from session._greet()
    if len(session.input):
        yield from session._in_step()


COMMANDS: dict[str, Callable[[Session, str], Talk]] = {
    "HELO": hello.helo,
    "EHLO": hello.ehlo,
    "XCLIENT": _xclient,
    "XFORWARD": xclient.xforward,
    "STARTTLS": hello.starttls,
    "AUTH": hello.auth,
    "MAIL": mail.mail,
    "RCPT": mail.rcpt,
    "DATA": message.data,
    "BDAT": message.bdat,
    "RSET": _rset,
    "NOOP": _noop,
    "VRFY": verify.vrfy,
    "ETRN": verify.etrn,
    "QUIT": _quit,
}
