"""The tutorial's configuration, taken out of its text unchanged: main.cf, master.cf and the four access files.

The text lies beside the checkout; ``needs_tutorial`` skips a test where it does not.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEXT = Path(__file__).parents[2] / "shared" / "tutorial-part-4.txt"
needs_tutorial = pytest.mark.skipif(not TEXT.exists(), reason="the tutorial's text is not there")

TABLES = ("access_client", "access_helo", "access_sender", "access_recipient")


def main_cf() -> str:
    """Its ``postconf -e`` settings, then its fragments of main.cf in order; one list comes twice, the last counts."""
    text = TEXT.read_text()
    settings = re.findall(r'^sudo postconf -e "(.*)"$', text, re.MULTILINE)
    fragments = re.findall(
        r"^(?:smtpd_\w+_restrictions =\n(?:[ \t]+\S.*\n)+|policy-spf_time_limit = .*\n)", text, re.MULTILINE
    )
    assert len(settings) == 3
    assert len(fragments) == 7
    return "\n".join(settings) + "\n" + "\n".join(fragments)


def master_cf() -> str:
    """Its services: submission, smtps and the SPF policy service."""
    text = TEXT.read_text()
    services = re.findall(r"^(?:submission|policy-spf) .*\n(?:(?:#  -o|smtps|[ \t]).*\n)+", text, re.MULTILINE)
    assert len(services) == 2
    return "".join(services)


def access_file(name: str) -> str:
    """The text of ``/etc/postfix/NAME.in``: from the command that opens an editor on it to the next heading."""
    text = TEXT.read_text()
    _, _, rest = text.partition(f"\nsudo nano /etc/postfix/{name}.in\n")
    lines = rest.split("\n")
    headings = ("check_", "Make sure")
    end = next(number for number, line in enumerate(lines) if line.startswith(headings))
    assert end > 5
    return "\n".join(lines[:end]) + "\n"


def write(directory: Path) -> None:
    """Write all of it to a directory, its paths below /etc/postfix made paths below ``directory``."""
    for name in TABLES:
        (directory / f"{name}.in").write_text(access_file(name))
    (directory / "main.cf").write_text(main_cf().replace("/etc/postfix", str(directory)))
    (directory / "master.cf").write_text(master_cf())
