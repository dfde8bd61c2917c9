"""What the relay keeps things in, as an interface: projects, their log, their devices and grants.

The relay decides; a storage only stores. Every key starts with the project's id, so that a distributed
database can shard by it; :meth:`Reading.projects_of` alone asks every shard.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sync.errors import SitebookError


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is, over all projects."""

    projects: int = 0
    envelopes: int = 0
    log_bytes: int = 0
    chunk_bytes: int = 0


class StorageError(SitebookError):
    """The storage failed: a full disk, a fault of the drive, a lock never let go. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class ProjectState:
    """Where a project's log ends."""

    version: int
    """Number of envelopes; versions are 1 ... ``version`` without gaps."""
    running: bytes
    """Running hash over the log up to ``version``."""
    membership: int
    """Version of the last membership envelope."""
    created_ms: int
    """When the first envelope came, by the clock of the server."""


@dataclass(frozen=True, slots=True)
class StoredEnvelope:
    """One envelope of a log, with its bytes as they came."""

    version: int
    running: bytes
    hash: bytes
    kind: int
    wire: bytes


class Reading(Protocol):
    """One consistent view."""

    def project(self, project: bytes) -> ProjectState | None:
        """Where the project's log ends; ``None`` where there is no such project."""
        ...

    def running(self, project: bytes, version: int) -> bytes | None:
        """The running hash at a version from 1 on."""
        ...

    def known(self, project: bytes, hashes: Iterable[bytes]) -> dict[bytes, int]:
        """Which of these envelopes are stored, with their versions."""
        ...

    def page(self, project: bytes, after: int, count: int, size: int) -> list[StoredEnvelope]:
        """Envelopes after a version: at most ``count`` and ``size`` bytes, but one where there is one."""
        ...

    def membership(self, project: bytes, after: int) -> list[StoredEnvelope]:
        """All membership envelopes after a version."""
        ...

    def grants(self, project: bytes, recipient: bytes) -> list[bytes]:
        """The grants that lie there for a recipient, in a fixed order."""
        ...

    def count_grants(self, project: bytes) -> int:
        """How many grants the project has."""
        ...

    def totals(self) -> Totals:
        """How much there is; reads a row of each project."""
        ...

    def projects_of(self, device: bytes) -> list[bytes]:
        """The projects that a device ever came into, sorted."""
        ...


class Writing(Reading, Protocol):
    """One transaction: what it changed is durable when it ends, and undone where it ends by an exception."""

    def append(self, project: bytes, envelopes: Sequence[StoredEnvelope], now_ms: int) -> None:
        """Put envelopes at the end of a log, which begins with the first; the caller has numbered them."""
        ...

    def add_devices(self, project: bytes, devices: Iterable[bytes]) -> None:
        """Note devices that came into a project; they stay noted when they lose their rights."""
        ...

    def put_grants(self, project: bytes, grants: Mapping[bytes, tuple[bytes, bytes]]) -> None:
        """Keep grants: key to recipient and bytes. One under the same key is replaced."""
        ...

    def delete_grants(self, project: bytes, recipient: bytes) -> None:
        """Remove a recipient's grants."""
        ...


class Storage(Protocol):
    """A place that outlives the process. Safe to use from several threads."""

    @property
    def generation(self) -> bytes:
        """16 random bytes, made when the storage was new."""
        ...

    def read(self) -> AbstractContextManager[Reading]:
        """A consistent view of one moment; writers go on meanwhile."""
        ...

    def write(self, project: bytes) -> AbstractContextManager[Writing]:
        """The only transaction that changes this project; others queue."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
