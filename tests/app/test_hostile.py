"""Clients and a world that mean no good: every one is answered or cut off, and the others notice nothing."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dns_server import DnsServer
from server import Client, Server, connected, free_port, resident, wait_until

MB = 1 << 20
NO_PAUSES = {"smtpd_error_sleep_time": "0", "smtpd_delay_reject": "yes"}
STRICT = {
    "mynetworks": "127.0.0.2",
    "smtpd_forbid_bare_newline": "normalize",
    "smtpd_relay_restrictions": "reject_unauth_destination",
}


@pytest.fixture
def server(place: Path) -> Iterator[Server]:
    with Server(place, main=NO_PAUSES) as server:
        yield server
        still_serves(server)


def still_serves(server: Server) -> None:
    """Another client is served, and no bug was met."""
    with connected(server.port()) as client:
        assert client.mail().startswith("250 2.0.0 Ok: queued as ")
    assert not [line for line in server.log() if "error: " in line or "Traceback" in line]


# the pace of a client


def test_a_client_that_sends_byte_by_byte(server: Server) -> None:
    with Client(server.port()) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for command in (
            b"EHLO client.example\r\n",
            b"MAIL FROM:<ann@example.com>\r\n",
            b"RCPT TO:<box@dragon.lab>\r\n",
        ):
            client.reply()
            for octet in command:
                client.send(bytes([octet]))
        client.reply()
        assert client.ask("DATA").startswith("354")
        for octet in b"Subject: slow\r\n\r\n..\r\n.\r\n":
            client.send(bytes([octet]))
        assert client.reply().startswith("250")
    (mail,) = server.wait_for_mail()
    assert mail.endswith(b"Subject: slow\n\n.\n")


def test_a_silent_client_is_sent_away(place: Path) -> None:
    with Server(place, main={"smtpd_timeout": "1s"}) as server:
        with Client(server.port()) as greeted, connected(server.port()) as busy:
            busy.envelope()
            assert greeted.reply().startswith("220")
            for client in (greeted, busy):
                assert client.reply() == "421 4.4.2 mx.dragon.lab Error: timeout exceeded"
                assert client.reply() == ""
        server.wait_for_log(r"timeout after CONNECT from localhost\[127\.0\.0\.1\]")
        server.wait_for_log(r"timeout after DATA \(0 bytes\) from localhost\[127\.0\.0\.1\]")
        still_serves(server)


def test_a_silent_client_in_the_tls_handshake_is_sent_away(place: Path, certificate: tuple[str, str]) -> None:
    (place / "pair.pem").write_text(certificate[1] + certificate[0])
    tls = {
        "smtpd_tls_chain_files": str(place / "pair.pem"),
        "smtpd_tls_security_level": "may",
        "smtpd_starttls_timeout": "1s",
    }
    with Server(place, main=tls) as server:
        with connected(server.port()) as client:
            assert client.ask("STARTTLS").startswith("220")
            assert client.reply() == ""
        server.wait_for_log("lost connection after STARTTLS")
        still_serves(server)


def test_a_client_that_never_reads_is_not_heard_either(place: Path) -> None:
    main = {"smtpd_timeout": "2s", "smtpd_junk_command_limit": "1000000000"}
    with Server(place, main=main) as server:
        (worker,) = server.worker_pids()
        with Client(server.port()) as client:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            before = resident(worker)
            sent = send_until_stuck(client, b"EHLO client.example\r\n" * 5000, 100 * MB)
            grown = resident(worker) - before
            print(f"{sent / MB:.1f} MB of commands taken, {grown / MB:.1f} MB more memory")
            assert sent < 100 * MB
            assert grown < 24 * MB
            still_serves(server)
            server.wait_for_log("timeout after EHLO")
            wait_until("the connection to be closed", lambda: not established(server.port()))


def send_until_stuck(client: Client, block: bytes, most: int) -> int:
    """Send without reading, until nothing has been taken for a second; how much was."""
    client.socket.settimeout(1.0)
    sent = 0
    try:
        while sent < most:
            sent += client.socket.send(block[sent % len(block) :])
    except TimeoutError:
        pass
    return sent


def established(port: int) -> list[str]:
    """The server's connections on ``port``, as the kernel lists them."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [words[2] for words in lines if words[1].endswith(f":{port:04X}") and words[3] == "01"]


