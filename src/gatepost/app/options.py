"""What a command line says about the configuration to use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """``overrides`` win over main.cf (``-o name=value``), ``listen`` over a master.cf service's endpoint.

    ``listen`` maps a service's name to (host, port).
    """

    directory: Path
    overrides: Mapping[str, str] = field(default_factory=dict)
    listen: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def default_directory() -> Path:
    """$GATEPOST_CONFIG, else the system's Postfix directory."""
    return Path(os.environ.get("GATEPOST_CONFIG", "/etc/postfix"))
