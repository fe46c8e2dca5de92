"""gatepost sendmail as local programs call it: with the server up, with the server down, and speaking SMTP."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import GATEPOST, Server, wait_until

MESSAGE = b"From: Ann <ann@dragon.lab>\nTo: box@dragon.lab\nSubject: where is my mail\n\nno mail arriving here.\n"


@pytest.fixture
def server(place: Path) -> Iterator[Server]:
    """Where everything is comes from main.cf, as for a program that knows no -o. Not started."""
    main = {
        "gatepost_state_directory": str(place / "state"),
        "mail_owner": "nobody",
        "myorigin": "dragon.lab",
        "smtpd_authorized_xclient_hosts": "",
    }
    server = Server(place, main=main)
    yield server
    if server.process is not None:
        server.__exit__(None, None, None)


def sendmail(server: Server, *arguments: str, message: bytes = MESSAGE) -> subprocess.CompletedProcess[bytes]:
    command = [GATEPOST, "sendmail", "-C", str(server.directory), *arguments]
    return subprocess.run(command, input=message, capture_output=True, timeout=30, check=False)


def test_recipients_from_the_command_line(server: Server) -> None:
    server.start()
    done = sendmail(server, "-f", "ann@example.com", "box@dragon.lab", "other")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    (mail,) = server.wait_for_mail("box")
    assert mail.startswith(b"Return-Path: <ann@example.com>\nX-Original-To: box@dragon.lab\n")
    head, _, body = mail.partition(b"\n\n")
    assert body == b"no mail arriving here.\n"
    assert b"\nSubject: where is my mail\n" in head
    assert re.search(rb"^Message-Id: <\S+@mx\.dragon\.lab>$", head, re.MULTILINE)
    assert len(server.wait_for_mail("other")) == 1  # without a domain: at myorigin
    server.wait_for_log(r"postfix/pickup\[\d+\]: \w+: uid=\d+ from=<ann@example\.com>")
    server.wait_for_log("status=sent", 2)


def test_recipients_from_the_header(server: Server) -> None:
    server.start()
    message = b"To: box@dragon.lab\nBcc: Other <other@dragon.lab>\nSubject: hidden\n\nx\n"
    assert sendmail(server, "-t", message=message).returncode == 0
    for box in ("box", "other"):
        (mail,) = server.wait_for_mail(box)
        assert b"Bcc" not in mail
        assert re.search(rb"^Date: .+$", mail, re.MULTILINE)


def test_a_lone_dot_ends_a_message_but_not_with_i(server: Server) -> None:
    server.start()
    message = b"Subject: dots\n\nbefore\n.\nafter\n"
    assert sendmail(server, "box@dragon.lab", message=message).returncode == 0
    assert sendmail(server, "-i", "other@dragon.lab", message=message).returncode == 0
    assert server.wait_for_mail("box")[0].endswith(b"\n\nbefore\n")
    assert server.wait_for_mail("other")[0].endswith(b"\n\nbefore\n.\nafter\n")


def test_mail_sent_while_the_server_is_down_arrives_once_it_is_up(server: Server) -> None:
    server.start()
    server.kill()
    for _ in range(3):
        assert sendmail(server, "-t").returncode == 0
    assert server.delivered() == []
    server.start()
    assert len(server.wait_for_mail(count=3)) == 3
    wait_until("the maildrop to be empty", lambda: not list((server.state / "maildrop").iterdir()))


def test_without_recipients_or_a_maildrop_the_caller_keeps_the_mail(server: Server) -> None:
    done = sendmail(server)
    assert done.returncode == 75
    assert b"sendmail: fatal: Recipient addresses must be specified" in done.stderr
    done = sendmail(server, "box@dragon.lab")
    assert done.returncode == 75
    assert b"sendmail: fatal: " in done.stderr
    assert b"Traceback" not in done.stderr


DIALOGUE = (
    b"EHLO localhost\r\nMAIL FROM:<ann@example.com>\r\nRCPT TO:<box@dragon.lab>\r\nRCPT TO:<other@dragon.lab>\r\n"
    b"DATA\r\nSubject: spoken\r\n\r\n..dot\r\n.\r\nXCLIENT ADDR=192.0.2.1\r\nMAIL FROM:<>\r\nRSET\r\nQUIT\r\n"
)


@pytest.mark.parametrize("is_up", [True, False])
def test_smtp_on_standard_input_and_output(server: Server, is_up: bool) -> None:
    server.start()
    if not is_up:
        server.kill()
    done = sendmail(server, "-bs", message=DIALOGUE)
    assert done.returncode == 0, done.stderr
    replies = [line for line in done.stdout.decode().split("\r\n") if line[3:4] == " "]
    codes = [reply[:3] for reply in replies]
    assert codes == ["220", "250", "250", "250", "250", "354", "250", "550", "250", "250", "221"]
    assert "STARTTLS" not in done.stdout.decode()
    if not is_up:
        server.start()
    for box in ("box", "other"):
        (mail,) = server.wait_for_mail(box)
        assert mail.startswith(b"Return-Path: <ann@example.com>\n")
        assert mail.endswith(b"\n\n.dot\n")


def test_smtp_without_a_maildrop_is_refused_for_now(server: Server) -> None:
    done = sendmail(server, "-bs", message=DIALOGUE)
    assert done.returncode == 0
    assert "\r\n451 4.3.0 Error: queue file write error\r\n" in done.stdout.decode()
    assert b"Traceback" not in done.stderr