def test_a_flood_of_pipelined_commands_ends(server: Server) -> None:
    with Client(server.port(), greet="client.example") as client:
        threading.Thread(target=flood, args=(client, b"NOOP\r\n" * 100_000), daemon=True).start()
        replies = list(iter(client.reply, ""))
    assert replies[0] == "250 2.0.0 Ok"
    assert replies[-1] == "421 4.7.0 mx.dragon.lab Error: too many errors"
    assert len(replies) < 200
    server.wait_for_log("too many errors after NOOP")


def flood(client: Client, data: bytes) -> None:
    try:
        client.send(data)
    except OSError:
        return


def test_an_early_talker_is_heard_in_order(place: Path) -> None:
    with (
        DnsServer("PTR 127.0.0.9 slow.example", delay=0.3) as dns,
        Server(place, main=NO_PAUSES, nameserver=dns.nameserver) as server,
    ):
        client = Client.__new__(Client)
        client._rest = b""
        client.socket = socket.create_connection(("127.0.0.1", server.port()), 15, source_address=("127.0.0.9", 0))
        with client:
            client.send(b"EHLO client.example\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<box@dragon.lab>\r\nDATA\r\n")
            codes = [client.reply()[:3] for _ in range(5)]
            assert codes == ["220", "250", "250", "250", "354"]
            client.send(b"early\r\n.\r\nQUIT\r\n")
            assert [client.reply()[:3] for _ in range(2)] == ["250", "221"]
        server.wait_for_log(r"connect from unknown\[127\.0\.0\.9\]")
        still_serves(server)


# the size of things


@pytest.mark.parametrize("phase", ["command", "content"])
def test_a_line_without_end_takes_no_memory(server: Server, phase: str) -> None:
    (worker,) = server.worker_pids()
    with connected(server.port()) as client:
        if phase == "content":
            client.envelope()
        before = resident(worker)
        peak = 0
        for _ in range(100):
            client.send(b"x" * MB)
            peak = max(peak, resident(worker) - before)
        client.send(b"\r\n.\r\n" if phase == "content" else b"\r\n")
        code = "552 5.3.4 Error: message file too big" if phase == "content" else "500 5.5.2 Error: command not recog"
        assert client.reply().startswith(code)
    print(f"100 MB in a {phase} line: {peak / MB:.1f} MB more memory")
    assert peak < 24 * MB


def test_content_past_the_limit_takes_neither_memory_nor_disk(place: Path) -> None:
    line = b"y" * 998 + b"\r\n"
    with Server(place, main={"message_size_limit": "1000000"}) as server:
        (worker,) = server.worker_pids()
        with connected(server.port()) as client:
            refused = client.ask("MAIL FROM:<ann@example.com> SIZE=1000001")
            assert refused == "552 5.3.4 Message size exceeds fixed limit"
            client.envelope()
            before, peak, disk = resident(worker), 0, 0
            for _ in range(100):
                client.send(line * 1024)
                peak = max(peak, resident(worker) - before)
                disk = max(disk, sum(file.stat().st_size for file in (server.state / "spool").rglob("*")))
            client.send(b".\r\n")
            assert client.reply() == "552 5.3.4 Error: message file too big"
        print(f"100 MB of content: {peak / MB:.1f} MB more memory, {disk / MB:.1f} MB on disk")
        assert peak < 24 * MB
        assert disk < 8 * MB
        assert server.spooled() == 0
        still_serves(server)


def test_thousands_of_recipients(server: Server) -> None:
    with connected(server.port()) as client:
        client.ask("MAIL FROM:<ann@example.com>")
        threading.Thread(target=flood, args=(client, b"RCPT TO:<box@dragon.lab>\r\n" * 5000), daemon=True).start()
        replies = [client.reply() for _ in range(5000)]
    accepted = replies.count("250 2.1.5 Ok")
    assert accepted == 1000
    assert replies[1000] == "452 4.5.3 Error: too many recipients"
    assert set(replies[1000:]) <= {"452 4.5.3 Error: too many recipients", "", too_many_errors()}


def too_many_errors() -> str:
    return "421 4.7.0 mx.dragon.lab Error: too many errors"


# what content may not do


