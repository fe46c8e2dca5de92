"""The registry's names and defaults are the running Postfix's; every parameter is typed and described."""

from __future__ import annotations

from pathlib import Path

from gatepost.core.config import values
from gatepost.core.config.configuration import compile_configuration
from gatepost.core.config.registry import LEGACY, PARAMETERS, Kind, service_parameters
from gatepost.core.config.settings import Settings
from postconf import needs_postconf, postconf

# What the machine, the build or the moment decides.
HOST_DEPENDENT = {
    "config_directory",
    "inet_protocols",
    "mail_release_date",
    "mail_version",
    "mydomain",
    "myhostname",
    "mynetworks",
    "process_id",
    "process_name",
}

MASTER = """
smtp inet n - n - - smtpd
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
local unix - n n - - local
virtual unix - n n - - virtual
retry unix - - n - - error
discard unix - - n - - discard
bsmtp unix - n n - - pipe flags=Fq. user=bsmtp argv=/bin/true
policy-spf unix - n n - - spawn user=nobody argv=/bin/true
"""


@needs_postconf
def test_names_and_defaults_are_postfix_s(tmp_path: Path) -> None:
    theirs = postconf(tmp_path, "-d", main="", master=MASTER).values
    configuration = compile_configuration("", MASTER, main_file="", master_file="", defaults={})
    families = {}
    for service in configuration.services:
        families.update(service_parameters(service.name, service.command))
    ours = {name: parameter.default for name, parameter in (PARAMETERS | families).items()}
    assert {name for name in ours if not name.startswith("gatepost_")} == set(theirs)
    differing = {name for name in theirs if ours[name] != theirs[name]}
    assert differing <= HOST_DEPENDENT, {name: (ours[name], theirs[name]) for name in differing - HOST_DEPENDENT}


@needs_postconf
def test_expanded_defaults_are_postfix_s(tmp_path: Path) -> None:
    main = "compatibility_level = 3.6\nmyhostname = mx.dragon.lab\nmydomain = dragon.lab\nmynetworks = 127.0.0.0/8\n"
    theirs = postconf(tmp_path, "-x", main=main, master=MASTER).values
    ours = compile_configuration(main, MASTER, main_file="", master_file="", defaults={}).settings
    theirs = {name: value for name, value in theirs.items() if name not in HOST_DEPENDENT}
    assert {name: " ".join(ours.text(name).split()) for name in theirs} == theirs


def test_every_parameter_is_described_and_its_default_can_be_read() -> None:
    settings = Settings.of({"compatibility_level": "3.6"})
    for name, parameter in PARAMETERS.items():
        assert parameter.about.endswith((".", "...")), name
        assert (parameter.unit in values.UNITS) == (parameter.kind is Kind.TIME), name
        match parameter.kind:
            case Kind.YESNO:
                settings.flag(name)
            case Kind.NUMBER | Kind.SIZE:
                settings.number(name)
            case Kind.TIME:
                settings.seconds(name)
            case _:
                settings.items(name)
    assert not LEGACY.keys() & PARAMETERS.keys()


def test_families_follow_the_command() -> None:
    assert set(service_parameters("policy-spf", "spawn")) == {"policy-spf_time_limit"}
    assert "slow_time_limit" not in service_parameters("slow", "smtp")
    assert service_parameters("slow", "smtp")["slow_destination_concurrency_limit"].kind is Kind.NUMBER
    assert "local_destination_concurrency_limit" not in service_parameters("local", "local"), "has a default of its own"
    assert not service_parameters("submission", "smtpd")
