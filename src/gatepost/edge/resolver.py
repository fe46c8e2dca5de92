"""DNS answers for decisions: a stub resolver with a bounded cache.

It asks the configured recursive nameservers in turn and turns whatever happens into a core.ask answer; a fault
(SERVFAIL, REFUSED, silence, nonsense) is TRY_AGAIN. Messages are in dns_wire, sockets in dns_transport, client names in
dns_clients.

A nameserver that answered is asked first the next time: one that is dead costs its time limit once, not every time.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatepost.core.ask import Answer, Dns, Missing
from gatepost.core.facts import Client
from gatepost.edge.dns_clients import Found, Hosts, look_up_client, parse_hosts
from gatepost.edge.dns_transport import Exchange, Nameserver, parse_nameserver
from gatepost.edge.dns_wire import FAILED, Response, to_name, to_type

MAX_NAMESERVERS = 3  # resolv.conf(5)
MAX_TIMEOUT = 30
MAX_ATTEMPTS = 5
DEFAULT_NAMESERVERS = (Nameserver("127.0.0.1"),)
FAULT_TTL = (
    1.0  # seconds that TRY_AGAIN is remembered: a burst of sessions shall not repeat a question that just failed
)


@dataclass(frozen=True, slots=True)
class ResolverOptions:
    """See resolv.conf(5). ``timeout`` is for one try at one nameserver, ``limit`` for a whole question, in seconds."""

    nameservers: tuple[Nameserver, ...] = DEFAULT_NAMESERVERS
    timeout: float = 5.0
    attempts: int = 2
    limit: float = 30.0


def parse_resolv_conf(text: str) -> ResolverOptions:
    """resolv.conf(5): nameserver, options timeout and attempts. Search domains are not applied to names in mail."""
    nameservers: list[Nameserver] = []
    timeout, attempts = 5, 2
    for line in text.splitlines():
        words = line.split()
        if len(words) < 2:
            continue
        if words[0] == "nameserver" and len(nameservers) < MAX_NAMESERVERS:
            try:
                nameservers.append(Nameserver(str(ipaddress.ip_address(words[1]))))
            except ValueError:
                continue
        elif words[0] == "options":
            for word in words[1:]:
                name, _, value = word.partition(":")
                if value.isascii() and value.isdigit():
                    if name == "timeout":
                        timeout = min(max(int(value), 1), MAX_TIMEOUT)
                    elif name == "attempts":
                        attempts = min(max(int(value), 1), MAX_ATTEMPTS)
    return ResolverOptions(tuple(nameservers) or DEFAULT_NAMESERVERS, timeout, attempts)


def system_options(nameservers: Sequence[str] = (), path: Path = Path("/etc/resolv.conf")) -> ResolverOptions:
    """The system's options, with other nameservers (``ADDR[:PORT]``) where given. Raises ValueError for a bad one."""
    try:
        options = parse_resolv_conf(path.read_text("utf-8", "replace"))
    except OSError:
        options = ResolverOptions()
    if not nameservers:
        return options
    chosen = tuple(parse_nameserver(each) for each in nameservers)
    return ResolverOptions(chosen, options.timeout, options.attempts)


def read_hosts(path: Path = Path("/etc/hosts")) -> Hosts:
    """The system's hosts file; empty where it cannot be read. A generation reads it once."""
    try:
        return parse_hosts(path.read_text("utf-8", "replace"))
    except OSError:
        return Hosts()


