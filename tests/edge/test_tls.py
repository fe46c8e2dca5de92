"""TLS contexts: real handshakes over memory, certificates that change, settings that cannot be followed."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from gatepost.core.config.settings import Settings
from gatepost.core.errors import ConfigError
from gatepost.core.facts import Tls
from gatepost.edge.tls import (
    TlsContexts,
    certificate_files,
    is_mandatory,
    is_offered,
    make_context,
    make_self_signed,
    tls_facts,
)

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_self_signed(tmp_path_factory.mktemp("tls"), "mx.dragon.lab")


def settings(pair: tuple[Path, Path] | None, **values: str) -> Settings:
    files = {"smtpd_tls_cert_file": str(pair[0]), "smtpd_tls_key_file": str(pair[1])} if pair else {}
    return Settings.of({"smtpd_tls_security_level": "may", **files, **values})


def handshake(server: ssl.SSLContext, **client: object) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Both ends, client's first, after a handshake over memory; raises ssl.SSLError where that fails."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for name, value in client.items():
        if name == "chain":
            context.load_cert_chain(*value)  # type: ignore[misc]
        else:
            setattr(context, name, value)
    one, other = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = context.wrap_bio(one, other), server.wrap_bio(other, one, server_side=True)
    waiting = list(ends)
    for _ in range(10):
        for end in list(waiting):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(end)
        if not waiting:
            return ends
    raise AssertionError("the handshake does not end")


def test_facts_of_a_session(pair: tuple[Path, Path]) -> None:
    context, problems = make_context(settings(pair))
    assert problems == ()
    client, server = handshake(context)
    assert tls_facts(server) == Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", 256)
    der = client.getpeercert(binary_form=True)
    assert der is not None


def test_no_certificate_is_a_warning_and_no_context() -> None:
    said: list[str] = []
    contexts = TlsContexts(settings(None), warn=said.append)
    assert contexts.current() is None
    assert said == ["warning: No server certs available. TLS won't be enabled; TLS is not available"]
    assert is_offered(settings(None))


def test_what_is_not_wanted_is_not_loaded() -> None:
    said: list[str] = []
    contexts = TlsContexts(settings(None, smtpd_tls_security_level="none"), warn=said.append)
    assert contexts.current() is None
    assert said == []


@pytest.mark.parametrize(
    ("values", "offered", "mandatory"),
    [
        ({"smtpd_tls_security_level": ""}, False, False),
        ({"smtpd_tls_security_level": "none"}, False, False),
        ({"smtpd_tls_security_level": "may"}, True, False),
        ({"smtpd_tls_security_level": "encrypt"}, True, True),
        ({"smtpd_tls_security_level": "none", "smtpd_tls_wrappermode": "yes"}, True, True),
    ],
)
def test_levels(values: dict[str, str], offered: bool, mandatory: bool) -> None:
    assert (is_offered(Settings.of(values)), is_mandatory(Settings.of(values))) == (offered, mandatory)


@pytest.mark.parametrize(
    ("protocols", "version"),
    [
        (">=TLSv1", "TLSv1.3"),
        (">=TLSv1.2, <=TLSv1.2", "TLSv1.2"),
        ("!SSLv2, !SSLv3, !TLSv1.3", "TLSv1.2"),
        ("TLSv1.2", "TLSv1.2"),
        ("<=0303", "TLSv1.2"),
        ("!sslv3:!tlsv1.2", "TLSv1.3"),
        ("", "TLSv1.3"),
    ],
)
def test_protocols(pair: tuple[Path, Path], protocols: str, version: str) -> None:
    context, problems = make_context(settings(pair, smtpd_tls_protocols=protocols))
    assert problems == ()
    assert handshake(context)[0].version() == version


def test_what_cannot_be_followed_is_told(pair: tuple[Path, Path]) -> None:
    unheard = settings(
        pair,
        smtpd_tls_protocols=">=TLSv9",
        smtpd_tls_ciphers="superb",
        smtpd_tls_ask_ccert="yes",
        smtpd_tls_req_ccert="yes",
    )
    context, problems = make_context(unheard)
    assert [problem.message for problem in problems] == [
        "smtpd_tls_protocols: unknown protocol >=TLSv9",
        "smtpd_tls_ciphers: unknown grade superb",
        "Can't require client certs unless TLS is required",
        "smtpd_tls_ask_ccert: without smtpd_tls_CAfile no client certificate is asked for",
    ]
    handshake(context)


def test_mandatory_parameters_are_the_mandatory_services_own(pair: tuple[Path, Path]) -> None:
    values = {"smtpd_tls_mandatory_protocols": "TLSv1.2", "smtpd_tls_mandatory_exclude_ciphers": "ECDHE"}
    assert handshake(make_context(settings(pair, **values))[0])[0].version() == "TLSv1.3"
    mandatory, _ = make_context(settings(pair, smtpd_tls_security_level="encrypt", **values))
    assert "ECDHE-ECDSA-AES256-GCM-SHA384" not in {cipher["name"] for cipher in mandatory.get_ciphers()}


def test_excluded_ciphers(pair: tuple[Path, Path]) -> None:
    context, _ = make_context(
        settings(pair, smtpd_tls_protocols="<=TLSv1.2", smtpd_tls_exclude_ciphers="AES256, CHACHA20 aNULL")
    )
    assert "AES128" in tls_facts(handshake(context)[1]).cipher


def test_client_certificates(pair: tuple[Path, Path], tmp_path: Path) -> None:
    asked = settings(pair, smtpd_tls_ask_ccert="yes", smtpd_tls_CAfile=str(pair[0]))
    context, problems = make_context(asked)
    assert len(problems) == 1
    _, server = handshake(context, chain=pair, maximum_version=ssl.TLSVersion.TLSv1_2)
    known = tls_facts(server)
    assert (known.peer_subject, known.peer_issuer) == ("mx.dragon.lab", "mx.dragon.lab")
    der = ssl.PEM_cert_to_DER_cert(pair[0].read_text())
    command = ["openssl", "x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256"]
    printed = subprocess.run(command, input=der, capture_output=True, check=True).stdout.decode()
    assert printed.strip().endswith(known.peer_fingerprint)
    handshake(context)  # asked, not required
    required, _ = make_context(
        settings(pair, smtpd_tls_security_level="encrypt", smtpd_tls_req_ccert="yes", smtpd_tls_CAfile=str(pair[0]))
    )
    with pytest.raises(ssl.SSLError):
        handshake(required, maximum_version=ssl.TLSVersion.TLSv1_2)


def test_a_changed_certificate_is_taken_and_a_bad_one_is_not(pair: tuple[Path, Path], tmp_path: Path) -> None:
    mine = tmp_path / "cert.pem", tmp_path / "key.pem"
    for source, target in zip(pair, mine, strict=True):
        shutil.copy(source, target)
    said: list[str] = []
    contexts = TlsContexts(settings(mine), warn=said.append)
    first = contexts.current(100.0)
    assert first is not None
    assert contexts.current(200.0) is first

    mine[0].write_text("half a certif")
    assert contexts.current(200.5) is first  # not looked at yet
    assert contexts.current(210.0) is first
    assert contexts.current(220.0) is first
    assert len(said) == 1
    assert "the certificate in use stays" in said[0]

    fresh = make_self_signed(tmp_path / "new", "mx2.dragon.lab")
    os.replace(fresh[0], mine[0])  # for a moment the key does not match
    assert contexts.current(230.0) is first
    assert len(said) == 2
    os.replace(fresh[1], mine[1])
    second = contexts.current(240.0)
    assert second is not None
    assert second is not first
    assert handshake(second)[0].getpeercert(binary_form=True) == ssl.PEM_cert_to_DER_cert(mine[0].read_text())
    mine[1].unlink()
    assert contexts.current(250.0) is second
    assert len(said) == 3


def test_chain_files_may_be_split_anyhow(pair: tuple[Path, Path], tmp_path: Path) -> None:
    rsa = tmp_path / "rsa.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "rsa.key")]
    subprocess.run([*command, "-out", str(rsa), "-subj", "/CN=rsa"], capture_output=True, check=True)
    both = tmp_path / "both.pem"
    both.write_text((tmp_path / "rsa.key").read_text() + rsa.read_text() + pair[1].read_text())
    files = f"{both}, {pair[0]}"
    chained = settings(None, smtpd_tls_chain_files=files, smtpd_tls_protocols="<=TLSv1.2")
    context, _ = make_context(chained)
    assert certificate_files(chained) == (str(both), str(pair[0]))
    for kind, source in (("ECDSA", pair[0]), ("RSA", rsa)):
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.set_ciphers(f"ECDHE-{kind}-AES128-GCM-SHA256")
        ciphers = client.get_ciphers()
        assert ciphers
        one, other = ssl.MemoryBIO(), ssl.MemoryBIO()
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        ends = client.wrap_bio(one, other), context.wrap_bio(other, one, server_side=True)
        for _ in range(3):
            for end in ends:
                try:
                    end.do_handshake()
                except ssl.SSLWantReadError:
                    continue
        assert ends[0].getpeercert(binary_form=True) == ssl.PEM_cert_to_DER_cert(source.read_text())


@pytest.mark.parametrize("content", ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_bad_chain_files(tmp_path: Path, content: str) -> None:
    file = tmp_path / "chain.pem"
    file.write_text(content)
    with pytest.raises(ConfigError, match="cannot use"):
        make_context(settings(None, smtpd_tls_chain_files=str(file)))


def test_a_key_with_a_pass_phrase_asks_nobody(pair: tuple[Path, Path], tmp_path: Path) -> None:
    locked = tmp_path / "locked.pem"
    command = ["openssl", "ec", "-in", str(pair[1]), "-aes256", "-passout", "pass:x", "-out", str(locked)]
    subprocess.run(command, capture_output=True, check=True)
    with pytest.raises(ConfigError, match="cannot use certificate"):
        make_context(settings((pair[0], locked)))


def test_a_self_signed_pair_is_made_once(tmp_path: Path) -> None:
    certificate, key = make_self_signed(tmp_path / "deep" / "down", "mx.dragon.lab")
    assert key.stat().st_mode & 0o777 == 0o600
    before = certificate.read_bytes()
    assert make_self_signed(tmp_path / "deep" / "down", "other") == (certificate, key)
    assert certificate.read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a key that others may not read")
def test_a_worker_without_root_gets_its_key_through_another(pair: tuple[Path, Path], tmp_path: Path) -> None:
    """As a worker does: the descriptors come from the supervisor, and are loaded as another user."""
    opened = {str(path): os.open(path, os.O_RDONLY) for path in pair}
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setresuid(65534, 65534, 65534)
            make_context(settings(pair), lambda path: os.dup(opened[path]))
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
