"""The policy protocol's serving side, with clients that behave and clients that do not."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from gatepost.core.ask import Advice, Consult
from gatepost.core.policy import MAX_REQUEST
from gatepost.edge.policy_client import PolicyClient
from gatepost.edge.policy_server import PolicyServer


async def echo(request: Mapping[str, str]) -> str:
    if request["sender"] == "bug":
        raise KeyError("bug")
    return f"REJECT {request['sender']}"


def run(body: Callable[[PolicyServer], Awaitable[None]], *, idle: float = 5) -> list[str]:
    lines: list[str] = []

    async def main() -> None:
        server = PolicyServer(echo, log=lines.append, idle=idle)
        try:
            await body(server)
        finally:
            await server.close()

    asyncio.run(asyncio.wait_for(main(), 10))
    return lines


def request(sender: str) -> bytes:
    return f"request=smtpd_access_policy\nsender={sender}\n\n".encode()


async def converse(name: str, *pieces: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(name.rpartition(":")[2]))
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def test_our_own_client(tmp_path: Path) -> None:
    async def body(server: PolicyServer) -> None:
        client = PolicyClient()
        stale = tmp_path / "policy"
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(stale))
        for name in (await server.listen("inet:127.0.0.1:0"), await server.listen(f"unix:{stale}")):
            for sender in ("a", "b", "c"):
                told = (("request", "smtpd_access_policy"), ("sender", sender))
                assert await client.consult(Consult(name, told)) == Advice(f"REJECT {sender}")
        client.close()

    assert run(body) == []


def test_requests_together_and_byte_by_byte() -> None:
    async def body(server: PolicyServer) -> None:
        name = await server.listen("inet:127.0.0.1:0")
        both = request("a") + request("b")
        for pieces in ([both], [both[i : i + 1] for i in range(len(both))]):
            assert await converse(name, *pieces) == b"action=REJECT a\n\naction=REJECT b\n\n"

    assert run(body) == []


@pytest.mark.parametrize(
    ("data", "logged"),
    [
        (b"GET / HTTP/1.0\r\n\r\n\n\n", "malformed request from {}: a line that is no name=value"),
        (b"sender=x\n\n", "malformed request from {}: no request attribute"),
        (b"x" * MAX_REQUEST, f"malformed request from {{}}: more than {MAX_REQUEST} octets without an empty line"),
        (b"request=x\nsender=", "request cut off from {}"),
        (request("bug"), "no answer to {}: KeyError: 'bug'"),
        (b"", ""),
    ],
)
def test_trouble_gets_no_answer_and_a_line_in_the_log(data: bytes, logged: str) -> None:
    async def body(server: PolicyServer) -> None:
        name = await server.listen("inet:127.0.0.1:0")
        answer = await converse(name, request("a") + data)
        # What is closed with input unread may take the answer on its way along.
        assert answer == b"action=REJECT a\n\n" or (len(data) >= MAX_REQUEST and not answer)

    lines = run(body)
    assert len(lines) == bool(logged)
    if logged:
        begin, _, end = logged.partition("{}")
        assert lines[0].startswith(f"warning: {begin}127.0.0.1:")
        assert lines[0].endswith(end)


def test_a_silent_client_is_let_go() -> None:
    async def body(server: PolicyServer) -> None:
        name = await server.listen("inet:127.0.0.1:0")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(name.rpartition(":")[2]))
        assert await reader.read() == b""
        writer.close()

    assert run(body, idle=0.05) == []


def test_a_client_that_does_not_read_its_answers() -> None:
    handled = 0

    async def count(told: Mapping[str, str]) -> str:
        nonlocal handled
        handled += 1
        return "x" * 60000

    async def main() -> None:
        server = PolicyServer(count)
        name = await server.listen("inet:127.0.0.1:0")
        _, writer = await asyncio.open_connection("127.0.0.1", int(name.rpartition(":")[2]))
        writer.write(request("a") * 1000)
        while handled < 2:
            await asyncio.sleep(0)
        before = -1
        while before != handled:
            before = handled
            await asyncio.sleep(0.05)  # nothing to wait for: it shall stand still
        assert handled < 1000
        await server.close()
        writer.close()

    asyncio.run(asyncio.wait_for(main(), 10))


def test_standard_input_and_output(tmp_path: Path) -> None:
    code = (
        "import asyncio; from gatepost.edge.policy_server import PolicyServer\n"
        "async def answer(told): return 'OK ' + told['sender']\n"
        "asyncio.run(PolicyServer(answer).serve_standard())"
    )

    async def over_pipes() -> None:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdin=pipe, stdout=pipe)
        out, _ = await process.communicate(request("a") + request("b"))
        assert (out, process.returncode) == (b"action=OK a\n\naction=OK b\n\n", 0)

    async def over_a_socket() -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdin=theirs, stdout=theirs)
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(request("a"))
        assert await reader.readuntil(b"\n\n") == b"action=OK a\n\n"
        writer.close()
        assert await process.wait() == 0

    async def over_files() -> None:
        (tmp_path / "in").write_bytes(request("a") + request("b"))
        with open(tmp_path / "in", "rb") as requests, open(tmp_path / "out", "wb") as answers:
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdin=requests, stdout=answers)
            assert await process.wait() == 0
        assert (tmp_path / "out").read_bytes() == b"action=OK a\n\naction=OK b\n\n"

    asyncio.run(asyncio.wait_for(over_pipes(), 20))
    asyncio.run(asyncio.wait_for(over_files(), 20))
    asyncio.run(asyncio.wait_for(over_a_socket(), 20))


def test_what_cannot_be_bound(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a socket")

    async def body(server: PolicyServer) -> None:
        with pytest.raises(ValueError, match="invalid transport"):
            await server.listen("tcp:1")
        with pytest.raises(OSError, match="file"):
            await server.listen(f"unix:{tmp_path}/file")

    run(body)
    assert os.path.exists(tmp_path / "file")
