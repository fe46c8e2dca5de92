"""The command line: one file a subcommand, imported when it is called."""

from __future__ import annotations

import importlib
import sys

import click

COMMANDS = {
    "serve": "Answer SMTP, decide, queue and deliver; in the foreground.",
    "check": "Name everything wrong in a configuration, as file:line.",
    "explain": "Say what would be decided about a session, and why.",
    "sendmail": "Submit a mail from this machine, with sendmail's options.",
}


class _Lazy(click.Group):
    """Subcommands whose modules are imported when they are called: starting stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"gatepost.app.cli.{cmd_name}_command").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gatepost")
def main() -> None:
    """A mail server's front door that decides as Postfix does, and says why."""


if __name__ == "__main__":
    sys.exit(main())
