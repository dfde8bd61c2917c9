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
