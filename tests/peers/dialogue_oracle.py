"""A private Postfix with an smtpd for each set of settings, and a line to it."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from dialogue import Dialogue, normalise

MAIN = """\
compatibility_level = 3.6
myhostname = mx.example
mydomain = example
queue_directory = {root}/spool
data_directory = {root}/data
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
mynetworks = 192.0.2.0/24
mydestination = mx.example, two.example
local_recipient_maps =
alias_maps =
alias_database =
maillog_file = {root}/mail.log
maillog_file_prefixes = {root}
default_transport = discard:
relay_transport = discard:
local_transport = discard:
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_tls_cert_file = {root}/cert.pem
smtpd_tls_key_file = {root}/key.pem
"""
MASTER = """\
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
proxymap  unix  -       -       n       -       -       proxymap
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
anvil     unix  -       -       n       -       1       anvil
postlog   unix-dgram n  -       n       -       1       postlogd
"""


class Oracle:
    """One Postfix with an smtpd and a cleanup service for each set of settings that the dialogues want."""

    def __init__(self, dialogues: list[Dialogue]) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="dlg", dir="/tmp"))
        self.ports: dict[str, int] = {}
        master = MASTER
        for i, dialogue in enumerate(dialogues):
            port = self.ports.setdefault(repr(dialogue.conf), free_port())
            options = "".join(f" -o {{ {name} = {value} }}" for name, value in dialogue.conf.items())
            line = f"127.0.0.1:{port} inet n - n - - smtpd -o cleanup_service_name=cleanup{i}{options}\n"
            if line.split(" -o ", maxsplit=1)[0] not in master:
                master += line + f"cleanup{i} unix n - n - 0 cleanup{options}\n"
        (self.root / "etc").mkdir()
        (self.root / "data").mkdir()
        (self.root / "spool").mkdir()
        self.root.chmod(0o755)
        shutil.chown(self.root / "data", "postfix")
        (self.root / "etc/main.cf").write_text(MAIN.format(root=self.root))
        (self.root / "etc/master.cf").write_text(master)
        make_certificate(self.root)
        self._postfix("start")

    def _postfix(self, command: str) -> None:
        subprocess.run(["postfix", "-c", self.root / "etc", command], check=True, capture_output=True)

    def stop(self) -> None:
        self._postfix("stop")
        if not os.environ.get("KEEP"):
            shutil.rmtree(self.root, ignore_errors=True)

    def play(self, dialogue: Dialogue, *, count: bool) -> list[list[str]]:
        """What Postfix says in each turn; read as many lines as are expected, or (not ``count``) until it is silent."""
        answers = []
        line = Line(self.ports[repr(dialogue.conf)])
        with contextlib.closing(line.socket):
            for turn in dialogue.turns:
                line.say(turn.send)
                answers.append(line.listen(len(turn.expect) if count else None))
        return answers


class Line:
    """A connection read line by line, with a time limit for each."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.buffer = b""
        self.raw = False  # queue ids are left as they are

    def say(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            self.socket.sendall(data)

    def read(self, seconds: float) -> str | None:
        """The next line, ``<closed>``, or None where none came in time."""
        self.socket.settimeout(seconds)
        while b"\n" not in self.buffer:
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                return None
            except ConnectionError:
                data = b""
            if not data:
                return "<closed>"
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        text = line.decode("utf-8", "replace").rstrip("\r")
        return text if self.raw else normalise(text)

    def reply(self) -> None:
        """Read one reply, whatever it says."""
        while (self.read(10) or "    ")[3:4] == "-":
            pass

    def listen(self, lines: int | None) -> list[str]:
        """So many lines; or, where None, all until it is silent."""
        said: list[str] = []
        while lines is None or len(said) < lines:
            line = self.read(10 if lines is not None else 0.7 if said else 2)
            if line is None:
                break
            said.append(line)
            if line == "<closed>":
                break
        return said


def free_port() -> int:
    """A port that nothing listens on, below those that connections get on their own."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def make_certificate(root: Path) -> None:
    arguments = ["-newkey", "rsa:2048", "-nodes", "-keyout", root / "key.pem", "-out", root / "cert.pem"]
    subject = ["-subj", "/CN=mx.example", "-days", "2"]
    subprocess.run(["openssl", "req", "-x509", *arguments, *subject], check=True, capture_output=True)
