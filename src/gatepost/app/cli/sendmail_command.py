"""gatepost sendmail: the click command around app.cli.sendmail."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gatepost.app.cli.sendmail import Site, sendmail
from gatepost.app.options import default_directory
from gatepost.app.places import Places
from gatepost.app.standalone import Standalone
from gatepost.core.config.settings import Settings
from gatepost.edge.config_directory import read_configuration


@click.command("sendmail", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Submit the mail on standard input; options as sendmail(1): -t, -f, -F, -i, -N, -R, -V, -bs, -C DIR."""
    sys.exit(sendmail(arguments, site_of=_site, serve=_serve))


def _settings(config: str) -> Settings:
    return read_configuration(Path(config).absolute() if config else default_directory()).settings


def _site(config: str) -> Site:
    settings = _settings(config)
    return Site(Places.of(settings).maildrop, settings.number("message_size_limit"))


def _serve(config: str) -> int:
    settings = _settings(config)
    return Standalone(settings, Places.of(settings).maildrop, sys.stdin.buffer, sys.stdout.buffer).run()
