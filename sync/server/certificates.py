"""The server's certificate: made, read, told by its fingerprint, and taken anew when its files change."""

from __future__ import annotations

import hashlib
import logging
import os
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sync.errors import SitebookError
from sync.server.log import log

CERTIFICATE_FILE: Final = "certificate.pem"
KEY_FILE: Final = "key.pem"
_DAYS: Final = 730
_LOGGER: Final = logging.getLogger("sitebook.server")


def make_certificate(directory: Path, hosts: Sequence[str], now: datetime) -> str:
    """Write a certificate that is signed by itself, and its key; gives the fingerprint.

    For a server that devices trust by the fingerprint in their invites. Two files of these names that are there
    stay untouched.

    Raises:
        SitebookError: there is no host, a host is none, or the files cannot be written.
    """
    if not hosts:
        raise SitebookError("Name the hosts of the server, as its users type them: --host NAME.")
    certificate_path, key_path = directory / CERTIFICATE_FILE, directory / KEY_FILE
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sitebook server")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks of devices may be a little slow.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName([_named(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(key_path, secret, 0o600)
        try:
            _write_new(certificate_path, made.public_bytes(serialization.Encoding.PEM), 0o644)
        except OSError:
            key_path.unlink()
            raise
    except FileExistsError as error:
        raise SitebookError(
            f"{error.filename} is there already; remove it, or give another folder with --out."
        ) from error
    except OSError as error:
        raise SitebookError(f"{error.filename} cannot be written ({error.strerror}).") from error
    return made.fingerprint(hashes.SHA256()).hex()


def fingerprint(certificate: Path) -> str:
    """SHA-256 of a certificate in its binary form, in small hexadecimal letters; of a chain, the first one.

    Raises:
        SitebookError: the file cannot be read, or is no certificate.
    """
    try:
        first = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    except OSError as error:
        raise SitebookError(f"The certificate {certificate} cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise SitebookError(f"The file {certificate} is not a certificate in PEM form.") from error
    return hashlib.sha256(first.public_bytes(serialization.Encoding.DER)).hexdigest()


class ServedCertificate:
    """The certificate that new connections get: the newest one of its files that could be read."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Raises SitebookError where it cannot be used."""
        self._certificate = certificate
        self._key = key
        self._seen = self._stamps()
        self._current = self._load()
        self.fingerprint = fingerprint(certificate)
        # What listens keeps this context; each connection gets the one that is current as it begins.
        self.context = self._load()
        self.context.sni_callback = self._choose

    def look(self, *, always: bool = False) -> bool:
        """Read the files again where they changed; whether they were. A pair that does not fit stays aside.

        A renewal writes two files, one after the other: between them they do not fit, and the old pair stays.
        """
        stamps = self._stamps()
        if stamps == self._seen and not always:
            return False
        try:
            self._current = self._load()
            self.fingerprint = fingerprint(self._certificate)
        except SitebookError as error:
            if stamps != self._seen:
                log(_LOGGER, logging.WARNING, "certificate", sentence=str(error))
            self._seen = stamps
            return False
        self._seen = stamps
        log(_LOGGER, logging.INFO, "certificate", fingerprint=self.fingerprint)
        return True

    def _choose(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        connection.context = self._current

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        try:
            # A key with a passphrase would ask for it on a terminal that a service does not have.
            context.load_cert_chain(self._certificate, self._key, password=_no_passphrase)
        except OSError as error:
            raise SitebookError(
                f"The certificate {self._certificate} and the key {self._key} cannot be used together "
                f"({error.strerror or error.__class__.__name__}); the key must belong to it, in PEM form "
                "and without a passphrase."
            ) from error
        return context

    def _stamps(self) -> tuple[tuple[int, int, int] | None, ...]:
        return tuple(map(_stamp, (self._certificate, self._key)))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _no_passphrase() -> str:
    return ""


def _named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        pass
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise SitebookError(f"“{host}” is not the name of a host.") from error
    if not name or any(each in name for each in " /:@"):
        raise SitebookError(f"“{host}” is not the name of a host; give it without https:// and port.")
    return x509.DNSName(name)


def _write_new(path: Path, data: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
