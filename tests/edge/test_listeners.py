"""Listening sockets: which addresses, one for each worker, and what is told when it cannot be."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatepost.core.config.master import Service
from gatepost.core.config.settings import Settings
from gatepost.core.errors import ConfigError, Place
from gatepost.edge.listeners import (
    Listener,
    close_listeners,
    interface_addresses,
    open_listeners,
    port_number,
)
from gatepost.edge.privileges import drop_privileges

PLACE = Place("/etc/postfix/master.cf", 12)


def service(host: str, port: object, type: str = "inet", name: str = "smtp", private: bool = False) -> Service:
    return Service(name, type, private, True, False, 0, False, None, "smtpd", (), PLACE, {}, host, str(port))


def free_port(family: int = socket.AF_INET) -> int:
    with socket.socket(family) as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def opened() -> Iterator[list[list[Listener]]]:
    per_worker: list[list[Listener]] = []
    yield per_worker
    close_listeners(per_worker)


def problems(*services: Service, **values: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        open_listeners([(each, Settings.of(values)) for each in services], 2)
    return [str(problem) for problem in raised.value.problems]


def names(per_worker: list[list[Listener]]) -> list[list[str]]:
    return [[str(listener.socket.getsockname()[:2]) for listener in listeners] for listeners in per_worker]


def test_each_worker_has_a_socket_of_its_own(opened: list[list[Listener]]) -> None:
    port = free_port()
    opened += open_listeners([(service("127.0.0.1", port), Settings.of())], 3)
    assert names(opened) == [[f"('127.0.0.1', {port})"]] * 3
    assert len({listener.socket.fileno() for listeners in opened for listener in listeners}) == 3
    assert not opened[0][0].socket.getblocking()
    served = 0
    for _ in range(60):
        with socket.create_connection(("127.0.0.1", port)):
            for listeners in opened:
                try:
                    accepted, _ = listeners[0].socket.accept()
                except BlockingIOError:
                    continue
                accepted.close()
                served += 1
    assert served == 60


@pytest.mark.parametrize(
    ("interfaces", "protocols", "expected"),
    [
        ("all", "all", ["0.0.0.0", "::"]),
        ("", "", ["0.0.0.0", "::"]),
        ("all", "ipv4", ["0.0.0.0"]),
        ("loopback-only", "all", ["127.0.0.1", "::1"]),
        ("loopback-only", "ipv6", ["::1"]),
        ("127.0.0.1, [::1], 127.0.0.1", "all", ["127.0.0.1", "::1"]),
        ("127.0.0.2", "ipv4", ["127.0.0.2"]),
    ],
)
def test_services_without_a_host_follow_inet_interfaces(interfaces: str, protocols: str, expected: list[str]) -> None:
    settings = Settings.of({"inet_interfaces": interfaces, "inet_protocols": protocols})
    assert [address.host for address in interface_addresses(settings)] == expected


def test_both_families_share_a_port(opened: list[list[Listener]]) -> None:
    port = free_port()
    opened += open_listeners([(service("", port), Settings.of({"inet_interfaces": "loopback-only"}))], 1)
    assert names(opened)[0][0] == f"('127.0.0.1', {port})"
    for listener in opened[0]:
        socket.create_connection(listener.socket.getsockname()[:2]).close()


@pytest.mark.parametrize(
    ("port", "number"),
    [
        ("25", 25),
        ("smtp", 25),
        ("submission", 587),
        ("smtps", 465),
        ("nosuch", None),
        ("0", None),
        ("65536", None),
        ("9" * 50, None),
    ],
)
def test_ports(port: str, number: int | None) -> None:
    assert port_number(port) == number


def test_a_port_in_use_is_told_even_where_it_could_be_shared() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert problems(service("127.0.0.1", port)) == [
            f"/etc/postfix/master.cf:12: service smtp: cannot listen on 127.0.0.1:{port}: "
            "the port is in use by another program"
        ]


def test_everything_wrong_is_told_at_once_and_nothing_stays_open() -> None:
    port = free_port()
    told = problems(
        service("127.0.0.1", port),
        service("192.0.2.9", port),
        service("", "nosuch"),
        service("no such host.invalid", port),
        service("::1", port),
        service("", "", type="fifo", name="pickup"),
        inet_protocols="ipv4",
    )
    assert [line.partition(": service ")[2] for line in told if "no such host" not in line] == [
        f"smtp: cannot listen on 192.0.2.9:{port}: no interface has this address",
        "smtp: unknown port nosuch",
        "smtp: host ::1 has no address that inet_protocols allows",
        "pickup: services of type fifo are not supported",
    ]
    with socket.socket() as again:
        again.bind(("127.0.0.1", port))


def test_inet_interfaces_that_do_not_exist_are_told() -> None:
    assert (
        "inet_interfaces: host nope.invalid has no address"
        in problems(service("", free_port()), inet_interfaces="nope.invalid")[0]
    )
    assert "no interface has this address" in problems(service("", free_port()), inet_interfaces="192.0.2.9")[0]


def in_child(work: object) -> bytes:
    """What ``work`` returns in a process of its own, which may give up root."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writer, str(work()).encode())  # type: ignore[operator]
        except BaseException as error:
            os.write(writer, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(pid, 0)
    told = os.read(reader, 4096)
    os.close(reader)
    return told


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to give up")
def test_low_ports_need_root() -> None:
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) < 600:
        pytest.skip("this machine lets everybody bind low ports")

    def work() -> str:
        drop_privileges("nobody")
        return problems(service("127.0.0.1", 599))[0]

    assert b"no permission (ports below 1024 need root)" in in_child(work)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to give up")
def test_privileges_are_given_up_for_good() -> None:
    def work() -> str:
        assert drop_privileges("nobody") is None
        status = Path("/proc/self/status").read_text()
        assert "NoNewPrivs:\t1" in status
        assert "CapEff:\t0000000000000000" in status
        assert os.getresuid() == (65534,) * 3
        assert drop_privileges("nobody") is None  # nothing left to do
        return "fine"

    assert in_child(work) == b"fine"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to give up")
def test_workers_never_run_as_root_by_configuration() -> None:
    assert b"workers must not run as root" in in_child(lambda: drop_privileges("root"))
    assert b"there is no user no-such-user: workers go on as root" in in_child(lambda: drop_privileges("no-such-user"))


def test_unix_services(tmp_path: Path, opened: list[list[Listener]]) -> None:
    settings = Settings.of({"queue_directory": str(tmp_path)})
    policy = service("", "", "unix", "policy-spf", private=True)
    opened += open_listeners([(policy, settings)], 2)
    path = tmp_path / "private" / "policy-spf"
    assert path.is_socket()
    assert names(opened)[0] == names(opened)[1]
    assert problems(policy, queue_directory=str(tmp_path)) == [
        f"/etc/postfix/master.cf:12: service policy-spf: cannot listen on {path}: another program listens there"
    ]
    close_listeners(opened)
    opened[:] = open_listeners([(policy, settings)], 2)  # what a program left behind is replaced
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(path))


def test_a_file_in_a_socket_s_place_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    path = tmp_path / "public" / "smtp"
    path.write_text("precious")
    assert len(problems(service("", "", "unix"), queue_directory=str(tmp_path))) == 1
    assert path.read_text() == "precious"
