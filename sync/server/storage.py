"""What the relay keeps things in, as an interface: projects, their log, and what lies beside it.

Beside the log lie devices, grants, notices, and what is known of chunks and bundles; the chunks' bytes are in
``sync.server.objects``.

The relay decides; a storage only stores. Every key starts with the project's id, so that a distributed
database can shard by it; :meth:`Reading.projects_of`, ``projects`` and ``totals`` alone ask every shard.
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
    floor: int = 0
    """Highest version whose bytes were given up."""
    log_bytes: int = 0
    """Bytes of the envelopes that are here, without those given up."""
    chunk_bytes: int = 0
    """Bytes of the chunks that are here."""
    bundle: bytes | None = None
    """Hash of the newest bundle's manifest."""
    since: int = 0
    """Bytes of the log after what the newest bundle covers, given up or not; all where there is none."""


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """What is known of a chunk. It exists only while its bytes do."""

    name: bytes
    place: str
    """Where its bytes are, in the store of objects."""
    size: int
    purpose: str
    uploaded_ms: int
    """When it was last left or asked for, by the project's clock (:meth:`Writing.stamp`)."""


@dataclass(frozen=True, slots=True)
class StoredBundle:
    """A bundle's manifest."""

    hash: bytes
    version: int
    """The log up to here is in it, by this storage's generation."""
    publisher: bytes
    size: int
    """Bytes of its chunks."""
    received_ms: int
    wire: bytes


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """The newest notice of a device and kind."""

    kind: str
    device: bytes
    number: int
    received_ms: int
    """By the project's clock, so no two are equal and none comes before one that is here."""
    wire: bytes


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may publish a bundle, and until when."""

    device: bytes
    ends_ms: int


@dataclass(frozen=True, slots=True)
class StoredEnvelope:
    """One envelope of a log, with its bytes as they came; empty where they were given up."""

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

    def projects(self, after: bytes, count: int) -> list[bytes]:
        """The first ``count`` projects after this id (empty: from the first), sorted."""
        ...

    def chunks(self, project: bytes, names: Iterable[bytes]) -> dict[bytes, StoredChunk]:
        """Those of these chunks that are here, by name."""
        ...

    def old_chunks(self, project: bytes, before_ms: int, after: bytes, count: int) -> list[StoredChunk]:
        """Chunks with ``uploaded_ms < before_ms`` and a name after this one, sorted by name, at most ``count``."""
        ...

    def bundles(self, project: bytes) -> list[StoredBundle]:
        """All bundles, highest version first, of equal ones the latest received first."""
        ...

    def confirmations(self, project: bytes) -> dict[bytes, set[bytes]]:
        """The devices that ever confirmed a bundle that is here, by the bundle's hash; none without any."""
        ...

    def notice(self, project: bytes, kind: str, device: bytes) -> StoredNotice | None:
        """One device's."""
        ...

    def notices(self, project: bytes, kind: str, after_ms: int, size: int) -> list[StoredNotice]:
        """Those with ``received_ms > after_ms`` in this order: at most ``size`` bytes, but one where there is one."""
        ...

    def notice_bytes(self, project: bytes) -> int:
        """Bytes of all notices of a project."""
        ...

    def lease(self, project: bytes) -> Lease | None:
        """The last lease that was not given back, over or not."""
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

    def stamp(self, project: bytes, now_ms: int) -> int:
        """Move the project's own clock on to ``max(now_ms, what it showed + 1)``, and give that.

        So what is stamped has an order whatever happens to the clock of the machine. The project exists.
        """
        ...

    def put_chunk(self, project: bytes, chunk: StoredChunk) -> None:
        """Note a chunk that is not here, and count its bytes. The project exists."""
        ...

    def touch_chunks(self, project: bytes, names: Iterable[bytes], uploaded_ms: int) -> set[bytes]:
        """Give chunks a new ``uploaded_ms``; which of them were here."""
        ...

    def delete_chunks(self, project: bytes, names: Iterable[bytes], before_ms: int) -> list[StoredChunk]:
        """Forget those of these with ``uploaded_ms < before_ms``, and count their bytes off; what they were."""
        ...

    def put_bundle(self, project: bytes, bundle: StoredBundle) -> None:
        """Keep a bundle (again: as once). It is the project's newest from now on: ``bundle`` and ``since`` follow it.

        ``since`` becomes the bytes, given up or not, of the envelopes after its version. The project exists.
        """
        ...

    def delete_bundles(self, project: bytes, hashes: Iterable[bytes]) -> None:
        """Forget bundles, and who confirmed them; never the newest."""
        ...

    def confirm(self, project: bytes, bundle: bytes, device: bytes) -> None:
        """Note that a device confirmed a bundle that is here; again is as once."""
        ...

    def put_notice(self, project: bytes, notice: StoredNotice) -> None:
        """Keep a notice in place of the device's last one of this kind."""
        ...

    def delete_notices(self, project: bytes, devices: Iterable[bytes]) -> None:
        """Remove all notices of devices."""
        ...

    def set_lease(self, project: bytes, lease: Lease | None) -> None:
        """Keep the project's one lease, or none."""
        ...

    def drop_log(self, project: bytes, upto: int, before_ms: int, count: int) -> int:
        """Give up the bytes of changes (kind 0) after the floor and up to a version; how many.

        In the order of versions, at most ``count``, and only as far as none was received at ``before_ms`` or
        later. ``wire`` becomes empty, all else stays; the floor rises to the highest version of them, and
        their bytes are counted off ``log_bytes``.
        """
        ...


class Storage(Protocol):
    """A place that outlives the process. Safe to use from several threads."""

    @property
    def generation(self) -> bytes:
        """16 random bytes, made when the storage was new."""
        ...

    @property
    def one_writer(self) -> bool:
        """Whether all writers wait for each other, whatever their project; then one transaction may change several."""
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
