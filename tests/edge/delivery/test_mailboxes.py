"""Maildir and mbox, and the two agents that find the mailbox."""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import os
import pwd
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.core.address import split_address
from gatepost.core.ask import Hit, Missing
from gatepost.core.envelope import Envelope, Outcome, Recipient
from gatepost.core.routing import AddressClass, Route
from gatepost.edge.delivery import maildir, mbox
from gatepost.edge.delivery.agent import Target
from gatepost.edge.delivery.local import Local
from gatepost.edge.delivery.mailbox import Mailboxes, Place
from gatepost.edge.delivery.mbox import Locking
from gatepost.edge.delivery.owner import NotAllowed, Owner, rights_of
from gatepost.edge.delivery.virtual import Virtual
from gatepost.edge.spool import Mail

CONTENT = b"Subject: hi\n\nFrom here\n>From there\nbye\n"
QUICK = Locking(attempts=2, delay=0.01)
THREADS = ThreadPoolExecutor(2)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def deliver(agent: Virtual | Local, to: str, content: bytes = CONTENT, sender: str = "s@x.example") -> Outcome:
    address = split_address(to)
    recipient = Recipient(address, original=None)
    mail = Mail(1, Envelope("ID", split_address(sender), (recipient,), 0.0), content, None)
    target = Target(0, recipient, Route(AddressClass.LOCAL, "local", address.domain, address))

    async def main() -> Outcome:
        return (await agent.deliver(mail, [target]))[0]

    return asyncio.run(main())


def table(**values: str) -> Callable[[tuple[str, ...]], object]:
    async def lookup(keys: tuple[str, ...]) -> Hit | Missing:
        for key in keys:
            if key in values:
                return Hit(key, values[key])
        return Missing.TRY_AGAIN if "fault" in values else Missing.NOT_FOUND

    return lookup


def virtual(base: Path, own_rights: bool = True, **values: str) -> Virtual:
    ids = table(**{"bob@v.lab": str(os.geteuid()), "low@v.lab": "1"})
    return Virtual(
        Mailboxes("host.example", THREADS, locking=QUICK),
        base=str(base),
        mailboxes_of=table(**values),  # type: ignore[arg-type]
        uid_of=ids,  # type: ignore[arg-type]
        gid_of=ids,  # type: ignore[arg-type]
        minimum_uid=0 if os.geteuid() == 0 else 100,
        recipient_delimiter="+",
        own_rights=own_rights,
    )


def test_a_maildir_gets_the_mail_with_the_headers_of_delivery(tmp_path: Path) -> None:
    outcome = deliver(virtual(tmp_path, **{"bob@v.lab": "v.lab/bob/"}), "Bob+ext@V.lab")
    assert outcome == Outcome("sent", "2.0.0", "delivered to maildir", "virtual")
    (path,) = (tmp_path / "v.lab/bob/new").iterdir()
    assert path.name.endswith(".host.example") and ".V" in path.name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    added = b"Return-Path: <s@x.example>\nX-Original-To: Bob+ext@V.lab\nDelivered-To: Bob+ext@V.lab\n"
    assert path.read_bytes() == added + CONTENT
    assert not list((tmp_path / "v.lab/bob/tmp").iterdir())


def test_an_mbox_gets_the_mail_quoted_and_an_empty_line(tmp_path: Path) -> None:
    agent = virtual(tmp_path, **{"bob@v.lab": "v.lab/bob"})
    assert deliver(agent, "bob@v.lab").text == "delivered to mailbox"
    assert deliver(agent, "bob@v.lab", content=b"no end of line", sender="").text == "delivered to mailbox"
    text = (tmp_path / "v.lab/bob").read_bytes()
    assert text.startswith(b"From s@x.example  ")
    assert b"\n\n>From here\n>From there\nbye\n\nFrom MAILER-DAEMON  " in text
    assert text.endswith(b"no end of line\n\n")
    assert not (tmp_path / "v.lab/bob.lock").exists()


