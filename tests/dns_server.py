"""A small authoritative DNS server on loopback, for tests and for network namespaces of real servers.

A zone is text, one record a line; the name and the value need no trailing dot, ``#`` begins a comment:

    mx.example        A      192.0.2.1
    example       60  MX     10 mx.example          a TTL in seconds may follow the name
    *.dyn.example     A      192.0.2.9              every name below dyn.example that is not listed itself
    PTR 192.0.2.1 mx.example                        short for 1.2.0.192.in-addr.arpa PTR mx.example (IPv6 as well)
    slow.example      MX     TIMEOUT                a fault in the place of a value; the type * means every type

Faults: SERVFAIL, REFUSED, NXDOMAIN, TIMEOUT (no answer), TRUNCATED (UDP says TC; TCP gives the records), LAME (no
error, no records, not authoritative, no SOA). A name that is not listed is NXDOMAIN, a listed name without the type no
data; both come with an SOA whose minimum is ``negative_ttl``. CNAMEs are followed, as a recursive server would.

In a test:

    with DnsServer("mx.example A 192.0.2.1") as server: ...     server.nameserver, server.asked, server.set_zone(text)

As a program (prints a line when ready; SIGHUP reads the zone again):

    python tests/dns_server.py --listen 127.0.0.53:53 ZONEFILE
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import re
import signal
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.reversename
import dns.rrset

FAULTS = {"SERVFAIL", "REFUSED", "NXDOMAIN", "TIMEOUT", "TRUNCATED", "LAME"}
DEFAULT_TTL = 300
CNAME_LIMIT = 16

_COMMENT = re.compile(r"(?:^|\s)#.*")

Tamper = Callable[[dns.message.Message, bytes], Iterable[bytes]]


@dataclass(slots=True)
class Zone:
    """Records and faults by lower-case name without trailing dot, then by type (``*`` for a fault of every type)."""

    records: dict[str, dict[str, list[tuple[int, str]]]] = field(default_factory=dict)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)

    def exists(self, name: str) -> bool:
        """Whether the name, or a name below it, has anything."""
        return name in self.records or any(other.endswith("." + name) for other in self.records)

    def find(self, name: str) -> dict[str, list[tuple[int, str]]] | None:
        if self.exists(name):
            return self.records.get(name, {})
        labels = name.split(".")
        for i in range(1, len(labels)):
            wild = self.records.get("*." + ".".join(labels[i:]))
            if wild is not None:
                return wild
        return None


def parse_zone(text: str) -> Zone:
    """Raises ValueError with the line's number for a line that is no record."""
    zone = Zone()
    for number, line in enumerate(text.splitlines(), 1):
        words = _COMMENT.sub("", line).split(None, 2)
        if not words:
            continue
        if len(words) == 3 and words[0] == "PTR":
            try:
                words = [str(dns.reversename.from_address(words[1])), "PTR", words[2]]
            except dns.exception.SyntaxError as error:
                raise ValueError(f"line {number}: {error}") from error
        ttl = DEFAULT_TTL
        if len(words) == 3 and words[1].isdigit():
            ttl = int(words[1])
            words = [words[0], *words[2].split(None, 1)]
        if len(words) < 3:
            raise ValueError(f"line {number}: wanted `name [ttl] TYPE value`, found {line!r}")
        name, kind, value = words[0].rstrip(".").lower(), words[1].upper(), words[2].strip()
        if value in FAULTS:
            zone.faults[name, kind] = value
            if value != "NXDOMAIN":
                zone.records.setdefault(name, {})
            continue
        try:
            dns.rdata.from_text("IN", kind, value, origin=dns.name.root, relativize=False)
        except (dns.exception.DNSException, ValueError) as error:
            raise ValueError(f"line {number}: {error}") from error
        zone.records.setdefault(name, {}).setdefault(kind, []).append((ttl, value))
    return zone


def rrset(name: str, kind: str, values: list[tuple[int, str]]) -> dns.rrset.RRset:
    """One set of records; values are as in a zone, an empty list is not allowed."""
    rdatas = [dns.rdata.from_text("IN", kind, text, origin=dns.name.root, relativize=False) for _, text in values]
    return dns.rrset.from_rdata_list(dns.name.from_text(name), min(ttl for ttl, _ in values), rdatas)