@pytest.mark.parametrize(
    "end",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r\n.\r",
        b"\r.\r",
        b"\r.\r\n",
        b"\r\n\0.\r\n",
        b"\r\n.\0\r\n",
        b"\r\n.\r\r\n",
    ],
)
def test_no_sequence_but_the_right_one_ends_a_mail(place: Path, end: bytes) -> None:
    hidden = b"MAIL FROM:<evil@example.com>\r\nRCPT TO:<other@dragon.lab>\r\nDATA\r\nhidden\r\n.\r\n"
    with Server(place, main=STRICT) as server:
        with connected(server.port()) as client:
            client.envelope()
            client.send(b"Subject: outside\r\n\r\nbody" + end + hidden)
            assert client.reply().startswith("250 2.0.0 Ok: queued as ")
            assert client.ask("QUIT") == "221 2.0.0 Bye"
        (mail,) = server.wait_for_mail()
        assert b"MAIL FROM:<evil@example.com>" in mail
        assert mail.endswith(b"hidden\n")
        assert server.delivered("other") == []


def test_nuls_in_commands_and_content(server: Server) -> None:
    with connected(server.port()) as client:
        assert client.ask("MAIL\0 FROM:<ann@example.com>").startswith("5")
        client.mail(b"Subject: a\0b\n\n\0\0\n")
    (mail,) = server.wait_for_mail()
    assert mail.endswith(b"Subject: a\0b\n\n\0\0\n")


def test_plaintext_behind_starttls_is_forgotten(place: Path, certificate: tuple[str, str]) -> None:
    (place / "pair.pem").write_text(certificate[1] + certificate[0])
    tls = {"smtpd_tls_chain_files": str(place / "pair.pem"), "smtpd_tls_security_level": "may"}
    injected = b"EHLO evil.example\r\nMAIL FROM:<evil@example.com>\r\nRCPT TO:<box@dragon.lab>\r\n"
    with Server(place, main=tls) as server:
        with connected(server.port()) as client:
            client.send(b"STARTTLS\r\n" + injected)
            assert client.reply() == "220 2.0.0 Ready to start TLS"
            client.starttls()
            assert client.ask("RCPT TO:<box@dragon.lab>") == "503 5.5.1 Error: need MAIL command"
            assert client.ask("EHLO client.example").startswith("250-mx.dragon.lab")
            assert client.mail().startswith("250")
        (mail,) = server.wait_for_mail()
        assert b"evil" not in mail
        still_serves(server)


# connections that break


PHASES = (
    b"",
    b"EHLO client.example\r\n",
    b"EHLO client.example\r\nMAIL FROM:<ann@example.com>\r\n",
    b"EHLO client.example\r\nMAIL FROM:<ann@example.com>\r\nRCPT TO:<box@dragon.lab>\r\n",
    b"EHLO client.example\r\nMAIL FROM:<ann@example.com>\r\nRCPT TO:<box@dragon.lab>\r\nDATA\r\n",
    b"EHLO client.example\r\nMAIL FROM:<ann@example.com>\r\nRCPT TO:<box@dragon.lab>\r\nDATA\r\n"
    + b"half\r\n" * 50_000,
    b"EHLO client.example\r\nMAIL FROM:<ann@example.com>\r\nRCPT TO:<box@dragon.lab>\r\nBDAT 1000\r\nhalf",
    b"EHLO client.example\r\nSTARTTLS\r\n\x16\x03\x01",
)


def test_a_reset_in_every_phase(place: Path, certificate: tuple[str, str]) -> None:
    (place / "pair.pem").write_text(certificate[1] + certificate[0])
    tls = {"smtpd_tls_chain_files": str(place / "pair.pem"), "smtpd_tls_security_level": "may"}
    with Server(place, main=tls) as server:
        for wait_for_replies in (True, False):
            for said in PHASES:
                with Client(server.port()) as client:
                    client.send(said)
                    if wait_for_replies:
                        for _ in range(min(5, 1 + said.count(b"\r\n") - said.count(b"BDAT"))):
                            client.reply()
                    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        server.wait_for_log(r"disconnect from", 2 * len(PHASES))
        server.wait_for_log(r"lost connection after DATA \(\d+ bytes\)")
        assert server.spooled() == 0
        still_serves(server)
        assert list((server.state / "spool" / "0" / "large").iterdir()) == []


