"""Settings: layers, types, caching; and the typed values themselves."""

from __future__ import annotations

import pytest

from gatepost.core.config import values
from gatepost.core.config.settings import Settings, Word
from gatepost.core.errors import ConfigError


def test_defaults_and_given_values() -> None:
    settings = Settings.of({"smtpd_helo_required": "YES", "maximal_queue_lifetime": "2", "mynetworks": "10.0.0.0/8"})
    assert settings.flag("smtpd_helo_required") is True
    assert settings.flag("disable_vrfy_command") is False
    assert settings.seconds("maximal_queue_lifetime") == 2 * 86400, "its default unit is days"
    assert settings.seconds("smtpd_timeout") == 300
    assert settings.number("smtpd_hard_error_limit") == 20
    assert settings.number("message_size_limit") == 10240000
    assert settings.text("smtpd_forbid_bare_newline_exclusions") == "10.0.0.0/8"
    assert settings.is_set("mynetworks") and not settings.is_set("myhostname")
    assert settings.place("mynetworks") is None
    assert settings.service == ""


def test_lists() -> None:
    settings = Settings.of({"mua": "a,b", "smtpd_client_restrictions": "$mua\t{ check x, y } ,, c{d e}"})
    assert settings.words("smtpd_client_restrictions") == ("a", "b", "{ check x, y }", "c{d e}")
    assert settings.items("smtpd_client_restrictions")[1] == Word("b", None)
    assert settings.words("smtpd_helo_restrictions") == ()


def test_the_same_answer_is_given_again() -> None:
    settings = Settings.of({"smtpd_client_restrictions": "a b"})
    assert settings.items("smtpd_client_restrictions") is settings.items("smtpd_client_restrictions")
    assert settings.words("smtpd_client_restrictions") is settings.words("smtpd_client_restrictions")


def test_raw_parameters_are_not_expanded() -> None:
    settings = Settings.of({"default_rbl_reply": "$rbl_code ${rbl_reason?; $rbl_reason}"})
    assert settings.text("default_rbl_reply") == "$rbl_code ${rbl_reason?; $rbl_reason}"


def test_our_own_parameters() -> None:
    settings = Settings.of({"gatepost_nameservers": "127.0.0.1:5353, [::1]:53"})
    assert settings.words("gatepost_nameservers") == ("127.0.0.1:5353", "[::1]:53")
    assert settings.number("gatepost_workers") == 0


def test_a_name_that_nobody_knows_is_a_mistake_in_the_program() -> None:
    with pytest.raises(KeyError):
        Settings.of().text("smtpd_recipent_restrictions")
    assert Settings.of({"my_class": "reject"}).words("my_class") == ("reject",)
    assert not Settings.of().knows("my_class")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("biff", "maybe", "bad boolean configuration: biff = maybe"),
        ("biff", "", "bad boolean configuration: biff = "),
        ("smtpd_recipient_limit", "12x", "bad numerical configuration: smtpd_recipient_limit = 12x"),
        ("smtpd_recipient_limit", "0", "invalid smtpd_recipient_limit parameter value 0 < 1"),
        ("smtpd_recipient_limit", "2147483648", "bad numerical configuration: smtpd_recipient_limit = 2147483648"),
        ("smtpd_timeout", "12x", "parameter smtpd_timeout: bad time value or unit: 12x"),
        ("smtpd_timeout", "5M", "parameter smtpd_timeout: bad time value or unit: 5M"),
        ("smtpd_timeout", "5 m", "parameter smtpd_timeout: bad time value or unit: 5 m"),
        ("smtpd_timeout", "-5", "parameter smtpd_timeout: bad time value or unit: -5"),
        ("smtpd_timeout", "0", "invalid smtpd_timeout: 0 (min 1)"),
    ],
)
def test_bad_values_are_refused_in_postfix_s_words(name: str, value: str, message: str) -> None:
    settings = Settings.of({name: value})
    accessor = {"biff": settings.flag, "smtpd_timeout": settings.seconds}.get(name, settings.number)
    with pytest.raises(ConfigError) as caught:
        accessor(name)
    assert [problem.message for problem in caught.value.problems] == [message]


@pytest.mark.parametrize(
    ("text", "unit", "seconds"),
    [
        ("0", "s", 0),
        ("90", "s", 90),
        ("5m", "s", 300),
        ("1h", "d", 3600),
        ("2", "d", 172800),
        ("1w", "s", 604800),
        ("010", "s", 10),
        ("+7", "s", 7),
        ("5m3s", "s", 300),
    ],
)
def test_times(text: str, unit: str, seconds: int) -> None:
    assert values.seconds("any", text, unit) == seconds


def test_numbers() -> None:
    assert values.number("any", "010") == 10
    assert values.number("any", "+10") == 10
    assert values.number("any", "-5") == -5
    assert values.size("any", "99999999999") == 99999999999
