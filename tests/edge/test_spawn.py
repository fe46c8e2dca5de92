"""Spawn services: real commands on real sockets."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gatepost.core.ask import Advice, Consult
from gatepost.core.config.master import Service, parse_master_cf
from gatepost.core.config.settings import Settings
from gatepost.core.errors import Severity
from gatepost.edge.policy_client import PolicyClient
from gatepost.edge.spawn import Command, Spawner, prepare

IS_ROOT = os.geteuid() == 0
POLICYD_SPF = "/usr/bin/policyd-spf"

POLICY = """
import sys
told = {}
for line in sys.stdin:
    if line != "\\n":
        name, _, value = line.rstrip("\\n").partition("=")
        told[name] = value
        continue
    print(f"action=REJECT {told['sender']} is not welcome", end="\\n\\n", flush=True)
"""


def command(*argv: str, time_limit: float = 10, process_limit: int = 0) -> Command:
    environment = {"PATH": "/usr/bin:/bin"}
    return Command("test", argv, None, None, Path("/"), environment, time_limit, process_limit)


def python(code: str, **limits: float) -> Command:
    return command(sys.executable, "-c", code, **limits)  # type: ignore[arg-type]


def run(
    command: Command, body: Callable[[Spawner, Path], Awaitable[None]], tmp_path: Path, *, grace: float = 1.0
) -> list[str]:
    """Serve ``command`` on a socket in ``tmp_path`` while ``body`` runs; returns what was logged."""
    lines: list[str] = []

    async def main() -> None:
        path = tmp_path / "service"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            path.chmod(0o666)
            spawner = Spawner(command, [listener], log=lines.append)
            spawner.start()
            try:
                await body(spawner, path)
            finally:
                await spawner.stop(grace)
            assert spawner.running == 0

    asyncio.run(asyncio.wait_for(main(), 20))
    return lines


async def converse(path: Path, data: bytes = b"") -> bytes:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(data)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


def test_a_connection_is_standard_input_output_and_error(tmp_path: Path) -> None:
    async def body(spawner: Spawner, path: Path) -> None:
        assert await converse(path, b"abc") == b"out abcerr"

    code = "import sys; print('out', sys.stdin.read(), end='', flush=True); print('err', end='', file=sys.stderr)"
    assert run(python(code), body, tmp_path) == []


def test_no_shell_a_bare_environment_and_a_session_of_its_own(tmp_path: Path) -> None:
    async def body(spawner: Spawner, path: Path) -> None:
        assert await converse(path) == f"['$HOME *'] {['PATH']} True / True\n".encode()

    code = (
        "import os, sys; os.environ.pop('LC_CTYPE', 0);"
        "print(sys.argv[1:], sorted(os.environ), os.getsid(0) == os.getpid(), os.getcwd(), os.get_blocking(0))"
    )
    assert run(command(sys.executable, "-c", code, "$HOME *"), body, tmp_path) == []


def test_policy_script_through_the_policy_client(tmp_path: Path) -> None:
    async def body(spawner: Spawner, path: Path) -> None:
        client = PolicyClient(services={"private/policy": path})
        told = (("request", "smtpd_access_policy"), ("sender", "a@b.example"))
        for _ in range(3):
            answer = await client.consult(Consult("unix:private/policy", told, timeout=10))
            assert answer == Advice("REJECT a@b.example is not welcome")
        assert spawner.running == 1
        client.close()

    assert run(python(POLICY), body, tmp_path) == []


def test_how_a_command_ends_is_logged(tmp_path: Path) -> None:
    async def body(spawner: Spawner, path: Path) -> None:
        for script in (b"exit 3", b"kill -KILL $$"):
            await converse(path, script)
            while spawner.running:
                await asyncio.sleep(0)

    assert run(command("/bin/sh"), body, tmp_path) == [
        "warning: command /bin/sh exit status 3",
        "warning: command /bin/sh killed by signal 9",
    ]


def test_the_time_limit_kills_what_the_command_started_too(tmp_path: Path) -> None:
    async def body(spawner: Spawner, path: Path) -> None:
        # The connection ends only when every process that holds it is gone.
        assert await converse(path) == b""

    lines = run(command("/bin/sh", "-c", "sleep 60 & sleep 60", time_limit=0.3), body, tmp_path)
    assert len(lines) == 1
    assert lines[0].startswith("warning: /bin/sh: process id ")
    assert lines[0].endswith(": command time limit exceeded")


@pytest.mark.parametrize("trap", ["", "trap '' TERM;"])
def test_stopping_ends_every_process(tmp_path: Path, trap: str) -> None:
    marker = tmp_path / "pids"
    script = f"{trap} sleep 61 & echo $$ $! > {marker}; echo ready; wait; sleep 61"
    with socket.socket(socket.AF_UNIX) as held:

        async def body(spawner: Spawner, path: Path) -> None:
            held.setblocking(False)
            await asyncio.get_running_loop().sock_connect(held, str(path))
            await asyncio.get_running_loop().sock_recv(held, 1)

        assert run(command("/bin/sh", "-c", script), body, tmp_path, grace=0.1) == []
    deadline = time.monotonic() + 5
    while any(_runs(pid) for pid in marker.read_text().split()):
        assert time.monotonic() < deadline


def _runs(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # an orphan that nobody reaped yet


def test_no_more_commands_than_allowed(tmp_path: Path) -> None:
    async def body(spawner: Spawner, path: Path) -> None:
        most = 0

        async def talk() -> bytes:
            nonlocal most
            reader, writer = await asyncio.open_unix_connection(path)
            line = await reader.readline()
            most = max(most, spawner.running)
            writer.close()
            return line

        assert await asyncio.gather(*(talk() for _ in range(6))) == [b"hello\n"] * 6
        assert most == 2

    assert run(command("/bin/sh", "-c", "echo hello; read x; exit 0", process_limit=2), body, tmp_path) == []


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    async def body(spawner: Spawner, path: Path) -> None:
        assert await converse(path) == b""

    assert run(command("/nonexistent/policy"), body, tmp_path) == [
        "warning: command /nonexistent/policy: No such file or directory"
    ]


def service(line: str) -> Service:
    services, problems = parse_master_cf(line, "master.cf")
    assert not problems
    return services[0]


TUTORIAL = "policy-spf unix - n n - - spawn user=nobody argv=/usr/bin/policyd-spf a {b c}"


def test_what_a_service_runs() -> None:
    settings = Settings.of(
        {"export_environment": "TZ MAIL_CONFIG { A = b c } X=y", "queue_directory": "/tmp", "command_time_limit": "7s"}
    )
    entry = pwd.getpwnam("nobody")
    made, problems = prepare(service(TUTORIAL), settings, {"TZ": "UTC", "HOME": "/root"}, is_root=True)
    environment = {"PATH": "/usr/bin:/bin", "TZ": "UTC", "A": "b c", "X": "y"}
    argv = ("/usr/bin/policyd-spf", "a", "b c")
    assert problems == ()
    assert made == Command("policy-spf", argv, entry.pw_uid, entry.pw_gid, Path("/tmp"), environment, 7, 100)


def test_limits_of_a_service() -> None:
    settings = Settings.of({"policy-spf_time_limit": "3600s", "queue_directory": "/nonexistent"})
    made, _ = prepare(service(TUTORIAL.replace("- - spawn", "- 0 spawn")), settings, {}, is_root=True)
    assert made is not None
    assert (made.time_limit, made.process_limit, made.directory) == (3600, 0, Path("/"))


def test_without_root_the_user_stays_ours() -> None:
    made, problems = prepare(service(TUTORIAL), Settings.of(), {}, is_root=False)
    assert made is not None
    assert (made.uid, made.gid) == (None, None)
    if os.geteuid() != pwd.getpwnam("nobody").pw_uid:
        assert [problem.severity for problem in problems] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        ("user=root argv=/x", "request to deliver as root"),
        ("user=nosuchuser argv=/x", "unknown user name: nosuchuser"),
        ("user=nobody:nosuchgroup argv=/x", "unknown group name: nosuchgroup"),
        ("user=nobody:root argv=/x", "request to use privileged group"),
        ("user=daemon argv=/x", "request to deliver as mail system owner"),
        ("user=nobody", "missing argv= attribute"),
    ],
)
def test_users_that_are_refused(args: str, complaint: str) -> None:
    settings = Settings.of({"mail_owner": "daemon"})
    made, problems = prepare(service(f"x unix - n n - - spawn {args}"), settings, {}, is_root=True)
    assert made is None
    assert [problem.message for problem in problems] == [complaint]


@pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")
def test_the_command_runs_as_its_user(tmp_path: Path) -> None:
    entry = pwd.getpwnam("nobody")
    line = "x unix - n n - - spawn user=nobody argv=/bin/sh -c {id -u; id -g; id -G}"
    made, _ = prepare(service(line), Settings.of(), {}, is_root=True)
    assert made is not None

    async def body(spawner: Spawner, path: Path) -> None:
        assert await converse(path) == f"{entry.pw_uid}\n{entry.pw_gid}\n{entry.pw_gid}\n".encode()

    assert run(made, body, tmp_path) == []


@pytest.mark.skipif(not shutil.which(POLICYD_SPF), reason="postfix-policyd-spf-python is not installed")
def test_the_real_policyd_spf(tmp_path: Path) -> None:
    async def body(spawner: Spawner, path: Path) -> None:
        client = PolicyClient(services={"private/policy-spf": path})
        told = (
            ("request", "smtpd_access_policy"),
            ("protocol_state", "RCPT"),
            ("protocol_name", "SMTP"),
            ("helo_name", "localhost"),
            ("sender", ""),
            ("recipient", "bob@dragon.lab"),
            ("client_address", "127.0.0.1"),
            ("client_name", "localhost"),
            ("instance", "1.2.3"),
        )
        answer = await client.consult(Consult("unix:private/policy-spf", told, timeout=15))
        assert isinstance(answer, Advice)
        assert answer.action.split()[0].upper() in {"DUNNO", "PREPEND"}
        client.close()

    run(command(POLICYD_SPF), body, tmp_path)
