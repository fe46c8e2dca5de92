"""Reading a configuration directory: Debian's own, the example, the tutorial's, and faulty ones."""

from __future__ import annotations

import shutil
import subprocess
from ipaddress import IPv4Interface
from pathlib import Path

import pytest

import tutorial
from gatepost.core.config.configuration import Configuration
from gatepost.core.config.host import Host
from gatepost.core.errors import Severity
from gatepost.edge.config_directory import read_configuration
from gatepost.edge.interfaces import local_interfaces, this_host
from postconf import needs_postconf, postconf

EXAMPLE = Path(__file__).parents[2] / "examples" / "dragon.lab"
STOCK = (Path("/etc/postfix"), Path("/usr/share/postfix"))
HOST = Host("mx.dragon.lab", (IPv4Interface("127.0.0.1/8"), IPv4Interface("192.0.2.2/24")))


def complaints(configuration: Configuration) -> list[str]:
    return [str(problem) for problem in configuration.problems if problem.severity is not Severity.NOTE]


def words(configuration: Configuration, name: str) -> list[str]:
    return list(configuration.settings.words(name))


def stock(tmp_path: Path, *names: str) -> Path:
    """A copy of Debian's files, the first of ``names`` that exists for each, as main.cf and master.cf."""
    for target in ("main.cf", "master.cf"):
        found = [d / n for d in STOCK for n in names if n.startswith(target) and (d / n).exists()]
        if not found:
            pytest.skip("Debian's Postfix is not installed")
        shutil.copy(found[0], tmp_path / target)
    return tmp_path


@pytest.mark.parametrize(
    "names",
    [("main.cf", "master.cf"), ("main.cf.debian", "master.cf.dist"), ("main.cf.dist", "master.cf.dist")],
    ids=lambda names: names[0],
)
def test_debian_s_own_configuration_loads(tmp_path: Path, names: tuple[str, ...]) -> None:
    configuration = read_configuration(stock(tmp_path, *names), HOST)
    assert not configuration.errors
    assert ("smtp", "inet", "smtpd") in {(s.name, s.type, s.command) for s in configuration.services}
    assert all(service.is_known for service in configuration.services)


@needs_postconf
def test_what_the_machine_decides_is_as_postfix_has_it(tmp_path: Path) -> None:
    for main in ("", "mynetworks_style = subnet\n", "inet_interfaces = loopback-only\nmyhostname = mx.dragon.lab\n"):
        main = f"compatibility_level = 3.6\n{main}"
        names = ("myhostname", "mydomain", "mynetworks", "myorigin", "mydestination")
        theirs = postconf(tmp_path, "-x", *names, main=main).values
        ours = read_configuration(tmp_path).settings
        assert {name: ours.text(name) for name in names} == theirs


def test_this_machine_has_a_loopback_address() -> None:
    assert any(interface.ip.is_loopback for interface in local_interfaces())
    assert this_host().name


def test_myorigin_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "mailname").write_text(" dragon.lab \nsecond line\n")
    (tmp_path / "main.cf").write_text(f"myorigin = {tmp_path}/mailname\nrelayhost = $myorigin\n")
    (tmp_path / "master.cf").write_text("")
    configuration = read_configuration(tmp_path, HOST)
    assert not complaints(configuration)
    assert configuration.settings.text("myorigin") == "dragon.lab"
    assert configuration.settings.text("relayhost") == f"{tmp_path}/mailname", "as in the running Postfix"
    (tmp_path / "mailname").unlink()
    assert complaints(read_configuration(tmp_path, HOST)) == [
        f"{tmp_path}/mailname: cannot be read: No such file or directory"
    ]


def test_overrides_win_over_main_cf(tmp_path: Path) -> None:
    (tmp_path / "main.cf").write_text("myorigin = /etc/mailname\nbiff = yes\n")
    (tmp_path / "master.cf").write_text("")
    configuration = read_configuration(tmp_path, HOST, {"myorigin": "dragon.lab", "biff": "maybe"})
    assert configuration.settings.text("myorigin") == "dragon.lab"
    assert complaints(configuration) == ["-o: bad boolean configuration: biff = maybe"]


def test_missing_files_are_problems(tmp_path: Path) -> None:
    assert complaints(read_configuration(tmp_path, HOST)) == [
        f"{tmp_path}/main.cf: cannot be read: No such file or directory",
        f"{tmp_path}/master.cf: cannot be read: No such file or directory",
    ]


