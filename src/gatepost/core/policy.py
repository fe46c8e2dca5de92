"""The policy delegation protocol (SMTPD_POLICY_README): attributes, requests and responses.

Sans-IO and for both sides: what a session sends about itself, and what a service of ours reads. Attributes, their order
and their values are those of the running Postfix 3.7. Nothing here decides; an answer's action is access(5)'s business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from gatepost.core.ask import Advice
from gatepost.core.config.settings import Settings
from gatepost.core.facts import Facts, Stage

MAX_REQUEST = 65536  # octets, the empty line included
MAX_RESPONSE = 65536

_BREAKS = re.compile(r"[\x00\n]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffd]")
_NOT_XTEXT = re.compile(rb"[^\x21-\x2a\x2c-\x3c\x3e-\x7e]")
_WITH_COUNT = (Stage.DATA, Stage.END_OF_MESSAGE)
_WITH_RECIPIENT = (Stage.RCPT, Stage.VRFY)

Attributes = tuple[tuple[str, str], ...]


class Malformed(msgspec.Struct, frozen=True):
    """Input that is no request or response; the connection it came from cannot be used further.

    ``final``: the peer did answer, but not in UTF-8; asking again would bring the same. ``reason`` shows it then.
    """

    reason: str
    final: bool = False


def attributes(facts: Facts, stage: Stage, settings: Settings, policy_context: str = "") -> Attributes:
    """What a policy service is told, in Postfix's order. Never holds a line break or NUL once it is encoded.

    With smtpd_delay_reject the stage is RCPT for the earlier lists too. ``recipient`` is given at DATA and later only
    if there is a single one.
    """
    client, tls, login = facts.client, facts.tls, facts.login
    count = facts.recipients if stage in _WITH_COUNT else 0
    recipient = facts.recipient if stage in _WITH_RECIPIENT or count == 1 else None
    in_transaction = facts.sender is not None and stage is not Stage.MAIL
    return (
        ("request", "smtpd_access_policy"),
        ("protocol_state", (stage in (Stage.CONNECT, Stage.HELO) and facts.verb) or stage.value),
        ("protocol_name", facts.protocol),
        ("client_address", client.address),
        ("client_name", client.name),
        ("client_port", str(client.port)),
        ("reverse_client_name", client.reverse_name),
        ("server_address", facts.server_address),
        ("server_port", str(facts.server_port)),
        ("helo_name", facts.helo),
        ("sender", facts.sender.text if facts.sender else ""),
        ("recipient", recipient.text if recipient else ""),
        ("recipient_count", str(count)),
        ("queue_id", facts.queue_id),
        ("instance", facts.instance if in_transaction else ""),
        ("size", str(facts.size)),
        ("etrn_domain", facts.etrn_domain if stage is Stage.ETRN else ""),
        ("stress", settings.text("stress")),
        ("sasl_method", login.method if login else ""),
        ("sasl_username", login.name if login else ""),
        ("sasl_sender", login.sender if login else ""),
        ("ccert_subject", xtext(tls.peer_subject) if tls else ""),
        ("ccert_issuer", xtext(tls.peer_issuer) if tls else ""),
        ("ccert_fingerprint", tls.peer_fingerprint if tls else ""),
        ("ccert_pubkey_fingerprint", tls.peer_pubkey_fingerprint if tls else ""),
        ("encryption_protocol", tls.protocol if tls else ""),
        ("encryption_cipher", tls.cipher if tls else ""),
        ("encryption_keysize", str(tls.key_bits) if tls else "0"),
        ("policy_context", policy_context),
    )


def xtext(text: str) -> str:
    """RFC 3461 section 4: what is no printable ASCII, and ``+`` and ``=``, as ``+XX``."""
    raw = text.encode("utf-8", "surrogateescape")
    return _NOT_XTEXT.sub(lambda match: b"+%02X" % match.group()[0], raw).decode()


def encode_request(attributes: Attributes) -> bytes:
    """A request as sent. A line break or NUL in a value becomes ``?``."""
    text = "\n".join([f"{name}={value}" for name, value in attributes])
    if "\0" in text or text.count("\n") >= len(attributes):
        text = "\n".join([f"{name}={_BREAKS.sub('?', value)}" for name, value in attributes])
    return f"{text}\n\n".encode("utf-8", "surrogateescape")


def encode_response(action: str) -> bytes:
    """A service's answer as sent. A line break or NUL in the action becomes a space."""
    return f"action={_BREAKS.sub(' ', action)}\n\n".encode("utf-8", "replace")