class DnsServer:
    """Serves a zone over UDP and TCP from a thread of its own; a context manager.

    ``asked`` counts questions as ``(name, type)``, over either transport; ``asked_tcp`` those over TCP. ``delay`` is in
    seconds, before each answer. ``tamper(query, wire)`` may give other datagrams in the place of each UDP answer.
    """

    def __init__(
        self,
        zone: str = "",
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        delay: float = 0.0,
        negative_ttl: int = 60,
        tamper: Tamper | None = None,
    ) -> None:
        self.zone = parse_zone(zone)
        self.address, self.port = address, port
        self.delay, self.negative_ttl, self.tamper = delay, negative_ttl, tamper
        self.asked: Counter[tuple[str, str]] = Counter()
        self.asked_tcp: Counter[tuple[str, str]] = Counter()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="dns-server", daemon=True)
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None

    @property
    def nameserver(self) -> str:
        """``ADDR:PORT``, as ``--nameserver`` takes it."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"

    def set_zone(self, text: str) -> None:
        self.zone = parse_zone(text)

    def __enter__(self) -> DnsServer:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _open(self) -> None:
        udp, tcp = _bind_both(self.address, self.port)
        self.port = udp.getsockname()[1]
        self._udp, _ = await self._loop.create_datagram_endpoint(lambda: _Udp(self), sock=udp)
        self._tcp = await asyncio.start_server(self._serve_tcp, sock=tcp)

    async def _close(self) -> None:
        if self._udp:
            self._udp.close()
        if self._tcp:
            self._tcp.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                answer = self.answer(await reader.readexactly(length), tcp=True)
                await asyncio.sleep(self.delay)
                if answer is not None:
                    wire = answer[1]
                    writer.write(struct.pack("!H", len(wire)) + wire)
        except (asyncio.IncompleteReadError, ConnectionError, dns.exception.DNSException):
            pass
        finally:
            writer.close()

    def answer(self, wire: bytes, *, tcp: bool) -> tuple[dns.message.Message, bytes] | None:
        """The query and the answer's wire form; None for silence."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked[name, kind] += 1
        if tcp:
            self.asked_tcp[name, kind] += 1
        fault = self.zone.faults.get((name, kind)) or self.zone.faults.get((name, "*"))
        if fault == "TIMEOUT":
            return None
        response = dns.message.make_response(query)
        if fault in ("SERVFAIL", "REFUSED"):
            response.set_rcode(dns.rcode.from_text(fault))
        elif fault == "TRUNCATED" and not tcp:
            response.flags |= dns.flags.TC
        elif fault != "LAME":
            response.flags |= dns.flags.AA | dns.flags.RA
            self._fill(response, name, kind, refuse=fault == "NXDOMAIN")
        limit = 65535 if tcp else max(512, query.payload)
        try:
            return query, response.to_wire(max_size=limit, want_shuffle=False)
        except dns.exception.TooBig:
            short = dns.message.make_response(query)
            short.flags |= dns.flags.TC
            return query, short.to_wire()

    def _fill(self, response: dns.message.Message, name: str, kind: str, *, refuse: bool) -> None:
        for _ in range(CNAME_LIMIT):
            held = None if refuse else self.zone.find(name)
            if held is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
                break
            if kind in held:
                response.answer.append(rrset(name, kind, held[kind]))
                return
            if "CNAME" not in held or kind == "CNAME":
                break
            response.answer.append(rrset(name, "CNAME", held["CNAME"]))
            name = held["CNAME"][0][1].rstrip(".").lower()
            if self.zone.faults.get((name, kind)) == "SERVFAIL":
                response.set_rcode(dns.rcode.SERVFAIL)
                return
        apex = ".".join(name.split(".")[-2:])
        soa = f"ns.{apex} hostmaster.{apex} 1 3600 600 86400 {self.negative_ttl}"
        response.authority.append(rrset(apex, "SOA", [(self.negative_ttl, soa)]))


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self.server = server

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        server = self.server
        try:
            answer = server.answer(data, tcp=False)
        except dns.exception.DNSException:
            return
        if answer is None:
            return
        query, wire = answer
        for datagram in server.tamper(query, wire) if server.tamper else (wire,):
            asyncio.get_running_loop().call_later(server.delay, self.transport.sendto, datagram, addr)


def _bind_both(address: str, port: int) -> tuple[socket.socket, socket.socket]:
    """A UDP and a listening TCP socket on the same port, a free one for port 0."""
    family = socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET
    for attempt in range(20):
        tcp = socket.socket(family, socket.SOCK_STREAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        udp = socket.socket(family, socket.SOCK_DGRAM)
        try:
            tcp.bind((address, port))
            udp.bind((address, tcp.getsockname()[1]))
            tcp.listen(64)
            return udp, tcp
        except OSError:
            tcp.close()
            udp.close()
            if port or attempt == 19:
                raise
    raise AssertionError("unreachable")


def main() -> None:
    parser = argparse.ArgumentParser(description="A small authoritative DNS server for tests.")
    parser.add_argument("--listen", default="127.0.0.1:5353", metavar="ADDR:PORT")
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("zonefile", type=Path)
    options = parser.parse_args()
    address, _, port = options.listen.rpartition(":")
    signals = {signal.SIGHUP, signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    zone = options.zonefile.read_text()
    with DnsServer(zone, address=address.strip("[]"), port=int(port), delay=options.delay_ms / 1000) as server:
        print(f"dns server ready on {server.nameserver}", flush=True)
        while signal.sigwait(signals) == signal.SIGHUP:
            server.set_zone(options.zonefile.read_text())
            print("zone read again", flush=True)


if __name__ == "__main__":
    main()
