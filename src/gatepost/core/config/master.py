"""master.cf: text to services (master(5)).

Which address an inet service listens on, and what its command does, is the edge's business: names of hosts and ports
stay text here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gatepost.core.config.main_cf import excerpt, logical_lines, split_assignment
from gatepost.core.config.source import Source, Word
from gatepost.core.errors import Place, Problem, Severity

TYPES = ("inet", "unix", "unix-dgram", "fifo", "pass")

# Postfix's own programs. Those that Gatepost has no part for are known, and passed over by whoever starts services.
_MAIL = ("smtpd", "smtp", "lmtp", "cleanup", "qmgr", "nqmgr", "oqmgr", "pickup", "bounce", "trivial-rewrite", "verify")
_DELIVERY = (
    "local",
    "virtual",
    "pipe",
    "spawn",
    "discard",
    "error",
    "flush",
    "showq",
    "qmqpd",
    "postscreen",
    "dnsblog",
)
_SUPPORT = ("anvil", "postlogd", "proxymap", "scache", "tlsmgr", "tlsproxy")
COMMANDS = frozenset(_MAIL + _DELIVERY + _SUPPORT)

_FLAGS = {"y": True, "n": False}
_WAKEUP = re.compile(r"([0-9]{1,9})(\??)\Z")
_LIMIT = re.compile(r"[0-9]{1,9}\Z")


@dataclass(frozen=True, slots=True)
class Service:
    """One service of master.cf.

    ``type`` is one of TYPES. ``wakeup`` is in seconds, 0 for never; ``wakeup_if_used`` is the ``?`` after it.
    ``maxproc`` is None for $default_process_limit and 0 for no limit. ``args`` are the command's arguments without the
    ``-o`` options, a ``{ group }`` without its braces. ``options`` are the ``-o`` values, not expanded. An inet service
    has ``host`` (empty: inet_interfaces; no brackets) and ``port`` (a number or a name such as ``submission``).
    """

    name: str
    type: str
    private: bool
    unprivileged: bool
    chroot: bool
    wakeup: int
    wakeup_if_used: bool
    maxproc: int | None
    command: str
    args: tuple[Word, ...]
    place: Place
    options: dict[str, Source] = field(default_factory=dict)
    host: str = ""
    port: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the command is one of Postfix's own."""
        return self.command in COMMANDS


@dataclass(frozen=True, slots=True)
class Spawn:
    """What a spawn service runs (spawn(8)): ``group`` is empty for the user's own."""

    user: str
    group: str
    argv: tuple[str, ...]


def parse_master_cf(text: str, file: str) -> tuple[tuple[Service, ...], list[Problem]]:
    """The services in the order of the file, and what is wrong.

    Of a name and type that stand twice the last one counts. A line that cannot be understood is left out.
    """
    lines, problems = logical_lines(text, file)
    services: dict[tuple[str, str], Service] = {}
    for line in lines:
        service = _service(line.source, line.place, problems)
        if service is None:
            continue
        key = (service.name, service.type)
        earlier = services.pop(key, None)
        if earlier is not None:
            message = (
                f'duplicate master.cf entry for service "{service.name}" -- using the last entry, not {earlier.place}'
            )
            problems.append(Problem(message, service.place, Severity.WARNING))
        services[key] = service
    return tuple(services.values()), problems


