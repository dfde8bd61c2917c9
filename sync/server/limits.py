"""How much the relay gives to whom. Every number can be set."""

from __future__ import annotations

from dataclasses import dataclass

from sync.transport.base import MAX_PAGE_BYTES, MAX_PAGE_ENVELOPES, MAX_PUSH_BYTES, MAX_PUSH_ENVELOPES


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds, rates in requests a second (a burst may go beyond for a moment)."""

    open_creation: bool = True
    """Whether anyone may begin a project here."""
    creators: frozenset[bytes] = frozenset()
    """Where not anyone may: keys of those who may. A founding names its device, made for this one project,
    and the recovery key of whoever founds, which is the same in all projects of a profile: either counts."""
    project_log_bytes: int = 0
    """Most bytes of envelopes that a project may have here; changes beyond are refused, membership is not.
    0: no bound."""
    project_chunk_bytes: int = 0
    """Most bytes of chunks that a project may have here, of files and bundles together. 0: no bound."""
    project_notice_bytes: int = 256 << 20
    """Most bytes of notices that a project may have here."""
    chunk_bytes: int = 2 << 20
    """Largest chunk."""
    page_envelopes: int = MAX_PAGE_ENVELOPES
    page_bytes: int = MAX_PAGE_BYTES
    push_envelopes: int = MAX_PUSH_ENVELOPES
    push_bytes: int = MAX_PUSH_BYTES
    grants_per_request: int = 1_000
    grants_per_project: int = 100_000
    memberships: int = 1_000
    """Projects whose membership is kept in memory."""

    small_body_bytes: int = 64 << 10
    """Largest body of a request that carries no envelopes."""
    push_body_bytes: int = MAX_PUSH_BYTES + (1 << 20)
    """Largest body of a push, and of a request that leaves grants."""
    chunk_body_bytes: int = (2 << 20) + (64 << 10)
    """Largest body of a request that leaves a chunk."""
    body_seconds: float = 30.0
    """How long a body may take to arrive."""
    waiting_bytes: int = 256 << 20
    """Bodies in memory at one time, over all requests."""
    requests: int = 256
    """Requests worked on at one time."""
    connections: int = 10_000
    """Connections at one time, open streams of events among them."""
    streams: int = 8_000
    """Streams of events that are open at one time."""
    streams_per_key: int = 4
    """The oldest ends when a key opens more."""
    stream_seconds: float = 3_600.0
    """How long a stream lasts."""
    keep_alive_seconds: float = 20.0
    """How long a stream is silent at most."""
    stalled_seconds: float = 60.0
    """How long a stream waits for a reader who takes nothing."""
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
    presence_rate: float = 10.0
    presence_burst: float = 30.0
    """For each key."""
    buckets: int = 50_000
    """Keys and addresses whose rate is remembered."""

    sessions: int = 50_000
    """Sessions at one time; the one that was idle longest ends when there are more."""
    sessions_per_key: int = 16
    session_seconds: float = 3_600.0
    challenge_seconds: float = 60.0

    lease_seconds: float = 60.0
    """How long a device may publish a bundle before it has to ask again."""
    collect_seconds: float = 3_600.0
    """How often what nobody needs any more is looked for."""
    log_grace_seconds: float = 30 * 86_400.0
    """How long envelopes keep their bytes once a confirmed bundle covers them."""
    file_grace_seconds: float = 7 * 86_400.0
    """How long a file's chunk stays at least, though no device lists it."""
    bundle_grace_seconds: float = 86_400.0
    """How long a bundle's chunk stays at least, though no bundle that counts has it."""
