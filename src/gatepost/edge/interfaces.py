"""This machine's name and addresses.

The addresses come from the kernel's routing socket (rtnetlink(7)), which is the only place that knows all of an
interface's addresses with their prefixes; where there is none, only loopback is known.
"""

from __future__ import annotations

import ipaddress
import socket
import struct

from gatepost.core.config.host import Host, Interface

_RTM_GETADDR, _RTM_NEWADDR, _NLMSG_ERROR, _NLMSG_DONE = 22, 20, 2, 3
_NLM_F_REQUEST, _NLM_F_DUMP = 0x1, 0x300
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_HEADER = struct.Struct("=IHHII")
_IFADDRMSG = struct.Struct("=BBBBI")
_ATTRIBUTE = struct.Struct("=HH")


def this_host() -> Host:
    """This machine: its name as the kernel has it, and the addresses of its interfaces."""
    interfaces = local_interfaces()
    return Host(socket.gethostname(), interfaces) if interfaces else Host(socket.gethostname())


def local_interfaces() -> tuple[Interface, ...]:
    """Every address with its prefix, interface by interface; empty where the kernel does not tell."""
    found: list[Interface] = []
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
            kernel.settimeout(2)
            size = _HEADER.size + _IFADDRMSG.size
            flags = _NLM_F_REQUEST | _NLM_F_DUMP
            kernel.send(_HEADER.pack(size, _RTM_GETADDR, flags, 1, 0) + _IFADDRMSG.pack(0, 0, 0, 0, 0))
            while _take(kernel.recv(1 << 16), found):
                pass
    except (OSError, AttributeError, struct.error, ValueError):
        return ()
    return tuple(found)


def _take(data: bytes, found: list[Interface]) -> bool:
    """Collect the addresses of one datagram; whether another one follows."""
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind, *_ = _HEADER.unpack_from(data, at)
        if kind in (_NLMSG_DONE, _NLMSG_ERROR) or length < _HEADER.size:
            return False
        if kind == _RTM_NEWADDR:
            interface = _interface(data[at + _HEADER.size : at + length])
            if interface is not None:
                found.append(interface)
        at += (length + 3) & ~3
    return True


def _interface(message: bytes) -> Interface | None:
    """One address: IFA_LOCAL is our own end of a point-to-point link, and goes before IFA_ADDRESS."""
    _, prefix, *_ = _IFADDRMSG.unpack_from(message)
    packed: dict[int, bytes] = {}
    at = _IFADDRMSG.size
    while at + _ATTRIBUTE.size <= len(message):
        length, kind = _ATTRIBUTE.unpack_from(message, at)
        if length < _ATTRIBUTE.size:
            break
        packed[kind] = message[at + _ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3
    own = packed.get(_IFA_LOCAL, packed.get(_IFA_ADDRESS))
    return ipaddress.ip_interface((own, prefix)) if own is not None else None
