"""gatepost explain: as text, as JSON, in batches, and always what the live server says."""

from __future__ import annotations

import json
import random
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dns_server import DnsServer
from gatepost.app.cli import main
from server import Client, Server

EXAMPLE = Path(__file__).parents[2] / "examples" / "dragon.lab"
ZONE = """
    ok.example          MX  10 mail.ok.example
    mail.ok.example     A   192.0.2.10
    PTR 192.0.2.10      mail.ok.example
    nullmx.example      MX  0 .
    servfail.example    *   SERVFAIL
    myfax.com           A   192.0.2.1
    bigfoot.com         A   192.0.2.1
    example.com         A   192.0.2.1
    mail.cn             A   192.0.2.1
    mail.ru             A   192.0.2.1
    dragon.lab          MX  10 mx.dragon.lab
    mx.dragon.lab       A   127.0.0.1
"""


@pytest.fixture(scope="module")
def nameserver() -> Iterator[str]:
    with DnsServer(ZONE) as dns:
        yield dns.nameserver


def copy_example(directory: Path, policy: str = "") -> Path:
    """The example; its policy services are left out, or replaced by one."""
    shutil.copytree(EXAMPLE, directory)
    text = re.sub(r"^   check_policy_service .*\n", "", (directory / "main.cf").read_text(), flags=re.MULTILINE)
    last = "check_recipient_access hash:$config_directory/access_recipient\n"
    (directory / "main.cf").write_text(text.replace(last, last + policy))
    return directory


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return copy_example(tmp_path / "etc")


def explain(directory: Path, nameserver: str, *arguments: str, stdin: str | bytes = "") -> Result:
    words = ["explain", "--config", str(directory), "--nameserver", nameserver, *arguments]
    return CliRunner().invoke(main, words, input=stdin, catch_exceptions=False)


FAX = ("--client", "192.0.2.10", "--helo", "mail.ok.example", "--from", "ann@myfax.com", "--to", "grant@dragon.lab")


def line_of(path: Path, text: str) -> str:
    number = next(at for at, line in enumerate(path.read_text().splitlines(), 1) if line.strip().startswith(text))
    return f"{path}:{number}"


def test_text_names_every_item_its_place_and_the_reply(example: Path, nameserver: str) -> None:
    done = explain(example, nameserver, *FAX)
    assert done.exit_code == 1
    text = done.stdout
    for name in ("client", "helo", "sender"):
        assert f"smtpd_{name}_restrictions" in text
    place = line_of(example / "main.cf", "check_sender_access")
    assert f"check_sender_access hash:{example}/access_sender  [{place}]  REJECT 554 5.7.1" in text
    entry = line_of(example / "access_sender.in", "myfax.com")
    assert f"myfax.com -> REJECT Too much unwanted mail from myfax.com.  [{entry}]" in text
    assert "DNS myfax.com A: 192.0.2.1" in text
    said = "554 5.7.1 <ann@myfax.com>: Sender address rejected: Too much unwanted mail from myfax.com."
    assert text.splitlines()[-1] == f"=> {said}"
    assert "smtpd_recipient_restrictions" not in text  # nothing is asked after a refusal


def test_text_of_a_mail_that_would_be_taken(example: Path, nameserver: str) -> None:
    done = explain(example, nameserver, "--client", "192.0.2.10", "--helo", "mail.ok.example",
                   "--from", "ann@ok.example", "--to", "grant@dragon.lab")  # fmt: skip
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "=> permit"
    assert f"[{line_of(example / 'main.cf', 'reject_unauth_destination')}]" in done.stdout


def test_json_has_verdict_reply_and_evidence(example: Path, nameserver: str) -> None:
    done = explain(example, nameserver, *FAX, "--json")
    assert done.exit_code == 1
    document = json.loads(done.stdout)
    assert document["verdict"] == "reject"
    text = "<ann@myfax.com>: Sender address rejected: Too much unwanted mail from myfax.com."
    assert document["reply"] == {"code": 554, "status": "5.7.1", "text": text}
    last = document["evidence"][-1]
    assert last["list"] == "smtpd_sender_restrictions"
    assert last["place"] == line_of(example / "main.cf", "check_sender_access")
    (asked,) = last["asked"]
    assert asked["table"] == f"hash:{example}/access_sender"
    assert asked["key"] == "myfax.com"
    assert asked["answer_place"] == line_of(example / "access_sender.in", "myfax.com")


