"""A small server under the supervisor, for test_supervisor.py: run as a program, with its port as the argument.

A client is told ``worker NUMBER PID LOADED``, LOADED counting reloads; then each line is answered with ``again`` until
it is ``bye``. ``die N`` ends the worker with status N, ``drop`` gives up root,
``open PATH`` answers with what is in it.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import sys
from collections.abc import Sequence

from gatepost.core.config.master import Service
from gatepost.core.config.settings import Settings
from gatepost.core.errors import Place
from gatepost.edge.control import Control, Order
from gatepost.edge.listeners import Listener, open_listeners
from gatepost.edge.privileges import drop_privileges
from gatepost.edge.supervisor import Supervisor


class Server:
    def __init__(self, number: int, listeners: Sequence[Listener], control: Control) -> None:
        self.number = number
        self.listeners = listeners
        self.control = control
        self.loaded = 1
        self.sessions: set[asyncio.Task[None]] = set()
        self.draining = asyncio.Event()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.sessions.add(task)
        writer.write(f"worker {self.number} {os.getpid()} {self.loaded}\n".encode())
        try:
            while line := (await reader.readline()).decode().split():
                if line[0] == "bye":
                    break
                if line[0] == "die":
                    os._exit(int(line[1]))
                writer.write(self.answer(line))
        finally:
            writer.close()
            self.sessions.discard(task)

    def answer(self, line: list[str]) -> bytes:
        if line[0] == "drop":
            drop_privileges("nobody")
            return f"{pwd.getpwuid(os.getuid()).pw_name}\n".encode()
        if line[0] != "open":
            return b"again\n"
        try:
            descriptor = self.control.open(line[1])
        except OSError as error:
            return f"{error.strerror}\n".encode()
        text = os.read(descriptor, 100)
        os.close(descriptor)
        return text + b"\n"

    def order(self) -> None:
        for order in self.control.orders():
            if order is Order.RELOAD:
                self.loaded += 1
            elif order is Order.DRAIN:
                self.draining.set()
            else:
                os._exit(3)

    async def run(self) -> int:
        servers = [await asyncio.start_server(self.talk, sock=listener.socket) for listener in self.listeners]
        asyncio.get_running_loop().add_reader(self.control.fileno(), self.order)
        self.control.ready()
        await self.draining.wait()
        for server in servers:
            server.close()
        if self.sessions:
            await asyncio.wait(self.sessions)
        return 0


def worker_main(number: int, listeners: Sequence[Listener], control: Control) -> int:
    if os.environ.get("REFUSE"):
        return os.EX_CONFIG

    async def main() -> int:
        return await Server(number, listeners, control).run()

    return asyncio.run(main())


def say(text: str, level: str = "info") -> None:
    print(text, flush=True)


def main() -> int:
    port, readable, drain_seconds = sys.argv[1:]
    place = Place("master.cf", 1)
    service = Service(
        "127.0.0.1:" + port, "inet", False, True, False, 0, False, None, "smtpd", (), place, {}, "127.0.0.1", port
    )
    supervisor = Supervisor(
        worker_main,
        open_listeners([(service, Settings.of())], 2),
        log=say,
        on_ready=lambda: say("ready"),
        on_reload=lambda: say("reloading"),
        files={readable: os.O_RDONLY},
        drain_seconds=float(drain_seconds),
    )
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())
