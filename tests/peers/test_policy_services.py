"""The tutorial's last list with the real Postgrey and the real policyd-spf, behind Postfix and behind Gatepost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from peers.gatepost import Gatepost
from peers.lab import Lab, wait_for
from peers.play import Content, Session, play
from peers.policy_services import POLICYD_SPF_CONFIGURATION, POLICYD_SPF_FILE, RealPostgrey
from peers.postfix import RealPostfix
from peers.variants import WITH_SERVICES, copy_of_example

ZONE = (Path(__file__).parent / "dragon.zone").read_text()
MAILBOXES = "/var/mail/vhosts"
# Mail goes to Maildirs, so that the headers that the services prepend can be read.
PARAMETERS = {**WITH_SERVICES, "virtual_transport": "virtual:"}
ALLOWED = "198.51.100.0/24"


@dataclass
class Door:
    """A server with both services behind it."""

    lab: Lab
    server: RealPostfix | Gatepost

    def mail(self, client: str, sender: str, subject: str, helo: str = "mail.ok.example") -> list[str]:
        """Send one mail to grant; the replies to RCPT and, where it came so far, to the content."""
        content = Content(f"Subject: {subject}\n\nhello")
        steps = ("EHLO lab.example", f"XCLIENT {client}", f"EHLO {helo}", f"MAIL FROM:<{sender}>")
        transcript = play(
            self.lab, self.server.port, Session(subject, (*steps, "RCPT TO:<grant@dragon.lab>", "DATA", content))
        )
        said = {step: replies[0][-1] for step, replies in transcript.exchanges}
        return [said[step] for step in ("RCPT TO:<grant@dragon.lab>", content) if step in said]

    def delivered(self, subject: str) -> str:
        """The mail as it lies in grant's Maildir, unfolded."""

        def find() -> str:
            for path in self.lab.inside(f"{MAILBOXES}/dragon.lab/grant/new").glob("*"):
                if f"Subject: {subject}\n" in (text := path.read_text()):
                    return re.sub(r"\n[ \t]+", " ", text)
            return ""

        return str(wait_for(f"the mail {subject!r}", find))


@pytest.fixture(scope="module", params=[RealPostfix, Gatepost], ids=["Postfix", "Gatepost"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with ExitStack() as stack:
        lab = stack.enter_context(Lab(ZONE, files={POLICYD_SPF_FILE: POLICYD_SPF_CONFIGURATION}))
        mailboxes = lab.inside(MAILBOXES)
        mailboxes.mkdir()
        lab.run("chown", "5000:5000", MAILBOXES)
        stack.enter_context(RealPostgrey(lab, delay=1, allowed=(ALLOWED,)))
        directory = copy_of_example(tmp_path_factory.mktemp("policy") / "dragon.lab")
        yield Door(lab, stack.enter_context(request.param(lab, directory, PARAMETERS)))


def test_a_stranger_waits_and_passes_with_a_header(door: Door) -> None:
    client = "ADDR=192.0.2.10 NAME=mail.ok.example"
    first = door.mail(client, "ann@ok.example", "stranger")
    assert len(first) == 1
    assert re.match(
        r"450 4\.2\.0 <grant@dragon\.lab>: Recipient address rejected: Greylisted, see \S+dragon\.lab\.html$", first[0]
    )
    replies = wait_for(
        "greylisting to end", lambda: _accepted(door.mail(client, "ann@ok.example", "stranger")), pause=0.2
    )
    assert replies[0] == "250 2.1.5 Ok"
    text = door.delivered("stranger")
    assert re.search(r"^X-Greylist: delayed \d+ seconds by postgrey-\S+ at mail\.dragon\.lab; ", text, re.MULTILINE)
    assert re.search(r"^Received-SPF: Pass \(mailfrom\) .*client-ip=192\.0\.2\.10;", text, re.MULTILINE)
    headers = [line.partition(":")[0] for line in text.partition("\n\n")[0].splitlines()]
    # What was prepended last stands on top of what was prepended first, both above Received: as Postfix has it.
    assert [h for h in headers if h in ("X-Greylist", "Received-SPF", "Received", "Subject")] == [
        "X-Greylist",
        "Received-SPF",
        "Received",
        "Subject",
    ]


def test_spf_pass(door: Door) -> None:
    assert door.mail("ADDR=198.51.100.7 NAME=out.ok.example", "ann@ok.example", "pass")[0] == "250 2.1.5 Ok"
    assert re.search(r"^Received-SPF: Pass ", door.delivered("pass"), re.MULTILINE)


def test_spf_fail(door: Door) -> None:
    replies = door.mail("ADDR=198.51.100.7 NAME=out.ok.example", "ann@never.example", "fail")
    assert len(replies) == 1
    assert re.match(r"550 5\.7\.23 <grant@dragon\.lab>: Recipient .*: Message rejected due to: SPF fail", replies[0])


def test_spf_fail_of_a_greylisted_client_is_a_rejection(door: Door) -> None:
    """Postgrey's DEFER_IF_PERMIT gives way to the later rejection."""
    replies = door.mail("ADDR=192.0.2.77 NAME=out.ok.example", "ann@never.example", "grey and fail")
    assert [reply[:9] for reply in replies] == ["550 5.7.2"]


def test_spf_none(door: Door) -> None:
    assert (
        door.mail("ADDR=198.51.100.7 NAME=out.ok.example", "ann@address.example", "none", "six.example")[0]
        == "250 2.1.5 Ok"
    )
    assert re.search(r"^Received-SPF: None ", door.delivered("none"), re.MULTILINE)


def _accepted(replies: list[str]) -> list[str]:
    return replies if replies[-1].startswith("250 2.0.0 ") else []