def test_a_name_that_is_given_is_not_looked_up(example: Path, nameserver: str) -> None:
    done = explain(example, nameserver, "--client", "192.0.2.99,host.myfax.com", "--helo", "a.example",
                   "--from", "<>", "--to", "grant@dragon.lab", "--json")  # fmt: skip
    assert "Client host rejected: Too much unwanted mail" in json.loads(done.stdout)["reply"]["text"]


def test_a_batch_answers_line_for_line_and_survives_bad_ones(example: Path, nameserver: str) -> None:
    good = {
        "client": "192.0.2.10",
        "client_name": "mail.ok.example",
        "reverse_client_name": "mail.ok.example",
        "helo": "mail.ok.example",
        "sender": "ann@ok.example",
        "recipient": "grant@dragon.lab",
        "login": "",
        "stage": "RCPT",
    }
    submitted = good | {"recipient": "ann@ok.example", "login": "ann", "service": "submission"}
    lines: list[tuple[bytes, str]] = [
        (json.dumps(good).encode(), "permit"),
        (b"{", "error"),
        (b"[]", "error"),
        (b'{"client": 5}', "error"),
        (b'{"helo": "no client"}', "error"),
        (json.dumps(good | {"colour": "red"}).encode(), "error"),
        (json.dumps(good | {"stage": "lunch"}).encode(), "error"),
        (json.dumps(good | {"service": "nntp"}).encode(), "error"),
        (json.dumps(good | {"client": "not an address", "client_name": None}).encode(), "error"),
        (b"\xff\xfe", "error"),
        (b'{"client": "192.0.2.1", "helo": "' + b"x" * (1 << 20) + b'"}', "error"),
        (json.dumps(good | {"sender": "ann@mail.ru"}).encode(), "reject"),
        (json.dumps(good | {"sender": "ann@servfail.example"}).encode(), "defer"),
        (json.dumps(good | {"recipient": "x@elsewhere.example"}).encode(), "reject"),
        (json.dumps(good | {"recipient": "x@elsewhere.example", "login": "ann"}).encode(), "reject"),
        (json.dumps(submitted).encode(), "defer"),  # may relay, but the smtp transport is not there yet
        (json.dumps(submitted | {"login": ""}).encode(), "reject"),
        (json.dumps(good | {"client": "192.0.2.21", "client_name": "a.cn", "stage": "CONNECT"}).encode(), "permit"),
    ]
    done = explain(example, nameserver, "--batch", "-", stdin=b"\n".join(line for line, _ in lines) + b"\n\n")
    assert done.exit_code == 0
    answers: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    found = ["error" if "error" in answer else answer["verdict"] for answer in answers]
    assert found == [wanted for _, wanted in lines]
    assert answers[1]["error"].startswith("line 2: ")
    assert answers[11]["reply"]["code"] == 554
    assert answers[11]["evidence"]


def test_a_batch_from_a_file(example: Path, nameserver: str, tmp_path: Path) -> None:
    (tmp_path / "lines").write_text('{"client": "127.0.0.1", "recipient": "grant@dragon.lab"}\n' * 3)
    done = explain(example, nameserver, "--batch", str(tmp_path / "lines"))
    assert len(done.stdout.splitlines()) == 3


def test_wrong_use_and_a_broken_configuration(example: Path, nameserver: str) -> None:
    assert explain(example, nameserver).exit_code == 2
    assert explain(example, nameserver, "--client", "192.0.2.1", "--stage", "lunch").exit_code == 2
    done = explain(example, nameserver, *FAX, "-o", "smtpd_helo_restrictions=permitt")
    assert done.exit_code == 1
    assert "permitt" in done.output


# the live server


CLIENTS = (
    ("192.0.2.10", "mail.ok.example"),
    ("192.0.2.21", "a.cn"),
    ("10.1.2.3", "host.ok.example"),
    ("192.168.0.7", "host.ok.example"),
    ("172.16.4.4", "host.ok.example"),
    ("192.0.2.30", "fax.myfax.com"),
    ("192.0.2.31", "unknown"),
    ("192.0.2.32", "web.dragon.lab"),
    ("127.0.0.1", "localhost"),
)
HELOS = ("mail.ok.example", "mail.ru", "sub.example.com", "short", "bad..name", "[192.0.2.10]", "192.168.0.9")
SENDERS = (
    "ann@ok.example", "ann@myfax.com", "ann@mail.cn", "user@example.com", "ann@nullmx.example", "ann@gone.example",
    "ann@servfail.example", "ann", "", "spammer@ok.example", "ann@bigfoot.com",
)  # fmt: skip
RECIPIENTS = (
    "grant@dragon.lab", "nobody@dragon.lab", "from_spammer@dragon.lab", "x@elsewhere.example", "postmaster@dragon.lab",
    "from_playdotcom@dragon.lab", "grant", "x@ok.example", "postmaster",
)  # fmt: skip
BLAMELESS = (CLIENTS[0], HELOS[0], SENDERS[0], RECIPIENTS[0])


