"""The policy protocol: what the running Postfix 3.7 sends, and what may come in."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.address import NULL, Address
from gatepost.core.ask import Advice, Consult
from gatepost.core.config.settings import Settings
from gatepost.core.facts import Client, Facts, Login, NameStatus, Stage, Tls
from gatepost.core.policy import (
    MAX_REQUEST,
    MAX_RESPONSE,
    Malformed,
    RequestParser,
    ResponseParser,
    attributes,
    encode_request,
    encode_response,
    xtext,
)
from gatepost.core.policy_service import Endpoint, PolicyService, parse_endpoint, parse_service

DEFAULTS = Settings.of()
CONNECTED = Facts(
    Client("192.0.2.7", "Cli.Example", "rev.example", 999, NameStatus.OK, NameStatus.OK),
    server_address="192.0.2.1",
    server_port=25,
)
GREETED = msgspec.structs.replace(CONNECTED, helo="Foo.Example", login=Login("ann@example.com", "XCLIENT"))
MAILED = msgspec.structs.replace(
    GREETED, protocol="ESMTP", sender=Address("AnN", "Example.COM"), size=1234, instance="287c.6b03126d.d9c30.0"
)

# What a Postfix 3.7.11 sends at RCPT, whole; the other stages are told as differences from it.
AT_RCPT = """\
request=smtpd_access_policy
protocol_state=RCPT
protocol_name=ESMTP
client_address=192.0.2.7
client_name=Cli.Example
client_port=999
reverse_client_name=rev.example
server_address=192.0.2.1
server_port=25
helo_name=Foo.Example
sender=AnN@Example.COM
recipient=Bob@Dragon.LAB
recipient_count=0
queue_id=
instance=287c.6b03126d.d9c30.0
size=1234
etrn_domain=
stress=
sasl_method=XCLIENT
sasl_username=ann@example.com
sasl_sender=
ccert_subject=
ccert_issuer=
ccert_fingerprint=
ccert_pubkey_fingerprint=
encryption_protocol=
encryption_cipher=
encryption_keysize=0
policy_context=

