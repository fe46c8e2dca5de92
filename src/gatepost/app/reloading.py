"""Keeping a process's generation current: made anew when a file changes or somebody asks, refused with errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import NoReturn

from gatepost.app.generation import Generation, load_generation
from gatepost.app.options import Options
from gatepost.edge.table_files import Opener, changed, stamp


class Reloading:
    """``install`` is called with each new generation; ``log`` takes a text and its level; ``opener`` opens files."""

    def __init__(
        self,
        options: Options,
        generation: Generation,
        install: Callable[[Generation], None],
        *,
        opener: Opener,
        log: Callable[[str, str], None],
    ) -> None:
        self._options = options
        self._generation = generation
        self._seen = generation.stamps  # of a refused generation too: it is not read again until it changes again
        self._install = install
        self._opener = opener
        self._log = log
        self._one_at_a_time = asyncio.Lock()

    async def watch(self) -> NoReturn:
        """Reload whenever a file of the current generation has changed since it was read."""
        while True:
            await changed(self._seen, self._seen)
            await self.reload()

    @property
    def generation(self) -> Generation:
        """The one in force."""
        return self._generation

    async def newer_than(self, known: Generation) -> bool:
        """Whether there is another generation than ``known``, one that is only just coming included."""
        async with self._one_at_a_time:
            pass  # a reload that is under way ends first
        if self._generation is known and any(stamp(path) != seen for path, seen in self._seen.items()):
            await self.reload()
        return self._generation is not known

    async def reload(self) -> None:
        """Load the configuration, and install it if it is another one and without errors."""
        async with self._one_at_a_time:
            load = partial(load_generation, self._options, self._generation, opener=self._opener)
            new = await asyncio.get_running_loop().run_in_executor(None, load)
            self._seen = new.stamps
            if new.errors:
                for problem in new.errors:
                    self._log(f"warning: {problem}", "warning")
                stays = f"warning: the change is not in force; generation {self._generation.digest} stays"
                self._log(stays, "warning")
            elif new.digest != self._generation.digest:
                self._generation = new
                self._install(new)
                self._log(f"reload -- generation {new.digest}, configuration {self._options.directory}", "info")
