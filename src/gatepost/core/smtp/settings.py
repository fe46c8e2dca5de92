"""A service's settings as the session needs them: read once for each generation, shared by all its sessions.

Only values that a session acts on, typed. What the restrictions look at is theirs.
"""

from __future__ import annotations

import msgspec

from gatepost.core.config.settings import Settings
from gatepost.core.matchlist import NetworkList
from gatepost.core.smtp.forbidden import LETTERS_FIRST, Forbidden

NOBODY = NetworkList((), "")


class SessionSettings(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Names are Postfix's (postconf(5)), ``smtpd_`` left out; the defaults are those of a host mx.example.

    ``tls`` is "", "may" or "encrypt"; ``bare_newline`` is "no", "note", "normalize" or "reject". Compared by identity.
    """

    banner: str = "mx.example ESMTP Postfix"
    myhostname: str = "mx.example"
    mail_name: str = "Postfix"
    helo_required: bool = False
    disable_vrfy: bool = False
    strict_envelopes: bool = False
    smtputf8: bool = True
    discard_ehlo_keywords: frozenset[str] = frozenset()
    message_size_limit: int = 10240000
    line_length_limit: int = 2048
    header_size_limit: int = 102400
    hopcount_limit: int = 50
    drop_headers: frozenset[str] = frozenset({"bcc", "content-length", "resent-bcc", "return-path"})
    replace_stray_cr: bool = True
    recipient_limit: int = 1000
    recipient_overshoot_limit: int = 1000
    timeout: float = 300.0
    starttls_timeout: float = 300.0
    soft_error_limit: int = 10
    hard_error_limit: int = 20
    error_sleep_time: float = 1.0
    junk_command_limit: int = 100
    delay_open: bool = True
    noop_commands: frozenset[str] = frozenset()
    forbidden: Forbidden = LETTERS_FIRST
    bare_newline: str = "normalize"
    bare_newline_exclusions: NetworkList = NOBODY
    bare_newline_reject_code: int = 550
    forbid_unauth_pipelining: bool = False
    tls: str = ""
    sasl: bool = False
    tls_auth_only: bool = False
    tls_received_header: bool = False
    tls_asks: bool = False  # for a client certificate
    authenticated_header: bool = False
    xclient_hosts: NetworkList = NOBODY
    xforward_hosts: NetworkList = NOBODY
    reject_footer: str = ""
    port_logging: bool = False

    @classmethod
    def of(cls, settings: Settings) -> SessionSettings:
        """From a service's settings; everything that is wrong with them was told when they were loaded."""
        flag, number, text = settings.flag, settings.number, settings.text
        return cls(
            banner=text("smtpd_banner"),
            myhostname=text("myhostname"),
            mail_name=text("mail_name"),
            helo_required=flag("smtpd_helo_required"),
            disable_vrfy=flag("disable_vrfy_command"),
            strict_envelopes=flag("strict_rfc821_envelopes"),
            smtputf8=flag("smtputf8_enable"),
            discard_ehlo_keywords=_folded(settings, "smtpd_discard_ehlo_keywords"),
            message_size_limit=number("message_size_limit"),
            line_length_limit=number("line_length_limit"),
            header_size_limit=number("header_size_limit"),
            hopcount_limit=number("hopcount_limit"),
            drop_headers=_folded(settings, "message_drop_headers"),
            replace_stray_cr=flag("cleanup_replace_stray_cr_lf"),
            recipient_limit=number("smtpd_recipient_limit"),
            recipient_overshoot_limit=number("smtpd_recipient_overshoot_limit"),
            timeout=settings.seconds("smtpd_timeout"),
            starttls_timeout=settings.seconds("smtpd_starttls_timeout"),
            soft_error_limit=number("smtpd_soft_error_limit"),
            hard_error_limit=number("smtpd_hard_error_limit"),
            error_sleep_time=settings.seconds("smtpd_error_sleep_time"),
            junk_command_limit=number("smtpd_junk_command_limit"),
            delay_open=flag("smtpd_delay_open_until_valid_rcpt"),
            noop_commands=_folded(settings, "smtpd_noop_commands"),
            forbidden=Forbidden(settings.words("smtpd_forbidden_commands")),
            bare_newline=_bare_newline(text("smtpd_forbid_bare_newline")),
            bare_newline_exclusions=_networks(settings, "smtpd_forbid_bare_newline_exclusions"),
            bare_newline_reject_code=number("smtpd_forbid_bare_newline_reject_code"),
            forbid_unauth_pipelining=flag("smtpd_forbid_unauth_pipelining"),
            tls=_tls_level(settings),
            sasl=flag("smtpd_sasl_auth_enable"),
            tls_auth_only=flag("smtpd_tls_auth_only"),
            tls_received_header=flag("smtpd_tls_received_header"),
            tls_asks=flag("smtpd_tls_ask_ccert") or flag("smtpd_tls_req_ccert"),
            authenticated_header=flag("smtpd_sasl_authenticated_header"),
            xclient_hosts=_networks(settings, "smtpd_authorized_xclient_hosts"),
            xforward_hosts=_networks(settings, "smtpd_authorized_xforward_hosts"),
            reject_footer=text("smtpd_reject_footer"),
            port_logging=flag("smtpd_client_port_logging"),
        )


def _folded(settings: Settings, name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in settings.words(name))


def _networks(settings: Settings, name: str) -> NetworkList:
    words = settings.items(name)
    return NetworkList(words, name) if words else NOBODY


def _bare_newline(value: str) -> str:
    """``yes`` is the older word for normalize; an unknown word is taken for the safe one."""
    value = value.strip().lower()
    return value if value in ("no", "note", "reject") else "normalize"


def _tls_level(settings: Settings) -> str:
    """smtpd_tls_security_level, else the older smtpd_enforce_tls and smtpd_use_tls."""
    level = settings.text("smtpd_tls_security_level").strip().lower()
    if level:
        return "" if level == "none" else "may" if level == "may" else "encrypt"
    if settings.flag("smtpd_enforce_tls"):
        return "encrypt"
    return "may" if settings.flag("smtpd_use_tls") else ""
