"""A recipient's local part and its extension (recipient_delimiter), and the keys that a mailbox map is asked for."""

from __future__ import annotations

from gatepost.core.address import Address

_NEVER_SPLIT = {"mailer-daemon", "postmaster", "double-bounce"}  # Postfix: address extension never applies to these


def split_extension(local: str, delimiters: str) -> tuple[str, str]:
    """``("user", "ext")`` of ``user+ext``; the extension is empty where there is none.

    ``delimiters`` is recipient_delimiter: the first of its characters that occurs in ``local`` divides it, unless
    nothing would be left in front.
    """
    if local.lower() in _NEVER_SPLIT:
        return local, ""
    at = min((index for char in delimiters if (index := local.find(char)) > 0), default=-1)
    return (local[:at], local[at + 1 :]) if at > 0 else (local, "")


def mailbox_keys(address: Address, delimiters: str) -> tuple[str, ...]:
    """The keys for ``address`` in virtual_mailbox_maps and its like, in order (virtual(8): TABLE LOOKUPS)."""
    local, domain = address.local.lower(), address.domain.lower()
    user, extension = split_extension(local, delimiters)
    whole = f"{local}@{domain}"
    return (whole, f"{user}@{domain}", f"@{domain}") if extension else (whole, f"@{domain}")