def test_octets_that_are_no_utf_8_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "main.cf").write_bytes(b"relayhost = \xff\xfe\n\x80 = x\n")
    (tmp_path / "master.cf").write_bytes(b"\xff inet n - n - - smtpd\n")
    assert not read_configuration(tmp_path, HOST).errors


def test_the_example_is_the_tutorial_s_configuration() -> None:
    configuration = read_configuration(EXAMPLE, HOST)
    assert not complaints(configuration)
    settings = configuration.settings
    assert settings.text("myhostname") == "mx.dragon.lab"
    assert words(configuration, "virtual_mailbox_domains") == ["dragon.lab"]
    recipients = settings.items("smtpd_recipient_restrictions")
    text = (EXAMPLE / "main.cf").read_text().split("\n")
    assert all(word.place and word.text.rpartition("/")[2] in text[word.place.line - 1] for word in recipients)
    assert [word.text for word in recipients][-1] == "unix:private/policy-spf"
    assert f"hash:{EXAMPLE.absolute()}/access_recipient" in settings.words("smtpd_recipient_restrictions")
    assert [s.name for s in configuration.services if s.command == "smtpd"] == ["smtp", "submission", "smtps"]
    views = {s.name: configuration.settings_for(s) for s in configuration.services if s.command == "smtpd"}
    assert views["submission"].text("smtpd_tls_security_level") == "encrypt"
    assert views["smtps"].flag("smtpd_tls_wrappermode")
    assert views["smtps"].words("smtpd_client_restrictions") == settings.words("smtpd_client_restrictions")
    assert settings.seconds("policy-spf_time_limit") == 3600


@tutorial.needs_tutorial
def test_the_tutorial_s_own_files_load_and_the_example_says_the_same(tmp_path: Path) -> None:
    tutorial.write(tmp_path)
    ours, theirs = read_configuration(EXAMPLE, HOST), read_configuration(tmp_path, HOST)
    assert not theirs.errors
    [doubled] = complaints(theirs)
    assert "overriding earlier entry: smtpd_recipient_restrictions=" in doubled
    for stage in ("client", "helo", "sender", "relay", "recipient"):
        name = f"smtpd_{stage}_restrictions"
        example = [word.replace(str(EXAMPLE.absolute()), str(tmp_path)) for word in words(ours, name)]
        assert example == words(theirs, name)
    for name in ("smtpd_delay_reject", "disable_vrfy_command", "smtpd_helo_required"):
        assert ours.settings.flag(name) and theirs.settings.flag(name) and theirs.settings.is_set(name)
    mine = {(s.name, s.type): s for s in ours.services}
    for service in theirs.services:
        twin = mine[service.name, service.type]
        assert {n: v.text for n, v in twin.options.items()} == {n: v.text for n, v in service.options.items()}
        assert [word.text for word in twin.args] == [word.text for word in service.args]
    for name in tutorial.TABLES:
        assert rules((EXAMPLE / f"{name}.in").read_text()) == rules(tutorial.access_file(name))


def rules(text: str) -> list[list[str]]:
    """Keys and actions of an access file, without the actions' texts."""
    return [line.split()[:2] for line in text.splitlines() if line.strip() and line[0] not in "# \t"]


@needs_postconf
def test_the_example_is_fine_for_postfix(tmp_path: Path) -> None:
    directory = tmp_path / "etc"
    shutil.copytree(EXAMPLE, directory)
    with (directory / "main.cf").open("a") as main:
        main.write(f"queue_directory = {tmp_path}/spool\ndata_directory = {tmp_path}/data\n")
    for name in ("spool", "data"):
        (tmp_path / name).mkdir()
    warned = subprocess.run(
        ["postconf", "-c", directory, "-x", "-n"], capture_output=True, text=True, check=True
    ).stderr
    assert not warned
    skipped = [postmap(directory, f"{name}.in") for name in tutorial.TABLES]
    assert [said for said in skipped if said] == [
        "postmap: warning: access_sender.in, line 10: expected format: key whitespace value\n"
    ], "the sender without an action is left out"
    assert postmap(directory, "mailboxes") == ""


def postmap(directory: Path, name: str) -> str:
    """What postmap says; the owner of the directory must be the one who runs it."""
    command = ["postmap", "-c", str(directory), f"hash:{name}"]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False).stderr
