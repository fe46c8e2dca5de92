"""What the end-to-end tests share: a directory that the workers can reach, and a certificate."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty directory that every user may pass through (pytest's own may not be entered by others)."""
    path = Path(tempfile.mkdtemp(prefix="gatepost-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The PEM texts of a self-signed certificate and of its key."""
    directory = tmp_path_factory.mktemp("certificate")
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=mx.dragon.lab "
        f"-keyout {directory}/key.pem -out {directory}/cert.pem"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return (directory / "cert.pem").read_text(), (directory / "key.pem").read_text()
