"""The server as a whole: processes, ports, a Maildir, log, journal, signals, and what keeps it from starting."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dns_server import DnsServer
from gatepost.core.access.verdict import Reject
from server import GATEPOST, SMTP, Client, Server, free_port, is_alive, wait_until, write_configuration

EXAMPLE = Path(__file__).parents[2] / "examples" / "dragon.lab"
SERVICES = ("smtp", "submission", "smtps")
ZONE = """
    ok.example          A   192.0.2.10
    PTR 192.0.2.10      mail.ok.example
    mail.ok.example     A   192.0.2.10
    myfax.com           A   192.0.2.10
    dragon.lab          A   127.0.0.1
"""
OUTSIDE = "XCLIENT ADDR=192.0.2.10 NAME=mail.ok.example"


def copy_example(directory: Path, certificate: tuple[str, str]) -> None:
    """The example, its policy services left out, with a certificate."""
    shutil.copytree(EXAMPLE, directory)
    main = directory / "main.cf"
    main.write_text(re.sub(r"^   check_policy_service .*\n", "", main.read_text(), flags=re.MULTILINE))
    for name, text in zip(("cert.pem", "key.pem"), certificate, strict=True):
        (directory / name).write_text(text)


@pytest.fixture
def example(place: Path, certificate: tuple[str, str]) -> Iterator[Server]:
    """The tutorial's server, with mailboxes that belong to the workers."""
    copy_example(place / "etc", certificate)
    options = {
        "virtual_uid_maps": "",
        "virtual_gid_maps": "",
        "smtpd_authorized_xclient_hosts": "127.0.0.1",
        "smtpd_tls_security_level": "may",
        "smtpd_tls_chain_files": f"{place}/etc/key.pem {place}/etc/cert.pem",
    }
    with (
        DnsServer(ZONE) as dns,
        Server(place, services=SERVICES, options=options, nameserver=dns.nameserver) as server,
    ):
        yield server


