"""One supervisor, N workers: fork, watch, replace, drain.

The supervisor makes no decision about mail and starts no event loop or thread: it forks workers, and waits for signals
and for what they tell it. It keeps every listening socket open, so that connections waiting in a dead worker's queue
are served by its successor.

    SIGHUP             every worker is told to reload
    SIGTERM, SIGINT    every worker is told to drain; after the time limit, or at the second signal, it is killed
    SIGCHLD            a worker that ended by itself is replaced, later and later if it keeps ending
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from gatepost.edge.control import Control, Order, open_for_worker
from gatepost.edge.listeners import Listener, close_listeners

FIRST_DELAY = 0.05  # seconds before a worker that ended is replaced; doubled each time up to LAST_DELAY
LAST_DELAY = 30.0
STEADY_SECONDS = 60.0  # a worker that lived so long starts from FIRST_DELAY again

WorkerMain = Callable[[int, Sequence[Listener], Control], int]
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


class _Phase(Enum):
    RUNNING = 0
    DRAINING = 1
    KILLING = 2


@dataclass(slots=True)
class _Worker:
    """A place that a process fills; ``pid`` is 0 while there is none, until ``restart_at``."""

    number: int
    pid: int = 0
    orders: socket.socket | None = None
    requests: socket.socket | None = None
    ready: bool = False
    started_at: float = 0.0
    restart_at: float = 0.0
    delay: float = FIRST_DELAY


class Supervisor:
    """Runs ``worker_main(number, listeners, control) -> exit status`` in a process for each entry of ``listeners``.

    ``log`` is told, as (text, level), what an operator should know. ``on_ready`` is called once, when all workers have
    reported ready. ``files`` maps each path that workers may ask to have opened to open(2)'s flags. A worker that exits
    with os.EX_CONFIG before all were ready ends the whole: a configuration that cannot start is not tried again.
    """

    def __init__(
        self,
        worker_main: WorkerMain,
        listeners: Sequence[Sequence[Listener]],
        *,
        log: Callable[[str, str], None],
        on_ready: Callable[[], None] = lambda: None,
        on_reload: Callable[[], None] = lambda: None,
        files: Mapping[str, int] | None = None,
        drain_seconds: float = 30.0,
    ) -> None:
        self._worker_main = worker_main
        self._listeners = listeners
        self._log = log
        self._on_ready = on_ready
        self._on_reload = on_reload
        self._files = files or {}
        self._drain_seconds = drain_seconds
        self._workers = [_Worker(number) for number in range(len(listeners))]
        self._phase = _Phase.RUNNING
        self._deadline = 0.0
        self._all_ready = False
        self._status = 0
        self._selector: selectors.BaseSelector = selectors.DefaultSelector()

    def run(self) -> int:
        """Until every worker has ended after SIGTERM or SIGINT; the exit status. Call it from the main thread."""
        if threading.active_count() != 1:
            raise RuntimeError("the supervisor forks, and must do so before any thread is started")
        reader, writer = socket.socketpair()
        reader.setblocking(False)
        writer.setblocking(False)
        before = {number: signal.signal(number, _noticed) for number in _SIGNALS}
        wakeup = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        self._selector.register(reader, selectors.EVENT_READ)
        self._plumbing = (reader, writer)
        gc.collect()
        gc.freeze()  # what is there now stays shared with the workers
        try:
            self._fill()
            while self._phase is _Phase.RUNNING or any(worker.pid for worker in self._workers):
                self._wait()
        finally:
            self._kill()
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            reader.close()
            writer.close()
        return self._status

    def _wait(self) -> None:
        for key, _ in self._selector.select(self._timeout()):
            if isinstance(key.data, _Worker):
                self._hear(key.data, key.fileobj)
            else:
                for number in self._plumbing[0].recv(4096):
                    self._signalled(number)
        if self._phase is _Phase.RUNNING:
            self._fill()
        elif self._phase is _Phase.DRAINING and time.monotonic() >= self._deadline:
            left = sum(1 for worker in self._workers if worker.pid)
            self._log(
                f"warning: {left} workers did not drain in {self._drain_seconds:g} seconds and are killed", "warning"
            )
            self._kill()

    def _timeout(self) -> float | None:
        if self._phase is _Phase.DRAINING:
            moments = [self._deadline]
        elif self._phase is _Phase.RUNNING:
            moments = [worker.restart_at for worker in self._workers if not worker.pid]
        else:
            moments = []
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _signalled(self, number: int) -> None:
        if number == signal.SIGCHLD:
            for worker in self._workers:
                self._reap(worker)
        elif number == signal.SIGHUP:
            if self._phase is _Phase.RUNNING:
                self._on_reload()
                self._order(Order.RELOAD)
        elif number in (signal.SIGTERM, signal.SIGINT):
            if self._phase is _Phase.RUNNING:
                self._log(f"terminating on signal {number}", "info")
                self._drain()
            else:
                self._kill()

    def _drain(self) -> None:
        self._phase = _Phase.DRAINING
        self._deadline = time.monotonic() + self._drain_seconds
        self._order(Order.DRAIN)
        close_listeners(self._listeners)  # with the workers' own closed too, clients are refused and go elsewhere

    def _kill(self) -> None:
        self._phase = _Phase.KILLING
        for worker in self._workers:
            if worker.pid:
                with suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)

    def _order(self, order: Order) -> None:
        for worker in self._workers:
            if worker.orders is not None:
                with suppress(OSError):  # it is about to be reaped, or has so many orders waiting that one less is fine
                    worker.orders.send(order.value)

    def _fill(self) -> None:
        """Start a process in each place that has none and is not to wait."""
        now = time.monotonic()
        for worker in self._workers:
            if not worker.pid and worker.restart_at <= now:
                self._start(worker)

    def _start(self, worker: _Worker) -> None:
        orders, their_orders = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        requests, their_requests = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Until it has handlers of its own, the new process would tell its signals to us.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            pid = os.fork()
        except OSError as error:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            for end in (orders, their_orders, requests, their_requests):
                end.close()
            self._log(f"warning: worker {worker.number} cannot be started: {error.strerror}", "warning")
            self._postpone(worker)
            return
        if pid == 0:
            orders.close()
            requests.close()
            self._become_worker(worker.number, Control(their_orders, their_requests), mask)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        their_orders.close()
        their_requests.close()
        orders.setblocking(False)
        requests.setblocking(False)
        worker.pid, worker.orders, worker.requests, worker.ready = pid, orders, requests, False
        worker.started_at = time.monotonic()
        self._selector.register(orders, selectors.EVENT_READ, worker)
        self._selector.register(requests, selectors.EVENT_READ, worker)

    def _become_worker(self, number: int, control: Control, mask: set[signal.Signals | int]) -> NoReturn:
        """In the new process: let go of what is the supervisor's and the other workers', work, and exit."""
        status = os.EX_SOFTWARE
        try:
            signal.set_wakeup_fd(-1)
            # The supervisor gives the orders: a terminal's Ctrl-C and a service manager's SIGTERM reach everybody.
            for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(signum, signal.SIG_IGN)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            self._selector.close()
            for end in self._plumbing:
                end.close()
            for other in self._workers:
                for channel in (other.orders, other.requests):
                    if channel is not None:
                        channel.close()
                if other.number != number:
                    for listener in self._listeners[other.number]:
                        listener.socket.close()
            status = self._worker_main(number, self._listeners[number], control)
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _hear(self, worker: _Worker, channel: object) -> None:
        if worker.requests is not None and channel is worker.requests:
            if not open_for_worker(worker.requests, self._files):
                self._selector.unregister(worker.requests)
        elif worker.orders is not None and channel is worker.orders:
            try:
                said = worker.orders.recv(64)
            except OSError:
                return
            if not said:  # it has ended, or is about to: SIGCHLD tells the rest
                self._selector.unregister(worker.orders)
            elif not worker.ready:
                worker.ready = True
                if not self._all_ready and all(each.ready for each in self._workers):
                    self._all_ready = True
                    self._on_ready()

    def _reap(self, worker: _Worker) -> None:
        if not worker.pid:
            return
        pid, status = os.waitpid(worker.pid, os.WNOHANG)
        if not pid:
            return
        for channel in (worker.orders, worker.requests):
            if channel is not None:
                with suppress(KeyError):
                    self._selector.unregister(channel)
                channel.close()
        worker.pid, worker.orders, worker.requests, worker.ready = 0, None, None, False
        if self._phase is not _Phase.RUNNING:
            return
        how = _describe(status)
        if not self._all_ready and os.waitstatus_to_exitcode(status) == os.EX_CONFIG:
            self._log(f"fatal: worker {worker.number} cannot start: {how}", "fatal")
            self._status = os.EX_CONFIG
            self._kill()
            return
        if time.monotonic() - worker.started_at >= STEADY_SECONDS:
            worker.delay = FIRST_DELAY
        text = f"warning: worker {worker.number} pid {pid} {how}; a new one in {worker.delay:g} seconds"
        self._log(text, "warning")
        self._postpone(worker)

    def _postpone(self, worker: _Worker) -> None:
        worker.restart_at = time.monotonic() + worker.delay
        worker.delay = min(worker.delay * 2, LAST_DELAY)


def _noticed(number: int, frame: object) -> None:
    """Signals arrive through the wake-up descriptor; a handler only keeps them from their default action."""


def _describe(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"was killed by signal {-code}" if code < 0 else f"exited with status {code}"
