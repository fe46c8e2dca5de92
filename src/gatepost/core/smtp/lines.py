"""The client's bytes before they are commands: one buffer, taken out as lines or whole.

A line ends at LF; what stands before it is judged by the session. Bounded: a line that grows past the limit is
cut there and its rest is dropped as it comes (postconf(5): line_length_limit), so a line without end takes no memory.
"""

from __future__ import annotations


class Input:
    """Bytes received and not yet used. Linear in what goes through it, however it is cut into pieces."""

    __slots__ = ("_cut", "_data", "_start")

    def __init__(self) -> None:
        self._data = b""
        self._start = 0
        self._cut: bytes | None = None  # the kept beginning of an over-long line whose end has not come

    def __len__(self) -> int:
        return len(self._data) - self._start

    def receive(self, data: bytes) -> None:
        self._data = self._data[self._start :] + data if self._start < len(self._data) else data
        self._start = 0

    def line(self, limit: int) -> bytes | None:
        """The next line with its LF, or None where its end has not come. Cut to ``limit`` octets, LF apart."""
        data, start = self._data, self._start
        end = data.find(b"\n", start)
        if end < 0:
            if len(data) - start > limit:
                if self._cut is None:
                    self._cut = data[start : start + limit]
                self.clear()
            return None
        self._start = end + 1
        if self._cut is not None:
            line, self._cut = self._cut + b"\n", None
            return line
        if end - start > limit:
            return data[start : start + limit] + b"\n"
        return data[start : end + 1]

    def take(self, limit: int = -1) -> bytes:
        """Everything that is there, or at most ``limit`` octets."""
        data, start = self._data, self._start
        if 0 <= limit < len(data) - start:
            self._start = start + limit
            return data[start : start + limit]
        self.clear()
        return data[start:] if start else data

    def ahead(self, limit: int) -> bytes:
        """The next octets, left where they are."""
        return self._data[self._start : self._start + limit]

    def clear(self) -> None:
        self._data = b""
        self._start = 0
