"""TLS for incoming sessions: contexts from smtpd_tls_* settings, renewed when a certificate changes on disk.

What Python's ssl cannot do, and what is done instead: a client certificate that does not verify cannot be accepted as
untrusted, so smtpd_tls_ask_ccert asks only where there are CAs to verify against, and such a client's handshake fails.
"""

from __future__ import annotations

import hashlib
import os
import re
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gatepost.core.config.settings import Settings
from gatepost.core.errors import ConfigError, Problem, Severity
from gatepost.core.facts import Tls
from gatepost.edge.tls_policy import apply_ciphers, apply_protocols

CHECK_SECONDS = 5.0  # how often the files are looked at, at most

Opener = Callable[[str], int]

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----.{1,65536}?-----END \1-----\s*", re.DOTALL)


def open_pem(path: str) -> int:
    """A descriptor that reads ``path``."""
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _read(path: str, opener: Opener) -> bytes:
    with open(opener(path), "rb") as file:
        return file.read(1 << 20)


def is_mandatory(settings: Settings) -> bool:
    """Whether smtpd_tls_security_level (or wrapper mode) demands TLS."""
    return settings.flag("smtpd_tls_wrappermode") or settings.text("smtpd_tls_security_level") not in (
        "",
        "none",
        "may",
    )


def is_offered(settings: Settings) -> bool:
    """Whether TLS is wanted at all. Postfix announces STARTTLS then, even where no certificate could be loaded."""
    return is_mandatory(settings) or settings.text("smtpd_tls_security_level") == "may"


class TlsContexts:
    """The SSL context of one service for new sessions: ``current`` is None where TLS cannot be had (454 4.7.0).

    ``warn`` is told what is wrong, once each time it changes. Files that changed make a new context; files that are
    bad, or half written, leave the old one in use. ``opener`` opens them: a worker's has its supervisor's help.
    """

    def __init__(self, settings: Settings, *, warn: Callable[[str], None], opener: Opener = open_pem) -> None:
        self._settings = settings
        self._warn = warn
        self._opener = opener
        self._context: ssl.SSLContext | None = None
        self._seen: tuple[object, ...] = ()
        self._checked = 0.0
        if is_offered(settings):
            self._refresh(first=True)

    def current(self, now: float | None = None) -> ssl.SSLContext | None:
        """The context for a session that begins now; ``now`` is time.monotonic()'s."""
        now = time.monotonic() if now is None else now
        if now - self._checked >= CHECK_SECONDS and is_offered(self._settings):
            self._checked = now
            self._refresh(first=False)
        return self._context

    def _refresh(self, *, first: bool) -> None:
        seen = tuple(_stamp(path, self._opener) for path in certificate_files(self._settings))
        if seen == self._seen and not first:
            return
        self._seen = seen
        try:
            context, problems = make_context(self._settings, self._opener)
        except ConfigError as error:
            kept = "; the certificate in use stays" if self._context is not None else "; TLS is not available"
            for problem in error.problems:
                self._warn(f"warning: {problem.message}{kept}")
            return
        if first:
            for problem in problems:
                self._warn(f"warning: {problem.message}")
        self._context = context


def _stamp(path: str, opener: Opener) -> object:
    try:
        try:
            status = os.stat(path)
        except PermissionError:  # in a directory that only root may enter
            descriptor = opener(path)
            status = os.fstat(descriptor)
            os.close(descriptor)
    except OSError as error:
        return error.errno
    return status.st_mtime_ns, status.st_size, status.st_ino


def certificate_files(settings: Settings) -> tuple[str, ...]:
    """Every file that a service's context is made from."""
    chains = settings.words("smtpd_tls_chain_files")
    pairs = () if chains else [file for pair in _pairs(settings) for file in pair]
    ca_file = settings.text("smtpd_tls_CAfile")
    return tuple(dict.fromkeys([*chains, *pairs, *([ca_file] if ca_file else [])]))


def _pairs(settings: Settings) -> list[tuple[str, str]]:
    """(certificate, key) files of the older parameters; ``none`` and the empty value mean that there is none."""
    pairs = []
    for kind in ("", "ec", "d"):
        certificate = settings.text(f"smtpd_tls_{kind}cert_file")
        if certificate and certificate != "none":
            pairs.append((certificate, settings.text(f"smtpd_tls_{kind}key_file") or certificate))
    return pairs


def make_context(settings: Settings, opener: Opener = open_pem) -> tuple[ssl.SSLContext, tuple[Problem, ...]]:
    """A server's context, and what in the settings could not be followed. Raises ConfigError where TLS cannot be."""
    mandatory = is_mandatory(settings)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    problems = apply_protocols(context, settings, mandatory=mandatory)
    problems += apply_ciphers(context, settings, mandatory=mandatory)
    if settings.words("smtpd_tls_chain_files"):
        _load_chains(context, settings, opener)
    else:
        _load_pairs(context, settings, opener)
    problems += _ask_for_client_certificates(context, settings, opener, mandatory=mandatory)
    return context, tuple(problems)


def _cannot(settings: Settings, name: str, reason: str) -> ConfigError:
    return ConfigError((Problem(reason, settings.place(name)),))


