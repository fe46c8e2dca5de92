"""Which protocol versions and ciphers a server's context allows: smtpd_tls_protocols, smtpd_tls_ciphers and their kin.

Postfix's words (postconf(5)) onto Python's ssl. TLS 1.3 ciphers are OpenSSL's own choice here as there.
"""

from __future__ import annotations

import re
import ssl
import warnings

from gatepost.core.config.settings import Settings
from gatepost.core.errors import Problem, Severity

_VERSIONS = {
    "SSLv3": (ssl.TLSVersion.SSLv3, ssl.OP_NO_SSLv3),
    "TLSv1": (ssl.TLSVersion.TLSv1, ssl.OP_NO_TLSv1),
    "TLSv1.1": (ssl.TLSVersion.TLSv1_1, ssl.OP_NO_TLSv1_1),
    "TLSv1.2": (ssl.TLSVersion.TLSv1_2, ssl.OP_NO_TLSv1_2),
    "TLSv1.3": (ssl.TLSVersion.TLSv1_3, ssl.OP_NO_TLSv1_3),
}
_NAMES = {name.lower(): name for name in _VERSIONS}
_NUMBERS = {0x300: "SSLv3", 0x301: "TLSv1", 0x302: "TLSv1.1", 0x303: "TLSv1.2", 0x304: "TLSv1.3"}

_GRADES = ("high", "medium", "low", "export", "null")


def _version(word: str) -> str | None:
    if word.lower() in _NAMES:
        return _NAMES[word.lower()]
    if re.fullmatch(r"(0x)?[0-9a-fA-F]{3,4}", word):
        return _NUMBERS.get(int(word, 16))
    return None


def apply_protocols(context: ssl.SSLContext, settings: Settings, *, mandatory: bool) -> list[Problem]:
    """Set the allowed versions; what is not understood is told and passed over."""
    name = "smtpd_tls_mandatory_protocols" if mandatory else "smtpd_tls_protocols"
    words = [part for word in settings.words(name) for part in word.split(":") if part]
    with warnings.catch_warnings():
        # Python warns of TLS 1.0 and 1.1 by name; Postfix's default allows them, for mail that would else go in clear.
        warnings.simplefilter("ignore", DeprecationWarning)
        return _limit(context, words, settings, name)


def _limit(context: ssl.SSLContext, words: list[str], settings: Settings, name: str) -> list[Problem]:
    problems = []
    excluded: set[str] = {"SSLv3"}  # Python's OpenSSL seldom has it, and nobody should
    included: set[str] = set()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    for word in words:
        bare = word.lstrip("!<>=")
        version = _version(bare)
        if version is None:
            if bare.lower() != "sslv2":
                problems.append(Problem(f"{name}: unknown protocol {word}", settings.place(name), Severity.WARNING))
        elif word.startswith(">="):
            context.minimum_version = _VERSIONS[version][0]
        elif word.startswith("<="):
            context.maximum_version = _VERSIONS[version][0]
        elif word.startswith("!"):
            excluded.add(version)
        else:
            included.add(version)
    if included:
        excluded |= _VERSIONS.keys() - included
    for version in excluded:
        context.options |= _VERSIONS[version][1]
    return problems


def apply_ciphers(context: ssl.SSLContext, settings: Settings, *, mandatory: bool) -> list[Problem]:
    """Set the cipher list of the configured grade less the exclusions (TLS 1.2 and before)."""
    name = "smtpd_tls_mandatory_ciphers" if mandatory else "smtpd_tls_ciphers"
    grade = settings.text(name).lower()
    problems = []
    if grade not in _GRADES:
        problems.append(Problem(f"{name}: unknown grade {grade}", settings.place(name), Severity.WARNING))
        grade = "medium"
    parts = [settings.text(f"tls_{grade}_cipherlist")]
    excluded = list(settings.words("smtpd_tls_exclude_ciphers"))
    if mandatory:
        excluded += settings.words("smtpd_tls_mandatory_exclude_ciphers")
    if settings.flag("smtpd_tls_ask_ccert") or settings.flag("smtpd_tls_req_ccert"):
        excluded.append("aNULL")
    parts += [f"!{word}" for word in excluded]
    try:
        context.set_ciphers(":".join(part for part in parts if part))
    except ssl.SSLError:
        text = f"{name}: OpenSSL has no cipher for this list; its default is used"
        problems.append(Problem(text, settings.place(name), Severity.WARNING))
    if settings.flag("tls_preempt_cipherlist"):
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    else:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    return problems
