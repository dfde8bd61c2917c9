"""The address of a server, as a person types it."""

from __future__ import annotations


def checked_server(address: str) -> str:
    """The address of a server as it is kept; empty for none. Raises SitebookError where it is none."""
    address = address.strip().rstrip("/")
    if address:
        from sync.clock import SystemClock
        from sync.transport.http_client import HttpClient

        HttpClient(address, SystemClock()).close()
    return address


def checked_certificate(address: str, text: str | None) -> bytes:
    """A fingerprint as it is kept beside an address; empty for none. Raises SitebookError where it is none."""
    if not text:
        return b""
    from sync.errors import SitebookError
    from sync.transport.trust import read_fingerprint

    if not address.lower().startswith("https://"):
        raise SitebookError("Only a server with an address that begins with https:// has a certificate.")
    return read_fingerprint(text)
