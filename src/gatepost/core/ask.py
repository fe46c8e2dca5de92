"""The questions that a decision can ask, and the answers.

A question is a frozen, hashable, serialisable value; a restriction yields it and receives an answer. The same question
is answered by the world (live server, explain), by the journal (why, replay), by every possible answer in turn (the
relay proof) or by a dict (tests). A fault of the world is the answer Missing.TRY_AGAIN, never an exception.

    Search(table, keys)      -> Hit | NOT_FOUND | TRY_AGAIN
    Dns(name, type)          -> Records | NO_DOMAIN | NO_DATA | TRY_AGAIN
    Consult(service, ...)    -> Advice | UNAVAILABLE

A new kind of question is a struct here, a source at the edge, and nothing else.
"""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum

import msgspec

from gatepost.core.errors import Place


class Missing(Enum):
    """An answer without content."""

    NOT_FOUND = "not found"  # the table has no such key
    NO_DOMAIN = "no such domain"  # NXDOMAIN
    NO_DATA = "no data"  # the name exists, not with this type
    TRY_AGAIN = "try again"  # a temporary fault: SERVFAIL, time-out, a database that is down
    UNAVAILABLE = "unavailable"  # a service could not be reached, or spoke nonsense


class Search(msgspec.Struct, frozen=True, tag_field="kind", tag="table"):
    """Look the ``keys`` up in ``table`` (``type:name``, as configured), in this order; the first hit ends it.

    The first ``whole`` keys are the whole name or address (two for a local part that has to be quoted: as written, and
    as meant); a table of patterns (cidr, regexp, pcre) is asked for those alone.
    """

    table: str
    keys: tuple[str, ...]
    whole: int = 1


class Dns(msgspec.Struct, frozen=True, tag_field="kind", tag="dns"):
    """The records of ``type`` (MX, A, AAAA, TXT, NS, PTR, ...) at ``name``, CNAMEs followed."""

    name: str
    type: str


class Consult(msgspec.Struct, frozen=True, tag_field="kind", tag="policy"):
    """One request to a policy service (SMTPD_POLICY_README). Never remembered: the same request may be answered anew.

    ``service`` is the endpoint as configured (``inet:host:port``, ``unix:path``); times are in seconds.
    """

    service: str
    attributes: tuple[tuple[str, str], ...]
    timeout: float = 100.0
    max_idle: float = 300.0
    max_ttl: float = 1000.0
    request_limit: int = 0
    try_limit: int = 2
    retry_delay: float = 1.0


class Hit(msgspec.Struct, frozen=True, tag_field="kind", tag="hit"):
    """What a table says. ``place`` is the entry's file and line, or None for a table that has none."""

    key: str
    value: str
    place: Place | None = None


class Records(msgspec.Struct, frozen=True, tag_field="kind", tag="records"):
    """DNS records as text: an address, a host name without trailing dot, ``"10 mx.example"`` for MX, TXT joined."""

    values: tuple[str, ...]
    ttl: int = 0


class Advice(msgspec.Struct, frozen=True, tag_field="kind", tag="advice"):
    """A policy service's ``action=`` value."""

    action: str


Question = Search | Dns | Consult
Answer = Hit | Records | Advice | Missing


def search(question: Search) -> Generator[Question, Answer, Hit | Missing]:
    """Ask a table. Returns Hit, NOT_FOUND or TRY_AGAIN; any other answer counts as TRY_AGAIN."""
    answer = yield question
    if isinstance(answer, Hit) or answer is Missing.NOT_FOUND:
        return answer
    return Missing.TRY_AGAIN


def dns(name: str, type: str) -> Generator[Question, Answer, Records | Missing]:
    """Ask DNS. Returns Records, NO_DOMAIN, NO_DATA or TRY_AGAIN; any other answer counts as TRY_AGAIN."""
    answer = yield Dns(name, type)
    if isinstance(answer, Records) or answer in (Missing.NO_DOMAIN, Missing.NO_DATA):
        return answer
    return Missing.TRY_AGAIN


def consult(question: Consult) -> Generator[Question, Answer, Advice | Missing]:
    """Ask a policy service. Returns Advice or UNAVAILABLE."""
    answer = yield question
    return answer if isinstance(answer, Advice) else Missing.UNAVAILABLE
