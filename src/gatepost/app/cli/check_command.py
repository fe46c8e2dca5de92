"""gatepost check: everything wrong in a configuration, as file:line."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from gatepost.app.cli.configuration import configuration_options, make_options, show
from gatepost.app.generation import load_generation


@click.command("check")
@configuration_options
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
def command(config: Path | None, overrides: tuple[str, ...], nameservers: tuple[str, ...], as_json: bool) -> None:
    """Read the configuration directory with all its tables and name everything wrong. Exit 1 on errors."""
    generation = load_generation(make_options(config, overrides, nameservers))
    if as_json:
        document = {
            "generation": generation.digest,
            "problems": [
                {
                    "severity": problem.severity.value,
                    "message": problem.message,
                    "file": problem.place.file if problem.place else None,
                    "line": problem.place.line if problem.place else None,
                }
                for problem in generation.problems
            ],
        }
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
    else:
        for problem in generation.problems:
            show(problem)
        click.echo(f"{len(generation.errors)} errors in generation {generation.digest}")
    sys.exit(1 if generation.errors else 0)
