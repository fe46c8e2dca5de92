"""Content in pieces: linear, bounded, and the same however it is cut."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.smtp.content import MANY, Chunks, Content, Data
from gatepost.core.smtp.header import MAX_HEADER, Header

WIRE = st.lists(st.sampled_from([b"\r", b"\n", b".", b"a", b"\r\n", b"\0", b"\r\n.\r\n", b"X: y\r\n"])).map(b"".join)
CUTS = st.lists(st.integers(0, 60), max_size=8)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    return [data[begin:end] for begin, end in pairwise(places)]


def read(data: list[bytes], *, strict: bool, limit: int = 0) -> tuple[bytes, bool, bytes, int]:
    """What Data stores of the pieces, whether it ended, what followed, and its size."""
    reader = Data(Content(limit, Header()), strict=strict)
    stored = rest = b""
    for piece in data:
        if reader.done:
            rest += piece
        else:
            stored += reader.feed(piece)
            rest = reader.rest
    return stored, reader.done, rest, reader.content.size


def line_by_line(data: bytes, *, strict: bool) -> tuple[bytes, bytes] | None:
    """The same, told slowly: the body and what follows, or None where there is no end."""
    body, standard = [], True
    while True:
        line, end, data = data.partition(b"\n")
        if not end:
            return None
        crlf = line.endswith(b"\r")
        line = line.removesuffix(b"\r") if strict else line.rstrip(b"\r")
        if line == b"." and (not strict or (crlf and standard)):
            return b"".join(body), data
        if line != b"." or not strict:
            body.append(line.removeprefix(b".").replace(b"\r", b" ") + b"\n")
        standard = crlf


def through_header(body: bytes) -> bytes:
    header = Header()
    return header.feed(body) + header.finish() if body else b""


@settings(max_examples=300, deadline=None)
@given(WIRE, CUTS, st.booleans())
def test_data_is_what_the_lines_say(data: bytes, cuts: list[int], strict: bool) -> None:
    stored, done, rest, _ = read(pieces(data, cuts), strict=strict)
    expected = line_by_line(data, strict=strict)
    assert done == (expected is not None)
    if expected is not None:
        assert (stored, rest) == (through_header(expected[0]), expected[1])


@settings(max_examples=200, deadline=None)
@given(WIRE, CUTS, st.booleans())
def test_chunks_are_the_same_however_they_are_cut(data: bytes, cuts: list[int], strict: bool) -> None:
    def take(parts: list[bytes]) -> tuple[bytes, int, bool]:
        chunks = Chunks(Content(0, Header()), strict=strict)
        stored = b"".join(chunks.feed(part) for part in parts) + chunks.finish()
        return stored, chunks.content.size, chunks.content.bare

    stored, _, _ = whole = take([data])
    assert take(pieces(data, cuts)) == whole
    assert b"\r" not in stored
    assert not stored or stored.endswith(b"\n")


@settings(max_examples=200, deadline=None)
@given(WIRE.map(lambda data: data.replace(b"\r", b"")), CUTS)
def test_a_header_is_the_same_however_it_is_cut(data: bytes, cuts: list[int]) -> None:
    header = Header(frozenset({"x"}))
    stored = b"".join(part if header.done else header.feed(part) for part in pieces(data, cuts)) + header.finish()
    whole = Header(frozenset({"x"}))
    assert stored == (whole.feed(data) if data else b"") + whole.finish()


@pytest.mark.parametrize("octet", [b"a", b"\r", b".", b"\n", b" ", b":", b"\n.", b"\n.\r", b"\r\n.\r"])
@pytest.mark.parametrize("strict", [True, False])
def test_endless_content_takes_no_memory(octet: bytes, strict: bool) -> None:
    """16 MB of one kind, in pieces: what is kept back is bounded, and the time is that of reading it."""
    reader = Data(Content(1000, Header()), strict=strict)
    piece = octet * (65_536 // len(octet))
    tracemalloc.start()
    for _ in range(256):
        if not reader.done:
            reader.feed(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(reader._held) <= MANY + 2
    assert peak < 4_000_000


def test_a_header_without_end_is_let_go() -> None:
    header = Header()
    out = b"".join(header.feed(b"X-Long: " + b"x" * 1000 + b"\n") for _ in range(2 * MAX_HEADER // 1000))
    assert header.done
    assert len(out) >= 2 * MAX_HEADER - 2000


def test_a_line_without_end_in_a_header_is_let_go() -> None:
    header = Header()
    out = b"".join(header.feed(b"x") for _ in range(MAX_HEADER + 10))
    assert header.done and len(out) > MAX_HEADER


@pytest.mark.parametrize(
    ("text", "stored", "hops"),
    [
        (b"", b"", 1),
        (
            b"Received: a\nreceived : b\nRECEIVED:c\n\nReceived: d\n",
            b"Received: a\nreceived : b\nRECEIVED:c\n\nReceived: d\n",
            4,
        ),
        (
            b"Subject: Received: a\n Received: b\nX-Received: c\n",
            b"Subject: Received: a\n Received: b\nX-Received: c\n",
            1,
        ),
        (b"hello\n", b"\nhello\n", 1),
        (b"X: y\nhello\n", b"X: y\n\nhello\n", 1),
        (b" x\nX: y\n", b"\n x\nX: y\n", 1),
        (b"From ann\nX: y\n\nb\n", b"X-Mailbox-Line: From ann\nX: y\n\nb\n", 1),
        (b"Bcc: a\n b\nX: y\nBCC:c\n\nBcc: d\n", b"X: y\n\nBcc: d\n", 1),
    ],
)
def test_what_becomes_of_a_header(text: bytes, stored: bytes, hops: int) -> None:
    header = Header(frozenset({"bcc", "return-path"}))
    assert (header.feed(text) if text else b"") + header.finish() == stored
    assert header.hops == hops


def test_the_size_counts_two_for_a_line_end() -> None:
    assert read([b"ab\r\n..c\r\n\r\n.\r\n"], strict=True)[3] == 4 + 4 + 2
    assert read([b"ab\n.\r\n"], strict=False)[3] == 4


def test_past_the_limit_nothing_is_stored_but_all_is_read() -> None:
    stored, done, rest, size = read([b"a\r\n"] * 100 + [b".\r\nQUIT\r\n"], strict=True, limit=30)
    assert (done, rest, size) == (True, b"QUIT\r\n", 300)
    assert len(stored) <= 30