def swaks(port: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["swaks", "--server", f"127.0.0.1:{port}", "--timeout", "10", "--helo", "client.example"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=30, check=False)


def test_a_mail_is_accepted_delivered_logged_and_recorded(example: Server) -> None:
    with Client(example.port(), greet="client.example") as client:
        assert client.ask(OUTSIDE) == "220 mx.dragon.lab ESMTP Postfix"
        client.ask("EHLO mail.ok.example")
        client.envelope("ann@ok.example", "grant@dragon.lab")
        client.send(b"Subject: where is my mail\r\nMessage-Id: <1@ok.example>\r\n\r\n..dots\r\n.\r\n")
        queued = re.fullmatch(r"250 2\.0\.0 Ok: queued as (\w+)", client.reply())
        assert queued
        assert client.ask("QUIT") == "221 2.0.0 Bye"
    name = queued[1]
    (mail,) = example.wait_for_mail("dragon.lab/grant")
    headers, _, body = mail.partition(b"\n\n")
    assert body == b".dots\n"
    assert headers.startswith(
        b"Return-Path: <ann@ok.example>\nX-Original-To: grant@dragon.lab\nDelivered-To: grant@dragon.lab\n"
        b"Received: from mail.ok.example (mail.ok.example [192.0.2.10])\n\tby mx.dragon.lab (Postfix) with ESMTP id "
    )
    assert b"Subject: where is my mail" in headers

    client_label = r"mail\.ok\.example\[192\.0\.2\.10\]"
    example.wait_for_log(rf"postfix/smtpd\[\d+\]: {name}: client={client_label}$")
    example.wait_for_log(rf"postfix/qmgr\[\d+\]: {name}: from=<ann@ok\.example>, size=\d+, nrcpt=1 \(queue active\)$")
    example.wait_for_log(
        rf"postfix/virtual\[\d+\]: {name}: to=<grant@dragon\.lab>, relay=virtual, .*dsn=2\.0\.0, status=sent"
    )
    example.wait_for_log(rf"postfix/qmgr\[\d+\]: {name}: removed$")
    example.wait_for_log(rf"postfix/smtpd\[\d+\]: disconnect from {client_label} .*mail=1 rcpt=1 data=1 quit=1")
    wait_until("the spool to be empty", lambda: example.spooled() == 0)

    def decided() -> list[str]:
        return [one.decision.stage.value for one in example.records() if one.facts.client.address == "192.0.2.10"]

    wait_until("the journal", lambda: "RCPT" in decided())
    (record,) = [one for one in example.records() if one.decision.stage.value == "RCPT"]
    assert record.facts.recipient is not None
    assert record.facts.recipient.text == "grant@dragon.lab"
    assert f"generation {record.generation})" in example.output[-1]
    assert [step.item.text for step in record.decision.steps if "hash:" in step.item.text] == [
        f"check_{kind}_access hash:{example.directory}/access_{kind}"
        for kind in ("client", "helo", "sender", "recipient")
    ]


def test_a_rejected_mail_is_told_why_logged_and_recorded(example: Server) -> None:
    with Client(example.port(), greet="client.example") as client:
        client.ask(OUTSIDE)
        client.ask("EHLO mail.ok.example")
        client.ask("MAIL FROM:<ann@myfax.com>")
        said = "554 5.7.1 <ann@myfax.com>: Sender address rejected: Too much unwanted mail from myfax.com."
        assert client.ask("RCPT TO:<grant@dragon.lab>") == said
        assert client.ask("DATA") == "554 5.5.1 Error: no valid recipients"
    example.wait_for_log(
        r"postfix/smtpd\[\d+\]: NOQUEUE: reject: RCPT from mail\.ok\.example\[192\.0\.2\.10\]: "
        + re.escape(said)
        + r"; from=<ann@myfax\.com> to=<grant@dragon\.lab> proto=ESMTP helo=<mail\.ok\.example>$"
    )
    wait_until("the journal", lambda: any(one.decision.reply is not None for one in example.records()))
    (record,) = [one for one in example.records() if one.decision.reply is not None]
    last = record.decision.steps[-1]
    assert isinstance(last.verdict, Reject)
    assert last.item.place is not None
    assert last.item.place.file == str(example.directory / "main.cf")
    (asked,) = [answer for question, answer in last.asked if getattr(answer, "key", "") == "myfax.com"]
    assert asked.place.file == str(example.directory / "access_sender.in")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("service", "arguments", "protocol"),
    [("smtp", (), "ESMTP"), ("submission", ("--tls",), "ESMTPS"), ("smtps", ("--tls-on-connect",), "ESMTPS")],
)
def test_swaks_delivers_through_every_port(
    example: Server, service: str, arguments: tuple[str, ...], protocol: str
) -> None:
    done = swaks(example.port(service), *arguments, "--from", "ann@ok.example", "--to", "richard@dragon.lab")
    assert done.returncode == 0, done.stdout + done.stderr
    (mail,) = example.wait_for_mail("dragon.lab/richard")
    assert f"with {protocol} id".encode() in mail
    label = "postfix/smtpd" if service == "smtp" else f"postfix/{service}/smtpd"
    example.wait_for_log(rf" {label}\[\d+\]: connect from localhost\[127\.0\.0\.1\]")


def test_submission_wants_tls_first(example: Server) -> None:
    done = swaks(example.port("submission"), "--from", "ann@ok.example", "--to", "richard@dragon.lab")
    assert done.returncode != 0
    assert "530 5.7.0 Must issue a STARTTLS command first" in done.stdout


def test_sighup_takes_nothing_from_sessions(place: Path) -> None:
    with Server(place, main={}) as server, Client(server.port(), greet="client.example") as client:
        client.ask("MAIL FROM:<ann@example.com>")
        server.log_file.rename(place / "mail.log.1")
        assert server.process is not None
        server.process.send_signal(signal.SIGHUP)
        wait_until("the log to be opened again", server.log_file.exists)
        client.ask("RCPT TO:<box@dragon.lab>")
        client.ask("DATA")
        client.send(b"\r\n.\r\n")
        assert client.reply().startswith("250")
        server.wait_for_mail()
        server.wait_for_log("status=sent")


def test_sigterm_lets_a_mail_end_and_sends_idle_clients_away(place: Path) -> None:
    with Server(place, main={}, workers=2) as server:
        clients = [Client(server.port(), greet="client.example") for _ in range(6)]
        busy, idle = clients[:3], clients[3:]
        for client in busy:
            client.envelope()
            client.send(b"Subject: half\r\n\r\nfirst half\r\n")
        idle[0].ask("MAIL FROM:<ann@example.com>")
        assert idle[0].ask("RSET") == "250 2.0.0 Ok"
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        for client in idle:
            assert client.reply() == "421 4.3.2 mx.dragon.lab Service shutting down"
            assert client.reply() == ""
        wait_until("the port to be closed", lambda: not accepts(server.port()))
        assert server.process.poll() is None
        for client in busy:
            client.send(b"second half\r\n.\r\n")
            assert client.reply().startswith("250 2.0.0 Ok: queued as ")
        for client in busy:
            assert client.reply() == "421 4.3.2 mx.dragon.lab Service shutting down"
        assert server.process.wait(15) == 0
        server.start()
        assert all(b"first half\nsecond half\n" in mail for mail in server.wait_for_mail(count=3))


