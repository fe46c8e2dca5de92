"""serve --trial: overrides that keep a trial on loopback and below one directory, and what is told to be tried."""

from __future__ import annotations

import os
from pathlib import Path

from gatepost.app.cli.trial import HOST, hints, trial_options
from gatepost.app.generation import load_generation
from gatepost.app.options import Options
from gatepost.app.services import listening

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "examples" / "dragon.lab"


def test_everything_lies_on_loopback_and_below_the_directory(place: Path) -> None:
    options = trial_options(Options(EXAMPLE), place / "with space and $")
    generation = load_generation(options)
    assert generation.errors == ()
    ends = {service.name: (service.host, service.port) for service, _ in listening(generation.configuration, options)}
    assert ends == {"smtp": (HOST, "2525"), "submission": (HOST, "2587"), "smtps": (HOST, "2465")}
    settings = generation.configuration.settings
    written = ("gatepost_state_directory", "gatepost_journal_directory", "virtual_mailbox_base", "mail_spool_directory")
    for name in (*written, "smtpd_tls_cert_file", "smtpd_tls_key_file"):
        assert Path(settings.text(name)).is_relative_to(place / "with space and $"), name
    assert settings.text("virtual_uid_maps") == f"static:{os.environ.get('SUDO_UID', os.geteuid())}"


def test_what_the_user_gives_wins(place: Path) -> None:
    given = Options(EXAMPLE, {"maillog_file": "/var/log/mail.log"}, {"smtp": ("127.0.0.2", "2526")})
    options = trial_options(given, place)
    assert options.overrides["maillog_file"] == "/var/log/mail.log"
    assert options.listen["smtp"] == ("127.0.0.2", "2526")
    assert any("--server 127.0.0.2:2526 --to richard@dragon.lab" in line for line in hints(options))


def test_the_hints_for_another_directory_name_nobody(place: Path) -> None:
    options = trial_options(Options(place), place)
    assert not any("dragon.lab" in line for line in hints(options))
