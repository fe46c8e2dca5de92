"""Mail addresses, domains and address literals: parse and format (RFC 5321 section 4.1.2-3, RFC 6531).

An address is parsed once, when the command arrives, and travels parsed. Rewriting (myorigin, the percent hack, virtual
aliases) is not done here.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

import msgspec

from gatepost.core.errors import AddressError

_ATOM = re.compile(r"[^\s\x00-\x20\x7f()<>@,;:\\\".\[\]]+(?:\.[^\s\x00-\x20\x7f()<>@,;:\\\".\[\]]+)*\Z")
_LABEL = re.compile(r"[A-Za-z0-9_\u0080-\U0010ffff](?:[A-Za-z0-9_\u0080-\U0010ffff-]*[A-Za-z0-9_\u0080-\U0010ffff])?\Z")


class Address(msgspec.Struct, frozen=True):
    """An envelope address.

    ``local`` and ``domain`` are as given by the client, case kept, quotes taken off the local part. ``domain`` is empty
    for a bare local part and in brackets for an address literal. The null sender ``<>`` has both empty.
    """

    local: str
    domain: str

    @property
    def is_null(self) -> bool:
        return not self.local and not self.domain

    @property
    def is_literal(self) -> bool:
        return self.domain.startswith("[")

    @property
    def text(self) -> str:
        """The internal form, as tables are searched and logs written: ``local@domain``, quotes taken off."""
        return f"{self.local}@{self.domain}" if self.domain else self.local

    @property
    def external(self) -> str:
        """The form that goes on the wire: the local part quoted where RFC 5321 asks for it, without ``<>``."""
        local = self.local
        if not _ATOM.match(local) and (local or self.domain):
            escaped = local.replace("\\", "\\\\").replace('"', '\\"')
            local = f'"{escaped}"'
        return f"{local}@{self.domain}" if self.domain else local

    def __str__(self) -> str:
        return f"<{self.text}>"


NULL = Address("", "")


def split_address(text: str) -> Address:
    """An address from its internal form: the domain is what follows the last ``@``. Never fails."""
    local, at, domain = text.rpartition("@")
    return Address(local, domain) if at else Address(text, "")


@lru_cache(maxsize=4096)
def is_valid_hostname(name: str) -> bool:
    """Whether ``name`` is a syntactically valid host name, as Postfix sees it (RFC 1123 section 2.1, underscore
    allowed).

    Labels of 1 to 63 octets of letters, digits, ``-`` and ``_`` that neither begin nor end with ``-``, 255 octets in
    all, no empty label and no trailing dot, and not all-numeric. Non-ASCII labels (SMTPUTF8) are allowed.
    """
    if not name or len(name.encode("utf-8", "surrogateescape")) > 255 or name.endswith("."):
        return False
    labels = name.split(".")
    if any(len(label) > 63 or not _LABEL.match(label) for label in labels):
        return False
    return not all(label.isdigit() for label in labels)


def parse_literal(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address inside ``[1.2.3.4]`` or ``[IPv6:2001:db8::1]`` (RFC 5321 section 4.1.3). Raises AddressError."""
    if not (text.startswith("[") and text.endswith("]")):
        raise AddressError(f"no address literal: {text!r}")
    inner = text[1:-1]
    try:
        if inner[:5].lower() == "ipv6:":
            return ipaddress.IPv6Address(inner[5:])
        return ipaddress.IPv4Address(inner)
    except ValueError as error:
        raise AddressError(f"no address literal: {text!r}") from error


def parent_domains(domain: str) -> list[str]:
    """Every parent of ``domain`` from the longest to the top level, ``domain`` itself left out; none of a literal."""
    if domain.startswith("["):
        return []
    labels = domain.split(".")
    return [".".join(labels[i:]) for i in range(1, len(labels))]