def accepts(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def test_a_killed_worker_is_replaced_and_waiting_connections_are_served(place: Path) -> None:
    with Server(place, main={}, workers=1) as server:
        for turn in range(3):
            (worker,) = server.worker_pids()
            signal_worker(worker, signal.SIGSTOP)  # so that connections wait in its listening socket's queue
            waiting = [Client(server.port()) for _ in range(5)]
            signal_worker(worker, signal.SIGKILL)
            for number, client in enumerate(waiting):
                with client:
                    assert client.reply().startswith("220")
                    client.ask("EHLO client.example")
                    assert client.mail(b"Subject: number %d%d\n\n" % (turn, number)).startswith("250")
            assert server.worker_pids() != [worker]

        def subjects() -> set[bytes]:  # what was just delivered when the worker was killed may come twice
            return {mail.partition(b"Subject: ")[2] for mail in server.delivered()}

        wait_until("every mail", lambda: len(subjects()) == 15)
    assert "was killed by signal 9" in "\n".join(server.output)


def signal_worker(pid: int, number: int) -> None:
    assert is_alive(pid)
    os.kill(pid, number)


def test_workers_share_the_load(place: Path) -> None:
    with Server(place, main={}, workers=3) as server:
        pids = set(server.worker_pids())
        for _ in range(60):
            with Client(server.port(), greet="client.example") as client:
                client.ask("QUIT")
        lines = server.wait_for_log(r"smtpd\[\d+\]: disconnect", 60)
        served = [int(line.partition("smtpd[")[2].partition("]")[0]) for line in lines]
        assert set(served) == pids
        assert min(served.count(pid) for pid in pids) >= 6, served


def fails(server: Server) -> tuple[int, str]:
    """The exit status, and what was said, of a server that cannot start."""
    done = subprocess.run(
        [GATEPOST, "serve", *server.arguments], capture_output=True, text=True, timeout=30, check=False
    )
    assert "ready" not in done.stdout
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_a_state_directory_that_cannot_be_made(place: Path) -> None:
    (place / "file").touch()
    server = Server(place, main={}, options={"gatepost_state_directory": f"{place}/file/state"})
    status, said = fails(server)
    assert status == 1
    assert f"{place}/file/state" in said
    assert "Not a directory" in said


def test_a_spool_that_the_workers_may_not_write_to(place: Path) -> None:
    server = Server(place, main={})
    with server:
        pass
    shard = server.state / "spool" / "0"
    for path in shard.iterdir():
        if path.name != "large":
            path.unlink()
    shutil.rmtree(shard)
    shard.write_text("in the way")
    status, _ = fails(server)
    assert status == 78  # EX_CONFIG
    assert any("fatal: " in line and str(shard) in line for line in server.log())


def test_a_port_in_use(place: Path) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        server = Server(place, main={}, services=())
        (place / "etc" / "master.cf").write_text(f"127.0.0.1:{port} inet n - n - - smtpd\n")
        status, said = fails(server)
    assert status == 1
    wanted = f"cannot listen on 127.0.0.1:{port}: the port is in use by another program"
    assert f"{place}/etc/master.cf:1: service 127.0.0.1:{port}: {wanted}" in said


def test_a_second_server_on_the_same_port_does_not_start(place: Path) -> None:
    with Server(place, main={}) as server:
        status, said = fails(server)
        assert status == 1
        assert "the port is in use by another program" in said


def test_errors_in_the_configuration_are_all_told(place: Path) -> None:
    write_configuration(place / "etc", {"smtpd_helo_restrictions": "permitt", "message_size_limit": "many"}, SMTP)
    (place / "etc" / "mailboxes").unlink()
    status, said = fails(Server(place))
    assert status == 1
    errors = "\n".join(line for line in said.splitlines() if ": note: " not in line)
    lines = (place / "etc" / "main.cf").read_text().splitlines()
    for name in ("smtpd_helo_restrictions", "message_size_limit"):
        number = next(at for at, line in enumerate(lines, 1) if line.startswith(name))
        assert f"{place}/etc/main.cf:{number}: " in errors
    assert f"{place}/etc/mailboxes" in errors