def test_a_half_closed_connection_gets_every_reply(server: Server) -> None:
    with Client(server.port()) as client:
        client.send(
            b"EHLO client.example\r\nMAIL FROM:<ann@example.com>\r\nRCPT TO:<box@dragon.lab>\r\nDATA\r\n"
            b"all at once\r\n.\r\nQUIT\r\n"
        )
        client.socket.shutdown(socket.SHUT_WR)
        codes = [reply[:3] for reply in iter(client.reply, "")]
    assert codes == ["220", "250", "250", "250", "354", "250", "221"]
    assert len(server.wait_for_mail()) == 1


def test_a_half_closed_connection_without_quit_is_over(server: Server) -> None:
    with Client(server.port(), greet="client.example") as client:
        client.send(b"NOOP\r\n")
        client.socket.shutdown(socket.SHUT_WR)
        assert list(iter(client.reply, "")) == ["250 2.0.0 Ok"]
    server.wait_for_log("lost connection after NOOP")


# a world that fails


needs_root = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="mounts need root")


def in_namespace(mount: str) -> tuple[str, ...]:
    """Goes before the server's command: a mount namespace of its own, prepared by a shell command."""
    return ("unshare", "-m", "sh", "-c", f'{mount} && exec "$@"', "sh")


def in_state(server: Server, code: str) -> str:
    """Run Python in the server's mount namespace, with its spool as ``spool``; what it prints."""
    prepared = (
        "from pathlib import Path; from gatepost.edge.spool import listing;"
        f"spool = Path({str(server.state / 'spool')!r}); {code}"
    )
    command = ["nsenter", "-t", str(server.pid), "-m", sys.executable, "-c", prepared]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@needs_root
