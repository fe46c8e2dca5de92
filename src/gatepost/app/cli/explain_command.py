"""gatepost explain: what would be decided about a session, and why."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import click
import msgspec

from gatepost.app.cli.configuration import configuration_options, make_options, show
from gatepost.app.examination import BadSession, Examiner, Session
from gatepost.app.explanation import as_json, as_text, verdict_word
from gatepost.app.generation import Generation, load_generation
from gatepost.app.places import Places
from gatepost.app.services import spawn_sockets
from gatepost.edge.policy_client import PolicyClient
from gatepost.edge.resolver import Resolver, read_hosts, system_options
from gatepost.edge.world import World

MAX_LINE = 1 << 20  # octets of a batch's line


@click.command("explain")
@configuration_options
@click.option("--client", metavar="ADDR[,NAME]", help="The client; without NAME its name is looked up.")
@click.option("--helo", default="", help="The name given with HELO.")
@click.option("--from", "sender", default=None, metavar="ADDRESS", help="MAIL FROM; <> is the null sender.")
@click.option("--to", "recipient", default=None, metavar="ADDRESS", help="RCPT TO.")
@click.option("--login", default="", help="The name that the client has logged in with.")
@click.option("--service", default="", help="The smtpd service: its name or port in master.cf.")
@click.option("--stage", default="rcpt", show_default=True, help="connect, helo, mail, rcpt, data, end-of-message, ...")
@click.option("--json", "json", is_flag=True, help="Print a JSON document.")
@click.option("--batch", type=click.File("rb"), default=None, help="Sessions as JSON lines; - is standard input.")
def command(
    config: Path | None,
    overrides: tuple[str, ...],
    nameservers: tuple[str, ...],
    client: str | None,
    helo: str,
    sender: str | None,
    recipient: str | None,
    login: str,
    service: str,
    stage: str,
    json: bool,
    batch: Iterable[bytes] | None,
) -> None:
    """Decide a described session and print each restriction with its place, what it asked, and the reply.

    Exit 1 if the session would be refused. Policy services that the lists name are really asked.
    """
    generation = load_generation(make_options(config, overrides, nameservers))
    for problem in generation.errors:
        show(problem)
    if generation.errors:
        sys.exit(1)
    if batch is not None:
        asyncio.run(_batch(generation, batch))
        return
    if client is None:
        raise click.UsageError("--client or --batch is needed")
    address, _, name = client.partition(",")
    session = Session(address, name or None, None, helo, sender, recipient, login, stage, service)
    try:
        refused = asyncio.run(_one(generation, session, json))
    except BadSession as error:
        raise click.UsageError(str(error)) from error
    sys.exit(1 if refused else 0)


@asynccontextmanager
async def _examiner(generation: Generation) -> AsyncIterator[Examiner]:
    settings = generation.configuration.settings
    resolver = Resolver(system_options(settings.words("gatepost_nameservers")), hosts=read_hosts())
    policy = PolicyClient(
        queue_directory=Path(settings.text("queue_directory")),
        services=spawn_sockets(generation.configuration, Places.of(settings)),
        log=lambda line: click.echo(line, err=True),
    )
    try:
        yield Examiner(generation, World(generation.tables, resolver, policy), resolver)
    finally:
        policy.close()
        await resolver.close()


async def _one(generation: Generation, session: Session, json: bool) -> bool:
    async with _examiner(generation) as examiner:
        decisions = await examiner.examine(session)
    if json:
        click.echo(msgspec.json.format(msgspec.json.encode(as_json(decisions)), indent=2).decode())
    else:
        for line in as_text(decisions):
            click.echo(line)
    return verdict_word(decisions) != "permit"


async def _batch(generation: Generation, lines: Iterable[bytes]) -> None:
    """One JSON document in, one out, in order; a line that is none gives ``{"error": ...}``."""
    decode = msgspec.json.Decoder(Session).decode
    async with _examiner(generation) as examiner:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                if len(line) > MAX_LINE:
                    raise BadSession(f"longer than {MAX_LINE} octets")
                answer = as_json(await examiner.examine(decode(line)))
            except (msgspec.MsgspecError, UnicodeDecodeError, BadSession) as error:
                answer = {"error": f"line {number}: {error}"}
            click.echo(msgspec.json.encode(answer))
