"""Certificates over real TLS on loopback: the system's, an environment's file, one fingerprint, and others' ones."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sync.clock import SystemClock, system_random
from sync.errors import SitebookError, Unreachable
from sync.keys import SigningKey
from sync.transport.events import EventStream
from sync.transport.http import HttpTransport
from sync.transport.http_client import shown_certificate
from sync.transport.trust import Untrusted, fingerprint, fingerprint_text, read_fingerprint
from tests.server.support import Seeded
from tests.sync.transport.scripted import ScriptedServer, always, http

HEALTHY = always(http(b'{"sitebook": 1}', kind="application/json"))
KEY = SigningKey.generate(Seeded(1))


def certificate(
    folder: Path, *, name: str = "127.0.0.1", expired: bool = False
) -> tuple[ssl.SSLContext, bytes, Path]:
    """A server's TLS with a certificate that nobody signed; its fingerprint; its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    alternative = x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 10 * day)
        .not_valid_after(now - day if expired else now + day)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context, fingerprint(made.public_bytes(serialization.Encoding.DER)), pem


def check(url: str, accepted: bytes | None = None) -> None:
    transport = HttpTransport(url, KEY, certificate=accepted)
    try:
        transport.check()
    finally:
        transport.close()


def test_what_nobody_signed_is_not_trusted_and_can_be_shown(tmp_path: Path) -> None:
    context, mark, _ = certificate(tmp_path / "own")
    with ScriptedServer(HEALTHY, context) as server:
        with pytest.raises(Untrusted, match="fingerprint of the certificate to accept"):
            check(server.url)
        assert shown_certificate(server.url, SystemClock()) == mark
        assert shown_certificate(server.url, SystemClock(), mark) is None
        assert shown_certificate(server.url, SystemClock(), bytes(32)) == mark
        assert all(head.startswith(b"GET /healthz ") for head in server.requests)


@pytest.mark.parametrize(("name", "expired"), [("127.0.0.1", False), ("elsewhere.example", True)])
def test_an_accepted_fingerprint_is_enough(tmp_path: Path, name: str, expired: bool) -> None:
    context, mark, _ = certificate(tmp_path / "own", name=name, expired=expired)
    with ScriptedServer(HEALTHY, context) as server:
        check(server.url, mark)


def test_no_other_certificate_is_accepted_then_and_nothing_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, _, pem = certificate(tmp_path / "own")
    _, other, _ = certificate(tmp_path / "other")
    # Not even one that the computer would trust.
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with ScriptedServer(HEALTHY, context) as server:
        check(server.url)
        count = len(server.requests)
        with pytest.raises(
            Unreachable, match="another certificate than the one that was accepted; ask"
        ) as told:
            check(server.url, other)
        assert not isinstance(told.value, Untrusted)
        assert len(server.requests) == count


def test_the_environments_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, _, pem = certificate(tmp_path / "own")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with ScriptedServer(HEALTHY, context) as server:
        check(server.url)
        assert shown_certificate(server.url, SystemClock()) is None
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing"))
    with (
        ScriptedServer(HEALTHY, context) as server,
        pytest.raises(Unreachable, match="settings of this computer"),
    ):
        check(server.url)


def test_the_stream_of_events_is_as_strict(tmp_path: Path) -> None:
    context, mark, _ = certificate(tmp_path / "own", name="elsewhere.example")
    _, other, _ = certificate(tmp_path / "other")
    for accepted, requests in ((mark, 1), (other, 0), (None, 0)):
        with ScriptedServer(always(http(b"", status="500 No")), context) as server:
            stream = EventStream(
                server.url,
                KEY,
                [b"p" * 32],
                lambda heard: None,
                clock=SystemClock(),
                random=system_random,
                certificate=accepted,
            )
            stream._attempt()
            stream.close()
        assert len(server.requests) == requests


def test_a_server_that_cannot_be_reached_shows_none() -> None:
    with pytest.raises(Unreachable):
        shown_certificate("https://127.0.0.1:9", SystemClock())


def test_fingerprints_are_read_as_people_paste_them() -> None:
    mark = bytes(range(32))
    text = fingerprint_text(mark)
    assert text.startswith("0001 0203 ")
    for typed in (text, mark.hex(), mark.hex().upper(), mark.hex(":"), f" {mark.hex(':', 1).upper()}\n"):
        assert read_fingerprint(typed) == mark
    for wrong in ("", "00", mark.hex()[:-1], mark.hex() + "00", "g" * 64):
        with pytest.raises(SitebookError, match="fingerprint"):
            read_fingerprint(wrong)
