"""Fetching the chunks of a bundle, one a step: what is here already is not fetched again, also after a restart."""

from __future__ import annotations

from collections import deque

from sync.attachments import TAG
from sync.bundle import Manifest
from sync.chunks import ChunkDirectory, chunk_name
from sync.clock import Clock
from sync.errors import Malformed, NotFound
from sync.transport.base import ChunkRoad

_RECENT = 16
"""Chunks by whose time the time left is told."""


class Fetcher:
    """Fetches one bundle into a directory of chunks. Used by one thread."""

    def __init__(self, road: ChunkRoad, manifest: Manifest, store: ChunkDirectory, clock: Clock) -> None:
        """Chunks of other bundles in the directory are removed: nobody will ask for them again."""
        self._road = road
        self._manifest = manifest
        self._store = store
        self._clock = clock
        wanted = set(manifest.chunks)
        here = set()
        for name in list(store.names()):
            if name in wanted:
                here.add(name)
            else:
                store.remove(name)
        self._missing = deque(name for name in dict.fromkeys(manifest.chunks) if name not in here)
        self.total = manifest.size
        """Bytes in all, as far as the manifest tells."""
        self._share = manifest.size / len(manifest.chunks)
        self._times: deque[float] = deque(maxlen=_RECENT)

    @property
    def done(self) -> int:
        """Bytes that are here."""
        return round(self.total - self._share * len(self._missing))

    @property
    def seconds_left(self) -> float | None:
        """About how long it takes, once a chunk has come."""
        if not self._times:
            return None
        return sum(self._times) / len(self._times) * len(self._missing)

    @property
    def ready(self) -> bool:
        """Whether all chunks are here."""
        return not self._missing

    def step(self) -> bool:
        """Fetch one chunk; returns whether all are here.

        Raises Unreachable, Refused, NotFound where the server has it no more, Malformed, SitebookError of the disk.
        """
        if not self._missing:
            return True
        begun = self._clock.monotonic()
        name = self._missing[0]
        data = self._road.get_chunk(self._manifest.project, name)
        if data is None:
            raise NotFound("The server has published this project anew meanwhile; try again.")
        if len(data) > self._manifest.chunk_size + TAG or chunk_name(data) != name:
            raise Malformed("The server gave other bytes than were asked for; ask whoever runs it.")
        self._store.write(data)
        self._missing.popleft()
        self._times.append(max(0.0, self._clock.monotonic() - begun))
        return not self._missing
