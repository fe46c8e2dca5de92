"""The steward under a real supervisor: workers without rights, mailboxes with their owners'."""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import re
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from server import GATEPOST, Client, Server, is_alive, uid_of, wait_until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="there is a steward only where the server is started as root")
OWNER = 4321
LARGE = b"Subject: large\n\n" + b"0123456789abcde\n" * 40_000
OWNED = {"virtual_uid_maps": f"static:{OWNER}", "virtual_gid_maps": f"static:{OWNER + 1}"}


def owned(place: Path, **more: str) -> Server:
    """A server whose mailboxes are OWNER's alone."""
    server = Server(place, main={**OWNED, **more}, workers=2)
    server.mailboxes.chmod(0o700)
    os.chown(server.mailboxes, OWNER, OWNER + 1)
    return server


def send(server: Server, recipient: str, content: bytes = b"Subject: hi\n\nhi\n") -> None:
    with Client(server.port(), greet="client.example") as client:
        client.envelope(recipient=recipient)
        client.send(content.replace(b"\n", b"\r\n") + b".\r\n")
        assert client.reply().startswith("250")


@as_root
def test_mailboxes_are_their_owners(place: Path) -> None:
    with owned(place) as server:
        assert uid_of(server.steward_pid()) == 0
        assert all(uid_of(pid) != 0 for pid in server.worker_pids())
        send(server, "box@dragon.lab")
        send(server, "box@dragon.lab", LARGE)
        mails = server.wait_for_mail("box", 2)
        assert any(mail.endswith(LARGE) for mail in mails)
        for path in (server.mailboxes / "box").rglob("*"):
            status = path.stat()
            assert (status.st_uid, status.st_gid) == (OWNER, OWNER + 1), path
            assert stat.S_IMODE(status.st_mode) == (0o700 if path.is_dir() else 0o600), path
        server.wait_for_log(r"postfix/virtual\[\d+\]: \w+: to=<box@dragon\.lab>, relay=virtual, .*status=sent", 2)
        wait_until("an empty spool", lambda: server.spooled() == 0)
        send(server, "other@dragon.lab")
        server.wait_for_mail("other")


@as_root
def test_local_users_mailboxes(place: Path) -> None:
    user = pwd.getpwnam("games")
    boxes = place / "users"
    boxes.mkdir()
    boxes.chmod(0o1777)
    with owned(place, mydestination="local.lab", mail_spool_directory=f"{boxes}") as server:
        send(server, "games@local.lab")
        server.wait_for_log(r"postfix/local\[\d+\]: .* relay=local, .*status=sent \(delivered to mailbox\)")
        status = (boxes / "games").stat()
        assert (status.st_uid, stat.S_IMODE(status.st_mode)) == (user.pw_uid, 0o600)
        assert b"\nDelivered-To: games@local.lab\n" in (boxes / "games").read_bytes()


@as_root
def test_the_steward_follows_changes(place: Path) -> None:
    with owned(place) as server:
        with (server.directory / "mailboxes").open("a") as table:
            table.write("new@dragon.lab fresh/\n")
        server.wait_for_log("reload -- ", 2)
        send(server, "new@dragon.lab")
        server.wait_for_mail("fresh")


@as_root
def test_a_steward_that_is_killed_loses_nothing(place: Path) -> None:
    names = [f"mail-{n}" for n in range(60)]
    with owned(place) as server:
        for n, name in enumerate(names):
            size = 300 if n % 5 else 200_000
            send(server, "box@dragon.lab", f"Subject: {name}.\n\n".encode() + b"x" * 70 + b"\n" * (size // 70))
            if n % 15 == 7:
                steward = server.steward_pid()
                os.kill(steward, signal.SIGKILL)
                wait_until("the steward to be gone", lambda pid=steward: not is_alive(pid))

        def missing() -> set[str]:
            here = b"".join(server.delivered("box"))
            return {name for name in names if f"Subject: {name}.\n".encode() not in here}

        wait_until("all mails", lambda: not missing())
        wait_until("an empty spool", lambda: server.spooled() == 0)
        assert all(re.search(rb"Subject: mail-\d+\.\n", mail) for mail in server.delivered("box"))
    assert "was killed by signal 9" in "\n".join(server.output)


@as_root
def test_mail_that_is_accepted_while_the_server_ends_is_delivered(place: Path) -> None:
    """The steward ends after the workers."""
    with owned(place) as server, Client(server.port(), greet="client.example") as client:
        client.envelope()
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        wait_until("the doors to be closed", lambda: not accepts(server.port()))
        client.send(b"Subject: late\r\n\r\nlate\r\n.\r\n")
        assert client.reply().startswith("250")
        server.process.wait(20)
        assert len(server.delivered("box")) == 1


def accepts(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def errno_of_connecting(user: str, path: Path) -> int:
    """What comes of connecting as another user, tried in a process of its own."""
    child = os.fork()
    if child == 0:
        status = 255
        try:
            os.setgroups([])
            os.setuid(pwd.getpwnam(user).pw_uid)
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
                status = connection.connect_ex(str(path))
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@as_root
def test_nobody_else_gets_through(place: Path) -> None:
    with owned(place) as server:
        path = server.state / "private" / "gatepost-steward"
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert errno_of_connecting("daemon", path) == errno.EACCES
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:  # even root is not a worker
            connection.settimeout(10)
            connection.connect(str(path))
            assert connection.recv(1) == b""
        server.wait_for_log(r"warning: process \d+ of uid 0 may not have mail delivered")
        send(server, "box@dragon.lab")
        server.wait_for_mail()


@as_root
def test_links_in_the_spool_give_nothing_away(place: Path) -> None:
    """What a worker puts into its own directories must not make the next start hand out anybody's files."""
    secret = place / "secret"
    secret.write_text("root's")
    server = owned(place)
    with server:
        (server.state / "spool" / "9").symlink_to(secret)
        socket_path = server.state / "private" / "gatepost-steward"
        socket_path.unlink()
        socket_path.symlink_to(secret)
    with server:
        assert (secret.stat().st_uid, stat.S_IMODE(secret.stat().st_mode)) == (0, 0o644)
        assert secret.read_text() == "root's"


def test_without_root_mail_is_delivered_with_our_own_rights(place: Path) -> None:
    command: tuple[str, ...] = ()
    if os.geteuid() == 0:
        command = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
        with contextlib.suppress(OSError):
            os.chown(place, pwd.getpwnam("nobody").pw_uid, -1)
        if subprocess.run([*command, GATEPOST, "--help"], capture_output=True, check=False).returncode:
            pytest.skip("the program lies where others may not look")
    with Server(place, main=OWNED, command=command) as server:
        send(server, "box@dragon.lab")
        send(server, "box@dragon.lab")
        server.wait_for_mail("box", 2)
        (line,) = server.wait_for_log("with the rights of")
        assert "the mail system runs as uid" in line
        (server.mailboxes / "other").mkdir(mode=0o500)
        if os.geteuid() == 0:
            send(server, "other@dragon.lab")
            server.wait_for_log(r"dsn=4\.3\.5, status=deferred \(cannot deliver with the rights of other@dragon\.lab")
