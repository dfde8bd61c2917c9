"""Names that are not found or never, and certificates that are not the server's."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sync.engine import SyncState
from tests.faults.crew import tells_the_truth
from tests.faults.network import Scene, impatient
from tests.faults.proxy import Proxy
from tests.faults.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server") / "data") as found:
        yield found


class Authority:
    """Signs certificates of servers."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(
            self._name,
            self._name,
            self._key.public_key(),
            x509.random_serial_number(),
            now - timedelta(days=900),
            now + timedelta(days=900),
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
        )
        builder = builder.add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        self.path = folder / f"{name}.pem"
        self.path.write_bytes(
            builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )

    def context(self, address: str = "127.0.0.1", *, days: tuple[int, int] = (-1, 300)) -> ssl.SSLContext:
        """What a server with such a certificate shows."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        leaf = x509.CertificateBuilder(
            self._name,
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")]),
            key.public_key(),
            x509.random_serial_number(),
            now + timedelta(days=days[0]),
            now + timedelta(days=days[1]),
        )
        leaf = leaf.add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))]), critical=False
        )
        leaf = leaf.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
        )
        signed = leaf.sign(self._key, hashes.SHA256())
        path = self._folder / f"{signed.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def test_a_certificate_that_is_wrong_for_a_while(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, other = Authority(tmp_path, "trusted"), Authority(tmp_path, "other")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.path))
    good = trusted.context()
    wrong = {
        "expired": trusted.context(days=(-300, -1)),
        "not yet": trusted.context(days=(2, 300)),
        "of another host": trusted.context("127.0.0.2"),
        "of another authority": other.context(),
    }
    with Proxy(server.port, good) as proxy:
        scene = Scene(tmp_path, server, proxy, 1)
        for name, context in wrong.items():
            proxy.tls = context
            scene.fresh_connection()
            scene.bob.write()
            scene.ann.write()
            before = len(proxy.requests)
            step = scene.ann.sync()
            assert scene.ann.engine.state is SyncState.OFFLINE, name
            assert "certificate" in step.message, name
            assert len(proxy.requests) == before, "nothing was sent to who showed it"
            tells_the_truth(scene.ann, step, scene.on_server())
            proxy.tls = good
            scene.comes_through()
        scene.crew.settle()
        scene.crew.stop()


@pytest.mark.parametrize("how", ["fails", "never answers"])
def test_names_that_cannot_be_found(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    find = socket.getaddrinfo
    gone, asked = threading.Event(), threading.Event()
    answered = threading.Event()

    def look_up(host: Any, *rest: Any, **more: Any) -> Any:
        if gone.is_set() and host == "localhost":
            asked.set()
            if how == "fails":
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
            answered.wait(30)
        return find("127.0.0.1" if host == "localhost" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with Proxy(server.port) as proxy:
        scene = Scene(tmp_path, server, proxy, 2 if how == "fails" else 3)
        scene.ann.move(proxy.url.replace("127.0.0.1", "localhost"))
        scene.ann.must_sync()
        gone.set()
        proxy.cut()
        scene.ann.write()
        scene.bob.write()
        with impatient():
            for _ in range(3):
                step = scene.ann.wait_and_sync()
                assert scene.ann.engine.state is SyncState.OFFLINE
                tells_the_truth(scene.ann, step, scene.on_server())
        assert asked.is_set()
        gone.clear()
        answered.set()
        scene.comes_through()
        scene.crew.settle()
        scene.crew.stop()