class Resolver:
    """Answers Dns questions. One event loop, one Resolver; the cache outlives generations.

    ``hosts`` may be replaced at any time. ``log`` gets Postfix's warnings about client names, ``warning: `` included.
    """

    def __init__(
        self,
        options: ResolverOptions | None = None,
        *,
        hosts: Hosts | None = None,
        cache_size: int = 20_000,
        log: Callable[[str], None] = lambda line: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.options = options or ResolverOptions()
        self.hosts = hosts or Hosts()
        self._exchanges = [Exchange(each) for each in self.options.nameservers]
        self._first = 0
        self._cache: dict[Dns, tuple[float, Answer]] = {}
        self._cache_size = cache_size
        self._running: dict[Dns, asyncio.Task[Answer]] = {}
        self._log = log
        self._clock = clock

    def answer_now(self, question: Dns) -> Answer | None:
        """The answer from the cache; None where it must be waited for."""
        held = self._cache.get(question)
        if held is None:
            key = _fold(question)
            if key is question:
                return None
            held = self._cache.get(key)
        if held is None or held[0] <= self._clock():
            return None
        return held[1]

    async def wait(self, question: Dns) -> Answer:
        """The answer, from the cache or the nameservers; equal questions at the same time are asked once.

        Never a fault but Missing.TRY_AGAIN. Raises ValueError for a record type that does not exist.
        """
        answer = self.answer_now(question)
        if answer is not None:
            return answer
        key = _fold(question)
        task = self._running.get(key)
        if task is None:
            to_type(key.type)
            task = asyncio.get_running_loop().create_task(self._resolve(key))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            waiter = asyncio.current_task()
            if task.cancelled() and not (waiter and waiter.cancelling()):
                return Missing.TRY_AGAIN  # closed
            raise

    def client_now(self, address: str, port: int = 0) -> Client | None:
        """The client's name from the hosts file and the cache alone; None where it must be waited for."""
        steps = look_up_client(address, port, self.hosts)
        try:
            question = next(steps)
            while True:
                answer = self.answer_now(question)
                if answer is None:
                    return None
                question = steps.send(answer)
        except StopIteration as done:
            return self._warn(done.value)

    async def client_name(self, address: str, port: int = 0) -> Client:
        """The client's name and how the look-up ended (dns_clients). With smtpd_peername_lookup = no, do not ask."""
        return self._warn(await self._drive(look_up_client(address, port, self.hosts)))

    async def close(self) -> None:
        """Give up what is being asked (TRY_AGAIN for who waits) and close the sockets."""
        for exchange in self._exchanges:
            exchange.close()
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _drive(self, steps: Generator[Dns, Answer, Found]) -> Found:
        try:
            question = next(steps)
            while True:
                question = steps.send(await self.wait(question))
        except StopIteration as done:
            found: Found = done.value
            return found

    def _warn(self, found: Found) -> Client:
        if found.warning:
            self._log(f"warning: {found.warning}")
        return found.client

    async def _resolve(self, question: Dns) -> Answer:
        response = await self._ask(question)
        self._keep(question, response)
        return response.answer

    def _keep(self, question: Dns, response: Response) -> None:
        ttl = FAULT_TTL if response.answer is Missing.TRY_AGAIN else response.ttl
        if ttl <= 0:
            return
        self._cache.pop(question, None)
        if len(self._cache) >= self._cache_size:
            del self._cache[next(iter(self._cache))]
        self._cache[question] = (self._clock() + ttl, response.answer)

    async def _ask(self, question: Dns) -> Response:
        """Each nameserver in turn, ``attempts`` times; the first that says something definite ends it.

        When all have failed in a round without one of them being silent, another round would hear the same.
        """
        name, kind = to_name(question.name), to_type(question.type)
        if name is None:
            return Response(Missing.NO_DOMAIN)
        loop = asyncio.get_running_loop()
        end = loop.time() + self.options.limit
        for _ in range(self.options.attempts):
            silent = False
            for turn in range(self._first, self._first + len(self._exchanges)):
                exchange = self._exchanges[turn % len(self._exchanges)]
                left = end - loop.time()
                if left <= 0:
                    return FAILED
                try:
                    response = await exchange.ask(name, kind, min(self.options.timeout, left))
                except TimeoutError:
                    silent = True
                    continue
                if response.answer is not Missing.TRY_AGAIN:
                    self._first = turn % len(self._exchanges)
                    return response
            if not silent:
                return FAILED
        return FAILED


def _fold(question: Dns) -> Dns:
    """The cache's key: lower case, no trailing dot. The question itself where it is so already."""
    name = question.name.lower()
    if name.endswith(".") and len(name) > 1:
        name = name[:-1]
    return question if name == question.name else Dns(name, question.type)
