"""What a session notes, stores, counts and asks beside its replies; and that no input breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue import parse_dialogue
from gatepost.core.address import Address
from gatepost.core.facts import Facts, NameStatus, Stage, Tls
from gatepost.core.smtp.needs import Decide, Ended, Need, Receive, Sleep, StartTls
from smtp_player import Player

ENVELOPE = b"EHLO client.example\r\nMAIL FROM:<ann@one.example>\r\nRCPT TO:<bob@two.example>\r\n"
MAIL = ENVELOPE + b"DATA\r\nSubject: x\r\n\r\nhello\r\n..dot\r\n.\r\n"
EVERYTHING = {
    "smtpd_authorized_xclient_hosts": "0.0.0.0/0, [::]/0",
    "smtpd_authorized_xforward_hosts": "0.0.0.0/0, [::]/0",
    "smtpd_tls_security_level": "may",
    "smtpd_forbid_bare_newline": "normalize",
}
TLS = Tls("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", 256)


def decided(player: Player, stage: Stage) -> list[Facts]:
    return [need.facts for need in player.needs if isinstance(need, Decide) and need.stage is stage]


def deciding(*lines: str, conf: dict[str, str] | None = None) -> Player:
    return Player(parse_dialogue("", "\n".join(f"decide {line}" for line in lines)), conf=conf)


# the mail


def test_a_mail_is_stored_behind_its_received_header() -> None:
    player = Player()
    player.turn(MAIL)
    ((commit, stored),) = player.committed
    assert stored == (
        b"Received: from client.example (localhost [127.0.0.1])\n\tby mx.example (Postfix) with ESMTP id ID\n"
        b"\tfor <bob@two.example>; Thu, 1 Jan 1970 00:00:00 +0000 (UTC)\nSubject: x\n\nhello\n.dot\n"
    )
    envelope = commit.envelope
    assert envelope.sender == Address("ann", "one.example")
    assert [recipient.address.text for recipient in envelope.recipients] == ["bob@two.example"]
    assert (envelope.size, envelope.protocol, envelope.helo) == (27, "ESMTP", "client.example")


def test_the_envelope_has_what_the_parameters_say() -> None:
    player = Player()
    player.turn(
        b"EHLO c\r\nMAIL FROM:<> SIZE=5 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2Bb\r\n"
        b"RCPT TO:<bob@two.example> NOTIFY=delay,SUCCESS ORCPT=rfc822;b+2Bob@x\r\nDATA\r\n.\r\n"
    )
    envelope = player.committed[0][0].envelope
    assert (envelope.body, envelope.smtputf8, envelope.ret, envelope.envid) == ("8BITMIME", True, "HDRS", "a+2Bb")
    recipient = envelope.recipients[0]
    assert (recipient.notify, recipient.orcpt) == (("DELAY", "SUCCESS"), "rfc822;b+2Bob@x")


BY = b"\n\tby mx.example (Postfix) with "
LOCAL = b"(localhost [127.0.0.1])"
AUTHENTICATED = {**EVERYTHING, "smtpd_sasl_authenticated_header": "yes"}


@pytest.mark.parametrize(
    ("before", "conf", "line"),
    [
        (b"HELO c\r\nMAIL FROM:<a@b>\r\n", {}, b"c " + LOCAL + BY + b"SMTP id ID\n"),
        (b"MAIL FROM:<a@b>\r\n", {}, b"localhost " + LOCAL + BY + b"SMTP id ID\n"),
        (b"HELO c\r\nMAIL FROM:<a@b> SMTPUTF8\r\n", {}, b"c " + LOCAL + BY + b"UTF8SMTP id ID\n"),
        (b"EHLO cl(ie)nt x\x01y\r\nMAIL FROM:<a@b>\r\n", {}, b"cl?ie?nt?x?y " + LOCAL),
        (b'EHLO <client>;[1]"q\r\nMAIL FROM:<a@b>\r\n', {}, b"?client??[1]?q " + LOCAL),
        (
            b"XCLIENT NAME=[UNAVAILABLE] ADDR=198.51.100.7\r\nEHLO c\r\nMAIL FROM:<a@b>\r\n",
            EVERYTHING,
            b"c (unknown [198.51.100.7])" + BY,
        ),
        (
            b"XCLIENT NAME=spike.example ADDR=IPV6:2001:db8::1\r\nEHLO c\r\nMAIL FROM:<a@b>\r\n",
            EVERYTHING,
            b"c (spike.example [IPv6:2001:db8::1])" + BY,
        ),
        (
            b"XCLIENT HELO=hi.example PROTO=ESMTP\r\nMAIL FROM:<a@b>\r\n",
            EVERYTHING,
            b"hi.example " + LOCAL + BY + b"ESMTP id ID\n",
        ),
        (
            b"XCLIENT LOGIN=bob\r\nEHLO c\r\nMAIL FROM:<a@b>\r\n",
            EVERYTHING,
            b"c " + LOCAL + BY + b"ESMTPA id ID\n",
        ),
        (
            b"XCLIENT LOGIN=bob\r\nEHLO c\r\nMAIL FROM:<a@b>\r\n",
            AUTHENTICATED,
            b"c " + LOCAL + b"\n\t(Authenticated sender: bob)" + BY + b"ESMTPA id ID\n",
        ),
        (
            b"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<eve@two.example>\r\n",
            {},
            b"c " + LOCAL + BY + b"ESMTP id ID;\n\tThu, 1 Jan 1970",
        ),
    ],
)
def test_the_received_header_is_postfix_s(before: bytes, conf: dict[str, str], line: bytes) -> None:
    player = Player(conf=conf)
    player.turn(before + b"RCPT TO:<bob@two.example>\r\nDATA\r\n.\r\n")
    assert player.committed[0][1].startswith(b"Received: from " + line)


USED = b"(using TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits))"
NAMED = Tls(TLS.protocol, TLS.cipher, TLS.key_bits, "mx.example", "ca.example")


@pytest.mark.parametrize(
    ("asks", "tls", "line"),
    [
        ("no", TLS, b"(No client certificate requested)"),
        ("yes", TLS, b"(Client did not present a certificate)"),
        ("yes", NAMED, b'(Client CN "mx.example", Issuer "ca.example" (not verified))'),
    ],
)
def test_the_received_header_tells_of_tls(asks: str, tls: Tls, line: bytes) -> None:
    player = Player(conf={**EVERYTHING, "smtpd_tls_received_header": "yes", "smtpd_tls_ask_ccert": asks}, tls=tls)
    player.turn(b"EHLO c\r\n")
    player.turn(b"STARTTLS\r\n")
    player.turn(MAIL)
    received = b"Received: from client.example " + LOCAL + b"\n\t" + USED + b"\n\t" + line + BY + b"ESMTPS id ID\n"
    assert player.committed[0][1].startswith(received)


# decisions and their effects


def test_decisions_are_asked_for_in_order_with_what_is_known() -> None:
    player = Player()
    player.turn(MAIL + b"VRFY eve\r\nETRN two.example\r\n")
    stages = [need.stage.value for need in player.needs if isinstance(need, Decide)]
    assert stages == ["CONNECT", "HELO", "MAIL", "RCPT", "DATA", "END-OF-MESSAGE", "VRFY", "ETRN"]
    (rcpt,), (end,), (etrn,) = (decided(player, stage) for stage in (Stage.RCPT, Stage.END_OF_MESSAGE, Stage.ETRN))
    assert rcpt.sender == Address("ann", "one.example")
    assert rcpt.recipient == Address("bob", "two.example")
    assert (rcpt.recipients, rcpt.queue_id, rcpt.recipient_verbatim) == (0, "", "<bob@two.example>")
    assert (end.recipients, end.queue_id, end.size, end.recipient) == (1, "ID", 27, None)
    assert etrn.etrn_domain == "two.example"


def test_effects_live_and_die_with_the_transaction() -> None:
    player = deciding(
        "MAIL hold@one.example -> HOLD",
        "RCPT p@two.example -> PREPEND X-A: b",
        "RCPT r@two.example -> REDIRECT eve@two.example",
        "RCPT f@two.example -> FILTER smtp:x",
        "RCPT b@two.example -> BCC eve@two.example",
    )
    rcpts = b"".join(b"RCPT TO:<%s@two.example>\r\n" % name for name in (b"p", b"r", b"f", b"b", b"p"))
    player.turn(b"EHLO c\r\nMAIL FROM:<hold@one.example>\r\n" + rcpts + b"RSET\r\n")
    player.turn(b"MAIL FROM:<a@b>\r\nRCPT TO:<x@two.example>\r\nDATA\r\n.\r\n")
    player.turn(b"MAIL FROM:<hold@one.example>\r\n" + rcpts + b"DATA\r\n.\r\n")
    (plain, bare), (full, text) = player.committed
    assert (plain.envelope.hold, plain.envelope.redirect, plain.envelope.filter) == (False, "", "")
    assert bare.startswith(b"Received:")
    assert (full.envelope.hold, full.envelope.redirect, full.envelope.filter) == (True, "eve@two.example", "smtp:x")
    assert full.envelope.recipients[-1].address.text == "eve@two.example"
    assert text.startswith(b"X-A: b\nX-A: b\nReceived:")


def test_a_blind_copy_does_not_hide_the_only_recipient() -> None:
    player = deciding("RCPT bob@two.example -> BCC eve@two.example")
    player.turn(MAIL)
    assert b"\tfor <bob@two.example>;" in player.committed[0][1]


def test_discard_says_250_and_keeps_nothing() -> None:
    player = deciding("END-OF-MESSAGE ann@one.example -> DISCARD")
    assert player.turn(MAIL)[-1] == "250 2.0.0 Ok: queued as ID"
    assert (player.committed, player.abandoned) == ([], 1)


def test_a_refusal_at_the_end_abandons_the_mail_and_the_transaction() -> None:
    player = deciding("END-OF-MESSAGE ann@one.example -> 554 5.7.1 no")
    player.turn(MAIL)
    assert (player.committed, player.abandoned, player.session.transaction) == ([], 1, None)


def test_pipelining_out_of_turn_is_told_to_the_restrictions_from_then_on() -> None:
    player = Player()
    player.turn(b"EHLO c\r\nMAIL FROM:<a@b>\r\n", b"RCPT TO:<bob@two.example>\r\n")
    assert decided(player, Stage.RCPT)[0].pipelined
    player = Player()
    player.turn(b"EHLO c\r\n", b"MAIL FROM:<a@b>\r\nRCPT TO:<bob@two.example>\r\nDATA\r\n", b".\r\n")
    assert not decided(player, Stage.RCPT)[0].pipelined


# XCLIENT and XFORWARD


def test_xclient_changes_the_client_and_begins_anew() -> None:
    player = Player(conf=EVERYTHING)
    player.turn(
        b"XCLIENT NAME=spike.example ADDR=IPV6:2001:DB8::1 PORT=1234 REVERSE_NAME=[TEMPUNAVAIL] LOGIN=bo+40b "
        b"DESTADDR=198.51.100.1 DESTPORT=2525 HELO=hi.example PROTO=ESMTP\r\n"
    )
    facts = decided(player, Stage.CONNECT)[1]
    client = facts.client
    assert (client.name, client.address, client.port) == ("spike.example", "2001:db8::1", 1234)
    assert (client.reverse_name, client.reverse_status) == ("unknown", NameStatus.TRY_AGAIN)
    assert (facts.server_address, facts.server_port) == ("198.51.100.1", 2525)
    assert (facts.helo, facts.protocol) == ("hi.example", "ESMTP")
    assert facts.login is not None and (facts.login.name, facts.login.method) == ("bo@b", "XCLIENT")


def test_xforward_lasts_for_one_mail() -> None:
    player = Player(conf=EVERYTHING)
    player.turn(b"EHLO c\r\n", b"XFORWARD NAME=spike.example ADDR=198.51.100.7 IDENT=4ABC\r\n")
    assert player.session.forwarded == {"NAME": "spike.example", "ADDR": "198.51.100.7", "IDENT": "4ABC"}
    player.turn(b"MAIL FROM:<a@b>\r\nRSET\r\n")
    assert player.session.forwarded == {}


# TLS


def test_starttls_forgets_what_was_said_in_the_clear() -> None:
    """CVE-2011-0411: a command behind STARTTLS was not protected."""
    player = Player(conf=EVERYTHING, tls=TLS)
    player.turn(b"EHLO c\r\nMAIL FROM:<a@b>\r\nSTARTTLS\r\nRSET\r\nMAIL FROM:<eve@three.example>\r\n")
    assert player.session.waiting == 0
    assert player.turn(b"RCPT TO:<bob@two.example>\r\n") == ["503 5.5.1 Error: need MAIL command"]
    assert "250-STARTTLS" not in player.turn(b"EHLO c\r\n")
    assert player.turn(b"STARTTLS\r\n") == ["554 5.5.1 Error: TLS already active"]
    player.turn(MAIL)
    assert decided(player, Stage.RCPT)[0].tls == TLS


def test_a_failed_handshake_ends_the_session() -> None:
    player = Player(conf=EVERYTHING, tls=None)
    assert player.turn(b"STARTTLS\r\n")[-2:] == ["220 2.0.0 Ready to start TLS", "<closed>"]
    assert player.notes == ["lost connection after STARTTLS from localhost[127.0.0.1]"]
    assert player.session.counts["starttls"] == [0, 1]


def test_without_a_certificate_starttls_is_not_offered() -> None:
    player = Player(conf=EVERYTHING, tls=TLS)
    player.session.tls_available = False
    assert "250-STARTTLS" not in player.turn(b"EHLO c\r\n")
    assert player.turn(b"STARTTLS\r\n") == ["454 4.7.0 TLS not available due to local reason"]
    assert not any(isinstance(need, StartTls) for need in player.needs)


def test_auth_waits_for_a_mechanism() -> None:
    conf = {**EVERYTHING, "smtpd_sasl_auth_enable": "yes", "smtpd_tls_auth_only": "yes"}
    player = Player(conf=conf, tls=TLS)
    assert player.turn(b"AUTH PLAIN AAAA\r\n")[1:] == [
        "538 5.7.0 Encryption required for requested authentication mechanism"
    ]
    player.turn(b"STARTTLS\r\n")
    assert player.turn(b"AUTH PLAIN AAAA\r\n")[0].startswith("454 4.7.0 ")


# the log


@pytest.mark.parametrize(
    ("sent", "note"),
    [
        (b"EHLO cli", "lost connection after CONNECT from localhost[127.0.0.1]"),
        (b"NOOP\r\n", "lost connection after NOOP from localhost[127.0.0.1]"),
        (b"FOO\r\n", "lost connection after UNKNOWN from localhost[127.0.0.1]"),
        (ENVELOPE, "lost connection after RCPT from localhost[127.0.0.1]"),
        (ENVELOPE + b"DATA\r\nabc\r\ndef", "lost connection after DATA (8 bytes) from localhost[127.0.0.1]"),
        (ENVELOPE + b"BDAT 10\r\nabc", "lost connection after BDAT (3 bytes) from localhost[127.0.0.1]"),
        (b"BDAT 10\r\nabc", "lost connection after BDAT from localhost[127.0.0.1]"),
        (MAIL, ""),
        (MAIL + b"QUIT\r\n", ""),
    ],
)
def test_a_lost_connection_is_noted(sent: bytes, note: str) -> None:
    player = Player()
    player.turn(sent)
    player.end(Ended.EOF)
    assert player.over
    assert [text for text in player.notes if text.startswith("lost")] == ([note] if note else [])


def test_a_timeout_is_answered_and_noted() -> None:
    player = Player()
    player.turn(b"EHLO c\r\n", *ENVELOPE.splitlines(keepends=True)[1:])
    assert player.end(Ended.TIMEOUT) == ["421 4.4.2 mx.example Error: timeout exceeded"]
    assert player.notes == ["timeout after RCPT from localhost[127.0.0.1]"]
    assert player.abandoned == 1


@pytest.mark.parametrize(
    ("sent", "conf", "note"),
    [
        (b"FOO: bar\r\n", {}, "warning: non-SMTP command from CLIENT: FOO: bar"),
        (b"\xc3\xa4\r\n", {}, "warning: non-SMTP command from CLIENT: \\303\\244"),
        (b"FOO\r\nFOO\r\n", {"smtpd_hard_error_limit": "2"}, "too many errors after UNKNOWN from CLIENT"),
        (b"EHLO a\r\nNOOP\r\nQUIT\r\n", {}, "improper command pipelining after EHLO from CLIENT: NOOP\\r\\nQUIT\\r\\n"),
        (b"MAIL FROM:<a b>\r\n", {}, "warning: Illegal address syntax from CLIENT in MAIL command: <a b>"),
        (b"VRFY ;\r\n", {}, "warning: Illegal address syntax from CLIENT in VRFY command: ;"),
        (b"BDAT x\r\n", {}, "warning: NOQUEUE: malformed BDAT command syntax from CLIENT: BDAT x"),
        (b"BDAT 0\r\n", {}, "warning: NOQUEUE: null BDAT request from CLIENT"),
        (b"HELO a\r\nETRN two\r\n", {}, "warning: reject: ETRN two... from CLIENT"),
        (
            b"NOOP\n",
            {"smtpd_forbid_bare_newline": "reject"},
            "NOQUEUE: reject: CONNECT from CLIENT: bare <LF> received; proto=SMTP",
        ),
        (
            ENVELOPE + b"DATA\r\na\n\r\n.\r\n",
            {"smtpd_forbid_bare_newline": "reject"},
            "ID: reject: END-OF-MESSAGE from CLIENT: bare <LF> received; "
            "from=<ann@one.example> to=<bob@two.example> proto=ESMTP helo=<client.example>",
        ),
        (
            b"EHLO c\r\nMAIL FROM:<a@b> SIZE=99999999\r\n",
            {},
            "NOQUEUE: reject: MAIL from CLIENT: 552 5.3.4 Message size exceeds fixed limit; "
            "from=<a@b> proto=ESMTP helo=<c>",
        ),
        (
            b"NOOP " + b"x" * 700 + b"\r\n",
            {"line_length_limit": "512"},
            "warning: CLIENT: request longer than 512: NOOP xxxxxxxxxxxxxxxxxxxxxxxxx...",
        ),
        (
            ENVELOPE + b"DATA\r\na\n\r\n.\r\n",
            {"smtpd_forbid_bare_newline": "note"},
            "ID: bare <LF> received from CLIENT",
        ),
    ],
)
def test_notes_are_postfix_s(sent: bytes, conf: dict[str, str], note: str) -> None:
    player = Player(conf=conf)
    player.turn(sent)
    assert note.replace("CLIENT", "localhost[127.0.0.1]") in player.notes


def test_commands_are_counted_as_postfix_counts_them() -> None:
    player = Player(conf=EVERYTHING)
    player.turn(
        MAIL + b"MAIL FROM:<a b>\r\nVRFY\r\nFOO\r\nHELP\r\n\r\nNOOP \xe4\r\nSTARTTLS x\r\n",
        b"XCLIENT NAME=spike.example\r\n",
        b"QUIT\r\n",
    )
    assert {verb: tuple(count) for verb, count in player.session.counts.items()} == {
        "ehlo": (1, 1), "mail": (1, 2), "rcpt": (1, 1), "data": (1, 1), "vrfy": (0, 1), "unknown": (0, 2),
        "starttls": (0, 1), "xclient": (0, 1), "quit": (1, 1),
    }  # fmt: skip


def test_errors_slow_the_session_down() -> None:
    player = Player(conf={"smtpd_error_sleep_time": "1", "smtpd_soft_error_limit": "2"})
    player.turn(b"FOO\r\nFOO\r\nFOO\r\nNOOP\r\n")
    assert [need.seconds for need in player.needs if isinstance(need, Sleep)] == [1, 1]


# whatever comes

COMMANDS = st.sampled_from(
    b"EHLO a\r\n|HELO a\r\n|MAIL FROM:<a@b.example>\r\n|RCPT TO:<c@d.example>\r\n|DATA\r\n|.\r\n|BDAT 3\r\nabc|"
    b"BDAT 0 LAST\r\n|BDAT 5 LAST\r\n|RSET\r\n|NOOP\r\n|VRFY a\r\n|ETRN a\r\n|STARTTLS\r\n|AUTH PLAIN x\r\n|QUIT\r\n|"
    b"XCLIENT NAME=a.b ADDR=192.0.2.1\r\n|XFORWARD NAME=a.b\r\n|FOO\r\n|\r\n.\r\n|\n.\n|X: y\r\n|\x00|\xff\r\n|"
    b'MAIL FROM:<\r\n|RCPT TO:<"\r\n'.split(b"|")
)
NOISE = st.lists(st.one_of(COMMANDS, st.binary(max_size=12)), max_size=30)


@given(NOISE, st.integers(1, 40), st.sampled_from(["no", "normalize", "reject"]))
def test_no_input_breaks_a_session(parts: list[bytes], step: int, mode: str) -> None:
    data = b"".join(parts)
    conf = {**EVERYTHING, "smtpd_forbid_bare_newline": mode, "smtpd_hard_error_limit": "100"}
    player = Player(conf=conf, tls=TLS)
    lines = player.turn(*(data[i : i + step] for i in range(0, len(data), step)))
    player.end()
    assert player.over
    assert all(line == "<closed>" or (line[:3].isdigit() and line[3] in " -") for line in lines)
    assert len(player.committed) + player.abandoned >= sum(type(need).__name__ == "OpenMail" for need in player.needs)


def test_a_line_without_end_takes_no_memory() -> None:
    player = Player()
    player.turn(b"")
    for _ in range(1600):
        player.session.receive(b"x" * 65_536)
        player._run(None)
    assert player.session.waiting < 70_000
    assert player.turn(b"\r\nNOOP\r\n") == ["500 5.5.2 Error: command not recognized", "250 2.0.0 Ok"]


def test_every_wait_is_for_input() -> None:
    """A session that waits for input has used all that there was, but for a line's beginning."""
    player = Player()
    seen: list[Need] = []
    for octet in MAIL:
        player.turn(bytes([octet]))
        seen.append(player.needs[-1])
    assert all(isinstance(need, Receive) for need in seen)
