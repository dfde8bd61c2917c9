"""Which certificates of servers are trusted.

The system decides, by its own store, so that a company's own authority works as in a browser; on every
system ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` of the environment go before it. Where a certificate was accepted by
its fingerprint, that one counts and no other, whatever name, dates and signers are in it. A fingerprint is the
SHA-256 of the certificate's DER bytes.
"""

from __future__ import annotations

import hashlib
import os
import ssl
from typing import Any, Final

from sync.errors import SitebookError, Unreachable

FINGERPRINT: Final = 32
"""Bytes of a fingerprint."""


class Untrusted(Unreachable):
    """The system does not trust the certificate of a server, and nobody accepted it here."""


class OtherCertificate(ssl.SSLCertVerificationError):
    """The server shows another certificate than the one that was accepted."""


def fingerprint(der: bytes) -> bytes:
    """The fingerprint of a certificate."""
    return hashlib.sha256(der).digest()


def read_fingerprint(text: str) -> bytes:
    """A fingerprint as it is typed or pasted: 64 digits, with or without colons and spaces.

    Raises SitebookError where it is none.
    """
    digits = "".join(text.replace(":", "").split())
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        found = b""
    if len(found) != FINGERPRINT:
        raise SitebookError(
            "That is not the fingerprint of a certificate; it has 64 digits from 0 to 9 and a to f (SHA-256)."
        )
    return found


def fingerprint_text(certificate: bytes) -> str:
    """A fingerprint in groups of four digits, to be compared by eye."""
    digits = certificate.hex()
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


def system_context() -> ssl.SSLContext:
    """Trust what this computer trusts. Raises OSError, ValueError where the environment's files are unusable."""
    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        return ssl.create_default_context(
            cafile=os.environ.get("SSL_CERT_FILE") or None, capath=os.environ.get("SSL_CERT_DIR") or None
        )
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def pinned_context(certificate: bytes) -> ssl.SSLContext:
    """Trust one certificate, by its fingerprint alone. It is checked before anything is sent."""

    def check(der: bytes | None) -> None:
        if der is None or fingerprint(der) != certificate:
            raise OtherCertificate("another certificate")

    return _checked_context(check)


class Seen:
    """Accepts any certificate and remembers it: to show it to a person, never to send anything secret."""

    def __init__(self) -> None:
        self.certificate: bytes | None = None
        self.context = _checked_context(self._note)

    def _note(self, der: bytes | None) -> None:
        self.certificate = None if der is None else fingerprint(der)


def _checked_context(check: Any) -> ssl.SSLContext:
    """A context that asks ``check`` about the other side's certificate and nobody else."""

    class Socket(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            super().do_handshake(block)
            check(self.getpeercert(binary_form=True))

    class Object(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            check(self.getpeercert(binary_form=True))

    class Context(ssl.SSLContext):
        sslsocket_class = Socket
        sslobject_class = Object

    context = Context(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
