"""One service's view of the configuration: every parameter's value, expanded, typed and cached.

The layers, the first that has a name wins: the service's ``-o name=value`` in master.cf, main.cf, the host's own
defaults (what the edge found out: myhostname, mynetworks, ...), the registry. A Settings never changes once it is
made; what it remembers are only values that it has worked out before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from gatepost.core.config import values
from gatepost.core.config.expand import Expander, ExpansionError
from gatepost.core.config.registry import LEGACY, PARAMETERS, Kind, Parameter
from gatepost.core.config.source import Source, Word
from gatepost.core.errors import ConfigError, Place, Problem

__all__ = ["Settings", "Word"]

T = TypeVar("T")


class Settings:
    """Parameters as one service sees them; ``service`` is its name in master.cf, empty for main.cf itself.

    Each accessor is one dict look-up after its first call. Asking for a name that neither the registry nor the
    configuration knows is a mistake in the program: KeyError. A value that cannot be read raises ConfigError; after
    compile_configuration without errors none is left.
    """

    __slots__ = (
        "_defaults",
        "_families",
        "_files",
        "_flags",
        "_items",
        "_layers",
        "_numbers",
        "_seconds",
        "_sources",
        "_words",
        "service",
    )

    def __init__(
        self,
        layers: tuple[Mapping[str, Source], ...] = (),
        *,
        defaults: Mapping[str, str] | None = None,
        families: Mapping[str, Parameter] | None = None,
        files: Mapping[str, Source] | None = None,
        service: str = "",
    ) -> None:
        """``layers``: what is set, raw, the strongest first. ``defaults`` are this host's and go before the registry's.

        ``families`` are the parameters that the services of master.cf bring with them. ``files`` are the values of
        parameters that name a file, read from it; each one's place is that file.
        """
        self.service = service
        self._layers = layers
        self._defaults = defaults or {}
        self._families = families or {}
        self._files = files or {}
        self._sources: dict[str, Source] = {}
        self._flags: dict[str, bool] = {}
        self._numbers: dict[str, int] = {}
        self._seconds: dict[str, int] = {}
        self._words: dict[str, tuple[str, ...]] = {}
        self._items: dict[str, tuple[Word, ...]] = {}

    @classmethod
    def of(cls, values: Mapping[str, str] | None = None) -> Settings:
        """Defaults plus these values, which stand in no file."""
        return cls(({name: Source.at(text, None) for name, text in (values or {}).items()},))

    def text(self, name: str) -> str:
        """The value, expanded; a raw parameter (default_rbl_reply, ...) as it is written."""
        found = self._sources.get(name)
        return found.text if found is not None else self.source(name).text

    def flag(self, name: str) -> bool:
        """yes or no."""
        found = self._flags.get(name)
        return found if found is not None else self._read(name, self._flags, values.yes_or_no)

    def number(self, name: str) -> int:
        """A number, or a size in octets."""
        found = self._numbers.get(name)
        if found is not None:
            return found
        parameter = self.parameter(name)
        if parameter is not None and parameter.kind is Kind.SIZE:
            return self._read(name, self._numbers, values.size)
        minimum = parameter.minimum if parameter is not None else None
        return self._read(name, self._numbers, lambda label, text: values.number(label, text, minimum))

    def seconds(self, name: str) -> int:
        """A time in seconds; a number without a unit has the parameter's own default unit."""
        found = self._seconds.get(name)
        if found is not None:
            return found
        parameter = self.parameter(name)
        unit, minimum = (parameter.unit or "s", parameter.minimum) if parameter is not None else ("s", None)
        return self._read(name, self._seconds, lambda label, text: values.seconds(label, text, unit, minimum))

    def words(self, name: str) -> tuple[str, ...]:
        """A list, split at commas and white space; a ``{ group }`` is one word, braces kept."""
        found = self._words.get(name)
        if found is None:
            found = self._words[name] = tuple(word.text for word in self.items(name))
        return found

    def items(self, name: str) -> tuple[Word, ...]:
        """The same with each word's own file and line."""
        found = self._items.get(name)
        if found is None:
            found = self._items[name] = self.source(name).words()
        return found

    def place(self, name: str) -> Place | None:
        """Where the value is set, or None where the default applies."""
        raw = self._set(name)
        return raw.place if raw is not None else None

    def is_set(self, name: str) -> bool:
        """Whether main.cf or the service's own options set it, be it to nothing."""
        return self._set(name) is not None

    def knows(self, name: str) -> bool:
        """Whether the accessors can be asked for it: it is set, or has a default."""
        return self.raw(name) is not None

    def parameter(self, name: str) -> Parameter | None:
        """What is known of the name, or None for a user's own name."""
        return PARAMETERS.get(name) or self._families.get(name) or LEGACY.get(name)

    def raw(self, name: str) -> Source | None:
        """The value before expansion, or None for a name that is not defined."""
        found = self._set(name)
        if found is not None:
            return found
        default = self._defaults.get(name)
        if default is None:
            parameter = PARAMETERS.get(name) or self._families.get(name)
            default = parameter.default if parameter is not None else None
        return Source.at(default, None) if default is not None else None

    def source(self, name: str) -> Source:
        """The value, expanded, with the place of each part of it."""
        found = self._sources.get(name)
        if found is None:
            found = self._sources[name] = self._expanded(name)
        return found

    def _set(self, name: str) -> Source | None:
        for layer in self._layers:
            found = layer.get(name)
            if found is not None:
                return found
        return None

    def _expanded(self, name: str) -> Source:
        raw = self.raw(name)
        if raw is None:
            raise KeyError(name)
        parameter = self.parameter(name)
        if parameter is not None and parameter.kind is Kind.RAW:
            return raw
        try:
            found = Expander(self.raw).expand(raw)
        except ExpansionError as error:
            raise ConfigError((Problem(f"{name}: {error}", error.place or self.place(name)),)) from error
        line = self._files.get(name)
        # Postfix: only the parameter itself has the file's text; $myorigin in another value is the file's name.
        return line if line is not None and line.place and line.place.file == found.text else found

    def _read(self, name: str, cache: dict[str, T], read: Callable[[str, str], T]) -> T:
        try:
            value = cache[name] = read(name, self.text(name))
        except ValueError as error:
            raise ConfigError((Problem(str(error), self.place(name)),)) from error
        return value
