"""Listening sockets for master.cf services, as Postfix binds them (master(5), inet_interfaces, inet_protocols).

Every worker gets a socket of its own for each address (SO_REUSEPORT: the kernel spreads connections), all made before
there are workers, while the process may still bind low ports. Whatever is wrong is told for all services together.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatepost.core.config.master import Service
from gatepost.core.config.settings import Settings
from gatepost.core.errors import ConfigError, Place, Problem

BACKLOG = 1024  # the kernel's net.core.somaxconn may allow less

# For machines without /etc/services; the names that master.cf files use.
_PORTS = {"smtp": 25, "submission": 587, "submissions": 465, "smtps": 465, "urd": 465}

_REASONS = {
    errno.EADDRINUSE: "the port is in use by another program",
    errno.EACCES: "no permission (ports below 1024 need root)",
    errno.EADDRNOTAVAIL: "no interface has this address",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where to bind. An ``optional`` one may be absent from the machine, as ``::`` without IPv6."""

    family: socket.AddressFamily
    host: str
    optional: bool = False

    def text(self, port: int) -> str:
        return f"[{self.host}]:{port}" if self.family == socket.AF_INET6 else f"{self.host}:{port}"


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening socket of a service; the service is named as in master.cf."""

    service: str
    socket: socket.socket


class _CannotListen(Exception):
    """Why, in words that follow the service's name."""


def open_listeners(services: Iterable[tuple[Service, Settings]], workers: int) -> list[list[Listener]]:
    """For each worker the listeners of every inet and unix service. ``settings`` are each service's own.

    Unix services listen in queue_directory's ``private`` or ``public``, by one socket that the workers share. Raises
    ConfigError with everything that is wrong, and leaves no socket open then.
    """
    per_worker: list[list[Listener]] = [[] for _ in range(workers)]
    problems: list[Problem] = []
    for service, settings in services:
        try:
            groups = _inet(service, settings, workers) if service.type == "inet" else _unix(service, settings, workers)
        except _CannotListen as reason:
            problems.append(Problem(f"service {service.name}: {reason}", service.place))
            continue
        for group in groups:
            for listeners, bound in zip(per_worker, group, strict=True):
                listeners.append(Listener(service.name, bound))
    if problems:
        close_listeners(per_worker)
        raise ConfigError(tuple(problems))
    return per_worker


def close_listeners(per_worker: Iterable[Iterable[Listener]]) -> None:
    for listeners in per_worker:
        for listener in listeners:
            listener.socket.close()


def port_number(port: str) -> int | None:
    """The number of a port, which may be a name (services(5)); None if there is no such port."""
    if port.isascii() and port.isdigit():
        number = int(port) if len(port) <= 5 else 0
        return number if 0 < number < 65_536 else None
    try:
        return socket.getservbyname(port, "tcp")
    except OSError:
        return _PORTS.get(port)


def interface_addresses(settings: Settings, place: Place | None = None) -> list[Address]:
    """Where services without a host listen: inet_interfaces, as far as inet_protocols allows.

    Raises ConfigError for a host that has no address.
    """
    families = _families(settings)
    found: list[Address] = []
    for word in settings.words("inet_interfaces") or ("all",):
        match word.lower():
            case "all":
                hosts = {socket.AF_INET: "0.0.0.0", socket.AF_INET6: "::"}
            case "loopback-only":
                hosts = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
            case _:
                try:
                    found += _resolve(word, families)
                except _CannotListen as reason:
                    where = settings.place("inet_interfaces") or place
                    raise ConfigError((Problem(f"inet_interfaces: {reason}", where),)) from reason
                continue
        found += [Address(family, hosts[family], optional=len(families) > 1) for family in families]
    return list(dict.fromkeys(found))


def _families(settings: Settings) -> list[socket.AddressFamily]:
    words = {word.lower() for word in settings.words("inet_protocols")}
    families = []
    if not words or words & {"all", "ipv4"}:
        families.append(socket.AF_INET)
    if not words or words & {"all", "ipv6"}:
        families.append(socket.AF_INET6)
    return families


def _resolve(host: str, families: Sequence[socket.AddressFamily]) -> list[Address]:
    bare = host.removeprefix("[").removesuffix("]")
    bare = bare[5:] if bare[:5].lower() == "ipv6:" else bare
    try:
        answers = socket.getaddrinfo(bare, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise _CannotListen(f"host {host} has no address: {error}") from error
    found = [Address(family, str(sockaddr[0])) for family, _, _, _, sockaddr in answers if family in families]
    if not found:
        raise _CannotListen(f"host {host} has no address that inet_protocols allows")
    return list(dict.fromkeys(found))


def _inet(service: Service, settings: Settings, workers: int) -> list[list[socket.socket]]:
    port = port_number(service.port)
    if port is None:
        raise _CannotListen(f"unknown port {service.port}")
    if service.host:
        addresses = _resolve(service.host, _families(settings))
    else:
        try:
            addresses = interface_addresses(settings, service.place)
        except ConfigError as error:
            raise _CannotListen(error.problems[0].message) from error
    groups: list[list[socket.socket]] = []
    try:
        for address in addresses:
            group = _bind_group(address, port, workers)
            if group:
                groups.append(group)
        if not groups:
            raise _CannotListen(f"cannot listen on port {port}: this machine has none of the addresses")
    except _CannotListen:
        for group in groups:
            _close(group)
        raise
    return groups


def _bind_group(address: Address, port: int, workers: int) -> list[socket.socket]:
    """One socket for each worker; none if an optional address does not exist here."""
    group: list[socket.socket] = []
    try:
        # SO_REUSEPORT would let a second server join the first one's port unseen: ask for the port alone before.
        _bind(address, port, shared=False).close()
        for _ in range(workers):
            group.append(_bind(address, port, shared=True))
            group[-1].listen(BACKLOG)
    except OSError as error:
        _close(group)
        if address.optional and error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
            return []
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise _CannotListen(f"cannot listen on {address.text(port)}: {reason}") from error
    return group


def _bind(address: Address, port: int, *, shared: bool) -> socket.socket:
    bound = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if address.family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.setblocking(False)
        bound.bind((address.host, port))
    except OSError:
        bound.close()
        raise
    return bound


def _close(sockets: Iterable[socket.socket]) -> None:
    for each in sockets:
        each.close()


def _unix(service: Service, settings: Settings, workers: int) -> list[list[socket.socket]]:
    if service.type != "unix":
        raise _CannotListen(f"services of type {service.type} are not supported")
    directory = Path(settings.text("queue_directory"), "private" if service.private else "public")
    path = directory / service.name
    try:
        directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        bound = _bind_unix(path)
    except OSError as error:
        reason = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        raise _CannotListen(f"cannot listen on {path}: {reason}") from error
    return [[bound, *(bound.dup() for _ in range(workers - 1))]]


def _bind_unix(path: Path) -> socket.socket:
    """A listening socket at ``path``; one that a program left behind is replaced, one that answers is not."""
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.setblocking(False)
        try:
            bound.bind(str(path))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or not stat.S_ISSOCK(os.lstat(path).st_mode) or _answers(path):
                raise
            path.unlink()
            bound.bind(str(path))
        path.chmod(0o666)
        bound.listen(BACKLOG)
    except OSError:
        bound.close()
        raise
    return bound


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.setblocking(False)
        try:
            caller.connect(str(path))
        except ConnectionRefusedError:
            return False
        except OSError:
            return True
        return True
