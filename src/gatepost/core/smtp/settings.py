"""A service's settings as the session needs them: read once for each generation, shared by all its sessions.

Only values that a session acts on, typed, and the replies that depend on nothing else, ready to be sent. What the
restrictions look at is theirs.
"""

from __future__ import annotations

from typing import Protocol

import msgspec


class Source(Protocol):
    """What we need of core.config.settings.Settings."""

    def text(self, name: str) -> str: ...
    def flag(self, name: str) -> bool: ...
    def number(self, name: str) -> int: ...
    def seconds(self, name: str) -> int: ...
    def words(self, name: str) -> tuple[str, ...]: ...


class SessionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Names are Postfix's (postconf(5)), ``smtpd_`` left out; the defaults are those of a host mx.example.

    ``tls`` is "", "may" or "encrypt"; ``bare_newline`` is "no", "note", "normalize" or "reject".
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
    hopcount_limit: int = 50
    recipient_limit: int = 1000
    recipient_overshoot_limit: int = 1000
    timeout: float = 300.0
    soft_error_limit: int = 10
    hard_error_limit: int = 20
    error_sleep_time: float = 1.0
    junk_command_limit: int = 100
    delay_open: bool = True

    @classmethod
    def of(cls, settings: Source) -> SessionSettings:
        """From a service's settings; everything that is wrong with them was told when they were loaded."""
        return cls(
            banner=settings.text("smtpd_banner"),
            myhostname=settings.text("myhostname"),
            mail_name=settings.text("mail_name"),
            helo_required=settings.flag("smtpd_helo_required"),
            disable_vrfy=settings.flag("disable_vrfy_command"),
            strict_envelopes=settings.flag("strict_rfc821_envelopes"),
            smtputf8=settings.flag("smtputf8_enable"),
            discard_ehlo_keywords=frozenset(word.lower() for word in settings.words("smtpd_discard_ehlo_keywords")),
            message_size_limit=settings.number("message_size_limit"),
            line_length_limit=settings.number("line_length_limit"),
            hopcount_limit=settings.number("hopcount_limit"),
            recipient_limit=settings.number("smtpd_recipient_limit"),
            recipient_overshoot_limit=settings.number("smtpd_recipient_overshoot_limit"),
            timeout=settings.seconds("smtpd_timeout"),
            soft_error_limit=settings.number("smtpd_soft_error_limit"),
            hard_error_limit=settings.number("smtpd_hard_error_limit"),
            error_sleep_time=settings.seconds("smtpd_error_sleep_time"),
            junk_command_limit=settings.number("smtpd_junk_command_limit"),
            delay_open=settings.flag("smtpd_delay_open_until_valid_rcpt"),
        )
