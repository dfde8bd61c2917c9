"""The server's own certificate: made, told by its fingerprint, and renewed under a server that runs."""

from __future__ import annotations

import hashlib
import http.client
import shutil
import signal
import ssl
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from sync.errors import SitebookError
from sync.server.certificates import ServedCertificate, fingerprint, make_certificate
from tests.server.process import ServerProcess, refused

NOW = datetime.now(UTC)


def asked(url: str, trusted: Path) -> str:
    """The fingerprint of the certificate that a server shows, checked against one that is trusted."""
    host, _, port = url.removeprefix("https://").rpartition(":")
    context = ssl.create_default_context(cafile=str(trusted))
    connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=10)
    try:
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b'{"sitebook": 1}')
        assert isinstance(connection.sock, ssl.SSLSocket)
        assert connection.sock.version() in {"TLSv1.2", "TLSv1.3"}
        shown = connection.sock.getpeercert(binary_form=True)
        assert shown is not None
        return hashlib.sha256(shown).hexdigest()
    finally:
        connection.close()


def test_a_certificate_names_its_hosts_and_its_key_is_the_owners_alone(tmp_path: Path) -> None:
    made = make_certificate(tmp_path / "tls", ["notes.example.com", "10.0.0.7", "bücher.example"], NOW)
    certificate = tmp_path / "tls" / "certificate.pem"
    assert made == fingerprint(certificate)
    assert len(made) == 64
    parsed = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["notes.example.com", "xn--bcher-kva.example"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.7"]
    assert 725 < (parsed.not_valid_after_utc - NOW).days < 732
    if sys.platform != "win32":
        assert (tmp_path / "tls" / "key.pem").stat().st_mode & 0o777 == 0o600
    with pytest.raises(SitebookError, match=r"key.pem is there already"):
        make_certificate(tmp_path / "tls", ["notes.example.com"], NOW)
    assert fingerprint(certificate) == made


@pytest.mark.parametrize("host", ["", "https://x", "a b", "x:8750"])
def test_what_is_no_host_is_a_sentence(tmp_path: Path, host: str) -> None:
    with pytest.raises(SitebookError, match="not the name of a host"):
        make_certificate(tmp_path, [host], NOW)
    assert not list(tmp_path.iterdir())


def test_a_server_shows_its_certificate_and_a_renewed_one_without_a_restart(tmp_path: Path) -> None:
    old, new, used = tmp_path / "old", tmp_path / "new", tmp_path / "used"
    first = make_certificate(old, ["127.0.0.1"], NOW)
    second = make_certificate(new, ["127.0.0.1"], NOW)
    shutil.copytree(old, used)
    config = tmp_path / "server.toml"
    certificate, key = used / "certificate.pem", used / "key.pem"
    config.write_text(f"[tls]\ncertificate = '{certificate}'\nkey = '{key}'\n")
    with ServerProcess(tmp_path / "data", "--config", str(config)) as server:
        assert server.url.startswith("https://")
        assert server.process.stdout is not None
        assert server.process.stdout.readline() == f"Certificate's SHA-256: {first}\n"
        assert asked(server.url, certificate) == first
        port = server.url.rpartition(":")[2]
        checking = ("-m", "sync.server", "--config", str(config), "--data", str(tmp_path / "data"))
        command = [sys.executable, *checking, "--port", port, "--check-health"]
        subprocess.run(command, check=True, timeout=30)
        # A renewal that has written one of two files: the old pair goes on.
        shutil.copy(new / "certificate.pem", certificate)
        server.process.send_signal(signal.SIGHUP)
        assert asked(server.url, old / "certificate.pem") == first
        shutil.copy(new / "key.pem", key)
        server.process.send_signal(signal.SIGHUP)
        for _ in range(100):  # a signal is handled at the loop's next turn, which a request waits for
            try:
                found = asked(server.url, new / "certificate.pem")
                break
            except ssl.SSLCertVerificationError:
                continue
        else:
            raise AssertionError("the renewed certificate was never shown")
        assert found == second
        assert server.stop() == 0
    done = subprocess.run(command, check=False, timeout=30, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, f"sitebook: No server answers at 127.0.0.1 port {port}.\n")
    log = server.log.read_text()
    assert second in log
    assert "cannot be used together" in log
    assert "PRIVATE" not in log


def test_changed_files_are_noticed_and_a_pair_that_does_not_fit_is_left_aside(tmp_path: Path) -> None:
    first = make_certificate(tmp_path / "a", ["localhost"], NOW)
    second = make_certificate(tmp_path / "b", ["localhost"], NOW)
    certificate, key = tmp_path / "a" / "certificate.pem", tmp_path / "a" / "key.pem"
    served = ServedCertificate(certificate, key)
    assert (served.fingerprint, served.look()) == (first, False)
    (tmp_path / "b" / "certificate.pem").replace(certificate)
    assert (served.look(), served.fingerprint) == (False, first)
    (tmp_path / "b" / "key.pem").replace(key)
    assert (served.look(), served.fingerprint) == (True, second)
    key.unlink()
    assert (served.look(), served.fingerprint) == (False, second)


def test_certificates_that_cannot_be_used_are_a_sentence(tmp_path: Path) -> None:
    make_certificate(tmp_path / "a", ["localhost"], NOW)
    make_certificate(tmp_path / "b", ["localhost"], NOW)
    (tmp_path / "junk").write_text("junk")
    for certificate, key in (
        ("a/certificate.pem", "b/key.pem"),
        ("none", "a/key.pem"),
        ("junk", "a/key.pem"),
    ):
        config = tmp_path / "server.toml"
        config.write_text(f"[tls]\ncertificate = '{tmp_path / certificate}'\nkey = '{tmp_path / key}'\n")
        said = refused("--data", str(tmp_path / "data"), "--port", "0", "--config", str(config))
        assert said.startswith("sitebook: The certificate ")
        assert said.count("\n") == 1
