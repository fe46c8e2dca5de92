"""One directory served by the real Postfix and by Gatepost: the same sessions with both, every reply compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from peers.compare import differing, differing_log
from peers.differences import IN_REPLIES, IN_THE_LOG
from peers.gatepost import Gatepost
from peers.lab import Lab, wait_until_quiet
from peers.play import Session, Transcript, play_all
from peers.policy_services import POLICYD_SPF_CONFIGURATION, POLICYD_SPF_FILE, RealPostgrey
from peers.postfix import RealPostfix
from peers.sessions import policy_sessions, sessions
from peers.variants import DOTTED, WITH_SERVICES, WITHOUT_SERVICES, copy_of_example, mark_tables

ZONE = (Path(__file__).parent / "dragon.zone").read_text()
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "differences.md"
# Who is not greylisted, so that policyd-spf has the last word.
ALLOWED = ("mail.ok.example", "198.51.100.0/24")

# What the sessions have to draw from Postfix: each restriction's "no", and the session's own.
REACHED = (
    r"450 4\.7\.25 Client host rejected: cannot find your hostname, \[192",
    r"450 4\.7\.25 .*\[2001:db8::8\]",
    r"504 5\.5\.2 .*Helo command rejected: need fully-qualified hostname",
    r"501 5\.5\.2 .*Helo command rejected: invalid ip address",
    r"450 4\.1\.8 <ann@gone\.example>: Sender address rejected: Domain not found",
    r"450 4\.1\.8 <ann@textonly\.example>",
    r"450 4\.1\.8 <ann@servfail\.example>",
    r"450 4\.1\.8 <ann@silent\.example>",
    r"550 5\.7\.27 .*nullMX",
    r"504 5\.5\.2 .*Sender address rejected: need fully-qualified address",
    r"554 5\.7\.1 .*: Relay access denied",
    r"503 5\.5\.0 .*Improper use of SMTP command pipelining",
    r"504 5\.5\.2 .*Recipient address rejected: need fully-qualified address",
    r"450 4\.1\.2 <ann@gone\.example>: Recipient address rejected: Domain not found",
    r"450 4\.1\.2 <ann@servfail\.example>",
    r"556 5\.1\.10 .*nullMX",
    r"550 5\.1\.1 .*User unknown in",
    r"502 5\.5\.1 VRFY command is disabled",
    r"503 5\.5\.1 Error: send HELO/EHLO first",
    r"554 5\.5\.1 Error: no valid recipients",
    r"250 2\.0\.0 Ok: queued as ID",
    r"550 5\.7\.0 Error: insufficient authorization",
)


def run(
    kind: type[RealPostfix] | type[Gatepost], source: Path, parameters: dict[str, str], spoken: list[Session]
) -> tuple[list[Transcript], list[str]]:
    """Transcripts and log of the sessions with one server in a lab of its own."""
    with ExitStack() as stack:
        lab = stack.enter_context(Lab(ZONE, files={POLICYD_SPF_FILE: POLICYD_SPF_CONFIGURATION}))
        if parameters is WITH_SERVICES:
            stack.enter_context(RealPostgrey(lab, delay=3600, allowed=ALLOWED))
        server = stack.enter_context(kind(lab, source, parameters))
        transcripts = play_all(lab, server.port, spoken)
        wait_until_quiet(server.log)
        return transcripts, server.log()


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    yield copy_of_example(tmp_path / "dragon.lab")


def test_the_sessions_reach_every_line_of_the_tables_and_every_restriction(directory: Path) -> None:
    marks, empty = mark_tables(directory)
    transcripts, log = run(RealPostfix, directory, WITHOUT_SERVICES, sessions())
    assert len(transcripts) >= 300
    _, dotted_log = run(RealPostfix, directory, DOTTED, sessions(count=0))
    reached = set(re.findall(r"\[access_\w+\.in:\d+\]", "\n".join(log + dotted_log)))
    assert sorted(marks - reached) == [], "lines of the tables that no session reaches"
    assert not empty & reached
    said = "\n".join(line for transcript in transcripts for line in transcript.replies())
    assert [pattern for pattern in REACHED if not re.search(pattern, said)] == []


@pytest.mark.parametrize(
    ("parameters", "spoken"),
    [
        pytest.param(WITHOUT_SERVICES, sessions(), id="lists alone"),
        pytest.param(DOTTED, sessions(count=0), id="dotted domains"),
        pytest.param(WITH_SERVICES, policy_sessions(), id="with Postgrey and policyd-spf"),
    ],
)
def test_every_reply_and_every_logged_decision_is_postfixs(
    directory: Path, parameters: dict[str, str], spoken: list[Session]
) -> None:
    theirs, their_log = run(RealPostfix, directory, parameters, spoken)
    ours, our_log = run(Gatepost, directory, parameters, spoken)
    if found := differing(theirs, ours):
        pytest.fail(f"{len(found)} of {len(spoken)} sessions differ\n" + "\n\n".join(found[:12]), pytrace=False)
    if found := differing_log(their_log, our_log):
        pytest.fail(f"{len(found)} logged decisions differ\n" + "\n".join(found[:40]), pytrace=False)


def test_each_listed_difference_has_its_reason() -> None:
    titles = {line.removeprefix("## ") for line in DOCUMENT.read_text().splitlines() if line.startswith("## ")}
    assert titles == {difference.title for difference in (*IN_REPLIES, *IN_THE_LOG)}
