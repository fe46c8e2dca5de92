"""A message from a local program: its recipients found, its missing header fields added (sendmail(1), cleanup(8)).

Lines end in LF here. Nothing fails: whatever the message is, it is taken as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import getaddresses

import msgspec

from gatepost.core.address import Address, split_address

MAX_HEADER = 102_400  # octets of a header section that are looked at (header_size_limit)

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_RECIPIENTS = ("to", "cc", "bcc")
_DROPPED = {"bcc", "content-length", "resent-bcc", "return-path"}  # message_drop_headers
_NEEDS_QUOTES = re.compile(r'[()<>@,;:\\".\[\]]')


class Submission(msgspec.Struct, frozen=True):
    """What a local program asks for beside the content. Addresses are as typed; empty ``sender``: whoever submits.

    ``notify`` and ``ret`` are RFC 3461's words in upper case; ``body`` is 7BIT, 8BITMIME or empty for what it looks
    like.
    """

    recipients: tuple[str, ...]
    sender: str = ""
    full_name: str = ""
    notify: tuple[str, ...] = ()
    ret: str = ""
    envid: str = ""
    body: str = ""
    version: int = 1


class Header(msgspec.Struct, frozen=True):
    """A header section: ``fields`` are (name in lower case, all its lines); what follows it is ``body``."""

    fields: tuple[tuple[str, bytes], ...]
    body: bytes


def message_from(data: bytes, *, dot_ends: bool) -> bytes:
    """What a program wrote on standard input, as content.

    CRLF becomes LF; with ``dot_ends`` a line of one dot ends it (no -i); a first line ``From `` of an mbox is dropped.
    """
    content = data.replace(b"\r\n", b"\n")
    if dot_ends:
        if content.startswith(b".\n") or content == b".":
            content = b""
        elif (end := content.find(b"\n.\n")) >= 0:
            content = content[: end + 1]
        elif content.endswith(b"\n."):
            content = content[:-1]
    if content.startswith((b"From ", b">From ")):
        content = content.partition(b"\n")[2]
    return content if not content or content.endswith(b"\n") else content + b"\n"


def split_header(content: bytes) -> Header:
    """The header section ends at an empty line, or before the first line that belongs to no field."""
    fields: list[tuple[str, bytes]] = []
    at = 0
    while at < min(len(content), MAX_HEADER):
        if content.startswith(b"\n", at):
            return Header(tuple(fields), content[at + 1 :])
        end = _end_of_field(content, at)
        match = _FIELD.match(content, at, end)
        if match is None:
            break
        fields.append((match[1].decode("ascii").lower(), content[at:end]))
        at = end
    return Header(tuple(fields), content[at:])


def _end_of_field(content: bytes, start: int) -> int:
    """Behind a line and its continuation lines."""
    at = start
    while True:
        end = content.find(b"\n", at)
        at = len(content) if end < 0 else end + 1
        if content[at : at + 1] not in (b" ", b"\t"):
            return at


def recipients_of(header: Header) -> tuple[str, ...]:
    """The addresses in To:, Cc: and Bcc:, or only in their Resent- forms where the message is resent; each once."""
    prefix = _prefix(header)
    wanted = {prefix + name for name in _RECIPIENTS}
    values = [
        raw.partition(b":")[2].decode("utf-8", "surrogateescape") for name, raw in header.fields if name in wanted
    ]
    try:
        pairs = getaddresses([" ".join(value.split()) for value in values])
    except (RecursionError, ValueError, IndexError):  # the library's parser, over comments in comments
        return ()
    return tuple(dict.fromkeys(address for _, address in pairs if address))


def completed(header: Header, *, received: str, sender: Address, full_name: str, message_id: str, date: str) -> bytes:
    """The content for the spool: ``received`` in front, fields that no reader may see taken out, missing ones added.

    As cleanup(8) does for local mail: Message-Id, Date and From, in their Resent- form for a resent message.
    """
    prefix = _prefix(header)
    label = "Resent-" if prefix else ""
    names = {name for name, _ in header.fields}
    kept = [raw for name, raw in header.fields if name not in _DROPPED]
    added = [
        f"{label}{name}: {value}\n".encode("utf-8", "surrogateescape")
        for name, value in (
            ("Message-Id", f"<{message_id}>"),
            ("Date", date),
            ("From", _from(sender, full_name)),
        )
        if prefix + name.lower() not in names
    ]
    return b"".join([received.encode("utf-8", "surrogateescape"), *kept, *added, b"\n", header.body])


def message_id_of(header: Header) -> str:
    """The Message-Id: field's value, for the log; empty where there is none."""
    for name, raw in header.fields:
        if name == "message-id":
            return " ".join(raw.partition(b":")[2].decode("utf-8", "replace").split())
    return ""


def qualified(text: str, origin: str) -> Address:
    """An address as typed, quotes taken off; without a domain it is at ``origin`` (append_at_myorigin)."""
    address = split_address(text.strip())
    local = address.local
    if len(local) > 1 and local[0] == local[-1] == '"':
        local = re.sub(r"\\(.)", r"\1", local[1:-1])
    return Address(local, address.domain or origin)


def printable_words(words: Iterable[str]) -> tuple[str, ...]:
    """Those without control characters: a line break in an address would be a line in a log or a header."""
    return tuple(word for word in words if word.isprintable())


def _prefix(header: Header) -> str:
    return "resent-" if any(name.startswith("resent-") for name, _ in header.fields) else ""


def _from(sender: Address, full_name: str) -> str:
    name = "".join(char if char.isprintable() else " " for char in full_name).strip()
    if not name:
        return sender.external
    if _NEEDS_QUOTES.search(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return f"{name} <{sender.external}>"
