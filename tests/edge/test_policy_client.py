"""The policy client against services that behave in every way that a service can."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gatepost.core.ask import Advice, Consult, Missing
from gatepost.edge.policy_client import PolicyClient

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Service:
    """A policy service on a free port (or at ``path``): runs ``serve`` for each connection and counts them."""

    def __init__(self, serve: Serve, path: Path | None = None) -> None:
        self.serve, self.path = serve, path
        self.connections = 0
        self.open = 0
        self.requests: list[bytes] = []
        self.changed = asyncio.Event()

    async def __aenter__(self) -> Service:
        if self.path:
            self.server = await asyncio.start_unix_server(self._run, self.path)
            self.name = f"unix:{self.path}"
        else:
            self.server = await asyncio.start_server(self._run, "127.0.0.1", 0)
            self.shown = f"127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
            self.name = f"inet:{self.shown}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()

    async def _run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            await self.serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.open -= 1
            self.changed.set()

    async def until_closed(self) -> None:
        while self.open:
            self.changed.clear()
            await self.changed.wait()

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        request = await reader.readuntil(b"\n\n")
        self.requests.append(request)
        return request


def run(body: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(body(), 10))


def ask(service: str, instance: str = "1", **options: float) -> Consult:
    told = (("request", "smtpd_access_policy"), ("instance", instance))
    return Consult(service, told, **{"timeout": 0.1, "retry_delay": 0.01, "try_limit": 2, **options})  # type: ignore[arg-type]


def answering(data: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\n\n")
            writer.write(data)

    return serve


DUNNO = answering(b"action=DUNNO\n\n")


def test_one_connection_for_one_request_after_the_other() -> None:
    async def body() -> None:
        async with Service(DUNNO) as service:
            client = PolicyClient()
            for _ in range(5):
                assert await client.consult(ask(service.name)) == Advice("DUNNO")
            assert service.connections == 1
            client.close()
            await service.until_closed()

    run(body)


def test_the_request_as_sent() -> None:
    async def body() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await service.read(reader)
            writer.write(b"action=REJECT no\n\n")

        async with Service(serve) as service:
            assert await PolicyClient().consult(ask(service.name)) == Advice("REJECT no")
            assert service.requests == [b"request=smtpd_access_policy\ninstance=1\n\n"]

    run(body)


def test_requests_at_the_same_time_each_have_a_connection_up_to_a_limit() -> None:
    async def body() -> None:
        most = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal most
            while True:
                await reader.readuntil(b"\n\n")
                most = max(most, service.open)
                writer.write(b"action=DUNNO\n\n")

        async with Service(serve) as service:
            client = PolicyClient(connections=4)
            asked = (client.consult(ask(service.name, str(i), timeout=2)) for i in range(30))
            assert await asyncio.gather(*asked) == [Advice("DUNNO")] * 30
            assert 1 < most <= 4
            assert service.connections <= 4

    run(body)


def test_a_message_stays_with_its_connection() -> None:
    async def body() -> None:
        seen: list[tuple[int, bytes]] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            number = service.connections
            while True:
                request = await reader.readuntil(b"\n\n")
                seen.append((number, request.split(b"instance=")[1][:1]))
                writer.write(b"action=DUNNO\n\n")

        async with Service(serve) as service:
            client = PolicyClient()
            await asyncio.gather(*(client.consult(ask(service.name, i)) for i in "abc"))
            for instance in "cabbac":
                await client.consult(ask(service.name, instance))
            assert service.connections == 3
            assert len(set(seen)) == 3

    run(body)


def test_nobody_listens() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    lines: list[str] = []

    async def body() -> None:
        assert await PolicyClient(log=lines.append).consult(ask(f"inet:127.0.0.1:{port}")) is Missing.UNAVAILABLE

    run(body)
    once = [
        f"warning: connect to 127.0.0.1:{port}: Connection refused",
        f"warning: problem talking to server 127.0.0.1:{port}: Connection refused",
    ]
    assert lines == once * 2


def test_no_socket_there(tmp_path: Path) -> None:
    lines: list[str] = []

    async def body() -> None:
        client = PolicyClient(log=lines.append, queue_directory=tmp_path)
        assert await client.consult(ask("unix:private/nothere")) is Missing.UNAVAILABLE

    run(body)
    assert lines == [
        "warning: connect to private/nothere: No such file or directory",
        "warning: connect to private/nothere: No such file or directory",
        "warning: problem talking to server private/nothere: No such file or directory",
    ]


def test_a_port_that_has_no_such_name() -> None:
    lines: list[str] = []

    async def body() -> None:
        assert await PolicyClient(log=lines.append).consult(ask("inet:nosuchport", try_limit=1)) is Missing.UNAVAILABLE

    run(body)
    assert lines[-1] == "warning: problem talking to server nosuchport: Cannot assign requested address"


async def close_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    pass


async def close_after_the_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\n\n")


async def close_in_the_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\n\n")
    writer.write(b"action=DUN")


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\n\n")
    for _ in range(30):
        writer.write(b"x")
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("serve", "lines"),
    [
        (close_after_the_request, ["problem talking to server {}: Application error"]),
        (close_in_the_answer, ["problem talking to server {}: Application error"]),
        (silent, ["problem talking to server {}: Connection timed out"] * 2),
        (slow, ["problem talking to server {}: Connection timed out"] * 2),
        (answering(b"action=DUNNO\r\n\r\n"), ["problem talking to server {}: Connection timed out"] * 2),
        (
            answering(b"hello world\n\n"),
            ["missing attribute action in input from {}"] * 2 + ["problem talking to server {}: Application error"],
        ),
        (
            answering(b"x" * 70000),
            ["more than 65536 octets without an empty line in input from {}"] * 2
            + ["problem talking to server {}: Application error"],
        ),
        (answering(b"action=R \xff\n\n"), ['malformed UTF-8 in policy server inet:{} response: "R ?"']),
    ],
)
def test_a_service_that_does_not_answer(serve: Serve, lines: list[str]) -> None:
    logged: list[str] = []

    async def body() -> None:
        async with Service(serve) as service:
            began = time.monotonic()
            assert await PolicyClient(log=logged.append).consult(ask(service.name)) is Missing.UNAVAILABLE
            assert time.monotonic() - began < 2
            await service.until_closed()
            assert logged == [f"warning: {line.format(service.shown)}" for line in lines]

    run(body)


def test_closed_before_the_request() -> None:
    logged: list[str] = []

    async def body() -> None:
        async with Service(close_at_once) as service:
            assert await PolicyClient(log=logged.append).consult(ask(service.name)) is Missing.UNAVAILABLE
            assert len(logged) == 1  # what it says depends on who is faster

    run(body)


def test_the_second_try_may_succeed() -> None:
    async def body() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\n\n")
            if service.connections > 1:
                writer.write(b"action=OK\n\n")

        async with Service(serve) as service:
            assert await PolicyClient().consult(ask(service.name, try_limit=2)) == Advice("OK")
            assert await PolicyClient().consult(ask(service.name, try_limit=1)) == Advice("OK")

    run(body)


def test_a_connection_that_was_closed_while_idle_costs_nothing() -> None:
    logged: list[str] = []

    async def body() -> None:
        async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\n\n")
            writer.write(b"action=DUNNO\n\n")

        async with Service(once) as service:
            client = PolicyClient(log=logged.append)
            for expected in range(1, 4):
                answer = await client.consult(ask(service.name, retry_delay=9, try_limit=1))
                assert (answer, service.connections) == (Advice("DUNNO"), expected)

    run(body)
    assert logged == []


def test_a_connection_that_is_closed_on_its_next_request_is_replaced_at_once() -> None:
    logged: list[str] = []

    async def body() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\n\n")
            writer.write(b"action=DUNNO\n\n")
            await reader.readuntil(b"\n\n")

        async with Service(serve) as service:
            client = PolicyClient(log=logged.append)
            for expected in range(1, 4):
                answer = await client.consult(ask(service.name, retry_delay=9, try_limit=1))
                assert (answer, service.connections) == (Advice("DUNNO"), expected)

    run(body)
    assert logged == []


def test_an_answer_that_nobody_asked_for_is_never_used() -> None:
    async def body() -> None:
        async with Service(answering(b"action=DUNNO\n\naction=REJECT stale\n\n")) as service:
            client = PolicyClient()
            for expected in range(1, 4):
                assert await client.consult(ask(service.name)) == Advice("DUNNO")
                assert service.connections == expected

        async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\n\n")
            writer.write(b"action=DUNNO\n\n")
            await writer.drain()
            await sent.wait()
            writer.write(b"action=REJECT stale\n\n")
            await reader.read()

        sent = asyncio.Event()
        async with Service(late) as service:
            client = PolicyClient()
            assert await client.consult(ask(service.name)) == Advice("DUNNO")
            sent.set()
            await service.until_closed()
            assert await client.consult(ask(service.name)) == Advice("DUNNO")
            assert service.connections == 2

    run(body)


@pytest.mark.parametrize(
    ("options", "connections"),
    [({"request_limit": 2}, 3), ({"max_ttl": 0}, 5), ({"request_limit": 0, "max_ttl": 99}, 1)],
)
def test_how_long_a_connection_is_kept(options: dict[str, float], connections: int) -> None:
    async def body() -> None:
        async with Service(DUNNO) as service:
            client = PolicyClient()
            for _ in range(5):
                assert await client.consult(ask(service.name, **options)) == Advice("DUNNO")
            assert service.connections == connections

    run(body)


def test_an_idle_connection_is_closed() -> None:
    async def body() -> None:
        async with Service(DUNNO) as service:
            client = PolicyClient()
            for expected in (1, 2):
                assert await client.consult(ask(service.name, max_idle=0.05)) == Advice("DUNNO")
                assert service.connections == expected
                await service.until_closed()

    run(body)


def test_who_gives_up_takes_the_connection_along() -> None:
    async def body() -> None:
        async with Service(silent) as service:
            client = PolicyClient(connections=1)
            asking = asyncio.ensure_future(client.consult(ask(service.name, timeout=9)))
            while not service.open:
                await asyncio.sleep(0)
            asking.cancel()
            await service.until_closed()
            service.serve = DUNNO
            assert await client.consult(ask(service.name)) == Advice("DUNNO")

    run(body)


def test_unix_sockets_and_our_own_spawn_services(tmp_path: Path) -> None:
    async def body() -> None:
        (tmp_path / "private").mkdir()
        async with (
            Service(DUNNO, tmp_path / "private/policy"),
            Service(answering(b"action=OK\n\n"), tmp_path / "ours") as ours,
        ):
            client = PolicyClient(queue_directory=tmp_path)
            assert await client.consult(ask("unix:private/policy")) == Advice("DUNNO")
            assert await client.consult(ask(ours.name)) == Advice("OK")
            client = PolicyClient(queue_directory=tmp_path, services={"private/policy": tmp_path / "ours"})
            assert await client.consult(ask("unix:private/policy")) == Advice("OK")

    run(body)