def test_unknown_users_and_tables_that_fail(tmp_path: Path) -> None:
    assert deliver(virtual(tmp_path), "no@v.lab") == Outcome("bounced", "5.1.1", 'unknown user: "no@v.lab"', "virtual")
    assert deliver(virtual(tmp_path, fault=""), "no@v.lab").status == "deferred"
    assert deliver(virtual(tmp_path, **{"@v.lab": "all/"}), "any@v.lab").status == "sent"


def test_a_mailbox_outside_the_base_is_refused(tmp_path: Path) -> None:
    assert "leads out" in deliver(virtual(tmp_path, **{"bob@v.lab": "../../etc/"}), "bob@v.lab").text


def test_the_owner_is_asked_for_and_needed(tmp_path: Path) -> None:
    agent = virtual(tmp_path, own_rights=False, **{"bob@v.lab": "bob/", "low@v.lab": "low/", "none@v.lab": "none/"})
    assert deliver(agent, "bob@v.lab").status == "sent"
    assert "not found in virtual_uid_maps" in deliver(agent, "none@v.lab").text
    if os.geteuid() != 0:
        assert "below virtual_minimum_uid" in deliver(agent, "low@v.lab").text


@as_root
def test_root_delivers_with_the_owners_rights_and_no_more(tmp_path: Path) -> None:
    for parent in (tmp_path, *tmp_path.parents):
        if parent == tmp_path or parent.name.startswith(("pytest-", "popen-")):  # pytest's own
            parent.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    os.chown(home, 12345, 12346)
    secret = tmp_path / "secret"
    secret.mkdir(mode=0o700)
    (home / "link").symlink_to(secret)
    user = pwd.struct_passwd(("joe", "x", 12345, 12346, "", str(home), ""))

    def local(home_mailbox: str) -> Local:
        return Local(Mailboxes("h", THREADS, locking=QUICK), home_mailbox=home_mailbox, user_of=lambda name: user)

    assert deliver(local("Maildir/"), "joe@l.lab").status == "sent"
    (path,) = (home / "Maildir/new").iterdir()
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12346)
    outcome = deliver(local("link/"), "joe@l.lab")
    assert outcome.status == "deferred" and outcome.text.endswith("Permission denied")
    assert not list(secret.iterdir())
    assert os.stat(secret).st_uid == 0  # and the rights are back


def test_without_privileges_only_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with rights_of(Owner(1000, 1000, "me")):
        pass
    with pytest.raises(NotAllowed, match="runs as uid 1000"), rights_of(Owner(1001, 1, "you")):
        pass