"""


def told(facts: Facts, stage: Stage, context: str = "") -> dict[str, str]:
    return dict(attributes(facts, stage, DEFAULTS, context))


def test_a_request_is_octet_for_octet_as_postfix_sends_it() -> None:
    facts = msgspec.structs.replace(MAILED, recipient=Address("Bob", "Dragon.LAB"))
    assert encode_request(attributes(facts, Stage.RCPT, DEFAULTS)).decode() == AT_RCPT


@pytest.mark.parametrize(
    ("stage", "verb", "state"),
    [
        (Stage.CONNECT, "", "CONNECT"),
        (Stage.CONNECT, "XCLIENT", "XCLIENT"),
        (Stage.HELO, "EHLO", "EHLO"),
        (Stage.HELO, "HELO", "HELO"),
        (Stage.HELO, "", "HELO"),
        (Stage.DATA, "BDAT", "DATA"),
        (Stage.END_OF_MESSAGE, "", "END-OF-MESSAGE"),
        (Stage.ETRN, "", "ETRN"),
    ],
)
def test_protocol_state(stage: Stage, verb: str, state: str) -> None:
    assert told(msgspec.structs.replace(GREETED, verb=verb), stage)["protocol_state"] == state


def test_before_and_at_mail() -> None:
    assert told(CONNECTED, Stage.CONNECT)["helo_name"] == ""
    at_mail = told(MAILED, Stage.MAIL)
    assert (at_mail["sender"], at_mail["instance"], at_mail["size"]) == ("AnN@Example.COM", "", "1234")
    assert told(msgspec.structs.replace(MAILED, sender=NULL), Stage.MAIL)["sender"] == ""


def test_recipient_only_where_there_is_one() -> None:
    facts = msgspec.structs.replace(
        MAILED, recipient=Address("b ob", "Dragon.LAB"), recipients=1, queue_id="DB44E2124EC"
    )
    rcpt, data = told(facts, Stage.RCPT), told(facts, Stage.DATA)
    assert (rcpt["recipient"], rcpt["recipient_count"], rcpt["queue_id"]) == ("b ob@Dragon.LAB", "0", "DB44E2124EC")
    assert (data["recipient"], data["recipient_count"]) == ("b ob@Dragon.LAB", "1")
    two = told(msgspec.structs.replace(facts, recipients=2), Stage.END_OF_MESSAGE)
    assert (two["recipient"], two["recipient_count"]) == ("", "2")


def test_vrfy_and_etrn() -> None:
    vrfy = told(msgspec.structs.replace(GREETED, recipient=Address("bob", ""), instance="x"), Stage.VRFY)
    assert (vrfy["recipient"], vrfy["instance"]) == ("bob", "")
    assert told(msgspec.structs.replace(GREETED, etrn_domain="dragon.lab"), Stage.ETRN)["etrn_domain"] == "dragon.lab"


def test_tls_stress_and_context() -> None:
    tls = Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", 256, "clïent", "Wietse +=", "D3:80", "00:5E")
    facts = msgspec.structs.replace(MAILED, tls=tls)
    given = dict(attributes(facts, Stage.RCPT, Settings.of({"stress": "yes"}), "two words"))
    assert given["ccert_subject"] == "cl+C3+AFent"
    assert given["ccert_issuer"] == "Wietse+20+2B+3D"
    assert (given["ccert_fingerprint"], given["ccert_pubkey_fingerprint"]) == ("D3:80", "00:5E")
    assert (given["encryption_protocol"], given["encryption_keysize"]) == ("TLSv1.3", "256")
    assert (given["stress"], given["policy_context"]) == ("yes", "two words")


def test_a_value_cannot_break_out_of_its_line() -> None:
    assert encode_request((("helo_name", "a\nrequest=x\n\0"),)) == b"helo_name=a?request=x??\n\n"
    assert encode_request((("sender", "\udcff@x"),)) == b"sender=\xff@x\n\n"
    assert encode_response("REJECT a\nb\0\udcff") == b"action=REJECT a b ?\n\n"


@given(st.text(max_size=40))
def test_xtext_is_printable(text: str) -> None:
    coded = xtext(text.encode("utf-8", "replace").decode())
    assert coded.isascii()
    assert all(33 <= ord(each) <= 126 and each != "=" for each in coded)


REQUEST = AT_RCPT.encode()


def test_requests_come_whole_in_pieces_and_together() -> None:
    expected = dict(line.split("=", 1) for line in AT_RCPT.split("\n") if line)
    assert RequestParser().feed(REQUEST) == [expected]
    parser = RequestParser()
    pieces = [found for i in range(len(REQUEST)) for found in parser.feed(REQUEST[i : i + 1])]
    assert pieces == [expected]
    assert parser.end() is None
    parser = RequestParser()
    assert parser.feed(REQUEST * 3 + b"request=x\n") == [expected] * 3
    assert parser.end() == Malformed("request cut off")
    assert parser.feed(b"\n") == [{"request": "x"}]


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"\n\n",
        b"hello\n\n",
        b"=x\n\n",
        b"sender=x\n\n",
        b"request=x\n no\n\n",
        b"request=x\nsender=a\0b\n\n",
        b"x" * MAX_REQUEST,
        b"request=" + b"x" * MAX_REQUEST + b"\n\n",
        b"GET / HTTP/1.1\r\nHost: x\n\n",
    ],
)
def test_malformed_requests_end_it(data: bytes) -> None:
    parser = RequestParser()
    found = parser.feed(data)
    assert len(found) == 1
    assert isinstance(found[0], Malformed)
    assert parser.feed(REQUEST) == []
    assert parser.end() is None


def test_the_first_of_two_values_counts() -> None:
    assert RequestParser().feed(b"request=a\nrequest=b\nx=a=b\n\n") == [{"request": "a", "x": "a=b"}]


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"action=DUNNO\n\n", Advice("DUNNO")),
        (b"action=\n\n", Advice("")),
        (b"action= REJECT  a=b \n\n", Advice(" REJECT  a=b ")),
        (b"foo=bar\naction=DUNNO\nx=y\n\n", Advice("DUNNO")),
        (b"action=REJECT x\naction=DUNNO\n\n", Advice("REJECT x")),
        ("action=REJECT é\n\n".encode(), Advice("REJECT é")),
        (b"hello world\n\n", Malformed("missing attribute action")),
        (b"\n", Malformed("missing attribute action")),
        (b"action\n\n", Malformed("missing attribute action")),
        (b"action = DUNNO\n\n", Malformed("missing attribute action")),
        (b"ACTION=DUNNO\n\n", Malformed("missing attribute action")),
        (b"action=REJECT a\0b\n\n", Malformed("a NUL in the action")),
        (b"action=R \x01\xff\xc3\xa9\n\n", Malformed('response: "R ??é"', final=True)),
        (b"x" * MAX_RESPONSE, Malformed(f"more than {MAX_RESPONSE} octets without an empty line")),
        (b"action=DUNNO\n", None),
        (b"action=DUNNO\r\n\r\n", None),  # Postfix waits for the empty line as well
    ],
)
def test_responses(data: bytes, answer: Advice | Malformed | None) -> None:
    assert ResponseParser().feed(data) == answer
    parser = ResponseParser()
    found = None
    for i in range(min(len(data), 200)):
        found = parser.feed(data[i : i + 1])
        if found is not None:
            break
    if len(data) < 200:
        assert found == answer


def test_an_answer_to_a_question_nobody_asked() -> None:
    parser = ResponseParser()
    assert parser.untouched
    assert parser.feed(b"action=DUNNO\n\naction=REJECT\n\n") == Advice("DUNNO")
    assert parser.surplus


PIECES = st.sampled_from([b"request=", b"a=b", b"\n", b"\n\n", b"=", b"action=", b"\0", b"\xff", b"\r\n", b"DUNNO"])


@settings(max_examples=150)
@given(st.lists(PIECES | st.binary(max_size=6), max_size=12), st.integers(1, 7))
def test_however_it_is_cut_the_same_comes_out(pieces: list[bytes], size: int) -> None:
    data = b"".join(pieces)
    whole, cut = RequestParser(), RequestParser()
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    assert whole.feed(data) == [found for chunk in chunks for found in cut.feed(chunk)]
    assert whole.end() == cut.end()
    answer, parser = ResponseParser().feed(data), ResponseParser()
    assert answer == next((found for chunk in chunks if (found := parser.feed(chunk)) is not None), None)


@pytest.mark.parametrize(
    ("text", "endpoint", "shown"),
    [
        ("inet:127.0.0.1:10023", Endpoint("127.0.0.1", "10023"), "127.0.0.1:10023"),
        ("inet:[::1]:10023", Endpoint("::1", "10023"), "[::1]:10023"),
        ("inet:localhost:smtp", Endpoint("localhost", "smtp"), "localhost:smtp"),
        ("inet:10023", Endpoint("", "10023"), "10023"),
        ("unix:private/policy-spf", Endpoint(path="private/policy-spf"), "private/policy-spf"),
        ("local:/x", Endpoint(path="/x"), "/x"),
    ],
)
def test_endpoints(text: str, endpoint: Endpoint, shown: str) -> None:
    assert parse_endpoint(text) == endpoint
    assert str(endpoint) == shown


def test_a_service_takes_its_defaults_from_main_cf() -> None:
    assert parse_service("inet:127.0.0.1:10023", DEFAULTS) == PolicyService(
        Consult("inet:127.0.0.1:10023", (), 100, 300, 1000, 0, 2, 1), "451 4.3.5 Server configuration problem"
    )
    mine = {
        "timeout": "1m",
        "max_idle": "9",
        "max_ttl": "1h",
        "request_limit": "5",
        "try_limit": "1",
        "retry_delay": "3",
    }
    conf = {f"smtpd_policy_service_{name}": value for name, value in mine.items()}
    conf["smtpd_policy_service_default_action"] = "DUNNO"
    conf["smtpd_policy_service_policy_context"] = "x"
    service = PolicyService(Consult("unix:private/x", (), 60, 9, 3600, 5, 1, 3), "DUNNO", "x")
    assert parse_service("unix:private/x", Settings.of(conf)) == service


def test_a_service_with_settings_of_its_own() -> None:
    text = "{ inet:127.0.0.1:4520, timeout=10s retry_delay=2,{default_action = REJECT sorry = you}, policy_context=a }"
    service = parse_service(text, DEFAULTS)
    assert isinstance(service, PolicyService)
    assert (service.consult.timeout, service.consult.retry_delay, service.consult.max_idle) == (10, 2, 300)
    assert (service.default_action, service.policy_context) == ("REJECT sorry = you", "a")
    consult = service.request(MAILED, Stage.RCPT, DEFAULTS)
    assert (consult.service, consult.attributes[-1]) == ("inet:127.0.0.1:4520", ("policy_context", "a"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("foo:bar", "invalid transport name: foo in service: foo:bar"),
        ("127.0.0.1:4520", "invalid transport name: 127.0.0.1 in service: 127.0.0.1:4520"),
        ("INET:127.0.0.1:4520", "invalid transport name: INET in service: INET:127.0.0.1:4520"),
        ("inet:127.0.0.1:4520:88", "127.0.0.1:4520:88: valid hostname or network address required"),
        ("inet:127.0.0.1:", "missing port in service: inet:127.0.0.1:"),
        ("inet:x:65536", "bad port number in service: inet:x:65536"),
        ("unix:", "missing endpoint in service: unix:"),
        ("", "invalid transport name:  in service: "),
        ("{ }", 'empty policy service: "{ }"'),
        ("{ inet:x:1", "policy service syntax error: { inet:x:1"),
        ("{ inet:x:1 } y", "policy service syntax error: { inet:x:1 } y"),
        ("{ inet:x:1, foo=bar }", 'unknown option: "foo = bar"'),
        ("{ inet:x:1, smtpd_policy_service_timeout=1s }", 'unknown option: "smtpd_policy_service_timeout = 1s"'),
        ("{ inet:x:1, timeout = 1 }", "malformed option: missing '=' after attribute name: \"...timeout...\""),
        ("{ timeout=1s, inet:x:1 }", "malformed option: missing '=' after attribute name: \"...inet:x:1...\""),
        ("{ inet:x:1, default_action= }", "bad string length 0 < 1: default_action = "),
        ("{ inet:x:1, try_limit=0 }", "invalid try_limit parameter value 0 < 1"),
        ("{ inet:x:1, request_limit=-1 }", "invalid request_limit parameter value -1 < 0"),
        ("{ inet:x:1, retry_delay=0 }", "invalid retry_delay: 0 (min 1)"),
        ("{ inet:x:1, timeout=abc }", "parameter timeout: bad time value or unit: abc"),
        ("{ inet:x:1, try_limit=abc }", "bad numerical configuration: try_limit = abc"),
    ],
)
def test_what_is_wrong_with_a_service(text: str, complaint: str) -> None:
    assert parse_service(text, DEFAULTS) == complaint


@settings(max_examples=150)
@given(st.text("{}=, :intimeoux1/", max_size=30))
def test_any_text_is_a_service_or_a_complaint(text: str) -> None:
    assert isinstance(parse_service(text, DEFAULTS), PolicyService | str)