def _service(source: Source, place: Place, problems: list[Problem]) -> Service | None:
    """One logical line."""
    parts = source.parts()
    if len(parts) < 8:
        problems.append(Problem("bad field count", place))
        return None
    name, kind, private, unprivileged, chroot, wakeup, maxproc, command = (part.text for part in parts[:8])
    found = len(problems)

    def invalid(field_name: str, value: str) -> None:
        problems.append(Problem(f'invalid {field_name} field "{value}" in "{excerpt(source.text)}"', place))

    if kind not in TYPES:
        invalid("type", kind)
    for label, value in (("private", private), ("unprivileged", unprivileged), ("chroot", chroot)):
        if value not in ("-", "y", "n"):
            invalid(label, value)
    wake = _WAKEUP.match("0" if wakeup == "-" else wakeup)
    if wake is None:
        invalid("wakeup", wakeup)
    if maxproc != "-" and not _LIMIT.match(maxproc):
        invalid("process_limit", maxproc)
    if kind == "inet" and private != "n":  # the default is y, for inet as well
        problems.append(Problem("inet service cannot be private", place))
    host, port = split_endpoint(name) if kind == "inet" else ("", "")
    if kind == "inet" and not port:
        problems.append(Problem(f'missing service information in "{excerpt(name)}"', place))
    elif port.isdecimal() and not 0 < int(port[:6]) < 65536:
        problems.append(Problem(f"bad port number in service name: {excerpt(name)}", place))
    if len(problems) > found or wake is None:
        return None
    args, options = _arguments(parts[8:], problems)
    return Service(
        name,
        kind,
        _FLAGS.get(private, True),
        _FLAGS.get(unprivileged, True),
        _FLAGS.get(chroot, False),
        int(wake.group(1)),
        bool(wake.group(2)),
        None if maxproc == "-" else int(maxproc),
        command,
        args,
        place,
        options,
        host,
        port,
    )


def split_endpoint(name: str) -> tuple[str, str]:
    """Host and port of an inet service's name: ``port``, ``host:port`` or ``[host]:port``; the last colon counts."""
    host, _, port = name.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    return host, port


def _arguments(parts: list[Source], problems: list[Problem]) -> tuple[tuple[Word, ...], dict[str, Source]]:
    """The command's arguments, its ``-o`` options taken out of them; options end at the first plain argument."""
    args: list[Word] = []
    options: dict[str, Source] = {}
    rest = iter(parts)
    for part in rest:
        if part.text.startswith("-o"):
            value = next(rest, None) if part.text == "-o" else part.slice(2, len(part.text))
            if value is None:
                problems.append(Problem("option requires an argument: -o", part.place))
            else:
                _option(value, options, problems)
        else:
            args.append(_argument(part, problems))
            if not part.text.startswith("-") or part.text == "--":
                args.extend(_argument(other, problems) for other in rest)
    return tuple(args), options


def _option(part: Source, options: dict[str, Source], problems: list[Problem]) -> None:
    """``name=value`` or ``{ name = value }``; the last one of a name counts, as in the running Postfix."""
    assignment = split_assignment(_ungrouped(part, problems))
    if isinstance(assignment, Problem):
        problems.append(Problem(f'invalid "-o {excerpt(part.text)}" option value: {assignment.message}', part.place))
    else:
        options[assignment.name] = assignment.value


def _argument(part: Source, problems: list[Problem]) -> Word:
    source = _ungrouped(part, problems)
    return Word(source.text, part.place)


def _ungrouped(part: Source, problems: list[Problem]) -> Source:
    """What stands inside ``{ }``, white space at the ends taken off; anything else as it is."""
    if not part.text.startswith("{"):
        return part
    closing = _closing(part.text)
    if closing != len(part.text) - 1:
        fault = "syntax error after '}'" if closing else "missing '}'"
        problems.append(Problem(f'{fault} in "{excerpt(part.text)}"', part.place))
        return part.slice(1, closing or len(part.text)).stripped()
    return part.slice(1, len(part.text) - 1).stripped()


def _closing(text: str) -> int:
    """Where the brace that opens ``text`` is closed, or 0."""
    depth = 0
    for match in re.finditer(r"[{}]", text):
        depth += 1 if match.group() == "{" else -1
        if not depth:
            return match.start()
    return 0


def spawn_of(service: Service) -> Spawn | Problem:
    """What a spawn service runs, from its arguments ``user=name[:group] argv=command ...`` (spawn(8))."""
    user = group = ""
    for index, word in enumerate(service.args):
        if word.text.startswith("-") and not user:
            continue
        name, equals, value = word.text.partition("=")
        if name == "user" and equals:
            user, _, group = value.partition(":")
        elif name == "argv" and equals:
            if not value or not user:
                return Problem(f"missing {'argv' if user else 'user'}= attribute", service.place)
            return Spawn(user, group, (value, *(other.text for other in service.args[index + 1 :])))
        else:
            return Problem(f"unknown attribute name: {word.text}", word.place)
    return Problem("missing argv= attribute", service.place)