def test_without_privileges_a_virtual_mailbox_that_can_be_written_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own or 1000)
    told: list[str] = []
    boxes = Mailboxes("h", THREADS, locking=QUICK, stand_in=told.append)
    mail = Mail(1, Envelope("ID", split_address("s@x.example"), (), 0.0), CONTENT, None)
    to = Recipient(split_address("bob@v.lab"))
    other = Owner(4321, 4321, "bob@v.lab")
    assert boxes.put(mail, to, Place(f"{tmp_path}/bob/", other), "virtual").status == "sent"
    assert told == [f"cannot deliver with the rights of bob@v.lab: the mail system runs as uid {own or 1000}"]

    def refused(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(maildir, "deliver", refused)
    outcome = boxes.put(mail, to, Place(f"{tmp_path}/bob/", other), "virtual")
    assert (outcome.status, outcome.dsn, outcome.text) == ("deferred", "4.3.5", told[0])


def own_local(tmp_path: Path, **more: str) -> Local:
    def user_of(name: str) -> pwd.struct_passwd:
        if name != "joe":
            raise KeyError(name)
        return pwd.struct_passwd(("joe", "x", os.geteuid(), os.getegid(), "", str(tmp_path / "home"), ""))

    (tmp_path / "home").mkdir(exist_ok=True)
    return Local(Mailboxes("h", THREADS, locking=QUICK), recipient_delimiter="+-", user_of=user_of, **more)


def test_local_users(tmp_path: Path) -> None:
    assert deliver(own_local(tmp_path, home_mailbox="Maildir/"), "Joe-ext+b@l.lab").status == "sent"
    assert len(list((tmp_path / "home/Maildir/new").iterdir())) == 1
    assert deliver(own_local(tmp_path, home_mailbox="Mailbox"), "joe@l.lab").text == "delivered to mailbox"
    assert (tmp_path / "home/Mailbox").read_bytes().count(b"Delivered-To: joe@l.lab") == 1
    assert deliver(own_local(tmp_path, mail_spool_directory=str(tmp_path)), "joe@l.lab").status == "sent"
    assert (tmp_path / "joe").is_file()
    assert deliver(own_local(tmp_path, mail_spool_directory=f"{tmp_path}/all/"), "joe@l.lab").status == "sent"
    assert (tmp_path / "all/joe/new").is_dir()


@pytest.mark.parametrize("name", ["nobodyhere", "quo ted", "../joe", "\0", "+ext", "jo\udcffe"])
def test_unknown_local_users(tmp_path: Path, name: str) -> None:
    outcome = deliver(own_local(tmp_path), f"{name}@l.lab")
    assert (outcome.status, outcome.dsn, outcome.text) == ("bounced", "5.1.1", f'unknown user: "{name}"')


def test_a_mail_that_was_here_before_goes_in_circles(tmp_path: Path) -> None:
    agent = own_local(tmp_path, home_mailbox="Maildir/")
    outcome = deliver(agent, "joe@l.lab", content=b"A: b\nDelivered-To: JOE@l.lab\n\nx\n")
    assert (outcome.dsn, outcome.text) == ("5.4.6", "mail forwarding loop for joe@l.lab")
    assert deliver(agent, "joe@l.lab", content=b"A: b\n\nDelivered-To: joe@l.lab\n").status == "sent"


def test_a_locked_mbox_defers(tmp_path: Path) -> None:
    agent = own_local(tmp_path, home_mailbox="Mailbox")
    assert deliver(agent, "joe@l.lab").status == "sent"
    path = tmp_path / "home/Mailbox"
    (tmp_path / "home/Mailbox.lock").touch()
    assert deliver(agent, "joe@l.lab").status == "deferred"
    (tmp_path / "home/Mailbox.lock").unlink()
    with path.open("rb+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        busy = Local(
            Mailboxes("h", THREADS, locking=Locking(("flock",), attempts=2, delay=0.01)),
            home_mailbox="Mailbox",
            user_of=agent._user_of,
        )
        assert deliver(busy, "joe@l.lab").text.endswith("Resource temporarily unavailable")


@pytest.mark.parametrize("kind", ["directory", "fifo", "link"])
def test_what_is_no_mbox_defers_at_once(tmp_path: Path, kind: str) -> None:
    agent = own_local(tmp_path, home_mailbox="Mailbox")
    path = tmp_path / "home/Mailbox"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path / "elsewhere")
    assert deliver(agent, "joe@l.lab").status == "deferred"


def test_an_mbox_that_cannot_be_finished_is_cut_back(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.write_bytes(b"before")

    def broken():  # type: ignore[no-untyped-def]
        yield b"part"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="space"):
        mbox.deliver(str(path), b"From x\n", broken(), QUICK)
    assert path.read_bytes() == b"before"


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="From \nx>", max_size=60).map(str.encode), st.lists(st.integers(0, 60), max_size=6))
def test_quoting_does_not_depend_on_chunks(content: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    chunks = [content[a:b] for a, b in itertools.pairwise(places)]
    whole = b"".join(mbox._mbox_form(b"From x\n", [content]))
    assert b"".join(mbox._mbox_form(b"From x\n", chunks)) == whole
    assert whole.startswith(b"From x\n") and whole.endswith(b"\n\n")
    assert b"\nFrom " not in whole
