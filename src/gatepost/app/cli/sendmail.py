"""gatepost sendmail: local programs' way to send mail, with sendmail(1)'s options.

The message goes into the maildrop, so that it is accepted also while the server is down. Exit status as Postfix's: 0,
or 75 (EX_TEMPFAIL) with a line on standard error, so that callers keep the mail.
"""

from __future__ import annotations

import getopt
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

from gatepost.core.errors import GatepostError
from gatepost.core.submission import Submission, message_from, recipients_of, split_header
from gatepost.edge.spool import maildrop

TEMPFAIL = 75

_OPTIONS = "A:B:C:F:GIL:N:O:R:UV:X:b:ce:f:h:imno:p:qr:tvx"


@dataclass(frozen=True, slots=True)
class Site:
    """What the configuration says: where the maildrop is, and message_size_limit (0: none)."""

    maildrop: Path
    size_limit: int = 10_240_000


@dataclass(slots=True)
class Options:
    """The command line, understood. ``mode`` is -b's letter: ``m`` to send, ``s`` to speak SMTP."""

    recipients: list[str] = field(default_factory=list)
    config: str = ""
    mode: str = "m"
    sender: str | None = None
    full_name: str = ""
    from_header: bool = False
    dot_ends: bool = True
    notify: tuple[str, ...] = ()
    ret: str = ""
    envid: str = ""
    body: str = ""


class Refused(GatepostError):
    """The mail cannot be sent as asked; the text is for the caller."""


def sendmail(
    argv: Sequence[str],
    *,
    site_of: Callable[[str], Site],
    serve: Callable[[str], int] | None = None,
    stdin: BinaryIO | None = None,
    stderr: TextIO | None = None,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Run the command on the arguments after its name; returns the exit status.

    ``site_of`` reads the configuration that -C names (empty: the usual one). ``serve`` speaks SMTP on standard input
    and output for -bs, with the same argument, and returns the exit status.
    """
    try:
        options = parse(argv, environment)
        if options.mode == "s":
            if serve is None:
                raise Refused("-bs is not available")
            return serve(options.config)
        if options.mode != "m":
            raise Refused(f"-b{options.mode} is not available")
        _submit(options, site_of(options.config), stdin or sys.stdin.buffer)
    except GatepostError as error:
        print(f"sendmail: fatal: {error}", file=stderr or sys.stderr)
        return TEMPFAIL
    return 0


def parse(argv: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Raises Refused for what sendmail(1) does not know."""
    try:
        pairs, recipients = getopt.getopt(list(argv), _OPTIONS)
    except getopt.GetoptError as error:
        raise Refused(f"usage: sendmail [options]: {error}") from error
    options = Options(recipients, full_name=environment.get("NAME", ""))
    for name, value in pairs:
        _apply(options, name[1:], value)
    return options


def _apply(options: Options, letter: str, value: str) -> None:
    match letter:
        case "C":
            options.config = value
        case "F":
            options.full_name = value
        case "f" | "r":
            options.sender = value
        case "t":
            options.from_header = True
        case "i":
            options.dot_ends = False
        case "o" if value == "i":
            options.dot_ends = False
        case "b":
            options.mode = value
        case "B":
            options.body = _one_of(value.upper(), ("7BIT", "8BITMIME"), "-B")
        case "N":
            known = ("SUCCESS", "FAILURE", "DELAY", "NEVER")
            options.notify = tuple(_one_of(word.strip().upper(), known, "-N") for word in value.split(","))
            if "NEVER" in options.notify and len(options.notify) > 1:
                raise Refused(f"bad -N option value: {value}")
        case "R":
            options.ret = _one_of(value.upper(), ("HDRS", "FULL"), "-R")
        case "q" | "I":
            raise Refused(f"-{letter} is not available")
        case "V":
            options.envid = value


def _one_of(word: str, known: tuple[str, ...], option: str) -> str:
    if word not in known:
        raise Refused(f"bad {option} option value: {word.lower()}")
    return word


def _submit(options: Options, site: Site, stdin: BinaryIO) -> None:
    if not options.recipients and not options.from_header:
        raise Refused("Recipient addresses must be specified on the command line or via the -t option")
    data = stdin.read(site.size_limit + 1) if site.size_limit else stdin.read()
    content = message_from(data, dot_ends=options.dot_ends)
    if site.size_limit and len(data) > site.size_limit:
        raise Refused("message file too big")
    recipients = list(options.recipients)
    if options.from_header:
        recipients += recipients_of(split_header(content))
        if not recipients:
            raise Refused("No recipient addresses found in message header")
    for address in (*recipients, options.sender or ""):
        if not address.isprintable():
            raise Refused(f"bad address: {address!r}")
    sender = options.sender if options.sender is not None else ""
    submission = Submission(
        tuple(dict.fromkeys(recipients)),
        sender="<>" if options.sender == "" else sender,
        full_name=options.full_name,
        notify=options.notify,
        ret=options.ret,
        envid=options.envid,
        body=options.body,
    )
    maildrop.submit(site.maildrop, submission, content)
