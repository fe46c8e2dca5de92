"""master.cf: services, their columns, options and arguments. The form is compared in test_against_postconf."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.config.master import Service, Spawn, parse_master_cf, spawn_of, split_endpoint
from gatepost.core.errors import Place, Problem

PIECES = st.sampled_from(
    ["smtp ", "inet ", "unix ", "n ", "- ", "y ", "smtpd ", "\n", "  ", "-o ", "a=b ", "{", "}", "#", "9?"]
)


def services(text: str) -> tuple[Service, ...]:
    found, problems = parse_master_cf(text, "master.cf")
    assert not problems
    return found


def test_columns() -> None:
    smtp, qmgr = services("smtp inet n - y - - smtpd\nqmgr unix - n - 300? 1 qmgr\n")
    assert (smtp.host, smtp.port, smtp.private, smtp.unprivileged, smtp.chroot) == ("", "smtp", False, True, True)
    assert (smtp.wakeup, smtp.wakeup_if_used, smtp.maxproc) == (0, False, None)
    assert (qmgr.private, qmgr.unprivileged, qmgr.chroot) == (True, False, False)
    assert (qmgr.wakeup, qmgr.wakeup_if_used, qmgr.maxproc) == (300, True, 1)
    assert qmgr.place == Place("master.cf", 2)


def test_options_and_arguments_know_their_lines() -> None:
    text = "x inet n - n - - smtpd\n  -o a=b\n# c\n  -o { d = e {f }  g }\n  -v\n"
    [service] = services(text)
    assert {name: (value.text, str(value.place)) for name, value in service.options.items()} == {
        "a": ("b", "master.cf:2"),
        "d": ("e {f }  g", "master.cf:4"),
    }
    assert [(word.text, str(word.place)) for word in service.args] == [("-v", "master.cf:5")]


def test_options_end_where_arguments_begin() -> None:
    [service] = services("x unix - n n - - pipe -o a=b user=u argv=/bin/x -o c=d\n")
    assert list(service.options) == ["a"]
    assert [word.text for word in service.args] == ["user=u", "argv=/bin/x", "-o", "c=d"]


@pytest.mark.parametrize(
    ("name", "host", "port"),
    [
        ("smtp", "", "smtp"),
        ("127.0.0.1:25", "127.0.0.1", "25"),
        ("[::1]:2525", "::1", "2525"),
        ("::1:25", "::1", "25"),
        (":25", "", "25"),
        ("mx.dragon.lab:submission", "mx.dragon.lab", "submission"),
    ],
)
def test_endpoints(name: str, host: str, port: str) -> None:
    assert split_endpoint(name) == (host, port)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x inet n - n -", "bad field count"),
        ("x foo n - n - - smtpd", 'invalid type field "foo" in "x foo n - n - - smtpd"'),
        ("x unix z - n - - smtpd", 'invalid private field "z" in "x unix z - n - - smtpd"'),
        ("x inet - - n - - smtpd", "inet service cannot be private"),
        ("x: inet n - n - - smtpd", 'missing service information in "x:"'),
        ("70000 inet n - n - - smtpd", "bad port number in service name: 70000"),
        ("x inet n - n - - smtpd -o a", 'invalid "-o a" option value: missing \'=\' after attribute name: "a"'),
        ("x inet n - n - - smtpd -o {a=b}c", "syntax error after '}' in \"{a=b}c\""),
        ("x inet n - n - - smtpd -o {a=b", "missing '}' in \"{a=b\""),
        ("x inet n - n - - smtpd -o", "option requires an argument: -o"),
    ],
)
def test_faults(line: str, message: str) -> None:
    _, problems = parse_master_cf(f"# first\n{line}\n", "master.cf")
    assert [str(problem) for problem in problems] == [f"master.cf:2: {message}"]


def test_the_last_of_two_services_counts() -> None:
    found, problems = parse_master_cf("x inet n - n - - smtpd\nx unix - - - - - smtp\nx inet n - n - - qmqpd\n", "f")
    assert [(service.type, service.command) for service in found] == [("unix", "smtp"), ("inet", "qmqpd")]
    assert [str(problem) for problem in problems] == [
        'f:3: warning: duplicate master.cf entry for service "x" -- using the last entry, not f:1'
    ]


@pytest.mark.parametrize(
    ("args", "result"),
    [
        ("user=nobody argv=/usr/bin/policyd-spf", Spawn("nobody", "", ("/usr/bin/policyd-spf",))),
        ("-v user=a:b argv=/bin/x -y { c  d } e{f g}", Spawn("a", "b", ("/bin/x", "-y", "c  d", "e{f g}"))),
        ("argv=/bin/x", "missing user= attribute"),
        ("user=a", "missing argv= attribute"),
        ("user=a argv= /bin/x", "missing argv= attribute"),
        ("foo=bar user=a argv=/bin/x", "unknown attribute name: foo=bar"),
    ],
)
def test_spawn(args: str, result: Spawn | str) -> None:
    [service] = services(f"p unix - n n - - spawn\n  {args}\n")
    found = spawn_of(service)
    assert (found.message if isinstance(found, Problem) else found) == result


@given(st.lists(PIECES, max_size=40).map("".join))
def test_parsing_never_fails(text: str) -> None:
    for service in parse_master_cf(text, "f")[0]:
        spawn_of(service)


def test_a_megabyte_takes_no_quadratic_time() -> None:
    started = time.process_time()
    head = "x unix - n n - - spawn"
    for tail in (" a" * 50_000, " -o a=b" * 30_000, " {" * 200_000, " {a}" * 50_000, " " + "{" * 900_000):
        parse_master_cf(head + tail, "f")
    parse_master_cf("x inet n - n - - smtpd\n" * 5_000, "f")
    assert time.process_time() - started < 20
