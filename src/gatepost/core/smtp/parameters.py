"""ESMTP parameters of MAIL and RCPT (RFC 1870, 3461, 6152, 6531, 4954 section 5).

Each function takes the words behind a path, and returns what they say or the reply that refuses them, in the order in
which Postfix looks at them. A keyword that is not offered is not accepted.
"""

from __future__ import annotations

from gatepost.core.reply import Reply
from gatepost.core.smtp.grammar import decode_xtext
from gatepost.core.smtp.settings import SessionSettings

LARGEST = 2**63 - 1  # what a file system could hold; any larger SIZE is refused whatever the limit

_BAD_SIZE = Reply(501, "5.4", "Bad message size syntax")
_FILE_SYSTEM_LIMIT = Reply(552, "3.4", "Message size exceeds file system imposed limit")
_NO_DSN = Reply(501, "7.1", "DSN support is disabled")
_BAD_RET = Reply(501, "5.4", "Bad RET parameter syntax")
_BAD_ENVID = Reply(501, "5.4", "Bad ENVID parameter syntax")
_BAD_NOTIFY = Reply(501, "5.4", "Error: Bad NOTIFY parameter syntax")
_BAD_ORCPT = Reply(501, "5.4", "Error: Bad ORCPT parameter syntax")

MAX_PARAMETER = 500  # octets of ENVID and ORCPT; RFC 3461 asks for 100 and 500


class MailParameters:
    """What stood behind MAIL's path. ``auth`` is AUTH= as given, None where there was none."""

    __slots__ = ("auth", "body", "envid", "ret", "size", "smtputf8")

    def __init__(self) -> None:
        self.size = 0
        self.body = "7BIT"
        self.smtputf8 = False
        self.ret = ""
        self.envid = ""
        self.auth: str | None = None


def mail_parameters(words: list[str], settings: SessionSettings) -> MailParameters | Reply:
    """RET is FULL or HDRS, ENVID as given (xtext)."""
    found = MailParameters()
    for word in words:
        keyword, equals, value = word.partition("=")
        keyword = keyword.upper() + equals
        error = None
        if keyword == "SIZE=":
            error = _size(found, value)
        elif keyword == "BODY=" and value.upper() in ("7BIT", "8BITMIME"):
            found.body = value.upper()
        elif keyword == "SMTPUTF8" and offers_smtputf8(settings):
            found.smtputf8 = True
        elif keyword == "AUTH=":
            found.auth = value
        elif keyword in ("RET=", "ENVID="):
            error = _dsn(found, keyword, value, settings)
        else:
            error = unsupported(word)
        if error:
            return error
    return found


def rcpt_parameters(words: list[str], settings: SessionSettings) -> tuple[tuple[str, ...], str] | Reply:
    """NOTIFY's words in upper case, and ORCPT as given."""
    notify: tuple[str, ...] = ()
    orcpt = ""
    for word in words:
        keyword, equals, value = word.partition("=")
        keyword = keyword.upper() + equals
        if keyword not in ("NOTIFY=", "ORCPT="):
            return unsupported(word)
        if "dsn" in settings.discard_ehlo_keywords:
            return _NO_DSN
        if keyword == "NOTIFY=":
            given = tuple(dict.fromkeys(part for part in value.upper().split(",") if part))
            known = given == ("NEVER",) or set(given) <= {"SUCCESS", "FAILURE", "DELAY"}
            if notify or not given or not known:
                return _BAD_NOTIFY
            notify = given
        else:
            kind, semicolon, address = value.partition(";")
            decoded = decode_xtext(address)
            if orcpt or not kind or not semicolon or decoded is None or len(value) > MAX_PARAMETER:
                return _BAD_ORCPT
            orcpt = value
    return notify, orcpt


def offers_smtputf8(settings: SessionSettings) -> bool:
    return settings.smtputf8 and "smtputf8" not in settings.discard_ehlo_keywords


def unsupported(word: str) -> Reply:
    return Reply(555, "5.4", f"Unsupported option: {word}")


def _size(found: MailParameters, value: str) -> Reply | None:
    if not (value.isascii() and value.isdigit()):
        return _BAD_SIZE
    if len(value) > 19 or int(value) > LARGEST:
        return _FILE_SYSTEM_LIMIT
    found.size = int(value)
    return None


def _dsn(found: MailParameters, keyword: str, value: str, settings: SessionSettings) -> Reply | None:
    if "dsn" in settings.discard_ehlo_keywords:
        return _NO_DSN
    if keyword == "RET=":
        if found.ret or value.upper() not in ("FULL", "HDRS"):
            return _BAD_RET
        found.ret = value.upper()
        return None
    decoded = decode_xtext(value)
    if found.envid or not decoded or not (decoded.isascii() and decoded.isprintable()) or len(value) > MAX_PARAMETER:
        return _BAD_ENVID
    found.envid = value
    return None