def _load_pairs(context: ssl.SSLContext, settings: Settings, opener: Opener) -> None:
    name = "smtpd_tls_cert_file"
    pairs = _pairs(settings)
    if not pairs:
        raise _cannot(settings, name, "No server certs available. TLS won't be enabled")
    for certificate, key in pairs:
        try:
            octets = _read(certificate, opener)
            _load(context, octets if key == certificate else octets + b"\n" + _read(key, opener))
        except (OSError, ValueError) as error:
            raise _cannot(settings, name, f"cannot use certificate {certificate} with key {key}: {error}") from error


def _load_chains(context: ssl.SSLContext, settings: Settings, opener: Opener) -> None:
    """Key, certificate and its chain, again and again, over all files as if they were one (smtpd_tls_chain_files)."""
    name = "smtpd_tls_chain_files"
    files = settings.words(name)
    try:
        groups: list[bytes] = []
        for match in _PEM.finditer(b"\n".join(_read(file, opener) for file in files)):
            if match[1].endswith(b"PRIVATE KEY"):
                groups.append(match[0])
            elif match[1].endswith(b"CERTIFICATE"):
                if not groups:
                    raise ValueError("a certificate without a private key before it")
                groups[-1] += match[0]
        if not groups:
            raise ValueError("no private key")
        for group in groups:
            _load(context, group)
    except (OSError, ValueError) as error:
        raise _cannot(settings, name, f"cannot use {', '.join(files)}: {error}") from error


def _load(context: ssl.SSLContext, pem: bytes) -> None:
    """Load a key with its chain from memory: a worker cannot open a key that only root may read by its name."""
    descriptor = os.memfd_create("certificate", os.MFD_CLOEXEC)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(pem)
        # A key under a pass phrase must not stop the server by asking for it on a terminal.
        context.load_cert_chain(f"/proc/self/fd/{descriptor}", password=lambda: b"")
    finally:
        os.close(descriptor)


def _ask_for_client_certificates(
    context: ssl.SSLContext, settings: Settings, opener: Opener, *, mandatory: bool
) -> list[Problem]:
    required = settings.flag("smtpd_tls_req_ccert")
    place = settings.place("smtpd_tls_req_ccert" if required else "smtpd_tls_ask_ccert")
    problems = []
    if required and not mandatory:
        problems.append(Problem("Can't require client certs unless TLS is required", place, Severity.WARNING))
        required = False
    if not required and not settings.flag("smtpd_tls_ask_ccert"):
        return problems
    file, directory = settings.text("smtpd_tls_CAfile"), settings.text("smtpd_tls_CApath")
    try:
        if file:
            context.load_verify_locations(cadata=_read(file, opener).decode("ascii", "replace"))
        if directory:
            context.load_verify_locations(capath=directory)
    except (OSError, ValueError) as error:
        raise _cannot(settings, "smtpd_tls_CAfile", f"cannot use the CAs of {file or directory}: {error}") from error
    if not required and not (file or directory):
        reason = "smtpd_tls_ask_ccert: without smtpd_tls_CAfile no client certificate is asked for"
        return [*problems, Problem(reason, place, Severity.WARNING)]
    context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
    if not required:
        reason = "smtpd_tls_ask_ccert: a client whose certificate does not verify cannot use TLS"
        problems.append(Problem(reason, place, Severity.WARNING))
    return problems


def tls_facts(session: ssl.SSLObject | ssl.SSLSocket, *, digest: str = "sha256") -> Tls:
    """What decisions and logs say of an established session. ``digest`` is smtpd_tls_fingerprint_digest."""
    name, _, bits = session.cipher() or ("", "", 0)
    peer = session.getpeercert(binary_form=True)
    if not peer:
        return Tls(session.version() or "", name, bits)
    names: dict[str, Any] = session.getpeercert() or {}
    try:
        octets = hashlib.new(digest, peer).hexdigest().upper()
    except ValueError:
        octets = hashlib.sha256(peer).hexdigest().upper()
    return Tls(
        session.version() or "",
        name,
        bits,
        peer_subject=_common_name(names.get("subject", ())),
        peer_issuer=_common_name(names.get("issuer", ())),
        peer_fingerprint=":".join(octets[at : at + 2] for at in range(0, len(octets), 2)),
    )


def _common_name(name: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    found = {key: value for group in name for key, value in group}
    return found.get("commonName") or found.get("organizationName", "")


def make_self_signed(directory: Path, hostname: str, *, days: int = 3650) -> tuple[Path, Path]:
    """A certificate and key for trying TLS out, made with the openssl program unless they are there already.

    Returns (certificate, key); the key is for its owner alone. Raises OSError without the program, or if it fails.
    """
    certificate, key = directory / "cert.pem", directory / "key.pem"
    if certificate.exists() and key.exists():
        return certificate, key
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    key.touch(mode=0o600)
    command = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-keyout", str(key), "-out", str(certificate), "-days", str(days)),
        *("-subj", f"/CN={hostname}", "-addext", f"subjectAltName=DNS:{hostname}"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        certificate.unlink(missing_ok=True)
        key.unlink(missing_ok=True)
        raise OSError(f"openssl could not make a certificate: {done.stderr.strip()[-200:]}")
    return certificate, key
