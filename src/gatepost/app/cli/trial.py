"""gatepost serve --trial DIR: a configuration tried as it is, on loopback, with everything that is written below DIR.

    DIR/mail            virtual_mailbox_base; local users' Maildirs too
    DIR/spool, journal  gatepost_state_directory
    DIR/tls             a self-signed certificate for every service

Only values are overridden, by what -o would do; what the user gives with -o or --listen wins over them.
"""

from __future__ import annotations

import os
import pwd
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from gatepost.app.options import Options
from gatepost.edge.tls import make_self_signed

HOST = "127.0.0.1"
PORTS = {
    "2525": ("smtp", "25"),
    "2587": ("submission", "587"),
    "2465": ("smtps", "submissions", "465"),
}  # port -> the services of master.cf that listen on it
OWNER = "daemon"  # whom the workers run as where we are root; not nobody, whom spawn services are run as
_OPENNESS = {
    # Postgrey and the like are often not there to be asked, and a trial should not wait for them.
    "smtpd_policy_service_default_action": "DUNNO",
    "smtpd_policy_service_try_limit": "1",
    "smtpd_policy_service_timeout": "2s",
    # All that comes from this machine is in mynetworks: XCLIENT lets one try to be somebody else.
    "smtpd_authorized_xclient_hosts": "127.0.0.0/8, [::1]/128",
}


def trial_options(options: Options, directory: Path) -> Options:
    """``options`` with a trial's overrides. Makes what must be there in ``directory``. Raises OSError."""
    directory = directory.absolute()
    mail = directory / "mail"
    mail.mkdir(parents=True, exist_ok=True)
    uid, gid = _invoker()
    if os.geteuid() == 0:
        mail.chmod(0o1777)  # local users' Maildirs are made with their own rights
    values = {
        **_OPENNESS,
        "gatepost_state_directory": _literal(directory),
        "gatepost_journal_directory": _literal(directory / "journal"),
        "maillog_file": "/dev/stdout",
        "virtual_mailbox_base": _literal(mail),
        "virtual_uid_maps": f"static:{uid}",
        "virtual_gid_maps": f"static:{gid}",
        "virtual_minimum_uid": str(min(uid, 100)),
        "home_mailbox": "",
        "mail_spool_directory": _literal(mail) + "/",
        **_certificate(directory / "tls"),
    }
    if os.geteuid() == 0:
        values["mail_owner"] = _worker_user(directory)
    listen = {name: (HOST, port) for port, names in PORTS.items() for name in names}
    return Options(options.directory, {**values, **options.overrides}, {**listen, **options.listen})


def _literal(path: Path) -> str:
    return str(path).replace("$", "$$")


def _invoker() -> tuple[int, int]:
    """Whose the mailboxes are: ours, or who called sudo."""
    if os.geteuid() == 0:
        return int(os.environ.get("SUDO_UID", "0")), int(os.environ.get("SUDO_GID", "0"))
    return os.geteuid(), os.getegid()


def _certificate(directory: Path) -> dict[str, str]:
    """The parameters of a self-signed certificate; without the openssl program TLS stays as it is configured."""
    try:
        certificate, key = make_self_signed(directory, "localhost")
    except OSError as error:
        click.echo(f"no certificate for TLS, so only port 2525 is of use: {error}", err=True)
        return {}
    others = ("chain_files", "dcert_file", "dkey_file", "eccert_file", "eckey_file")
    values = {f"smtpd_tls_{name}": "" for name in others}
    return {**values, "smtpd_tls_cert_file": _literal(certificate), "smtpd_tls_key_file": _literal(key)}


def _worker_user(directory: Path) -> str:
    """Whom root's workers run as: OWNER, or nobody else where only root may enter the state or our own program.

    The latter is a checkout in /root, as in a container. No user has the empty name: the workers go on as root.
    """
    for path in (directory, Path(sys.prefix).absolute(), Path(__file__).absolute().parent):
        closed = next((one for one in (path, *path.parents) if not one.stat().st_mode & 0o001), None)
        if closed is not None:
            click.echo(f"only root may enter {closed}: in this trial the workers keep root", err=True)
            return ""
    try:
        pwd.getpwnam(OWNER)
    except KeyError:
        return ""
    return OWNER


def hints(options: Options) -> Iterator[str]:
    """What to type now, in another terminal."""
    config = _word(options.directory)
    mail = _word(Path(options.overrides["virtual_mailbox_base"].replace("$$", "$")))
    host, port = options.listen["smtp"]
    swaks = f"swaks --server {host}:{port}"
    stranger = "--xclient-addr 192.0.2.9 --xclient-name fax.myfax.com"
    yield "Try, in another terminal:"
    if (options.directory / "access_client.in").exists() and (options.directory / "mailboxes").exists():
        yield f"  {swaks} --to richard@dragon.lab                                  # accepted; see {mail}"
        yield f"  {swaks} --to from_spammer@dragon.lab                             # rejected: access_recipient.in"
        yield f"  {swaks} --to richard@dragon.lab {stranger}  # rejected: access_client.in"
        yield (
            f"  {_word(Path(sys.argv[0]))} explain --config {config} --client 192.0.2.9,fax.myfax.com "
            "--helo fax.myfax.com --from ann@example.com --to richard@dragon.lab  # why"
        )
    else:
        yield f"  {swaks} --to SOMEBODY@YOUR.DOMAIN                 # as a client in mynetworks"
        yield f"  {swaks} --to SOMEBODY@YOUR.DOMAIN --xclient-addr 192.0.2.9  # as a stranger"
        yield f"  {_word(Path(sys.argv[0]))} explain --config {config} --client ADDRESS --from ADDRESS --to ADDRESS"
    yield f"Edit a table or main.cf in {config}: it is in force within a second. Ctrl-C ends the server."


def _word(path: Path) -> str:
    """A path as one would type it here."""
    path = path.absolute()
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