def sessions(seed: int, count: int) -> list[tuple[tuple[str, str], str, str, str]]:
    """Every value alone in an otherwise blameless session, then mixtures."""
    values = (CLIENTS, HELOS, SENDERS, RECIPIENTS)
    found = [(*BLAMELESS[:at], value, *BLAMELESS[at + 1 :]) for at in range(4) for value in values[at]]
    randomness = random.Random(seed)
    found += [tuple(randomness.choice(kind) for kind in values) for _ in range(count)]  # type: ignore[misc]
    return found  # type: ignore[return-value]


def live_reply(server: Server, client: tuple[str, str], helo: str, sender: str, recipient: str) -> str:
    """What the server says at RCPT, or before it if it refuses there."""
    address, name = client
    with Client(server.port(), greet="first.example") as talk:
        shown = f"XCLIENT ADDR={address} NAME={'[UNAVAILABLE]' if name == 'unknown' else name}"
        for command in (shown, f"EHLO {helo}", f"MAIL FROM:<{sender}>"):
            reply = talk.ask(command)
            if reply[:1] in "45":
                return reply
        return talk.ask(f"RCPT TO:<{recipient}>")


@pytest.mark.parametrize("delay", ["yes", "no"])
def test_the_verdict_is_the_live_servers(place: Path, nameserver: str, delay: str) -> None:
    directory = copy_example(place / "etc")
    options = {"smtpd_authorized_xclient_hosts": "127.0.0.1", "smtpd_delay_reject": delay}
    described = sessions(7, 60)
    lines = [
        {"client": client[0], "client_name": client[1], "helo": helo, "sender": sender, "recipient": recipient}
        for client, helo, sender, recipient in described
    ]
    document = "\n".join(json.dumps(line) for line in lines)
    given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    done = explain(directory, nameserver, *given, "--batch", "-", stdin=document)
    with Server(place, services=("smtp", "submission", "smtps"), options=options, nameserver=nameserver) as server:
        lives = [live_reply(server, *session) for session in described]
    different = []
    for line, live, answer in zip(lines, lives, done.stdout.splitlines(), strict=True):
        reply = json.loads(answer)["reply"]
        said = "250 2.1.5 Ok" if reply is None else f"{reply['code']} {reply['status']} {reply['text']}"
        if said != live:
            different.append((line, said, live))
    print(f"{len(lines)} sessions, {len({live[:9] for live in lives})} kinds of reply, {len(different)} different")
    assert not different
    assert len({live[:9] for live in lives}) >= 6


# policy services


class Policy:
    """A policy service that says the same to everybody, and keeps what it was asked."""

    def __init__(self, action: bytes) -> None:
        self.asked: list[bytes] = []
        self._action = action
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            caller, _ = self._listener.accept()
            with caller:
                data = b""
                while not data.endswith(b"\n\n"):
                    data += caller.recv(65536)
                self.asked.append(data)
                caller.sendall(b"action=" + self._action + b"\n\n")


def test_policy_services_are_really_asked(tmp_path: Path, nameserver: str) -> None:
    policy = Policy(b"DEFER_IF_PERMIT greylisted")
    directory = copy_example(tmp_path / "etc", f"   check_policy_service inet:127.0.0.1:{policy.port}\n")
    done = explain(directory, nameserver, "--client", "192.0.2.10", "--helo", "mail.ok.example",
                   "--from", "ann@ok.example", "--to", "grant@dragon.lab", "--json")  # fmt: skip
    document = json.loads(done.stdout)
    assert document["verdict"] == "defer"
    assert document["reply"]["code"] == 450
    assert "greylisted" in document["reply"]["text"]
    assert b"\nclient_address=192.0.2.10\n" in policy.asked[0]
    assert document["evidence"][-1]["asked"][0]["attributes"]["recipient"] == "grant@dragon.lab"
