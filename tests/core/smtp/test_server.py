"""A whole session, driven by hand."""

from __future__ import annotations

from gatepost.core.access.verdict import Decision
from gatepost.core.facts import Client
from gatepost.core.smtp.needs import Commit, Decide, Ended, Need, Opened, OpenMail, Receive, Say, Write
from gatepost.core.smtp.server import ServerSession
from gatepost.core.smtp.settings import SessionSettings


def play(pieces: list[bytes], settings: SessionSettings | None = None) -> tuple[bytes, list[Need]]:
    """What the server says to ``pieces``, and everything that it asked for."""
    session = ServerSession(settings or SessionSettings(), Client("192.0.2.1", "client.example"))
    talk, answer, said, needs = session.run(), None, b"", []
    queue = list(pieces)
    while True:
        try:
            need = talk.send(answer)
        except StopIteration:
            return said, needs
        needs.append(need)
        answer = None
        match need:
            case Say(data):
                said += data
            case Receive():
                if queue:
                    session.receive(queue.pop(0))
                else:
                    answer = Ended.EOF
            case Decide(stage, _):
                answer = Decision(stage, None, (), ())
            case OpenMail():
                answer = Opened("4ABC", 0.0, "Thu, 1 Jan 1970 00:00:00 +0000 (UTC)")


MAIL = (
    b"EHLO client.example\r\nMAIL FROM:<ann@one.example>\r\nRCPT TO:<bob@two.example>\r\nDATA\r\n"
    b"Subject: x\r\n\r\nhello\r\n..dot\r\n.\r\nQUIT\r\n"
)


def test_a_mail_whole_and_byte_by_byte() -> None:
    said, needs = play([MAIL])
    assert said.endswith(b"250 2.0.0 Ok: queued as 4ABC\r\n221 2.0.0 Bye\r\n")
    stored = b"".join(need.data for need in needs if isinstance(need, Write))
    assert stored == (
        b"Received: from client.example (client.example [192.0.2.1])\n\tby mx.example (Postfix) with ESMTP id 4ABC\n"
        b"\tfor <bob@two.example>; Thu, 1 Jan 1970 00:00:00 +0000 (UTC)\nSubject: x\n\nhello\n.dot\n"
    )
    commit = next(need for need in needs if isinstance(need, Commit))
    assert commit.envelope.queue_id == "4ABC"
    slow, slowly = play([bytes([octet]) for octet in MAIL])
    assert slow == said
    assert stored == b"".join(need.data for need in slowly if isinstance(need, Write))
