"""A changed file takes effect within a second, by itself; one that does not compile changes nothing but the log."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server import Client, Server, wait_until

WITHIN = 1.0  # seconds from the end of the write to the new reply
MAIN = {
    "mynetworks": "127.0.0.2",
    "smtpd_recipient_restrictions": "check_sender_access hash:$config_directory/access_sender",
    "smtpd_relay_restrictions": "reject_unauth_destination",
}
ASKED = "ann@example.com"


def first_lines(directory: Path, *, mode: int = 0o644) -> Path:
    """The table that the tests change; nothing in it is about ASKED."""
    table = directory / "access_sender.in"
    table.write_text("other@example.com REJECT nobody\n")
    table.chmod(mode)
    return table


@pytest.fixture
def server(place: Path) -> Iterator[Server]:
    server = Server(place, main=MAIN, workers=2)
    first_lines(server.directory)
    with server:
        yield server


def reply_to(server: Server, sender: str = ASKED) -> str:
    """What a new session is told at RCPT."""
    with Client(server.port(), greet="client.example") as client:
        client.ask(f"MAIL FROM:<{sender}>")
        return client.ask("RCPT TO:<box@dragon.lab>")


def every_worker_says(server: Server, text: str) -> Callable[[], bool]:
    """Connections are spread over the workers: twenty in a row that agree are taken for all of them."""
    return lambda: all(text in reply_to(server) for _ in range(20))


def takes_effect(server: Server, text: str, since: float) -> None:
    wait_until(f"replies with {text!r}", every_worker_says(server, text), WITHIN + 2)
    took = time.monotonic() - since
    print(f"{text!r} after {took:.2f} seconds")
    assert took <= WITHIN


def write(path: Path, text: str) -> float:
    path.write_text(text)
    return time.monotonic()


def rename_over(path: Path, text: str) -> float:
    """As editors save: a new file takes the old one's name."""
    new = path.with_name(f".{path.name}.swp")
    new.write_text(text)
    new.chmod(path.stat().st_mode)
    new.rename(path)
    return time.monotonic()


@pytest.mark.parametrize("save", [write, rename_over])
def test_a_changed_table_takes_effect_within_a_second(server: Server, save: Callable[[Path, str], float]) -> None:
    table = server.directory / "access_sender.in"
    assert reply_to(server).startswith("250")
    for word in ("first", "second", "third"):
        since = save(table, f"{ASKED} REJECT {word}\n")
        takes_effect(server, f"554 5.7.1 <{ASKED}>: Sender address rejected: {word}", since)
    assert not [line for line in server.log() if "warning" in line]


def test_main_cf_takes_effect_within_a_second(server: Server) -> None:
    main = server.directory / "main.cf"
    since = write(main, main.read_text() + "smtpd_client_restrictions = reject\n")
    takes_effect(server, "554 5.7.1 <localhost[127.0.0.1]>: Client host rejected: Access denied", since)


@pytest.mark.parametrize("save", [write, rename_over])
def test_a_bad_table_keeps_the_old_one(server: Server, save: Callable[[Path, str], float]) -> None:
    table = server.directory / "access_sender.in"
    takes_effect(server, "rejected: good", save(table, f"{ASKED} REJECT good\n"))
    bad = f"# a slip of the pen\n{ASKED} REJECT better\nbob@example.com REJEKT\n"
    save(table, bad)
    named = rf"warning: {re.escape(str(table))}:3: .*REJEKT"
    assert len({pid_of(line) for line in server.wait_for_log(named, 2)}) == 2
    assert "rejected: good" in reply_to(server)
    takes_effect(server, "rejected: better", save(table, bad.replace("REJEKT", "REJECT")))


def test_a_bad_main_cf_keeps_the_old_one(server: Server) -> None:
    main = server.directory / "main.cf"
    before = main.read_text()
    write(main, before + "smtpd_sender_restrictions = rejct\n")
    line = len(before.splitlines()) + 1
    server.wait_for_log(rf"warning: {re.escape(str(main))}:{line}: .*rejct", 2)
    server.wait_for_log(r"warning: the change is not in force; generation \w+ stays", 2)
    assert reply_to(server).startswith("250")
    takes_effect(server, "554 5.7.1", write(main, before + "smtpd_sender_restrictions = reject\n"))


def pid_of(line: str) -> str:
    return line.partition("[")[2].partition("]")[0]


def test_a_table_that_is_removed_stays_and_one_put_back_counts(server: Server) -> None:
    table = server.directory / "access_sender.in"
    takes_effect(server, "rejected: here", write(table, f"{ASKED} REJECT here\n"))
    table.unlink()
    server.wait_for_log(rf"warning: {re.escape(str(table.with_suffix('')))}.*No such file", 2)
    assert "rejected: here" in reply_to(server)
    takes_effect(server, "rejected: again", write(table, f"{ASKED} REJECT again\n"))


def test_a_session_keeps_what_it_began_with(server: Server) -> None:
    with Client(server.port(), greet="client.example") as old:
        table = server.directory / "access_sender.in"
        takes_effect(server, "rejected: new", write(table, f"{ASKED} REJECT new\n"))
        assert old.ask(f"MAIL FROM:<{ASKED}>").startswith("250")
        assert old.ask("RCPT TO:<box@dragon.lab>").startswith("250")
        assert old.ask("DATA").startswith("354")
        old.send(b"old rules\r\n.\r\n")
        assert old.reply().startswith("250")

    def generations() -> set[str]:
        return {one.generation for one in server.records() if one.decision.stage.value == "RCPT"}

    wait_until("both generations in the journal", lambda: len(generations()) == 2)
    server.wait_for_log("reload -- generation " + next(iter(generations() - {first_generation(server)})), 2)


def first_generation(server: Server) -> str:
    return server.output[-1].rpartition("generation ")[2].rstrip(")")


def test_sighup_reloads_at_once(server: Server) -> None:
    assert server.process is not None
    table = server.directory / "access_sender.in"
    write(table, f"{ASKED} REJECT told\n")
    server.process.send_signal(signal.SIGHUP)
    wait_until("the change", every_worker_says(server, "rejected: told"), 1.0)


@pytest.mark.skipif(os.geteuid() != 0, reason="workers drop root only where there is root")
def test_files_that_only_root_may_read(place: Path, certificate: tuple[str, str]) -> None:
    """The tutorial's chmod 600, for tables, main.cf, master.cf and a TLS key."""
    key, cert = place / "key.pem", place / "cert.pem"
    key.write_text(certificate[1])
    cert.write_text(certificate[0])
    tls = {"smtpd_tls_security_level": "may", "smtpd_tls_cert_file": str(cert), "smtpd_tls_key_file": str(key)}
    server = Server(place, main=MAIN | tls, workers=2)
    table = first_lines(server.directory, mode=0o600)
    for path in (key, cert, server.directory / "main.cf", server.directory / "master.cf"):
        path.chmod(0o600)
    with server:
        for number, save in enumerate((write, rename_over, write)):
            takes_effect(server, f"rejected: {number}", save(table, f"{ASKED} REJECT {number}\n"))
        main = server.directory / "main.cf"
        since = rename_over(main, main.read_text() + "smtpd_sender_restrictions = reject\n")
        takes_effect(server, "Sender address rejected: Access denied", since)
        with Client(server.port(), greet="client.example") as client:
            assert client.ask("STARTTLS").startswith("220")
            client.starttls()
            assert client.ask("EHLO client.example").startswith("250")
        for pid in server.worker_pids():
            os.kill(pid, signal.SIGKILL)  # the next ones have never been root either
        wait_until("the next workers to know it", every_worker_says(server, "rejected: Access denied"))
