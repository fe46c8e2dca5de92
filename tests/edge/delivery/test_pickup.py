"""Local submission: the sendmail command, the maildrop, and pickup's mails in the spool."""

from __future__ import annotations

import io
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop

from gatepost.app.cli import sendmail as command
from gatepost.core.address import NULL, Address
from gatepost.core.submission import Submission
from gatepost.edge.delivery.pickup import Pickup, Site
from gatepost.edge.spool import Spool, maildrop

MESSAGE = b"To: bob@b.example\nBcc: hidden\nSubject: x\n\nbody\n"


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    directory = tmp_path / "maildrop"
    maildrop.prepare(directory, shared=False)
    return directory


def send(drop: Path, *argv: str, message: bytes = MESSAGE, limit: int = 10_000) -> tuple[int, str]:
    stderr = io.StringIO()
    status = command.sendmail(
        argv,
        site_of=lambda config: command.Site(drop, limit),
        stdin=io.BytesIO(message),
        stderr=stderr,
        environment={},
    )
    return status, stderr.getvalue()


class Taken:
    """What one round of pickup put into a spool: envelopes, contents, log."""

    def __init__(self, drop: Path, rounds: int = 1) -> None:
        self.log: list[str] = []
        self.counts: list[int] = []

        async def main() -> None:
            spool = Spool(drop.parent / "spool")
            site = Site("mx.example", "origin.example", size_limit=10_000)
            pickup = Pickup(spool, drop, site, lambda daemon, text: self.log.append(f"{daemon}: {text}"))
            for _ in range(rounds):
                self.counts.append(await pickup.once())
            self.mails = list(spool.unfinished())
            self.contents = [spool.read(mail) for mail in self.mails]
            await spool.close()

        work: Coroutine[Any, Any, None] = main()
        uvloop.run(work)


def test_a_mail_comes_whole_with_its_missing_fields(drop: Path) -> None:
    assert send(drop, "-t", "-oi", "-f", "ann@a.example", "-F", "Ann, B", "-N", "never", "-V", "e1", "-R", "hdrs") == (
        0,
        "",
    )
    taken = Taken(drop, rounds=2)
    assert taken.counts == [1, 0]
    envelope = taken.mails[0].envelope
    assert envelope.sender == Address("ann", "a.example")
    assert [recipient.address.text for recipient in envelope.recipients] == ["bob@b.example", "hidden@origin.example"]
    assert (envelope.recipients[0].notify, envelope.envid, envelope.ret) == (("NEVER",), "e1", "HDRS")
    content = taken.contents[0].decode()
    name = envelope.queue_id
    assert content.startswith(f"Received: by mx.example (Postfix, from userid {os.geteuid()})\n\tid {name}; ")
    assert "Bcc" not in content and 'From: "Ann, B" <ann@a.example>\n\nbody\n' in content
    assert envelope.size == len(content) + content.count("\n")
    assert taken.log[0] == f"postfix/pickup: {name}: uid={os.geteuid()} from=<ann@a.example>"
    assert taken.log[1].startswith(f"postfix/cleanup: {name}: message-id=<") and f"{name}@mx.example>" in taken.log[1]
    assert not list(drop.iterdir())


def test_senders(drop: Path) -> None:
    send(drop, "bob")
    send(drop, "-f", "", "bob")
    send(drop, "-r<>", "bob")
    senders = {mail.envelope.sender for mail in Taken(drop).mails}
    assert NULL in senders and len(senders) == 2
    assert {sender.domain for sender in senders} == {"", "origin.example"}


def test_options_that_are_accepted_and_refused(drop: Path) -> None:
    assert (
        send(drop, "-om", "-oem", "-i", "-B", "8bitmime", "-bm", "-G", "-U", "-L", "x", "--", "-odd@x.example")[0] == 0
    )
    for argv, text in (
        ((), "Recipient addresses must be specified"),
        (("-t",), "No recipient addresses found"),
        (("-Z", "x"), "usage"),
        (("-N", "often", "x"), "bad -N option value: often"),
        (("-bp",), "-bp is not available"),
        (("-bs",), "-bs is not available"),
        (("-q",), "-q is not available"),
        (("a\nb",), "bad address"),
    ):
        status, error = send(drop, *argv, message=b"Subject: x\n\n")
        assert status == 75 and text in error
    assert [mail.envelope.recipients[0].address.local for mail in Taken(drop).mails] == ["-odd"]


def test_too_much_is_refused(drop: Path) -> None:
    assert send(drop, "x", message=b"x" * 10_001)[1] == "sendmail: fatal: message file too big\n"
    assert not list(drop.iterdir())


def test_bs_speaks_smtp_through_the_given_function(drop: Path) -> None:
    assert command.sendmail(["-bs", "-C", "conf"], site_of=lambda _: command.Site(drop), serve=len) == len("conf")


def test_a_full_or_missing_maildrop_is_told(tmp_path: Path) -> None:
    status, error = send(tmp_path / "none", "x")
    assert status == 75 and "No such file" in error


def test_broken_files_are_left_with_one_log_line_each(drop: Path) -> None:
    (drop / "tmp.half").write_bytes(b'{"recipients"')
    (drop / "other").write_bytes(b"")
    (drop / "new.empty").write_bytes(b"")
    (drop / "new.binary").write_bytes(bytes(range(256)) * 10)
    (drop / "new.large").write_bytes(b'{"recipients":["x"]}\n' + b"x" * 20_000)
    (drop / "new.nobody").write_bytes(b'{"recipients":[]}\n')
    (drop / "new.link").symlink_to("/etc/passwd")
    os.mkfifo(drop / "new.fifo")
    (drop / "new.directory").mkdir()
    send(drop, "bob")
    taken = Taken(drop, rounds=3)
    assert taken.counts == [1, 0, 0]
    complaints = [line for line in taken.log if "warning" in line]
    assert len(complaints) == 7
    assert len(list(drop.iterdir())) == 9


def test_a_submission_is_taken_by_one_process(drop: Path) -> None:
    name = maildrop.submit(drop, Submission(("x",)), b"\n")
    claimed = maildrop.Claimed(drop / name, 0)
    with pytest.raises(BlockingIOError):
        maildrop.Claimed(drop / name, 0)
    claimed.leave()
    maildrop.Claimed(drop / name, 0).done()
    assert not maildrop.waiting(drop)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_any_user_may_submit_to_a_shared_maildrop(tmp_path: Path) -> None:
    for parent in (tmp_path, *tmp_path.parents):
        if parent == tmp_path or parent.name.startswith(("pytest-", "popen-")):  # pytest's own
            parent.chmod(0o755)
    drop = tmp_path / "maildrop"
    maildrop.prepare(drop, shared=True)
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            os.umask(0o777)
            maildrop.submit(drop, Submission(("x@y.example",)), b"Subject: x\n\n")
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    taken = Taken(drop)
    assert "uid=65534 from=<nobody>" in taken.log[0]
