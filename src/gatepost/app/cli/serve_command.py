"""gatepost serve: the server, in the foreground."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gatepost.app.cli.configuration import configuration_options, make_options, show
from gatepost.app.cli.trial import hints, trial_options
from gatepost.app.generation import Generation, load_generation
from gatepost.app.options import Options
from gatepost.app.places import Places
from gatepost.app.services import listening
from gatepost.app.steward import open_steward_listeners
from gatepost.core.errors import ConfigError
from gatepost.edge.control import Control
from gatepost.edge.listeners import Listener, close_listeners, open_listeners
from gatepost.edge.log_outputs import LOG_FLAGS
from gatepost.edge.supervisor import Supervisor
from gatepost.edge.tls import certificate_files


@click.command("serve")
@configuration_options
@click.option("--workers", type=click.IntRange(1, 255), default=None, help="How many processes; default: the cores.")
@click.option("--listen", multiple=True, metavar="SERVICE=HOST:PORT", help="Where a service of master.cf listens.")
@click.option("--trial", type=click.Path(path_type=Path), metavar="DIR", help="Try it: loopback ports, state in DIR.")
def command(
    config: Path | None,
    overrides: tuple[str, ...],
    nameservers: tuple[str, ...],
    workers: int | None,
    listen: tuple[str, ...],
    trial: Path | None,
) -> None:
    """Serve the configuration directory until SIGTERM. SIGHUP reloads. Prints a line when ready."""
    options = make_options(config, overrides, nameservers, listen)
    try:
        options = options if trial is None else trial_options(options, trial)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error
    generation = load_generation(options)
    for problem in generation.problems:
        show(problem)
    if generation.errors:
        sys.exit(1)
    settings = generation.configuration.settings
    count = workers or settings.number("gatepost_workers") or os.cpu_count() or 1
    places = Places.of(settings)
    try:
        places.prepare(settings.text("mail_owner"))
        listeners = open_listeners(listening(generation.configuration, options), count)
        stewarding = open_steward_listeners(generation.configuration, places)
    except ConfigError as error:
        for problem in error.problems:
            show(problem)
        sys.exit(1)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error
    said = () if trial is None else tuple(hints(options))
    sys.exit(_supervise(generation, options, listeners, stewarding, said))


def _supervise(
    generation: Generation,
    options: Options,
    listeners: list[list[Listener]],
    stewarding: list[Listener],
    said: Sequence[str],
) -> int:
    """Workers first, then the steward, where one is needed. ``said`` follows the ready line."""
    settings = generation.configuration.settings
    ends = sorted({_end(listener) for group in listeners for listener in group})

    def work(number: int, own: Sequence[Listener], control: Control) -> int:
        # Imported in the child: the supervisor has no event loop, and no use for one.
        from gatepost.app.steward import Steward  # noqa: PLC0415
        from gatepost.app.worker import Worker  # noqa: PLC0415

        if number == len(listeners):
            return Steward(own, control, generation, options).run()
        return Worker(number, own, control, generation, options).run()

    def ready() -> None:
        click.echo(f"gatepost is ready: {', '.join(ends)} ({len(listeners)} workers, generation {generation.digest})")
        for line in said:
            click.echo(line)
        sys.stdout.flush()

    supervisor = Supervisor(
        work,
        [*listeners, stewarding] if stewarding else listeners,
        log=lambda text, level: click.echo(text, err=True),
        on_ready=ready,
        files=OpenedFiles(options.directory, generation, settings.text("maillog_file")),
    )
    try:
        return supervisor.run()
    finally:
        close_listeners([*listeners, stewarding])


class OpenedFiles(dict[str, int]):
    """What the supervisor opens for workers that are not root any more, with open(2)'s flags.

    The log for writing; for reading what the configuration is made of: the files of its directory, and the tables and
    TLS keys that lie elsewhere.
    """

    def __init__(self, directory: Path, generation: Generation, log: str) -> None:
        services = [rules.settings for _, rules in generation.services]
        keys = [file for settings in services for file in certificate_files(settings)]
        super().__init__(dict.fromkeys([*(str(seen.path) for seen in generation.files), *keys], os.O_RDONLY))
        if log:
            self[log] = LOG_FLAGS
        self._directory = os.path.realpath(directory) + "/"

    def get(self, path: str, default: Any = None) -> Any:
        """The flags for ``path``, or ``default`` where it is none of these."""
        known = super().get(path)
        if known is None and os.path.realpath(path).startswith(self._directory):
            known = os.O_RDONLY
        return default if known is None else known


def _end(listener: Listener) -> str:
    host, port = listener.socket.getsockname()[:2]
    return f"{listener.service} on {host}:{port}"
