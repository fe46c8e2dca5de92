"""What a worker and the steward say to each other about one delivery: one message each way.

    worker -> steward    Request, with the content as an open file (SCM_RIGHTS): the spool's own, or one in memory
    steward -> worker    Result, by the request's number; in any order

Over a unix socket of the kind SOCK_SEQPACKET, so a message is whole or not there. A request says who sends what to
whom; where the mailbox lies and whose it is, the steward finds out for itself: there is no field for a path or a user
id.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator

import msgspec

from gatepost.core.address import Address
from gatepost.core.envelope import Envelope, Outcome, Recipient
from gatepost.core.routing import AddressClass, Route
from gatepost.edge.delivery.agent import Target

MESSAGE_LIMIT = 16384  # octets of a request or a result; three addresses of 1024 octets fit easily
TEXT_LIMIT = 2000  # characters of an outcome's reason
IN_FLIGHT = 32  # requests of one connection that the steward works on at a time
_CHUNK = 65536


class Request(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Deliver a mail of ``size`` octets to one recipient.

    ``mailbox`` is the address to look up, which routing made of ``recipient``; ``original`` as in envelope.Recipient.
    """

    number: int
    transport: str
    queue_id: str
    size: int
    sender: Address
    recipient: Address
    mailbox: Address
    original: Address | None = None

    def target(self) -> Target:
        """The same for an agent."""
        recipient = Recipient(self.recipient, original=self.original)
        route = Route(AddressClass.DEFAULT, self.transport, self.mailbox.domain, self.mailbox)
        return Target(0, recipient, route)


class Result(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What became of request ``number``."""

    number: int
    outcome: Outcome


_encode = msgspec.msgpack.Encoder().encode
decode_request = msgspec.msgpack.Decoder(Request).decode
"""Raises msgspec.DecodeError."""
decode_result = msgspec.msgpack.Decoder(Result).decode
"""Raises msgspec.DecodeError."""


def encode_request(request: Request) -> bytes:
    """Raises ValueError where it is too long or has what UTF-8 cannot say."""
    message = _encode(request)
    if len(message) > MESSAGE_LIMIT:
        raise ValueError("the addresses are too long")
    return message


def encode_result(number: int, outcome: Outcome) -> bytes:
    """Always within the limit."""
    text = outcome.text[:TEXT_LIMIT].encode("utf-8", "replace").decode()
    return _encode(Result(number, msgspec.structs.replace(outcome, text=text)))


class Parcel:
    """A request's content as an agent reads it, any number of times and from several threads.

    Owns ``descriptor``, which is closed with ``close`` or with the last reference: a thread that still reads must not
    find another file in its place. Raises ValueError where the file cannot be what a worker passes on: a regular file
    of its own of the size that was said (files of /proc, whose readers the kernel checks, have no size).
    """

    def __init__(self, request: Request, descriptor: int, owner: int) -> None:
        self._file = os.fdopen(descriptor, "rb", buffering=0)
        self._size = request.size
        recipient = Recipient(request.recipient, original=request.original)
        self.envelope = Envelope(request.queue_id, request.sender, (recipient,), 0.0, size=request.size)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size != request.size or status.st_uid != owner:
            self.close()
            raise ValueError("the content is not a file of the sender's own, of the size that it says")

    def chunks(self) -> Iterator[bytes]:
        """Blocks. Raises OSError, also where the file became shorter."""
        at = 0
        while at < self._size:
            chunk = os.pread(self._file.fileno(), min(_CHUNK, self._size - at), at)
            if not chunk:
                raise OSError(errno.EIO, "the content was cut short")
            at += len(chunk)
            yield chunk

    def close(self) -> None:
        self._file.close()
