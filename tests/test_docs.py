"""The documentation: what is generated is up to date, links lead somewhere, commands and parameters exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from gatepost.app.cli import COMMANDS, main
from gatepost.app.manual import pages
from gatepost.core.config.acted_on import ACTED_ON

ROOT = Path(__file__).resolve().parent.parent
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
COMMAND = re.compile(r"\bgatepost ([a-z]+)\b([^\n`]*)")
MODULE = re.compile(r"`((?:core|edge|app)(?:[./][a-z_]+)+(?:\.py|/)?)`")
PARAMETER = re.compile(r"`((?:smtpd|virtual|gatepost|queue|message|header|line)_[a-z_]+)`")

each_text = pytest.mark.parametrize("file", TEXTS, ids=lambda file: str(file.relative_to(ROOT)))


def test_the_restrictions_manual_is_up_to_date() -> None:
    there = {file.name: file.read_text() for file in (ROOT / "docs" / "restrictions").glob("*.md")}
    assert there == pages(), "make it again: python -m gatepost.app.manual docs/restrictions"


@each_text
def test_relative_links_lead_somewhere(file: Path) -> None:
    links = [link for link in LINK.findall(file.read_text()) if "://" not in link]
    assert [link for link in links if not (file.parent / link).exists()] == []


@pytest.mark.parametrize("file", [ROOT / "README.md", ROOT / "docs" / "flow.md", ROOT / "docs" / "security.md"])
def test_modules_and_parameters_exist(file: Path) -> None:
    text = file.read_text()
    source = ROOT / "src" / "gatepost"
    missing = [
        name
        for name in MODULE.findall(text)
        if not any((source / f"{name.removesuffix('.py').replace('.', '/')}{end}").exists() for end in ("", ".py"))
    ]
    assert missing == []
    assert sorted(set(PARAMETER.findall(text)) - ACTED_ON) == []


def test_commands_and_their_options_exist() -> None:
    """Every ``gatepost WORD`` in code: a subcommand, with the options that follow it on the line."""
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL)
    code = "\n".join(blocks + re.findall(r"`([^`\n]+)`", text) + re.findall(r"^    (.+)$", text, re.MULTILINE))
    named = [(name, rest) for name, rest in COMMAND.findall(code.replace("\\\n", " ")) if name not in ("is", "on")]
    assert {name for name, _ in named} == set(COMMANDS)
    context = click.Context(main)
    for name, rest in named:
        command = main.get_command(context, name)
        assert command is not None
        known = {option for parameter in command.params for option in parameter.opts}
        wanted = set(re.findall(r"(?<!\S)(--[a-z-]+)", rest.partition(" # ")[0]))
        assert name == "sendmail" or wanted <= known, name
