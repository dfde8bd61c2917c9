"""How much the relay gives to whom. Every number can be set."""

from __future__ import annotations

from dataclasses import dataclass

from sync.transport.base import MAX_PAGE_BYTES, MAX_PAGE_ENVELOPES, MAX_PUSH_BYTES, MAX_PUSH_ENVELOPES


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds, rates in requests a second (a burst may go beyond for a moment)."""

    open_creation: bool = True
    """Whether anyone may begin a project here."""
    page_envelopes: int = MAX_PAGE_ENVELOPES
    page_bytes: int = MAX_PAGE_BYTES
    push_envelopes: int = MAX_PUSH_ENVELOPES
    push_bytes: int = MAX_PUSH_BYTES
    grants_per_request: int = 1_000
    grants_per_project: int = 100_000
    memberships: int = 64
    """Projects whose membership is kept in memory."""

    small_body_bytes: int = 64 << 10
    """Largest body of a request that carries no envelopes."""
    push_body_bytes: int = MAX_PUSH_BYTES + (1 << 20)
    """Largest body of a push, and of a request that leaves grants."""
    body_seconds: float = 30.0
    """How long a body may take to arrive."""
    waiting_bytes: int = 256 << 20
    """Bodies in memory at one time, over all requests."""
    requests: int = 256
    """Requests worked on at one time."""
    connections: int = 2_000
    threads: int = 8
    """Threads that work on the storage."""

    key_rate: float = 100.0
    key_burst: float = 500.0
    address_rate: float = 1_000.0
    address_burst: float = 3_000.0
    """Higher than a key's: a whole office may share one address."""
    sign_in_rate: float = 50.0
    sign_in_burst: float = 500.0
    """For each address."""
    buckets: int = 50_000
    """Keys and addresses whose rate is remembered."""

    sessions: int = 50_000
    """Sessions at one time; the one that was idle longest ends when there are more."""
    sessions_per_key: int = 16
    session_seconds: float = 3_600.0
    challenge_seconds: float = 60.0
