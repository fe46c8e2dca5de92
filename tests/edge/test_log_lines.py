"""Log lines against what Postfix 3.7 wrote in the same sessions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.access.verdict import Logged
from gatepost.core.address import NULL, Address
from gatepost.core.facts import Client, Facts, Login, Stage, Tls
from gatepost.edge import log_lines

LOCAL = Client("127.0.0.1", "localhost", port=49286)
SENDER = Address("a", "b.example")
REJECT = "554 5.7.1 <reject@dragon.lab>: Recipient address rejected: go away"


def facts(**values: object) -> Facts:
    return Facts(**{"client": LOCAL, "helo": "there.example", "protocol": "ESMTP", **values})  # type: ignore[arg-type]


CASES = [
    (
        Logged("reject", REJECT),
        Stage.RCPT,
        facts(sender=SENDER, recipient=Address("reject", "dragon.lab")),
        f"NOQUEUE: reject: RCPT from localhost[127.0.0.1]: {REJECT}; "
        "from=<a@b.example> to=<reject@dragon.lab> proto=ESMTP helo=<there.example>",
    ),
    (
        Logged("reject", "521 5.7.1 <c521@dragon.lab>: Recipient address rejected: hang"),
        Stage.RCPT,
        facts(sender=NULL, recipient=Address("c521", "dragon.lab"), helo="", queue_id="9B14321230C"),
        "9B14321230C: reject: RCPT from localhost[127.0.0.1]: 521 5.7.1 <c521@dragon.lab>: Recipient address rejected: "
        "hang; from=<> to=<c521@dragon.lab> proto=ESMTP",
    ),
    (
        Logged("discard", "<discardp@dragon.lab>: Recipient address triggers DISCARD action"),
        Stage.RCPT,
        facts(sender=SENDER, recipient=Address("discardp", "dragon.lab")),
        "NOQUEUE: discard: RCPT from localhost[127.0.0.1]: <discardp@dragon.lab>: Recipient address triggers DISCARD "
        "action; from=<a@b.example> to=<discardp@dragon.lab> proto=ESMTP helo=<there.example>",
    ),
    (
        Logged("info", ""),
        Stage.RCPT,
        facts(sender=SENDER, recipient=Address("infop", "dragon.lab")),
        "NOQUEUE: info: RCPT from localhost[127.0.0.1]: ; "
        "from=<a@b.example> to=<infop@dragon.lab> proto=ESMTP helo=<there.example>",
    ),
    (
        Logged("reject", '504 5.5.2 <re ject"q@nope>: Recipient address rejected: need fully-qualified address'),
        Stage.RCPT,
        facts(sender=SENDER, recipient=Address('re ject"q', "nope"), helo="abc"),
        'NOQUEUE: reject: RCPT from localhost[127.0.0.1]: 504 5.5.2 <re ject"q@nope>: Recipient address rejected: '
        'need fully-qualified address; from=<a@b.example> to=<"re ject\\"q"@nope> proto=ESMTP helo=<abc>',
    ),
    (
        Logged("warn", "at data"),
        Stage.DATA,
        facts(sender=SENDER, recipient=Address("ok2", "dragon.lab"), recipients=2, queue_id="0CEF021230D", helo="fine"),
        "0CEF021230D: warn: DATA from localhost[127.0.0.1]: at data; from=<a@b.example> proto=ESMTP helo=<fine>",
    ),
    (
        Logged("reject", "554 5.7.1 <eod@b.example>: Sender address rejected: at eod"),
        Stage.END_OF_MESSAGE,
        facts(sender=SENDER, recipient=Address("ok", "dragon.lab"), recipients=1, queue_id="0D98521230D", helo="fine"),
        "0D98521230D: reject: END-OF-MESSAGE from localhost[127.0.0.1]: 554 5.7.1 <eod@b.example>: Sender address "
        "rejected: at eod; from=<a@b.example> to=<ok@dragon.lab> proto=ESMTP helo=<fine>",
    ),
    (
        Logged("reject", "554 5.7.1 <helobad>: Helo command rejected: bad helo"),
        Stage.VRFY,
        facts(recipient=Address("foo", "dragon.lab"), helo="helobad"),
        "NOQUEUE: reject: VRFY from localhost[127.0.0.1]: 554 5.7.1 <helobad>: Helo command rejected: bad helo; "
        "to=<foo@dragon.lab> proto=ESMTP helo=<helobad>",
    ),
    (
        Logged("reject", "554 5.7.1 <dragon.lab>: Etrn command rejected: Access denied"),
        Stage.ETRN,
        facts(helo="fine"),
        "NOQUEUE: reject: ETRN from localhost[127.0.0.1]: 554 5.7.1 <dragon.lab>: Etrn command rejected: Access denied"
        "; proto=ESMTP helo=<fine>",
    ),
]


@pytest.mark.parametrize(("logged", "stage", "known", "line"), CASES, ids=[case[3][:24] for case in CASES])
def test_decided(logged: Logged, stage: Stage, known: Facts, line: str) -> None:
    assert log_lines.decided(logged, stage, log_lines.label(LOCAL), known) == line


def test_accepted() -> None:
    client = log_lines.label(LOCAL)
    assert log_lines.accepted("08180212363", client) == "08180212363: client=localhost[127.0.0.1]"
    assert (
        log_lines.accepted("9B14321230C", "watch.example[192.0.2.67]", Login("bob", "XCLIENT"))
        == "9B14321230C: client=watch.example[192.0.2.67], sasl_method=XCLIENT, sasl_username=bob"
    )
    assert (
        log_lines.accepted(
            "E1AA62126E9",
            log_lines.label(LOCAL, port=True),
            Login("bob", "PLAIN", "foo@bar"),
            "ABC",
            "unknown[198.51.100.7]:unknown",
        )
        == "E1AA62126E9: client=localhost[127.0.0.1]:49286, sasl_method=PLAIN, sasl_username=bob, sasl_sender=foo@bar, "
        "orig_queue_id=ABC, orig_client=unknown[198.51.100.7]:unknown"
    )


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ({}, "commands=0/0"),
        ({"ehlo": [1, 1]}, "ehlo=1 commands=1"),
        ({"unknown": [0, 1]}, "unknown=0/1 commands=0/1"),
        (
            {
                "rset": (1, 1),
                "bdat": (0, 1),
                "quit": (1, 1),
                "data": (0, 1),
                "ehlo": (1, 1),
                "rcpt": (1, 3),
                "mail": (2, 2),
            },
            "ehlo=1 mail=2 rcpt=1/3 data=0/1 bdat=0/1 rset=1 quit=1 commands=6/10",
        ),
        (
            {
                "xclient": [0, 1],
                "ehlo": [1, 1],
                "mail": [1, 2],
                "rcpt": [0, 1],
                "rset": [1, 1],
                "vrfy": [0, 2],
                "etrn": [0, 1],
                "quit": [1, 1],
            },
            "ehlo=1 xclient=0/1 mail=1/2 rcpt=0/1 rset=1 vrfy=0/2 etrn=0/1 quit=1 commands=4/10",
        ),
    ],
)
def test_disconnected(counts: dict[str, list[int]], line: str) -> None:
    assert log_lines.disconnected("localhost[127.0.0.1]", counts) == f"disconnect from localhost[127.0.0.1] {line}"


def test_the_other_lines() -> None:
    client = log_lines.label(LOCAL)
    assert log_lines.connected(client) == "connect from localhost[127.0.0.1]"
    assert log_lines.lost("lost connection", "CONNECT", client) == (
        "lost connection after CONNECT from localhost[127.0.0.1]"
    )
    assert log_lines.lost("timeout", "DATA", client, 5) == "timeout after DATA (5 bytes) from localhost[127.0.0.1]"
    assert log_lines.lost("too many errors", "UNKNOWN", client) == (
        "too many errors after UNKNOWN from localhost[127.0.0.1]"
    )
    assert log_lines.message_id("BD24021230C", "<foo@bar>") == "BD24021230C: message-id=<foo@bar>"
    assert log_lines.tls_established(client, Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", 256)) == (
        "Anonymous TLS connection established from localhost[127.0.0.1]: "
        "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"
    )
    assert log_lines.daemon_started("3.7.11", "/etc/postfix") == (
        "daemon started -- version 3.7.11, configuration /etc/postfix"
    )
    assert log_lines.tag("postfix/submission", "smtpd") == "postfix/submission/smtpd"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain <ok@dragon.lab>", "plain <ok@dragon.lab>"),
        ("fooä@nopä", "fooä@nopä"),
        ("two\nlines\r\n", "two?lines??"),
        ("a\x00\x1b[31m\x7f", "a??[31m?"),
        ("next\u0085line\u2028and\u202eturned", "next?line?and?turned"),
        ("not utf-8 \udcff", "not utf-8 ?"),
        ("a" * 5000, "a" * 2000),
        ("ä" * 1500, "ä" * 1000),
        ("\x01" * 5000, "?" * 2000),
    ],
)
def test_safe(text: str, shown: str) -> None:
    assert log_lines.safe(text) == shown


@settings(max_examples=100)
@given(st.text(st.characters(), max_size=3000))
def test_safe_holds_for_anything(text: str) -> None:
    shown = log_lines.safe(text)
    assert len(shown.encode()) <= log_lines.MAX_LINE
    assert len(shown.splitlines()) <= 1
    assert shown.isprintable()
