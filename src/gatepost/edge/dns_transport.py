"""One question to one nameserver: over UDP, then TCP where the answer does not fit (RFC 1035 section 4.2, RFC 7766).

An answer must come from the asked address to the asking port, and carry the id and the question; anything else is
passed over. Sockets are connected, so that the kernel checks the first two and tells when nobody listens; ports are
the kernel's random choice, ids ours. No cache, no choice of nameserver, no retry: that is the resolver's.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import struct
from dataclasses import dataclass

import dns.name
import dns.rdatatype

from gatepost.edge.dns_wire import FAILED, MAX_UDP, Response, encode_query, parse_response

SOCKETS = 4  # open at once to a nameserver; each has a port that a forger must guess
SOCKET_QUERIES = 1000  # after so many questions a socket is given up for one with another port
SOCKET_PENDING = 4096  # questions at once on a socket; ids are 16 bits


@dataclass(frozen=True, slots=True)
class Nameserver:
    address: str
    port: int = 53

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def parse_nameserver(text: str) -> Nameserver:
    """``ADDR``, ``ADDR:PORT``, ``[v6]`` or ``[v6]:PORT``. Raises ValueError."""
    host, port = text, "53"
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        if rest and not rest.startswith(":"):
            raise ValueError(f"no nameserver: {text!r}")
        port = rest[1:] if rest else port
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"no nameserver port: {text!r}")
    return Nameserver(str(ipaddress.ip_address(host)), int(port))


class _Socket(asyncio.DatagramProtocol):
    """A connected UDP socket and the questions that wait on it, by id."""

    def __init__(self) -> None:
        self.pending: dict[int, tuple[dns.name.Name, dns.rdatatype.RdataType, asyncio.Future[Response]]] = {}
        self.asked = 0
        self.transport: asyncio.DatagramTransport | None = None
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: object) -> None:
        waiting = self.pending.get(int.from_bytes(data[:2], "big"))
        if waiting is None or len(data) > MAX_UDP:
            return
        name, kind, future = waiting
        response = parse_response(data, int.from_bytes(data[:2], "big"), name, kind)
        if response is not None and not future.done():
            future.set_result(response)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there (ICMP): every question on the socket has failed."""
        for _, _, future in self.pending.values():
            if not future.done():
                future.set_result(FAILED)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self.error_received(exc or OSError())

    @property
    def usable(self) -> bool:
        return not self.lost and self.asked < SOCKET_QUERIES and len(self.pending) < SOCKET_PENDING

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()


class Exchange:
    """Asks one nameserver. ``ask`` never raises but asyncio.CancelledError and TimeoutError."""

    def __init__(self, nameserver: Nameserver) -> None:
        self.nameserver = nameserver
        self._sockets: list[_Socket] = []
        self._plain = False  # the server does not understand EDNS

    async def ask(self, name: dns.name.Name, kind: dns.rdatatype.RdataType, timeout: float) -> Response:
        """What it says; FAILED where it cannot be reached or speaks nonsense. Raises TimeoutError for silence."""
        async with asyncio.timeout(timeout):
            response = await self._ask_udp(name, kind)
            if response.plain and not self._plain:
                self._plain = True
                response = await self._ask_udp(name, kind)
            if response.truncated:
                response = await self._ask_tcp(name, kind)
        return response

    def close(self) -> None:
        for each in self._sockets:
            each.close()
        self._sockets.clear()

    async def _ask_udp(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> Response:
        try:
            channel = await self._socket()
        except OSError:
            return FAILED
        ident = secrets.randbelow(65536)
        while ident in channel.pending:
            ident = (ident + 1) % 65536
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        channel.pending[ident] = (name, kind, future)
        try:
            assert channel.transport is not None
            channel.transport.sendto(encode_query(ident, name, kind, edns=not self._plain))
            return await future
        finally:
            del channel.pending[ident]
            if not channel.usable and not channel.pending:
                channel.close()

    async def _socket(self) -> _Socket:
        """A socket with room; a new one until there are SOCKETS, then each in turn by chance."""
        self._sockets = [each for each in self._sockets if each.usable]
        if len(self._sockets) < SOCKETS:
            loop = asyncio.get_running_loop()
            remote = (self.nameserver.address, self.nameserver.port)
            _, channel = await loop.create_datagram_endpoint(_Socket, remote_addr=remote)
            self._sockets.append(channel)
        else:
            channel = self._sockets[secrets.randbelow(len(self._sockets))]
        channel.asked += 1
        return channel

    async def _ask_tcp(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> Response:
        ident = secrets.randbelow(65536)
        query = encode_query(ident, name, kind, edns=not self._plain)
        try:
            reader, writer = await asyncio.open_connection(self.nameserver.address, self.nameserver.port)
            try:
                writer.write(struct.pack("!H", len(query)) + query)
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                wire = await reader.readexactly(length)
            finally:
                writer.close()
        except (OSError, EOFError):
            return FAILED
        response = parse_response(wire, ident, name, kind)
        return FAILED if response is None or response.truncated else response
