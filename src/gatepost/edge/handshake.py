"""Beginning TLS on a connection that is there already: STARTTLS (RFC 3207), or at once in wrapper mode (RFC 8314)."""

from __future__ import annotations

import asyncio

from gatepost.core.facts import Tls
from gatepost.edge import log_lines
from gatepost.edge.door import Door
from gatepost.edge.tls import tls_facts


async def shake_hands(
    transport: asyncio.Transport, protocol: asyncio.Protocol, door: Door, label: str
) -> tuple[asyncio.Transport, Tls] | None:
    """The transport that speaks TLS, and what was agreed; None where that fails, which is logged as from ``label``.

    The caller has stopped reading. After a failure the connection is closed or useless.
    """
    context = door.tls()
    if context is None:
        return None
    try:
        secured = await asyncio.get_running_loop().start_tls(
            transport, protocol, context, server_side=True, ssl_handshake_timeout=door.handshake_seconds
        )
    except OSError as error:  # ssl.SSLError and TimeoutError are such
        door.log(log_lines.tls_failed(label, type(error).__name__), "info")
        return None
    return None if secured is None else (secured, tls_facts(secured.get_extra_info("ssl_object")))