class RequestParser:
    """The serving side: octets in, requests out.

    A request is a mapping of its attributes; where a name stands twice the first value counts. After a Malformed
    nothing more is read. Holds at most MAX_REQUEST octets and what one ``feed`` brings.
    """

    __slots__ = ("_block", "_dead")

    def __init__(self) -> None:
        self._block = _Block(MAX_REQUEST)
        self._dead = False

    def feed(self, data: bytes) -> list[Mapping[str, str] | Malformed]:
        """The requests that ``data`` completes; a Malformed is the last."""
        found: list[Mapping[str, str] | Malformed] = []
        if not self._dead:
            self._block.add(data)
        while not self._dead:
            block = self._block.take()
            if block is None:
                break
            request = block if isinstance(block, Malformed) else _request(block)
            self._dead = isinstance(request, Malformed)
            found.append(request)
        return found

    def end(self) -> Malformed | None:
        """The peer closed: Malformed where it did so in the middle of a request."""
        return Malformed("request cut off") if self._block.held and not self._dead else None


def _request(block: bytes) -> Mapping[str, str] | Malformed:
    pairs: dict[str, str] = {}
    for line in block.decode("utf-8", "replace").split("\n"):
        name, equals, value = line.partition("=")
        if not equals or not name:
            return Malformed("a line that is no name=value")
        if "\0" in line:
            return Malformed("a NUL in an attribute")
        pairs.setdefault(name, value)
    return pairs if "request" in pairs else Malformed("no request attribute")


class ResponseParser:
    """The asking side: octets in, one answer out.

    The first ``action`` counts, other attributes are passed over. What comes behind the empty line answers a question
    that nobody asked: ``surplus`` says so, and the connection must not be used again.
    """

    __slots__ = ("_block",)

    def __init__(self) -> None:
        self._block = _Block(MAX_RESPONSE)

    def feed(self, data: bytes) -> Advice | Malformed | None:
        """The answer, or None while it is not complete."""
        self._block.add(data)
        block = self._block.take()
        return _advice(block) if isinstance(block, bytes) else block

    @property
    def surplus(self) -> bool:
        return bool(self._block.held)

    @property
    def untouched(self) -> bool:
        """Whether nothing has come yet."""
        return not self._block.held


def _advice(block: bytes) -> Advice | Malformed:
    for line in block.split(b"\n"):
        name, equals, value = line.partition(b"=")
        if name != b"action" or not equals:
            continue
        if b"\0" in value:
            return Malformed("a NUL in the action")
        try:
            return Advice(value.decode())
        except UnicodeDecodeError:
            shown = _CONTROL.sub("?", value.decode("utf-8", "replace"))
            return Malformed(f'response: "{shown}"', final=True)
    return Malformed("missing attribute action")


class _Block:
    """Octets up to an empty line. Every octet is looked at once."""

    __slots__ = ("_buffer", "_limit", "_seen")

    def __init__(self, limit: int) -> None:
        self._buffer = bytearray()
        self._limit = limit
        self._seen = 0

    @property
    def held(self) -> int:
        return len(self._buffer)

    def add(self, data: bytes) -> None:
        self._buffer += data

    def take(self) -> bytes | Malformed | None:
        """The lines before the next empty line, without it; None where it has not come."""
        if self._buffer.startswith(b"\n"):
            del self._buffer[:1]
            return b""
        end = self._buffer.find(b"\n\n", self._seen)
        if end < 0:
            self._seen = max(len(self._buffer) - 1, 0)
        if end > self._limit - 2 or (end < 0 and len(self._buffer) >= self._limit):
            self._buffer.clear()
            self._seen = 0
            return Malformed(f"more than {self._limit} octets without an empty line")
        if end < 0:
            return None
        block = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        self._seen = 0
        return block
