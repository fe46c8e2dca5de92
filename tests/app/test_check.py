"""gatepost check: every problem with its file and line, an exit status that scripts can use."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gatepost.app.cli import main
from server import write_configuration

EXAMPLE = Path(__file__).parents[2] / "examples" / "dragon.lab"


def check(directory: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", "--config", str(directory), *arguments])


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A directory with five errors and a warning."""
    directory = tmp_path / "etc"
    write_configuration(
        directory,
        {
            "smtpd_helo_restrictions": "permitt",
            "message_size_limit": "many",
            "smtpd_sender_restrictions": "check_sender_access hash:$config_directory/access_sender",
            "smtpd_client_restrictions": "check_client_access hash:$config_directory/missing",
            "smtpd_recipient_limt": "7",
        },
    )
    (directory / "access_sender.in").write_text("# senders\nbob@example.com\nann@example.com REJEKT\n")
    with (directory / "master.cf").open("a") as master:
        master.write("submission inet n\n")
    return directory


def line_of(path: Path, start: str) -> str:
    number = next(at for at, line in enumerate(path.read_text().splitlines(), 1) if line.startswith(start))
    return f"{path}:{number}: "


def test_the_example_is_fine(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "etc")
    done = check(tmp_path / "etc")
    assert done.exit_code == 0
    assert f"{tmp_path}/etc/access_sender.in:10: warning: " in done.output
    assert done.stdout.splitlines()[-1].startswith("0 errors in generation ")


def test_every_error_is_told_at_once_with_its_place(broken: Path) -> None:
    done = check(broken)
    assert done.exit_code == 1
    main_cf = broken / "main.cf"
    for start, words in (
        ("smtpd_helo_restrictions", "permit"),
        ("message_size_limit", "many"),
        ("smtpd_recipient_limt", "smtpd_recipient_limit"),
    ):
        wanted = line_of(main_cf, start)
        assert any(line.startswith(wanted) and words in line for line in done.output.splitlines()), (
            wanted,
            done.output,
        )
    assert f"{broken}/access_sender.in:2: warning: " in done.output
    assert f"{broken}/access_sender.in:3: " in done.output
    assert f"{broken}/missing" in done.output
    assert f"{broken}/master.cf:2: " in done.output


def test_as_json(broken: Path) -> None:
    done = check(broken, "--json")
    assert done.exit_code == 1
    document = json.loads(done.stdout)
    severities = [problem["severity"] for problem in document["problems"]]
    assert severities.count("warning") >= 1
    assert severities.count("error") >= 5
    (rejekt,) = [one for one in document["problems"] if "REJEKT" in one["message"]]
    assert (rejekt["file"], rejekt["line"], rejekt["severity"]) == (str(broken / "access_sender.in"), 3, "error")


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    done = check(tmp_path / "nowhere")
    assert done.exit_code == 1
    assert f"{tmp_path}/nowhere/main.cf: cannot be read: No such file or directory" in done.output


def test_an_override_is_checked_too(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "etc")
    done = check(tmp_path / "etc", "-o", "smtpd_client_restrictions=rejct")
    assert done.exit_code == 1
    assert "rejct" in done.output


def test_wrong_use_is_2(tmp_path: Path) -> None:
    assert check(tmp_path, "-o", "nothing").exit_code == 2
    assert CliRunner().invoke(main, ["check", "--nonsense"]).exit_code == 2
