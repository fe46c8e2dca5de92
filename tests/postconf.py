"""The real postconf as oracle: runs it on a directory with given files and hands back what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

needs_postconf = pytest.mark.skipif(shutil.which("postconf") is None, reason="Postfix is not installed")

STOCK_MASTER = "smtp inet n - n - - smtpd\nlocal unix - n n - - local\nsmtp unix - - n - - smtp\n"


@dataclass(frozen=True)
class Said:
    """``values`` by name, white space folded; ``warned``: complaint and name; ``fatal``: the last word, if any."""

    lines: list[str]
    values: dict[str, str]
    warned: set[tuple[str, str]]
    fatal: str


def postconf(directory: Path, *options: str, main: str = "", master: str = STOCK_MASTER) -> Said:
    """What ``postconf OPTIONS`` says of these files, written to ``directory``."""
    (directory / "main.cf").write_bytes(main.encode("utf-8", "surrogateescape"))
    (directory / "master.cf").write_text(master)
    command = ["postconf", "-c", str(directory), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, errors="surrogateescape")
    lines = done.stdout.splitlines()
    pairs = (line.partition(" =") for line in lines)
    values = {name: " ".join(value.split()) for name, equals, value in pairs if equals}
    warned = set(re.findall(r"warning: \S+: (unused|undefined) parameter: ([^=\s]+)", done.stderr))
    fatal = re.findall(r"fatal: (.*)", done.stderr)
    return Said(lines, values, warned, fatal[-1] if fatal else "")
