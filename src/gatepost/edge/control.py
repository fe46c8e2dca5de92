"""What the supervisor and a worker say to each other, over two socket pairs.

supervisor -> worker    Order.RELOAD, Order.DRAIN; end of file: the supervisor is gone
worker -> supervisor    ready
worker -> supervisor    a path that it may not open itself -> a descriptor, or why not
"""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Mapping
from enum import Enum

REQUEST_SECONDS = 5.0


class Order(Enum):
    RELOAD = b"reload"
    DRAIN = b"drain"  # finish what is going on, take nothing new, exit
    GONE = b""  # the supervisor is no more: exit


class Control:
    """A worker's end. Its event loop watches ``fileno`` and then takes ``orders``."""

    def __init__(self, orders: socket.socket, requests: socket.socket) -> None:
        self._orders = orders
        self._orders.setblocking(False)
        self._requests = requests
        self._requests.settimeout(REQUEST_SECONDS)
        self._asking = threading.Lock()

    def fileno(self) -> int:
        return self._orders.fileno()

    def ready(self) -> None:
        """Tell the supervisor that connections are being served."""
        try:
            self._orders.send(b"ready")
        except OSError:
            return  # it is gone, and ``orders`` will say so

    def orders(self) -> list[Order]:
        """The orders that have come, oldest first; never waits. GONE comes again and again."""
        found: list[Order] = []
        while True:
            try:
                data = self._orders.recv(64)
            except BlockingIOError:
                return found
            except OSError:
                data = b""
            found.append(Order(data))
            if not data:
                return found

    def open(self, path: str, flags: int = os.O_RDONLY) -> int:
        """A descriptor for ``path``, as os.open. What this process may not open, the supervisor does as root.

        It does so for its ``files`` alone (a log, a private key) and with the flags that it knows for them. Raises
        OSError; waits for the answer.
        """
        try:
            return os.open(path, flags | os.O_CLOEXEC, 0o644)
        except PermissionError:
            return self._ask(path)

    def _ask(self, path: str) -> int:
        with self._asking:  # a reload asks from a thread of its own
            self._requests.send(os.fsencode(path))
            answer, descriptors, _, _ = socket.recv_fds(self._requests, 64, 1)
        if descriptors:
            return descriptors[0]
        code = int(answer) if answer else errno.EPIPE
        raise OSError(code, os.strerror(code), path)


def open_for_worker(requests: socket.socket, files: Mapping[str, int]) -> bool:
    """The supervisor's side of Control.open: answer the one request that waits. False where the worker has gone."""
    try:
        path = os.fsdecode(requests.recv(4096))
        if not path:
            return False
        flags = files.get(path)
        try:
            if flags is None:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK, 0o644)
        except OSError as error:
            requests.send(str(error.errno or errno.EIO).encode())
            return True
        try:
            socket.send_fds(requests, [b"0"], [descriptor])
        finally:
            os.close(descriptor)
    except OSError:
        return False
    return True
