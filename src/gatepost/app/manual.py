"""The manual of the restrictions, made from their docstrings: ``python -m gatepost.app.manual docs/restrictions``.

A page for each module of core.access.restrictions, and README.md, which lists every restriction by name.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gatepost.core.access.restrictions  # noqa: F401  registers them all
from gatepost.core.access.restriction import RESTRICTIONS, Restriction

_MADE = "<!-- Made from the docstrings by: python -m gatepost.app.manual docs/restrictions -->\n\n"
_INDEX = """# Restrictions

What may stand in smtpd_client_restrictions, smtpd_helo_restrictions, smtpd_sender_restrictions,
smtpd_relay_restrictions, smtpd_recipient_restrictions, smtpd_data_restrictions, smtpd_end_of_data_restrictions and
smtpd_etrn_restrictions. Any of them may have `warn_if_reject` before it; `type:table` alone is short for the list's own
`check_..._access type:table`; and names of smtpd_restriction_classes stand for their lists.

In the examples, `conf` sets a parameter, `table`, `dns` and `policy` say what is answered, and `rcpt` is a session with
what it comes to. The tests run them.

| restriction | argument | what it does |
|---|---|---|
"""


def pages() -> dict[str, str]:
    """File name -> text, of the whole manual."""
    made: dict[str, str] = {}
    rows = []
    for name, entry in sorted(RESTRICTIONS.items()):
        file = f"{entry.function.__module__.rpartition('.')[2]}.md"
        made[file] = _MADE + _page(entry)
        rows.append(f"| [{name}]({file}) | {entry.argument} | {_summary(entry)} |\n")
    return {**made, "README.md": _MADE + _INDEX + "".join(rows)}


def _page(entry: Restriction) -> str:
    """A docstring is Markdown already, but for its first line: names, colon, what they do."""
    first, _, rest = entry.manual.strip().partition("\n")
    return f"# {first.partition(':')[0]}\n\n{_summary(entry)}\n{rest.rstrip()}\n"


def _summary(entry: Restriction) -> str:
    text = entry.manual.strip().partition("\n")[0].partition(":")[2].strip()
    return text[:1].upper() + text[1:]


def write(directory: Path) -> None:
    """Make ``directory`` hold the manual and nothing else of its kind."""
    directory.mkdir(parents=True, exist_ok=True)
    made = pages()
    for file in directory.glob("*.md"):
        if file.name not in made:
            file.unlink()
    for name, text in made.items():
        (directory / name).write_text(text)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
