"""compile_configuration: layers, and everything wrong at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gatepost.core.config.configuration import Configuration, compile_configuration
from gatepost.core.errors import Severity

TEXT = """
smtpd_timeout = 5x
a = $b
b = ${a
biff=maybe
x inet n - n - - smtpd
  -o a=$a
  -o biff=q
# c
smtpd_restriction_classes = a, ${
alias_maps = ldap:a
a_b = 1
myhostname = $mydomain
x
 x
"""
LINES = st.sampled_from(TEXT.split("\n"))


def compiled(main: str, master: str = "", **defaults: str) -> Configuration:
    return compile_configuration(main, master, main_file="main.cf", master_file="master.cf", defaults=defaults)


def said(configuration: Configuration, *severities: Severity) -> list[str]:
    wanted = severities or (Severity.ERROR, Severity.WARNING)
    return [str(problem) for problem in configuration.problems if problem.severity in wanted]


def test_a_service_sees_its_own_options_first() -> None:
    configuration = compiled(
        "smtpd_helo_required = yes\nmua_helo_restrictions =\n  permit_mynetworks\n  reject\n",
        "smtp inet n - n - - smtpd\n"
        "submission inet n - n - - smtpd\n"
        "  -o smtpd_helo_required=no -o smtpd_helo_restrictions=$mua_helo_restrictions\n"
        "  -o syslog_name=postfix/$service_name\n",
    )
    assert not said(configuration)
    smtp, submission = configuration.services
    plain, own = configuration.settings_for(smtp), configuration.settings_for(submission)
    assert (plain.flag("smtpd_helo_required"), own.flag("smtpd_helo_required")) == (True, False)
    assert (plain.service, own.service) == ("smtp", "submission")
    assert (plain.text("syslog_name"), own.text("syslog_name")) == ("postfix", "postfix/submission")
    assert own.text("process_name") == "smtpd"
    assert str(own.place("smtpd_helo_required")) == "master.cf:3"
    assert [(word.text, str(word.place)) for word in own.items("smtpd_helo_restrictions")] == [
        ("permit_mynetworks", "main.cf:3"),
        ("reject", "main.cf:4"),
    ], "a word knows where it is written, not where it is used"
    assert plain.items("smtpd_helo_restrictions") == ()


def test_host_defaults_are_no_settings() -> None:
    configuration = compiled(
        "mydestination = $myhostname\n", myhostname="mx.dragon.lab", config_directory="/etc/postfix"
    )
    assert configuration.settings.text("mydestination") == "mx.dragon.lab"
    assert not configuration.settings.is_set("myhostname")
    assert configuration.directory == "/etc/postfix"


def test_everything_wrong_is_reported_together_in_order() -> None:
    configuration = compiled(
        "smtpd_recipent_restrictions = permit\nbiff = maybe\nrelayhost = $nothing\nmine = 1\nfoo\n"
        "smtpd_timeout =\n  1x\nmynetworks = ${x\n",
        "smtp inet n - n - -\nsmtp inet n - n - - smtp_d -o biff=$biff\np unix - - n - - spawn argv=/x\n",
    )
    assert said(configuration) == [
        "main.cf:1: unknown parameter 'smtpd_recipent_restrictions', did you mean smtpd_recipient_restrictions",
        "main.cf:2: bad boolean configuration: biff = maybe",
        "main.cf:3: warning: undefined parameter: nothing",
        "main.cf:4: warning: unused parameter: mine=1",
        "main.cf:5: missing '=' after attribute name: \"foo\"",
        "main.cf:7: parameter smtpd_timeout: bad time value or unit: 1x",
        'main.cf:8: mynetworks: truncated macro reference: "${x"',
        "main.cf:8: warning: undefined parameter: x",
        "master.cf:1: bad field count",
        "master.cf:2: unknown command 'smtp_d', did you mean smtpd",
        'master.cf:2: biff: unreasonable macro call nesting: "biff"',
        "master.cf:3: service p requires privileged operation",
        "master.cf:3: missing user= attribute",
    ]
    assert len(configuration.errors) == 10


def test_names_of_one_s_own() -> None:
    main = (
        "smtpd_restriction_classes = strict\nstrict = reject\nmua = permit\nsmtpd_helo_restrictions = $mua\n"
        "alias_maps = mysql:people\npeople_hosts = a\npolicy-spf_time_limit = 3600s\nslow_destination_rate_delay = 1s\n"
        "virtual_maps = hash:/x\ngatepost_nameservers = 127.0.0.1\n"
    )
    master = "policy-spf unix - n n - - spawn user=nobody argv=/x\nslow unix - - n - - smtp\n"
    configuration = compiled(main, master)
    assert not said(configuration)
    assert configuration.settings.seconds("policy-spf_time_limit") == 3600
    assert configuration.settings.seconds("slow_transport_rate_delay") == 0
    [orphan] = said(compiled("policy-spf_time_limit = 3600s\n"))
    assert orphan == "main.cf:1: warning: unused parameter: policy-spf_time_limit=3600s"


def test_known_parameters_without_effect_are_noted() -> None:
    configuration = compiled("qmgr_fudge_factor = 50\n", "smtp inet n - n - - smtpd -o qmgr_fudge_factor=50\n")
    assert said(configuration, Severity.NOTE) == [
        "main.cf:1: note: qmgr_fudge_factor is known, but has no effect here",
        "master.cf:1: note: qmgr_fudge_factor is known, but has no effect here",
    ]


def test_a_name_misspelt_a_thousand_times_costs_little() -> None:
    configuration = compiled("".join(f"smtpd_recipent_restrictions{n} = x\n" for n in range(2000)))
    assert len(said(configuration)) == 2000


@given(st.lists(LINES, max_size=12).map("\n".join), st.lists(LINES, max_size=12).map("\n".join))
def test_compiling_never_fails(main: str, master: str) -> None:
    configuration = compiled(main, master)
    if not configuration.errors:
        for service in configuration.services:
            configuration.settings_for(service).flag("biff")
            configuration.settings_for(service).seconds("smtpd_timeout")
