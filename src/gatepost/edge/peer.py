"""Who is at the other end of a connection."""

from __future__ import annotations

import asyncio


def peer_of(transport: asyncio.BaseTransport) -> tuple[str, int]:
    """The remote address and port; an IPv4 address that came by an IPv6 socket is told as IPv4."""
    peer = transport.get_extra_info("peername")
    if not peer or not isinstance(peer, tuple):
        return "unknown", 0
    return str(peer[0]).removeprefix("::ffff:"), int(peer[1])
