"""The options by which every command finds its configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gatepost.app.options import Options, default_directory
from gatepost.core.errors import Problem, Severity

F = TypeVar("F", bound=Callable[..., Any])

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def configuration_options(command: F) -> F:
    """Adds --config, -o and --nameserver to a command."""
    for option in (
        click.option("--nameserver", "nameservers", multiple=True, metavar="ADDR[:PORT]", help="Ask this name server."),
        click.option("-o", "overrides", multiple=True, metavar="NAME=VALUE", help="Override a parameter of main.cf."),
        click.option("--config", "-c", type=click.Path(path_type=Path), help="The configuration directory."),
    ):
        command = option(command)
    return command


def make_options(
    config: Path | None, overrides: tuple[str, ...], nameservers: tuple[str, ...], listen: tuple[str, ...] = ()
) -> Options:
    """Options from the command line's words. Raises click.UsageError."""
    given = {}
    for word in overrides:
        name, equals, value = word.partition("=")
        if not equals:
            raise click.UsageError(f"-o {word}: wanted name=value")
        given[name.strip()] = value.strip()
    if nameservers:
        given["gatepost_nameservers"] = " ".join(nameservers)
    ends = {}
    for word in listen:
        service, equals, end = word.partition("=")
        host, colon, port = end.rpartition(":")
        if not equals or not colon:
            raise click.UsageError(f"--listen {word}: wanted SERVICE=HOST:PORT")
        ends[service] = (host.strip("[]"), port)
    return Options((config or default_directory()).absolute(), given, ends)


def show(problem: Problem) -> None:
    """Print a problem on standard error."""
    click.echo(click.style(str(problem), fg=_COLOURS[problem.severity]), err=True)
