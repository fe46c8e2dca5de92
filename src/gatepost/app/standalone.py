"""SMTP on standard input and output, for local programs: sendmail -bs, with the stand-alone mode of smtpd(8).

The same session as the server's, driven without an event loop. Nothing is refused for whom it is from or to: whoever
runs this may submit mail anyway. What is accepted goes into the maildrop before the 250, so it works while the server
is down.
"""

from __future__ import annotations

import os
import time
from email.utils import formatdate
from pathlib import Path
from typing import BinaryIO

import msgspec

from gatepost.core.access.verdict import Decision
from gatepost.core.ask import Missing
from gatepost.core.config.settings import Settings
from gatepost.core.envelope import Envelope
from gatepost.core.errors import SpoolError, SpoolFull
from gatepost.core.facts import Client
from gatepost.core.reply import Reply
from gatepost.core.smtp.needs import (
    Abandon,
    Commit,
    Decide,
    Ended,
    Need,
    Note,
    Opened,
    OpenMail,
    Receive,
    Say,
    Sleep,
    StartTls,
    Write,
)
from gatepost.core.smtp.server import ServerSession
from gatepost.core.smtp.settings import NOBODY, SessionSettings
from gatepost.core.submission import Submission
from gatepost.edge.spool import maildrop

_LOCAL = Client("127.0.0.1", "localhost", "localhost")


class Standalone:
    """One session between two streams; mail goes to the maildrop in ``directory``."""

    def __init__(self, settings: Settings, directory: Path, stdin: BinaryIO, stdout: BinaryIO) -> None:
        self._settings = msgspec.structs.replace(
            SessionSettings.of(settings), tls="", sasl=False, xclient_hosts=NOBODY, xforward_hosts=NOBODY
        )
        self._directory = directory
        self._stdin = stdin
        self._stdout = stdout
        self._content = bytearray()

    def run(self) -> int:
        """Until QUIT or the end of the input; the exit status."""
        session = ServerSession(self._settings, _LOCAL, tls_available=False)
        talk = session.run()
        answer: object = None
        try:
            while True:
                need = talk.send(answer)
                answer = self._hear(session) if isinstance(need, Receive) else self._satisfy(need)
        except StopIteration:
            self._stdout.flush()
        except BrokenPipeError:  # whoever talked to us has gone
            return os.EX_TEMPFAIL
        return 0

    def _hear(self, session: ServerSession) -> Ended | None:
        self._stdout.flush()
        data = os.read(self._stdin.fileno(), 65_536)
        session.receive(data)
        return None if data else Ended.EOF

    def _satisfy(self, need: Need) -> object:
        match need:
            case Say(data):
                self._stdout.write(data)
            case Decide(stage, _):
                return Decision(stage, None, (), ())
            case OpenMail():
                return self._open()
            case Write(data):
                self._content += data
            case Commit(envelope):
                return self._commit(envelope)
            case Abandon():
                self._content.clear()
            case Sleep() | StartTls() | Note():
                pass
            case _:
                return Missing.NOT_FOUND
        return None

    def _open(self) -> Opened:
        """Named by the time alone: the mail gets its queue id when it is taken from the maildrop."""
        self._content.clear()
        now = time.time()
        zone = time.strftime("%Z", time.localtime(now))
        return Opened(f"{int(now * 1_000_000):X}", now, f"{formatdate(now, localtime=True)} ({zone})")

    def _commit(self, envelope: Envelope) -> Reply | None:
        sender = envelope.sender
        submission = Submission(
            tuple(recipient.address.external for recipient in envelope.recipients),
            sender="<>" if sender.is_null else sender.external,
            notify=envelope.recipients[0].notify,
            ret=envelope.ret,
            envid=envelope.envid,
            body=envelope.body,
        )
        try:
            maildrop.submit(self._directory, submission, bytes(self._content))
        except SpoolFull:
            return Reply(452, "3.1", "Insufficient system storage")
        except SpoolError:
            return Reply(451, "3.0", "Error: queue file write error")
        finally:
            self._content.clear()
        return None
