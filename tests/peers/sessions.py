"""Sessions with the tutorial's server: every line of its tables, every restriction in both outcomes, and oddities.

``sessions(seed)`` is the same list for the same seed: each value alone in an otherwise blameless session, then the
hand-made oddities, then random mixtures. The clients come through XCLIENT, the domains from dragon.zone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from peers.play import Burst, Content, Session

GOOD_CLIENT = "ADDR=192.0.2.10 NAME=mail.ok.example"
GOOD_HELO = "EHLO mail.ok.example"
GOOD_SENDER = "ann@ok.example"
GOOD_RECIPIENT = "grant@dragon.lab"
MAIL = Content("Subject: test\n\nhello\n.dots\n..\nend")

CLIENTS = (
    GOOD_CLIENT,
    "ADDR=192.0.2.10",
    "ADDR=192.0.2.8 NAME=[UNAVAILABLE]",
    "ADDR=192.0.2.8 NAME=[TEMPUNAVAIL]",
    "ADDR=192.0.2.8 NAME=[UNAVAILABLE] REVERSE_NAME=forged.ok.example",
    "ADDR=192.0.2.8 NAME=[TEMPUNAVAIL] REVERSE_NAME=slow.ok.example",
    "ADDR=192.0.2.8 NAME=[TEMPUNAVAIL] REVERSE_NAME=[TEMPUNAVAIL]",
    "ADDR=IPV6:2001:db8::8 NAME=[UNAVAILABLE]",
    "ADDR=IPV6:2001:db8::25 NAME=six.example",
    "ADDR=IPV6:::1 NAME=localhost",
    "ADDR=127.0.0.1 NAME=localhost",
    "ADDR=10.11.1.2 NAME=desk.dragon.lab",
    "ADDR=10.77.1.2 NAME=far.ok.example",
    "ADDR=10.77.1.2 NAME=[UNAVAILABLE]",
    "ADDR=192.0.2.20 NAME=dragon.lab",
    "ADDR=192.0.2.20 NAME=web.dragon.lab",
    "ADDR=192.0.2.20 NAME=WEB.Dragon.Lab",
    "ADDR=192.0.2.20 NAME=notdragon.lab",
    "ADDR=192.0.2.21 NAME=mail.sohu.cn",
    "ADDR=192.0.2.21 NAME=cn",
    "ADDR=192.0.2.21 NAME=mail.cn.ok.example",
    "ADDR=192.0.2.22 NAME=mail.RU",
    "ADDR=192.0.2.23 NAME=myfax.com",
    "ADDR=192.0.2.23 NAME=out3.myfax.com",
    "ADDR=192.0.2.23 NAME=a.b.MyFax.com",
    "ADDR=192.168.0.5 NAME=lan.ok.example",
    "ADDR=192.168.1.5 NAME=lan.ok.example",
    "ADDR=192.168.0.5 NAME=mail.ru",
    "ADDR=172.16.200.1 NAME=lan.ok.example",
    "ADDR=172.17.0.1 NAME=lan.ok.example",
)
HELOS = (
    "mail.ok.example",
    "host",
    "localhost",
    "mail.ok.example.",
    "a_b.ok.example",
    "-a.ok.example",
    "a..ok.example",
    "ex*mple.org",
    ".",
    "[192.0.2.10]",
    "[192.0.2.999]",
    "[IPv6:2001:db8::8]",
    "[2001:db8::8]",
    "[bad]",
    "[192.168.0.9]",
    "192.0.2.10",
    "192.168.0.9",
    "1.2.3",
    "::1",
    "h." + "l" * 64 + ".example",
    "m\u00fcller.example",
    "\udcff.example",
    "shop.cn",
    "cn",
    "mail.ru",
    "MAIL.RU",
    "example.com",
    "www.example.com",
    "Example.Com",
    "notexample.com",
    "x.192.168.0",
    "x.172.16",
    "mail.dragon.lab",
    "a b.example",
    "<mail.ok.example>",
    "mail.ok.example extra words",
)
SENDERS = (
    GOOD_SENDER,
    "",
    "ann@address.example",
    "ann@six.example",
    "ann@alias.example",
    "ann@deep.sub.ok.example",
    "ann@gone.example",
    "ann@textonly.example",
    "ann@nullmx.example",
    "ann@servfail.example",
    "ann@silent.example",
    "ann@deadmx.example",
    "ann@servmx.example",
    "ann@localmx.example",
    "ann@numeric.example",
    "ann@onlyaservfail.example",
    "ann@mxservfail.example",
    "ann@lame.example",
    "ann@refused.example",
    "ann@loop.example",
    "ann@nxmx.example",
    "ann@[192.0.2.1]",
    "ann@[IPv6:2001:db8::8]",
    "ann@[bad]",
    "ann@192.0.2.1",
    "ann@host",
    "ann",
    "postmaster",
    "grant@dragon.lab",
    "nobody@dragon.lab",
    "root@localhost",
    "ann@mail.cn",
    "ann@cn",
    "ann@mail.ru",
    "ann@myfax.com",
    "ann@sub.myfax.com",
    "ann@bigfoot.com",
    "ann@sub.bigfoot.com",
    "ANN@BigFoot.COM",
    "user@example.com",
    "USER@Example.com",
    "user+tag@example.com",
    "user@sub.example.com",
    "other@example.com",
    "spammer@ok.example",
    "ann@host.10",
    '"ann lee"@ok.example',
    '"ann"@ok.example',
    '"user"@example.com',
    "@ok.example",
    "@relay.example:ann@ok.example",
    "ann%dragon.lab@ok.example",
    "ok.example!ann@ok.example",
    "ann@dragon.lab@ok.example",
    "ann@ok.example.",
    "ann@",
    "ann@a..b",
    ".ann@ok.example",
    "ann.@ok.example",
    "a..b@ok.example",
    "a b@ok.example",
    "a" * 65 + "@ok.example",
    "ann@" + "d" * 64 + ".example",
    "ann@" + ".".join(["sub"] * 60) + ".ok.example",
    "\udcff@ok.example",
    "\u00fc@ok.example",
    "ann@m\u00fcller.example",
    "<ann@ok.example",
    "ann@ok.example>",
    "ann@ok_ay.example",
    "a,b@ok.example",
    "a;b@ok.example",
    "a(comment)b@ok.example",
    "ann\\@home@ok.example",
)
RECIPIENTS = (
    GOOD_RECIPIENT,
    "GRANT@Dragon.LAB",
    "grant+list@dragon.lab",
    '"grant"@dragon.lab',
    '"gr ant"@dragon.lab',
    "richard@dragon.lab",
    "nobody@dragon.lab",
    "postmaster",
    "postmaster@dragon.lab",
    "Postmaster",
    "abuse@dragon.lab",
    "from_spammer@dragon.lab",
    "FROM_SPAMMER@dragon.lab",
    "from_spammer+tag@dragon.lab",
    "from_spammer@ok.example",
    "from_spammer",
    "from_playdotcom@dragon.lab",
    "from_playdotcom@ok.example",
    "From_PlayDotCom+x@dragon.lab",
    "ann@ok.example",
    "ann@gone.example",
    "ann@nullmx.example",
    "ann@servfail.example",
    "ann@textonly.example",
    "ann@host",
    "ann",
    "root@localhost",
    "root@[127.0.0.1]",
    "grant@[127.0.0.1]",
    "ann@[192.0.2.1]",
    "ann@[IPv6:2001:db8::8]",
    "ann@[bad]",
    "ann@192.0.2.1",
    "",
    "grant%ok.example@dragon.lab",
    "ok.example!ann@dragon.lab",
    "@ok.example:grant@dragon.lab",
    "@dragon.lab:ann@ok.example",
    "@a.example,@b.example:grant@dragon.lab",
    "grant@dragon.lab@ok.example",
    "ann@ok.example@dragon.lab",
    "grant@sub.dragon.lab",
    "grant@dragon.lab.",
    "grant@mail.dragon.lab",
    "grant@",
    "@dragon.lab",
    "grant@a..b",
    "x" * 65 + "@dragon.lab",
    "grant@" + "d" * 64 + ".example",
    "\udcff@dragon.lab",
    "\u00fc@dragon.lab",
    "<grant@dragon.lab",
    "grant @dragon.lab",
    '"grant@ok.example"@dragon.lab',
    '"grant%ok.example"@dragon.lab',
    "grant@dragon.lab>",
)
MAIL_PARAMETERS = (
    "SIZE=1000",
    "SIZE=99999999999",
    "SIZE=0",
    "SIZE=",
    "SIZE=abc",
    "SIZE=-1",
    "BODY=8BITMIME",
    "BODY=7BIT",
    "BODY=BINARYMIME",
    "BODY=",
    "SMTPUTF8",
    "SMTPUTF8=yes",
    "AUTH=<>",
    "AUTH=ann@ok.example",
    "RET=FULL",
    "RET=HDRS",
    "RET=NONE",
    "RET=FULL RET=HDRS",
    "ENVID=abc",
    "ENVID=a+20b",
    "ENVID=a+2b",
    "ENVID=",
    "ENVID=a ENVID=b",
    "FOO=bar",
    "FOO",
    "size=10 body=8bitmime ret=hdrs envid=x",
)
RCPT_PARAMETERS = (
    "NOTIFY=NEVER",
    "NOTIFY=SUCCESS,FAILURE,DELAY",
    "NOTIFY=NEVER,SUCCESS",
    "NOTIFY=",
    "NOTIFY=FOO",
    "ORCPT=rfc822;grant@dragon.lab",
    "ORCPT=rfc822;a+2Bb@dragon.lab",
    "ORCPT=grant@dragon.lab",
    "ORCPT=;x",
    "ORCPT=",
    "notify=never orcpt=rfc822;x@y",
    "FOO=bar",
    "FOO",
)


def sessions(seed: int = 20181122, count: int = 480) -> list[Session]:
    """At least ``count`` sessions."""
    made = [*_one_by_one(), *_oddities()]
    chance = random.Random(seed)
    while len(made) < count:
        made.append(_mixture(f"mixture {len(made)}", chance))
    return made


def _start(client: str = GOOD_CLIENT, helo: str = GOOD_HELO) -> tuple[str, ...]:
    return ("EHLO lab.example", f"XCLIENT {client}", helo) if client else (helo,)


def _one_by_one() -> Iterator[Session]:
    for client in CLIENTS:
        yield Session(f"client {client}", (*_start(client), *_mail(GOOD_SENDER, GOOD_RECIPIENT, "ann@ok.example")))
    for helo in HELOS:
        for verb in ("HELO", "EHLO"):
            yield Session(f"{verb} {helo}", (*_start(helo=f"{verb} {helo}"), *_mail(GOOD_SENDER, GOOD_RECIPIENT)))
    for sender in SENDERS:
        yield Session(f"from <{sender}>", (*_start(), *_mail(sender, GOOD_RECIPIENT)))
    for recipient in RECIPIENTS:
        yield Session(f"to <{recipient}>", (*_start(), *_mail(GOOD_SENDER, recipient)))
        yield Session(f"to <{recipient}>, my network", (*_start("ADDR=10.11.1.2"), *_mail(GOOD_SENDER, recipient)))
    for words in MAIL_PARAMETERS:
        yield Session(f"MAIL {words}", (*_start(), f"MAIL FROM:<{GOOD_SENDER}> {words}", f"RCPT TO:<{GOOD_RECIPIENT}>"))
    for words in RCPT_PARAMETERS:
        steps = (f"MAIL FROM:<{GOOD_SENDER}>", f"RCPT TO:<{GOOD_RECIPIENT}> {words}", "DATA", MAIL)
        yield Session(f"RCPT {words}", (*_start(), *steps))


def _mail(sender: str, *recipients: str) -> tuple[str, ...]:
    return (f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{recipient}>" for recipient in recipients), "DATA", MAIL)


def _oddities() -> Iterator[Session]:
    envelope = (f"MAIL FROM:<{GOOD_SENDER}>", f"RCPT TO:<{GOOD_RECIPIENT}>")
    everyone = tuple(
        f"RCPT TO:<{r}>" for r in ("nobody@dragon.lab", GOOD_RECIPIENT, "ann@ok.example", "richard@dragon.lab")
    )
    by_name = {
        "no greeting": envelope,
        "empty HELO": ("HELO", "EHLO", "HELO ", "EHLO  ", *envelope),
        "HELO twice": (*_start(), "HELO other.ok.example", *envelope, "EHLO third.ok.example", "DATA"),
        "commands without helo": (
            "VRFY grant",
            "NOOP",
            "RSET",
            "HELP",
            "ETRN dragon.lab",
            "STARTTLS",
            "AUTH PLAIN",
            "DATA",
        ),
        "commands": (
            *_start(),
            "VRFY grant@dragon.lab",
            "VRFY",
            "EXPN list",
            "HELP",
            "HELP MAIL",
            "NOOP",
            "NOOP words",
            "TURN",
        ),
        "more commands": (
            *_start(),
            "RSET",
            "RSET now",
            "ETRN dragon.lab",
            "ETRN",
            "ETRN a b",
            "STARTTLS",
            "AUTH PLAIN",
            "BDAT",
        ),
        "unknown commands": (*_start(), "FOO", "MAILFROM:<a@b>", "mail", "X" * 600, "\udcff\udcfe", "DATA:"),
        "nothing said": (*_start(), " ", *envelope),
        "out of order": (
            *_start(),
            "RCPT TO:<grant@dragon.lab>",
            "DATA",
            "MAIL FROM:<ann@ok.example>",
            "DATA",
            "RSET",
            "DATA",
        ),
        "nested MAIL": (*_start(), *envelope[:1], *envelope[:1], envelope[1], envelope[0]),
        "no valid recipients": (
            *_start(),
            envelope[0],
            "RCPT TO:<nobody@dragon.lab>",
            "DATA",
            "RSET",
            *envelope,
            "DATA",
            MAIL,
        ),
        "some recipients": (*_start(), envelope[0], *everyone, "DATA", MAIL),
        "same recipient thrice": (*_start(), *envelope, envelope[1], envelope[1], "DATA", MAIL),
        "mail after rejection": (
            *_start(),
            *_mail("ann@myfax.com", GOOD_RECIPIENT),
            "RSET",
            *_mail(GOOD_SENDER, GOOD_RECIPIENT),
        ),
        "three mails": (*_start(), *_mail(GOOD_SENDER, GOOD_RECIPIENT) * 3),
        "RSET between": (*_start(), *envelope, "RSET", envelope[1], *envelope, "RSET", "RSET", *envelope, "DATA", MAIL),
        "lower case": (*_start(), "mail from:<ann@ok.example>", "rcpt to:<grant@dragon.lab>", "data", MAIL, "noop"),
        "no brackets": (*_start(), "MAIL FROM:ann@ok.example", "RCPT TO:grant@dragon.lab", "DATA", MAIL),
        "blanks": (*_start(), "MAIL FROM: <ann@ok.example>", "RCPT TO:  <grant@dragon.lab>  ", "DATA ", MAIL),
        "blanks before the colon": (*_start(), "MAIL FROM :<ann@ok.example>", "RCPT TO : <grant@dragon.lab>"),
        "missing words": (
            *_start(),
            "MAIL",
            "MAIL FROM",
            "MAIL FROM:",
            "MAIL TO:<a@b>",
            envelope[0],
            "RCPT",
            "RCPT TO",
            "RCPT TO:",
        ),
        "names before addresses": (*_start(), "MAIL FROM:Ann <ann@ok.example>", "RCPT TO:Grant <grant@dragon.lab>"),
        "DATA words": (*_start(), *envelope, "DATA now", "DATA", MAIL),
        "8-bit content": (*_start(), *envelope, "DATA", Content("Subject: \udce9\n\n\udcff\udc80 \u00fc")),
        "no content": (*_start(), *envelope, "DATA", Content("")),
        "headers alone": (*_start(), *envelope, "DATA", Content("Subject: x\nFrom: a@b")),
        "long lines": (*_start(), *envelope, "DATA", Content("Subject: x\n\n" + "x" * 5000)),
        "long address": (*_start(), f"MAIL FROM:<{'a' * 900}@ok.example>", f"RCPT TO:<{'b' * 900}@dragon.lab>"),
        "longest line": (*_start(), f"MAIL FROM:<{'a' * 3000}@ok.example>", "NOOP"),
        "pipelined": (*_start(), "\n".join((*envelope, "DATA")), MAIL, "\n".join((*envelope, "DATA")), MAIL),
        "pipelined, one refused": (*_start(), "\n".join((envelope[0], *everyone, "DATA")), MAIL),
        "pipelined, all refused": (
            *_start(),
            "\n".join((envelope[0], "RCPT TO:<nobody@dragon.lab>", "DATA")),
            MAIL,
            "NOOP",
        ),
        "pipelined after HELO": (*_start(helo="HELO mail.ok.example"), "\n".join(envelope)),
        "pipelined with HELO": (*_start()[:2], "\n".join(("HELO mail.ok.example", *envelope))),
        "pipelined with EHLO": (*_start()[:2], "\n".join(("EHLO mail.ok.example", *envelope))),
        "pipelined, RSET inside": (*_start(), "\n".join((*envelope, "RSET", *envelope, "DATA")), MAIL),
        "everything at once": (
            *_start(),
            Burst("\n".join((*envelope, "DATA", "Subject: x", "", "hello", ".", "QUIT"))),
        ),
        "content with DATA": (*_start(), *envelope, Burst("DATA\nSubject: x\n\nhello\n.\nQUIT")),
        "HTTP": (Burst("GET / HTTP/1.1\nHost: x\n\nQUIT"),),
        "header as command": (*_start(), "Subject: x", "NOOP"),
        "XCLIENT refused words": (
            "EHLO lab.example",
            "XCLIENT",
            "XCLIENT FOO=bar",
            "XCLIENT ADDR=bad",
            "XCLIENT NAME",
            "XCLIENT ADDR=",
        ),
        "XCLIENT without EHLO": ("XCLIENT ADDR=192.0.2.10 NAME=mail.ok.example", GOOD_HELO, *envelope),
        "XCLIENT in a transaction": (GOOD_HELO, envelope[0], "XCLIENT ADDR=192.0.2.10"),
        "XCLIENT gives HELO": (
            "EHLO lab.example",
            "XCLIENT ADDR=192.0.2.8 NAME=host.ok.example HELO=host PROTO=ESMTP",
            *envelope,
        ),
        "XCLIENT gives PROTO": (
            "EHLO lab.example",
            "XCLIENT ADDR=192.0.2.8 NAME=host.ok.example PROTO=SMTP",
            GOOD_HELO,
            *envelope,
        ),
        "XCLIENT gives LOGIN": (
            "EHLO lab.example",
            f"XCLIENT {GOOD_CLIENT} LOGIN=grant",
            GOOD_HELO,
            *_mail(GOOD_SENDER, "ann@ok.example"),
        ),
        "XCLIENT gives ports": (
            "EHLO lab.example",
            f"XCLIENT {GOOD_CLIENT} PORT=4711 DESTADDR=192.0.2.1 DESTPORT=587",
            GOOD_HELO,
            *envelope,
        ),
        "XCLIENT twice": (
            "EHLO lab.example",
            "XCLIENT ADDR=192.0.2.8",
            "EHLO x.example",
            "XCLIENT ADDR=192.0.2.10",
            *envelope,
        ),
        "XCLIENT xtext": ("EHLO lab.example", "XCLIENT ADDR=192.0.2.10 NAME=mail.ok+2Eexample", GOOD_HELO, *envelope),
        "XFORWARD": (
            "EHLO lab.example",
            "XFORWARD NAME=a ADDR=192.0.2.1",
            "XFORWARD FOO=x",
            "XFORWARD",
            GOOD_HELO,
            *envelope,
        ),
        "BDAT": (*_start(), *envelope, "BDAT 0 LAST", "NOOP", "BDAT x", "BDAT 1 2", "BDAT"),
        "chunks": (*_start(), *envelope, Burst("BDAT 12\nSubject: xxBDAT 6 LAST\n\nhi\nNOOP\nQUIT")),
        "QUIT words": (*_start(), "QUIT now"),
        "errors upon errors": (*_start(), *("FOO",) * 9, *envelope),
        "SMTPUTF8 mail": (
            *_start(),
            "MAIL FROM:<\u00fc@ok.example> SMTPUTF8",
            "RCPT TO:<gr\u00fc@dragon.lab>",
            envelope[1],
            "DATA",
            MAIL,
        ),
        "null sender, two recipients": (*_start(), *_mail("", GOOD_RECIPIENT, "richard@dragon.lab")),
        "null sender everywhere": (*_start(), *_mail("", "ann@ok.example", "nobody@dragon.lab")),
    }
    for name, steps in by_name.items():
        yield Session(name, steps)


def _mixture(name: str, chance: random.Random) -> Session:
    """One or two mails of random parts; mostly blameless ones, so that every restriction has something to say."""

    def some(values: tuple[str, ...], good: str, odds: float) -> str:
        return good if chance.random() < odds else chance.choice(values)

    helo = some(HELOS, "mail.ok.example", 0.8)
    steps = list(_start(some(CLIENTS, GOOD_CLIENT, 0.5), f"{chance.choice(('HELO', 'EHLO', 'ehlo'))} {helo}"))
    for _ in range(chance.randint(1, 2)):
        mail = [f"MAIL FROM:<{_respelt(some(SENDERS, GOOD_SENDER, 0.5), chance)}>"]
        if chance.random() < 0.2:
            mail[0] += f" {chance.choice(MAIL_PARAMETERS)}"
        for _ in range(chance.randint(1, 3)):
            mail.append(f"RCPT TO:<{_respelt(some(RECIPIENTS, GOOD_RECIPIENT, 0.4), chance)}>")
            if chance.random() < 0.1:
                mail[-1] += f" {chance.choice(RCPT_PARAMETERS)}"
        if chance.random() < 0.1:
            mail.insert(chance.randrange(len(mail) + 1), chance.choice(("NOOP", "RSET", "VRFY grant", "FOO", "RSET x")))
        mail.append("DATA")
        steps += ["\n".join(mail)] if chance.random() < 0.2 and "EHLO" in steps[-1] else mail
        steps += [MAIL, "RSET"]
    return Session(name, tuple(steps))


def _respelt(address: str, chance: random.Random) -> str:
    match chance.randrange(8):
        case 0:
            return address.upper()
        case 1 if "@" in address and not address.startswith(('"', "@")):
            return address.replace("@", "+tag@", 1)
        case 2:
            return address.title()
    return address


def policy_sessions(seed: int = 20181122, count: int = 60) -> list[Session]:
    """Sessions that come as far as the policy services: greylisted or not, SPF pass, fail, none, broken, by HELO."""
    clients = (
        GOOD_CLIENT,
        "ADDR=198.51.100.7 NAME=out.ok.example",
        "ADDR=198.51.100.8 NAME=stranger.example",
        "ADDR=203.0.113.9 NAME=unlisted.example",
        "ADDR=10.11.1.2 NAME=desk.dragon.lab",
        "ADDR=IPV6:2001:db8::25 NAME=six.example",
    )
    domains = ("ok", "never", "soft", "broken", "address", "six", "spfslow", "textonly", "servfail", "nullmx")
    senders = (*(f"ann@{domain}.example" for domain in domains), "", "grant@dragon.lab", "ann@bigfoot.com")
    chance = random.Random(seed)
    made = []
    for i in range(count):
        helo = chance.choice((*("mail.ok.example",) * 5, "mail.never.example", "host"))
        steps = list(_start(clients[i % len(clients)], f"EHLO {helo}"))
        sender = senders[(i // 2) % len(senders)]
        recipients = chance.sample(
            (GOOD_RECIPIENT, "richard@dragon.lab", "nobody@dragon.lab", "from_spammer@dragon.lab"), 2
        )
        made.append(
            Session(f"policy {i}", (*steps, *_mail(sender, *recipients), "RSET", *_mail(sender, GOOD_RECIPIENT)))
        )
    return made
