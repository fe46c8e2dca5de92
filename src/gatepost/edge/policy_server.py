"""Serves the policy delegation protocol (SMTPD_POLICY_README): a handler says the action for each request.

Over TCP, a Unix socket, or standard input and output as under spawn(8). Framing only: what the attributes mean is the
handler's. In case of trouble there is no answer: a warning is logged and the connection closed, as the protocol asks.
"""

from __future__ import annotations

import asyncio
import io
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from gatepost.core.policy import Malformed, RequestParser, encode_response
from gatepost.core.policy_service import Endpoint, parse_endpoint

Handler = Callable[[Mapping[str, str]], Awaitable[str]]

CHUNK = 65536
BACKLOG = 1024
# Postfix closes a connection that rests for smtpd_policy_service_max_idle (300 s); we must not do so before it.
IDLE_SECONDS = 3600.0


class _Writer(Protocol):
    """As much of asyncio.StreamWriter as answers need."""

    def write(self, data: bytes) -> None: ...
    async def drain(self) -> None: ...
    def close(self) -> None: ...


class _FileWriter:
    """A regular file, which never blocks and which no event loop can wait for."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self.close = file.close

    def write(self, data: bytes) -> None:
        self._file.write(data)

    async def drain(self) -> None:
        return None


class PolicyServer:
    """Answers requests with what ``handler`` returns: the text of an action.

    Requests of one connection are answered in their order; the next one is read when the answer is out, so that a
    client that does not read its answers cannot make us hold more than one. ``log`` gets whole lines.
    """

    def __init__(
        self, handler: Handler, *, log: Callable[[str], None] = lambda line: None, idle: float = IDLE_SECONDS
    ) -> None:
        self._handler = handler
        self._log = log
        self._idle = idle
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()

    async def listen(self, text: str) -> str:
        """Serve on ``inet:host:port`` or ``unix:path``; returns the endpoint with the port that was bound.

        A socket that an earlier server left at ``path`` is replaced. Raises ValueError for text that is no endpoint,
        OSError where it cannot be bound.
        """
        endpoint = parse_endpoint(text)
        if endpoint.path:
            path = Path(endpoint.path)
            if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
                path.unlink()
            server = await asyncio.start_unix_server(self._accepted, path, limit=CHUNK, backlog=BACKLOG)
            path.chmod(0o666)  # the client runs as another user
        else:
            host = endpoint.host or "localhost"
            server = await asyncio.start_server(self._accepted, host, endpoint.port, limit=CHUNK, backlog=BACKLOG)
            port = server.sockets[0].getsockname()[1]
            text = f"inet:{Endpoint(host=host, port=str(port))}"
        self._servers.append(server)
        return text

    async def serve_standard(self) -> None:
        """Serve on standard input and output, until input ends."""
        await self.serve_descriptors(0, 1)

    async def serve_descriptors(self, incoming: int, outgoing: int) -> None:
        """Serve on two open file descriptors, which may be one socket, pipes or files; they are closed at the end."""
        reader = asyncio.StreamReader(limit=CHUNK)
        if os.path.sameopenfile(incoming, outgoing) and stat.S_ISSOCK(os.fstat(incoming).st_mode):
            writer: _Writer = await _open_socket(incoming, reader)
        else:
            await _open_input(incoming, reader)
            writer = await _open_output(outgoing)
        await self._serve(reader, writer, "standard input")

    async def close(self) -> None:
        """Accept no more and close every connection; a request that is being handled gets no answer."""
        for server in self._servers:
            server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        peer = writer.get_extra_info("peername")
        with suppress(asyncio.CancelledError):  # close(): asyncio's streams would report it as a fault
            await self._serve(reader, writer, f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else "a local client")

    async def _serve(self, reader: asyncio.StreamReader, writer: _Writer, peer: str) -> None:
        try:
            await self._answer(reader, writer, peer)
        except (OSError, TimeoutError):
            pass  # the client is gone, or rests too long: nothing was asked
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: _Writer, peer: str) -> None:
        parser = RequestParser()
        while True:
            async with asyncio.timeout(self._idle):
                data = await reader.read(CHUNK)
            if not data:
                cut = parser.end()
                if cut:
                    self._log(f"warning: {cut.reason} from {peer}")
                return
            for request in parser.feed(data):
                if isinstance(request, Malformed):
                    self._log(f"warning: malformed request from {peer}: {request.reason}")
                    return
                try:
                    action = await self._handler(request)
                except Exception as error:  # a bug in one answer must not end the service
                    self._log(f"warning: no answer to {peer}: {type(error).__name__}: {error}")
                    return
                writer.write(encode_response(action))
                async with asyncio.timeout(self._idle):
                    await writer.drain()


async def _open_socket(descriptor: int, reader: asyncio.StreamReader) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    protocol = asyncio.StreamReaderProtocol(reader)
    connection = socket.socket(fileno=descriptor)
    connection.setblocking(False)
    transport, _ = await loop.create_connection(lambda: protocol, sock=connection)
    return asyncio.StreamWriter(transport, protocol, reader, loop)


async def _open_input(descriptor: int, reader: asyncio.StreamReader) -> None:
    file = os.fdopen(descriptor, "rb", buffering=0)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        with file:  # never blocks, and no event loop can wait for it
            reader.feed_data(file.read())
            reader.feed_eof()
        return
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)


async def _open_output(descriptor: int) -> _Writer:
    file = os.fdopen(descriptor, "wb", buffering=0)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return _FileWriter(file)
    loop = asyncio.get_running_loop()
    flow = asyncio.StreamReaderProtocol(asyncio.StreamReader())
    transport, protocol = await loop.connect_write_pipe(lambda: flow, file)
    return asyncio.StreamWriter(transport, protocol, None, loop)
