"""A Postfix directory made ready for a lab: copied, its own parameters set, its tables built by the real postmap.

What changes of a directory: the chroot column of master.cf becomes ``n`` (a chroot jail needs copies of system files),
a postlog service is added where there is none (so that maillog_file works), and the parameters that the test asks for.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from peers.lab import Lab

DIRECTORY = "/etc/postfix"
MAIL_LOG = "/var/log/mail.log"
# Every test's clients come through XCLIENT, and no mail leaves the lab.
LAB_PARAMETERS = {
    "maillog_file": MAIL_LOG,
    "smtpd_authorized_xclient_hosts": "127.0.0.1",
    "default_transport": "discard:",
    "relay_transport": "discard:",
    "local_transport": "discard:",
    "virtual_transport": "discard:",
}
INTERNAL_SERVICES = """\
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
proxywrite unix -       -       n       -       1       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
local     unix  -       n       n       -       -       local
virtual   unix  -       n       n       -       -       virtual
lmtp      unix  -       -       n       -       -       lmtp
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
"""
_NAMED_PORTS = {"smtp": 25, "submission": 587, "smtps": 465, "submissions": 465}


def install_configuration(lab: Lab, source: Path, parameters: dict[str, str] | None = None) -> Path:
    """Put a copy of ``source`` at the lab's /etc/postfix; returns where that lies outside.

    Internal services that master.cf lacks are added. ``parameters`` come on top of LAB_PARAMETERS; None of a value's
    text is expanded here.
    """
    target = lab.inside(DIRECTORY)
    package = Path(DIRECTORY)  # the package's own files, not the machine's configuration
    for name in (
        "dynamicmaps.cf",
        "dynamicmaps.cf.d",
        "postfix-files",
        "postfix-files.d",
        "post-install",
        "postfix-script",
    ):
        if (package / name).is_dir():
            shutil.copytree(package / name, target / name, dirs_exist_ok=True)
        elif (package / name).exists():
            shutil.copy2(package / name, target / name)
    for entry in source.iterdir():
        if entry.is_file():
            shutil.copyfile(entry, target / entry.name)
    master = target / "master.cf"
    master.write_text(runnable_master(master.read_text()))
    settings = [f"{name}={value}" for name, value in (LAB_PARAMETERS | (parameters or {})).items()]
    lab.run("postconf", "-c", DIRECTORY, "-e", *settings)
    return target


def runnable_master(text: str) -> str:
    """master.cf without chroot jails and with every internal service."""
    lines = []
    present = set()
    for line in text.splitlines():
        words = line.split()
        if words and not line[0].isspace() and not line.startswith("#") and len(words) >= 8:
            present.add((words[0], words[1]))
            line = re.sub(r"^(\S+\s+\S+\s+\S+\s+\S+\s+)\S+", r"\1n", line)
        lines.append(line)
    for line in INTERNAL_SERVICES.splitlines():
        words = line.split()
        if (words[0], words[1]) not in present:
            lines.append(line)
    return "\n".join(lines) + "\n"


def smtp_port(master_text: str) -> int:
    """The port of master.cf's first smtpd service."""
    for line in master_text.splitlines():
        words = line.split()
        if len(words) >= 8 and not line.startswith((" ", "\t", "#")) and words[1] == "inet" and words[7] == "smtpd":
            port = words[0].rpartition(":")[2]
            return _NAMED_PORTS.get(port) or int(port)
    raise ValueError("no smtpd service in master.cf")


def build_tables(lab: Lab) -> str:
    """Compile the tables that main.cf names, ``x.in`` as the tutorial's makefile does; returns what postmap said."""
    directory = lab.inside(DIRECTORY)
    text = (directory / "main.cf").read_text()
    said = []
    for name in sorted(set(re.findall(r"\bhash:(?:\$config_directory|/etc/postfix)/(\w+)", text))):
        source = directory / f"{name}.in"
        if not source.exists():
            source = directory / name
        said.append(lab.run("postmap", f"hash:{DIRECTORY}/{source.name}").stdout)
        source.with_name(f"{source.name}.db").rename(directory / f"{name}.db")
    return "".join(said)
