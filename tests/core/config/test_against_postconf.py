"""Each file of the corpus means to us what it means to the real postconf."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatepost.core.config.configuration import Configuration, compile_configuration
from gatepost.core.config.master import Service, parse_master_cf
from postconf import STOCK_MASTER, needs_postconf, postconf

CORPUS = Path(__file__).parents[2] / "corpus" / "config"
MAIN = sorted((CORPUS / "main").glob("*.cf"), key=str)
MASTER = sorted((CORPUS / "master").glob("*.cf"), key=str)


def compiled(main: str, master: str = STOCK_MASTER, directory: str = "/etc/postfix") -> Configuration:
    defaults = {"config_directory": directory}
    return compile_configuration(main, master, main_file="main.cf", master_file="master.cf", defaults=defaults)


def complaints(configuration: Configuration) -> set[tuple[str, str]]:
    """Our complaints about names, as postconf words them."""
    text = "\n".join(problem.message for problem in configuration.problems)
    unused = re.findall(r"unused parameter: ([^=\s]+)", text) + re.findall(r"unknown parameter '([^']+)'", text)
    undefined = re.findall(r"undefined parameter: (\w+)", text)
    return {("unused", name) for name in unused} | {("undefined", name) for name in undefined}


@needs_postconf
@pytest.mark.parametrize("case", MAIN, ids=lambda case: case.stem)
def test_main_cf(case: Path, tmp_path: Path) -> None:
    text = case.read_bytes().decode()
    said = postconf(tmp_path, "-x", "-n", main=text)
    ours = compiled(text, directory=str(tmp_path))
    assert bool(said.fatal) == bool(ours.errors) == case.stem.startswith("refused_"), (said.fatal, ours.errors)
    if not said.fatal:
        assert complaints(ours) == said.warned
        assert {name: " ".join(ours.settings.text(name).split()) for name in said.values} == said.values


@needs_postconf
@pytest.mark.parametrize("case", MASTER, ids=lambda case: case.stem)
def test_master_cf(case: Path, tmp_path: Path) -> None:
    text = case.read_text()
    main = "compatibility_level = 3.6\nmyhostname = mx.dragon.lab\n"
    said = postconf(tmp_path, "-M", main=main, master=text)
    services, problems = parse_master_cf(text, "master.cf")
    assert bool(said.fatal) == bool(problems) == case.stem.startswith("refused_"), (said.fatal, problems)
    if said.fatal:
        assert not services
        return
    assert [line.split()[:2] + line.split()[7:8] for line in said.lines] == [
        [service.name, service.type, service.command] for service in services
    ]
    arguments = [re.findall(r"(?<= )-o (?:\{[^}]*(?:\{.*?\}[^}]*)*\}|\S+)", line) for line in said.lines]
    assert [len(found) for found in arguments] == [len(service.options) for service in services]
    overrides = postconf(tmp_path, "-P", main=main, master=text).values
    assert overrides == {key: value for service in services for key, value in options(service)}


def options(service: Service) -> list[tuple[str, str]]:
    return [
        (f"{service.name}/{service.type}/{name}", " ".join(value.text.split()))
        for name, value in service.options.items()
    ]
