"""A full disk: SpoolFull, nothing that was accepted is lost, and the spool works again when there is room.

Runs on a tmpfs of 2 MB in a mount namespace of its own.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import uvloop

from gatepost.core.address import Address
from gatepost.core.envelope import Envelope, Recipient
from gatepost.core.errors import SpoolFull
from gatepost.edge.spool import Mail, Spool


async def put(spool: Spool, content: bytes) -> str:
    incoming = spool.open_mail()
    for start in range(0, len(content), 8000):
        incoming.write(content[start : start + 8000])
    recipients = (Recipient(Address("b", "b.example")),)
    await spool.commit(incoming, Envelope(incoming.queue_id, Address("a", "a.example"), recipients, incoming.arrived))
    return incoming.queue_id


async def fill(spool: Spool, content: bytes) -> list[str]:
    """Commit until the disk is full, several at a time; at least one must fail, and with SpoolFull."""
    kept: list[str] = []
    while True:
        found = await asyncio.gather(*[put(spool, content) for _ in range(5)], return_exceptions=True)
        kept += [name for name in found if isinstance(name, str)]
        failures = [name for name in found if not isinstance(name, str)]
        if failures:
            assert all(isinstance(failure, SpoolFull) for failure in failures), failures
            return kept


def content_of(spool: Spool, mail: Mail) -> bytes:
    return spool.read(mail) if mail.file is None else b"".join(mail.chunks())


async def check(directory: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256)
    spool = Spool(directory / "spool")
    committed: list[Mail] = []
    spool.on_commit = committed.append
    kept = await fill(spool, content)
    assert kept
    assert {mail.envelope.queue_id for mail in committed} == set(kept)
    assert all(content_of(spool, mail) == content for mail in spool.unfinished())

    # What leaves while not even its removal can be written leaves when somebody makes room.
    leaving = committed[: len(committed) // 2]
    for mail in leaving:
        spool.remove(mail)
    await spool.flush()
    (directory / "ballast").unlink()
    gone = {mail.envelope.queue_id for mail in leaving}
    kept = [name for name in kept if name not in gone]
    kept.append(await put(spool, content))
    await spool.flush()
    await spool.close()

    again = Spool(directory / "spool")
    mails = list(again.unfinished())
    assert [mail.envelope.queue_id for mail in mails] == sorted(kept)
    assert all(content_of(again, mail) == content for mail in mails)
    await again.close()


@pytest.mark.parametrize("size", [4096, 150_000])
def test_a_full_disk(tmp_path: Path, size: int) -> None:
    if not shutil.which("unshare"):
        pytest.skip("needs unshare(1)")
    script = (
        f"mount -t tmpfs -o size=3m none {tmp_path} || exit 77;"
        f"head -c 1000000 /dev/zero > {tmp_path}/ballast;"
        f"exec {sys.executable} {__file__} {tmp_path} {size}"
    )
    flags = "-m" if os.geteuid() == 0 else "-rm"
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    done = subprocess.run(
        ["unshare", flags, "sh", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("may not mount here")
    assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    uvloop.run(check(Path(sys.argv[1]), int(sys.argv[2])))
