"""Which keys a name, an address or a mail address is looked up by, and in which order (access(5)).

Every function returns a tuple for ask.Search: the whole first, its case kept, then its parts case-folded. Tables of
patterns (cidr, regexp, pcre) are asked for the whole alone.

``dotted`` says how a parent domain is written: False where parent_domain_matches_subdomains contains
smtpd_access_maps (``example.com``, the default), True where it does not (``.example.com``).

A check looks a client up by its name, and only if no entry at all was found, by its address: two searches. An entry
that says DUNNO is an entry.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from gatepost.core.address import Address

MAX_DOMAIN = 255  # octets, RFC 1035 section 2.3.4

_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])(?:\.(?!\Z)|\Z)){4}\Z")
_NEVER_EXTENDED = frozenset({"mailer-daemon", "double-bounce"})


@lru_cache(maxsize=4096)
def host_keys(name: str, *, dotted: bool = False) -> tuple[str, ...]:
    """The keys of a client's name or of a HELO argument: the name, then each parent domain.

    A bare IP address has no parents, an address literal in brackets has (``[192.0.2.1]``, then ``0.2.1]``): so does
    Postfix. The client name ``unknown`` is looked up like any other.
    """
    if _is_address(name):
        return (name,)
    return (name, *_parents(name.casefold(), dotted))


@lru_cache(maxsize=4096)
def address_keys(address: str) -> tuple[str, ...]:
    """The keys of a client's IP address: each time one octet, or one ``:`` and what follows it, shorter.

    ``address`` is as in facts.Client (IPv6 in RFC 5952 form), so ``2001:db8::1`` is followed by ``2001:db8:``,
    ``2001:db8`` and ``2001``.
    """
    separator = ":" if ":" in address else "."
    keys = [address]
    key = address.casefold()
    while (cut := key.rfind(separator)) > 0:
        key = key[:cut]
        keys.append(key)
    return tuple(keys)


@lru_cache(maxsize=4096)
def mail_keys(
    address: Address, *, delimiter: str = "", owner_request: bool = True, dotted: bool = False
) -> tuple[str, ...]:
    """The keys of a sender or recipient, case folded: user+ext@domain, user@domain, domain, parents, user+ext@, user@.

    A local part that has to be quoted on the wire is tried quoted first, then as it is; see ``whole_forms``.
    ``delimiter`` is recipient_delimiter, ``owner_request`` owner_request_special. The null sender has no keys here: its
    key is smtpd_null_access_lookup_key (``null_sender_keys``). A bare local part has to be completed beforehand.
    """
    domain = address.domain.casefold()
    forms = _local_forms(address.local.casefold(), delimiter, owner_request)
    return (
        *(f"{form}@{domain}" for form in forms),
        domain,
        *_parents(domain, dotted),
        *(f"{form}@" for form in forms),
    )


@lru_cache(maxsize=4096)
def whole_forms(address: Address) -> int:
    """How many of the first ``mail_keys`` are the whole address (ask.Search.whole): 2 where it has to be quoted."""
    return len(_quoted_forms(address.local.casefold()))


def null_sender_keys(key: str) -> tuple[str, ...]:
    """The null sender's one key, smtpd_null_access_lookup_key; none if that is empty."""
    return (key,) if key else ()


def split_extension(local: str, delimiter: str, owner_request: bool = True) -> str | None:
    """``local`` less its address extension, or None if it has none (postconf(5) recipient_delimiter).

    The first character that is in ``delimiter`` splits, but not at the very beginning. mailer-daemon, double-bounce,
    and, with owner_request_special, owner-name and name-request are left whole where ``-`` is a delimiter.
    """
    if not delimiter:
        return None
    if "-" in delimiter:
        folded = local.casefold()
        if folded in _NEVER_EXTENDED:
            return None
        if owner_request and (folded.startswith("owner-") or folded.endswith("-request")):
            return None
    cut = min((at for mark in delimiter if (at := local.find(mark)) >= 0), default=0)
    return local[:cut] if cut > 0 else None


def _local_forms(local: str, delimiter: str, owner_request: bool) -> list[str]:
    forms = _quoted_forms(local)
    shorter = split_extension(local, delimiter, owner_request)
    return forms if shorter is None else forms + _quoted_forms(shorter)


def _quoted_forms(local: str) -> list[str]:
    """The local part as written on the wire, and as it is meant where that differs."""
    quoted = Address(local, "").external or '""'
    return [local] if quoted == local else [quoted, local]


def _parents(name: str, dotted: bool) -> list[str]:
    """Each parent of ``name``, longest first.

    Lenient: Postfix also asks for parents longer than any domain name can be; that work would grow with the square of
    what a client says.
    """
    parents = []
    skip = 0 if dotted else 1
    start = max(0, len(name) - MAX_DOMAIN - 2)
    while (dot := name.find(".", start + 1)) >= 0 and dot + skip < len(name):
        start = dot + skip
        parents.append(name[start:])
    return parents


def _is_address(name: str) -> bool:
    if _IPV4.match(name):
        return True
    if ":" not in name or len(name) > 45:
        return False
    try:
        ipaddress.IPv6Address(name)
    except ValueError:
        return False
    return "%" not in name