@pytest.mark.parametrize("size", [3_000, 200_000])  # in the database, and in files of their own
def test_a_full_disk(place: Path, size: int) -> None:
    state = place / "state"
    state.mkdir()
    main = {"message_size_limit": "300000", "smtpd_client_restrictions": "check_client_access static:HOLD"}
    mount = f"mount -t tmpfs -o size=4m none {state} && head -c 1500000 /dev/zero > {state}/ballast"
    content = b"Subject: big\n\n" + (b"z" * 79 + b"\n") * (size // 80)
    with Server(place, main=main, command=in_namespace(mount)) as server:
        accepted, refusals = fill(server, content)
        assert accepted
        assert refusals == {"452 4.3.1 Insufficient system storage"}
        assert in_state(server, "print(len(list(listing.entries(spool))))") == str(accepted)
        in_state(server, "(spool.parent / 'ballast').unlink()")
        with connected(server.port()) as client:
            assert client.mail(content).startswith("250")
        in_state(server, "[listing.set_held(entry, False) for entry in listing.entries(spool)]")
        mails = server.wait_for_mail(count=accepted + 1)
        assert len(mails) == accepted + 1
        assert all(mail.endswith(content) for mail in mails)
        print(f"{accepted} mails of {size} octets before the disk was full")


def fill(server: Server, content: bytes) -> tuple[int, set[str]]:
    """Send until ten refusals came; how many mails were accepted, and all refusals."""
    accepted, refused = 0, []
    while len(refused) < 10:
        with connected(server.port()) as client:
            replies = [client.ask("MAIL FROM:<ann@example.com>")]
            if replies[-1].startswith("250"):
                replies.append(client.ask("RCPT TO:<box@dragon.lab>"))
            if replies[-1].startswith("250"):
                client.ask("DATA")
                client.send(content.replace(b"\n", b"\r\n") + b".\r\n")
                replies.append(client.reply())
            if replies[-1].startswith("250"):
                accepted += 1
            else:
                refused.append(replies[-1])
    return accepted, set(refused)


@needs_root
def test_a_silent_dns_defers_and_never_refuses(place: Path) -> None:
    resolv = place / "resolv.conf"
    resolv.write_text("options timeout:1 attempts:1\n")
    main = {
        "mynetworks": "127.0.0.2",
        "smtpd_client_restrictions": "reject_unknown_client_hostname",
        "smtpd_sender_restrictions": "reject_unknown_sender_domain",
        "smtpd_recipient_restrictions": "reject_unknown_recipient_domain, reject_unauth_destination",
    }
    zone = "silent.example * TIMEOUT\n9.0.0.127.in-addr.arpa * TIMEOUT\nok.example A 192.0.2.1\n"
    command = in_namespace(f"mount --bind {resolv} /etc/resolv.conf")
    with DnsServer(zone) as dns, Server(place, main=main, nameserver=dns.nameserver, command=command) as server:
        with connected(server.port()) as client:
            client.ask("MAIL FROM:<ann@silent.example>")
            before = time.monotonic()
            reply = client.ask("RCPT TO:<box@dragon.lab>")
            took = time.monotonic() - before
            assert reply == "450 4.1.8 <ann@silent.example>: Sender address rejected: Domain not found"
            assert took < 5, took
            print(f"a silent domain: answered after {took:.1f} seconds")
        client = Client.__new__(Client)
        client._rest = b""
        client.socket = socket.create_connection(("127.0.0.1", server.port()), 15, source_address=("127.0.0.9", 0))
        with client:
            assert client.reply().startswith("220")
            client.ask("EHLO client.example")
            client.ask("MAIL FROM:<ann@ok.example>")
            said = "450 4.7.25 Client host rejected: cannot find your hostname, [127.0.0.9]"
            assert client.ask("RCPT TO:<box@dragon.lab>") == said


POLICY = {"smtpd_policy_service_retry_delay": "1s", "smtpd_policy_service_timeout": "1s"}
BROKEN_POLICY = "451 4.3.5 <box@dragon.lab>: Recipient address rejected: Server configuration problem"


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize(
    ("default", "wanted"),
    [("", BROKEN_POLICY[:9]), ("DUNNO", "250 2.1.5"), ("450 4.7.1 later", "450 4.7.1")],
)
def test_a_policy_service_that_does_not_answer(place: Path, is_there: bool, default: str, wanted: str) -> None:
    with ExitStack() as stack:
        port = free_port()
        if is_there:
            stack.enter_context(socket.create_server(("127.0.0.1", port)))
        main = {
            **POLICY,
            "smtpd_policy_service_try_limit": "1",
            "smtpd_recipient_restrictions": f"check_policy_service inet:127.0.0.1:{port}",
        }
        if default:
            main["smtpd_policy_service_default_action"] = default
        server = stack.enter_context(Server(place, main=main))
        with connected(server.port()) as client:
            client.ask("MAIL FROM:<ann@example.com>")
            before = time.monotonic()
            assert client.ask("RCPT TO:<box@dragon.lab>").startswith(wanted)
            assert time.monotonic() - before < 4
        server.wait_for_log(rf"warning: .*inet:127\.0\.0\.1:{port}|warning: .*127\.0\.0\.1:{port}")


# many


@pytest.fixture
def many_files() -> Iterator[None]:
    """This process may open what it needs for a thousand connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_others_are_served_beside_a_thousand_idle_connections(place: Path) -> None:
    with Server(place, main={}) as server, ExitStack() as stack:
        idle = [stack.enter_context(Client(server.port())) for _ in range(1000)]
        assert all(client.reply().startswith("220") for client in idle)
        begun = time.monotonic()
        for _ in range(100):
            with connected(server.port()) as client:
                assert client.mail().startswith("250")
        took = time.monotonic() - begun
        print(f"100 sessions beside 1,000 idle ones in {took:.2f} seconds")
        assert took < 10
        assert idle[999].ask("NOOP") == "250 2.0.0 Ok"


def test_too_many_open_files_stop_nothing(place: Path) -> None:
    with Server(place, main={}, command=("prlimit", "--nofile=80")) as server:
        with ExitStack() as stack:
            crowd = [stack.enter_context(Client(server.port())) for _ in range(150)]
            assert crowd[0].reply().startswith("220")
            assert crowd[0].ask("EHLO client.example").startswith("250")
            (worker,) = server.worker_pids()
            wait_until("all descriptors to be used", lambda: len(os.listdir(f"/proc/{worker}/fd")) >= 79)
            assert crowd[0].ask("NOOP") == "250 2.0.0 Ok"
            busy = cpu_seconds(worker)
        wait_until("the crowd to be gone", lambda: not established(server.port()))
        still_serves(server)
        assert server.worker_pids() == [worker]
        assert cpu_seconds(worker) - busy < 2


def cpu_seconds(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
