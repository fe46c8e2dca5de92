"""Each file of the corpus means to us what it means to the real postconf."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gatepost.core.config.configuration import Configuration, compile_configuration
from gatepost.core.config.master import Service, parse_master_cf
from postconf import STOCK_MASTER, Said, needs_postconf, postconf

CORPUS = Path(__file__).parents[2] / "corpus" / "config"
MAIN = sorted((CORPUS / "main").glob("*.cf"), key=str)
MASTER = sorted((CORPUS / "master").glob("*.cf"), key=str)
REFUSED = CORPUS / "refused"


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
def test_main_cf_that_postfix_refuses(tmp_path: Path) -> None:
    said = all_said(REFUSED / "main", tmp_path, "-x", "-n")
    assert [name for name, answer in said.items() if not answer.fatal] == []
    cases = {case.stem: compiled(case.read_text()) for case in (REFUSED / "main").glob("*.cf")}
    assert [name for name, ours in cases.items() if not ours.errors] == []


@needs_postconf
def test_master_cf_that_postfix_refuses(tmp_path: Path) -> None:
    said = all_said(REFUSED / "master", tmp_path, "-M")
    assert [name for name, answer in said.items() if not answer.fatal] == []
    cases = {case.stem: parse_master_cf(case.read_text(), "f") for case in (REFUSED / "master").glob("*.cf")}
    assert [name for name, (services, problems) in cases.items() if services or not problems] == []


@needs_postconf
@pytest.mark.parametrize("case", MAIN, ids=lambda case: case.stem)
def test_main_cf(case: Path, tmp_path: Path) -> None:
    text = case.read_bytes().decode()
    said = postconf(tmp_path, "-x", "-n", main=text)
    ours = compiled(text, directory=str(tmp_path))
    assert not said.fatal
    # A name near a known one is an error to us and "unused" to postconf.
    assert all("did you mean" in problem.message for problem in ours.errors)
    assert complaints(ours) == said.warned
    assert {name: " ".join(ours.settings.text(name).split()) for name in said.values} == said.values


@needs_postconf
@pytest.mark.parametrize("case", MASTER, ids=lambda case: case.stem)
def test_master_cf(case: Path, tmp_path: Path) -> None:
    text = case.read_text()
    main = "compatibility_level = 3.6\nmyhostname = mx.dragon.lab\n"
    lines = postconf(tmp_path, "-M", main=main, master=text).lines
    services, problems = parse_master_cf(text, "master.cf")
    assert not problems
    ours = [[service.name, service.type, service.command] for service in services]
    assert [line.split()[:2] + line.split()[7:8] for line in lines] == ours
    assert [line.count(" -o ") for line in lines] == [len(service.options) for service in services]
    overrides = postconf(tmp_path, "-P", main=main, master=text).values
    assert overrides == {key: value for service in services for key, value in options(service)}


def all_said(directory: Path, tmp_path: Path, *options: str) -> dict[str, Said]:
    """What postconf says of each file, asked at the same time: it sleeps a second before it gives up."""

    def ask(case: Path) -> Said:
        own = tmp_path / case.stem
        own.mkdir()
        text = case.read_text()
        return postconf(own, *options, main=text) if directory.name == "main" else postconf(own, *options, master=text)

    cases = sorted(directory.glob("*.cf"))
    assert cases
    with ThreadPoolExecutor(len(cases)) as pool:
        return dict(zip((case.stem for case in cases), pool.map(ask, cases), strict=True))


def options(service: Service) -> list[tuple[str, str]]:
    return [
        (f"{service.name}/{service.type}/{name}", " ".join(value.text.split()))
        for name, value in service.options.items()
    ]
