"""A worker's line to the steward and the steward's service over a real socket: what gets through and what does not."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.address import Address, split_address
from gatepost.core.envelope import Envelope, Outcome, Recipient
from gatepost.core.routing import AddressClass, Route
from gatepost.edge.delivery.agent import Target, failed, sent
from gatepost.edge.delivery.remote import Line, Remote
from gatepost.edge.delivery.request import (
    IN_FLIGHT,
    MESSAGE_LIMIT,
    Parcel,
    Request,
    decode_request,
    encode_request,
    encode_result,
)
from gatepost.edge.delivery.service import Service
from gatepost.edge.private_socket import listen_privately
from gatepost.edge.spool import Mail

ANN, BOB = Address("ann", "a.example"), Address("bob", "v.lab")
REQUEST = Request(7, "virtual", "QID", 5, ANN, BOB, BOB)
Deliver = Callable[[Request, Parcel], Awaitable[Outcome]]


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    uvloop.run(asyncio.wait_for(main(), 20))


def mail_to(*recipients: str, content: bytes | None = b"hello", file: Path | None = None) -> tuple[Mail, list[Target]]:
    addresses = [Recipient(split_address(text), original=Address("alias", "v.lab")) for text in recipients]
    mail = Mail(1, Envelope("QID", ANN, tuple(addresses), 0.0), content, file)
    routes = [Route(AddressClass.VIRTUAL_MAILBOX, "virtual", "v.lab", one.address) for one in addresses]
    return mail, [Target(n, one, route) for n, (one, route) in enumerate(zip(addresses, routes, strict=True))]


class House:
    """Both ends. ``log`` has the service's lines, ``told`` the line's."""

    def __init__(self, directory: Path, deliver: Deliver, owner: int | None = None) -> None:
        self.log: list[str] = []
        self.told: list[str] = []
        self.logged = asyncio.Event()
        self.path = directory / "steward"
        self.deliver = deliver
        self.listener = listen_privately(self.path, socket.SOCK_SEQPACKET)
        self.owner = os.geteuid() if owner is None else owner
        self.start()
        self.line = Line(self.path, self.told.append)
        self.remote = Remote(self.line, "postfix/virtual")

    def start(self) -> None:
        self.service = Service(self.listener.dup(), self.owner, self.deliver, self.say)
        self.service.start()

    def say(self, text: str) -> None:
        self.log.append(text)
        self.logged.set()

    async def send(self, *recipients: str, **more: Any) -> list[Outcome]:
        return await self.remote.deliver(*mail_to(*recipients, **more))

    async def restart(self) -> None:
        """As when the process is killed and replaced: the listening socket stays open."""
        await self.service.stop(0)
        self.start()

    async def close(self) -> None:
        self.line.close()
        await self.service.stop(5)
        self.listener.close()

    @contextmanager
    def stranger(self) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(5)
            connection.connect(str(self.path))
            yield connection


async def read(request: Request, parcel: Parcel) -> Outcome:
    """An agent that tells what it got."""
    content = await asyncio.to_thread(lambda: b"".join(parcel.chunks()))
    sender = parcel.envelope.sender.text
    return sent(f"{request.transport} {sender} {request.recipient.text} {len(content)} {content[:9]!r}", "virtual")


def test_small_and_large_contents_for_many_at_once(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"large" * 100_000)

    async def main() -> None:
        house = House(tmp_path, read)
        recipients = [f"u{n}@v.lab" for n in range(3 * IN_FLIGHT)]
        small = house.send(*recipients)
        large = house.send("bob@v.lab", content=None, file=tmp_path / "large")
        found, (one,) = await asyncio.gather(small, large)
        assert [each.text for each in found] == [f"virtual ann@a.example {to} 5 b'hello'" for to in recipients]
        assert one.text == "virtual ann@a.example bob@v.lab 500000 b'largelarg'"
        (empty,) = await house.send("bob@v.lab", content=b"")
        assert empty.text.endswith(" 0 b''")
        (gone,) = await house.send("bob@v.lab", content=None, file=tmp_path / "gone")
        assert (gone.status, gone.text[:24]) == ("deferred", "content cannot be read: ")
        await house.close()
        assert house.log == [] and house.told == []

    run(main)


def test_results_come_in_any_order(tmp_path: Path) -> None:
    async def main() -> None:
        second = asyncio.Event()

        async def deliver(request: Request, parcel: Parcel) -> Outcome:
            if request.recipient.local == "first":
                await second.wait()
            else:
                second.set()
            assert parcel.envelope.recipients == (Recipient(request.recipient, original=Address("alias", "v.lab")),)
            assert request.target().recipient == parcel.envelope.recipients[0]
            return failed("4.2.0", request.recipient.local, "virtual")

        house = House(tmp_path, deliver)
        assert [each.text for each in await house.send("first@v.lab", "second@v.lab")] == ["first", "second"]
        await house.close()

    run(main)


def test_a_request_whose_service_is_replaced_is_made_again_once(tmp_path: Path) -> None:
    async def main() -> None:
        got: list[Request] = []
        arrived = asyncio.Event()
        forever = asyncio.Event()

        async def deliver(request: Request, parcel: Parcel) -> Outcome:
            got.append(request)
            arrived.set()
            if len(got) != 2:
                await forever.wait()
            return sent("at last", "virtual")

        house = House(tmp_path, deliver)
        for wanted in ("at last", "mailbox delivery is not available"):
            asking = asyncio.create_task(house.send("bob@v.lab"))
            while not asking.done():
                arrived.clear()
                waiting = asyncio.create_task(arrived.wait())
                await asyncio.wait([asking, waiting], return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if not asking.done() and len(got) != 2:
                    await house.restart()
            (outcome,) = await asking
            assert outcome.text == wanted
        assert outcome.status == "deferred"
        assert len(got) == 4 and len({request.number for request in got}) == 4
        forever.set()
        await house.close()

    run(main)


def test_a_bug_in_an_agent_defers_one_mail(tmp_path: Path) -> None:
    async def main() -> None:
        async def deliver(request: Request, parcel: Parcel) -> Outcome:
            if request.recipient.local == "bad":
                raise RuntimeError("oh\nno")
            return sent("x" * 100_000 + "\udcff", "virtual")

        house = House(tmp_path, deliver)
        bad, good = await house.send("bad@v.lab", "good@v.lab")
        assert (bad.dsn, bad.text) == ("4.3.0", "internal error")
        assert good.status == "sent" and 1000 < len(good.text) < 3000
        assert house.log == ["warning: QID: RuntimeError: oh?no"]
        await house.close()

    run(main)


def test_what_cannot_be_said_is_deferred(tmp_path: Path) -> None:
    async def main() -> None:
        house = House(tmp_path, read)
        for local in ("x" * MESSAGE_LIMIT, "jo\udcff"):
            (outcome,) = await house.send(f"{local}@v.lab")
            assert outcome.text.startswith("mailbox delivery cannot be asked for: ")
        assert (await house.send("bob@v.lab"))[0].status == "sent"
        await house.close()

    run(main)


def test_another_user_is_sent_away(tmp_path: Path) -> None:
    async def main() -> None:
        house = House(tmp_path, read, owner=os.geteuid() + 1)
        (outcome,) = await house.send("bob@v.lab")
        assert (outcome.status, outcome.text) == ("deferred", "mailbox delivery is not available")
        assert f"warning: process {os.getpid()} of uid {os.geteuid()} may not have mail delivered" in house.log
        await house.close()

    run(main)


def memory(content: bytes) -> int:
    descriptor = os.memfd_create("test")
    os.write(descriptor, content)
    return descriptor


@pytest.mark.parametrize(
    ("message", "contents"),
    [
        pytest.param(b"nonsense", [b"hello"], id="no request"),
        pytest.param(encode_request(REQUEST), [], id="no content"),
        pytest.param(encode_request(REQUEST), [b"hello", b"hello"], id="two contents"),
        pytest.param(encode_request(REQUEST), [b"hello!"], id="another size"),
        pytest.param(encode_request(REQUEST), ["/proc/self/environ"], id="a file of the kernel's"),
        pytest.param(encode_request(REQUEST), ["/dev/zero"], id="a device"),
        pytest.param(encode_request(msgspec.structs.replace(REQUEST, size=-1)), [b""], id="a negative size"),
        pytest.param(encode_request(REQUEST) + bytes(MESSAGE_LIMIT), [b"hello"], id="too long"),
        pytest.param(
            msgspec.msgpack.encode([*msgspec.to_builtins(REQUEST), "/etc/passwd"]), [b"hello"], id="a field more"
        ),
    ],
)
def test_a_bad_request_ends_its_connection_alone(tmp_path: Path, message: bytes, contents: list[bytes | str]) -> None:
    async def main() -> None:
        house = House(tmp_path, read)
        before = len(os.listdir("/proc/self/fd"))
        with house.stranger() as stranger:
            descriptors = [os.open(one, os.O_RDONLY) if isinstance(one, str) else memory(one) for one in contents]
            socket.send_fds(stranger, [message], descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            await house.logged.wait()
            assert await asyncio.to_thread(stranger.recv, 1) == b""
        assert house.log[0].startswith("warning: bad request for delivery: ")
        assert (await house.send("bob@v.lab"))[0].status == "sent"
        assert len(os.listdir("/proc/self/fd")) <= before + 2  # the line's connection, both ends
        await house.close()

    run(main)


def test_a_content_that_shrinks_is_no_mail(tmp_path: Path) -> None:
    descriptor = memory(b"hello")
    parcel = Parcel(REQUEST, os.dup(descriptor), os.geteuid())
    os.ftruncate(descriptor, 3)
    os.close(descriptor)
    chunks = parcel.chunks()
    assert next(chunks) == b"hel"
    with pytest.raises(OSError, match="cut short"):
        next(chunks)
    parcel.close()


def test_a_request_has_no_place_for_a_path_or_a_user() -> None:
    fields = {field.name: field.type for field in msgspec.structs.fields(Request)}
    assert {name for name, kind in fields.items() if kind is str} == {"transport", "queue_id"}
    assert {name for name, kind in fields.items() if kind is int} == {"number", "size"}
    assert {name for name in fields if name not in ("transport", "queue_id", "number", "size")} == {
        "sender",
        "recipient",
        "mailbox",
        "original",
    }


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80) | st.binary(max_size=20).map(lambda tail: encode_request(REQUEST)[:-6] + tail))
def test_whatever_comes_is_a_request_or_an_error(message: bytes) -> None:
    with suppress(ValueError):
        decode_request(message)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=3000))
def test_a_result_always_fits(text: str) -> None:
    assert len(encode_result(2**40, failed("5.1.1", text * 3, "virtual"))) <= MESSAGE_LIMIT
