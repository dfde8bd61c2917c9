"""Where the bytes of chunks are: a folder, or a store of objects such as S3.

Bytes that were put are never changed, and each put takes a place of its own, ``project/name.random`` in hex: who
puts a chunk anew does not meet who removes the old one. A place that no row of the storage names is nobody's,
and goes after a day (``sync.server.collect``).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from sync.clock import Clock, Random
from sync.server.storage import StorageError

FOLDER: Final = "chunks"
"""Name of the folder in the data directory."""
_RANDOM_BYTES: Final = 4
_ID: Final = 32
_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Found:
    """Bytes that are there, whether or not a row names them."""

    place: str
    project: bytes
    name: bytes
    modified_ms: int
    """By the clock of the store."""


class Objects(Protocol):
    """A place for bytes that outlives the process. Safe to use from several threads; raises StorageError."""

    def put(self, project: bytes, name: bytes, data: bytes) -> str:
        """Keep bytes at a place of their own, which is given; they are durable then."""
        ...

    def write(self, place: str, data: bytes) -> None:
        """Keep bytes at a place that one has from before, as when a backup is restored."""
        ...

    def get(self, place: str) -> bytes | None:
        """The bytes at a place; ``None`` where there are none."""
        ...

    def delete(self, places: Sequence[str]) -> None:
        """Remove what is at these places; where nothing is, that is well."""
        ...

    def list(self) -> Iterator[Found]:
        """All that is there."""
        ...


class MemoryObjects:
    """Lasts as long as the process: for simulations, and for a storage in memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._made = 0
        self._held: dict[str, tuple[bytes, int]] = {}

    def put(self, project: bytes, name: bytes, data: bytes) -> str:
        """Keep bytes."""
        with self._lock:
            self._made += 1
            place = _place(project, name, self._made.to_bytes(_RANDOM_BYTES, "big"))
        self.write(place, data)
        return place

    def write(self, place: str, data: bytes) -> None:
        """Keep bytes at a place."""
        with self._lock:
            self._held[place] = (bytes(data), self._clock.now_ms())

    def get(self, place: str) -> bytes | None:
        """The bytes at a place."""
        with self._lock:
            return self._held[place][0] if place in self._held else None

    def delete(self, places: Sequence[str]) -> None:
        """Remove bytes."""
        with self._lock:
            for place in places:
                self._held.pop(place, None)

    def list(self) -> Iterator[Found]:
        """All that is there."""
        with self._lock:
            held = [(place, modified_ms) for place, (_, modified_ms) in self._held.items()]
        return _found(held)


class StoredObjects:
    """A folder, or a store of objects."""

    def __init__(self, store: ObjectStore, where: str, random: Random, folder: Path | None = None) -> None:
        """``where`` names it in sentences; ``folder`` is where it is on this machine, if it is."""
        self._store = store
        self._where = where
        self._random = random
        self._folder = folder

    def put(self, project: bytes, name: bytes, data: bytes) -> str:
        """Keep bytes."""
        place = _place(project, name, self._random(_RANDOM_BYTES))
        self.write(place, data)
        return place

    def write(self, place: str, data: bytes) -> None:
        """Keep bytes at a place."""
        with self._explained():
            self._store.put(place, data)
            if self._folder is not None:
                _to_disk(self._folder / place)

    def get(self, place: str) -> bytes | None:
        """The bytes at a place."""
        with self._explained():
            try:
                return bytes(self._store.get(place).bytes())
            except FileNotFoundError:
                return None

    def delete(self, places: Sequence[str]) -> None:
        """Remove bytes."""
        with self._explained():
            if self._folder is None:
                for at in range(0, len(places), _PAGE):
                    self._store.delete(list(places[at : at + _PAGE]))
                return
            for place in places:
                with suppress(FileNotFoundError):
                    self._store.delete(place)

    def list(self) -> Iterator[Found]:
        """All that is there."""
        with self._explained():
            for page in self._store.list(chunk_size=_PAGE):
                yield from _found(
                    (meta["path"], int(meta["last_modified"].timestamp() * 1_000)) for meta in page
                )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            raise StorageError(
                f"The chunks in {self._where} cannot be read or written; check the disk or the network, and the"
                " rights of the server there."
            ) from error


def folder_objects(folder: Path, random: Random) -> StoredObjects:
    """Chunks in a folder, which is made where there is none. Raises StorageError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return StoredObjects(LocalStore(folder), str(folder), random, folder)
    except (BaseError, OSError) as error:
        raise StorageError(f"{folder} cannot be used for chunks; check its permissions.") from error


def url_objects(
    url: str,
    random: Random,
    *,
    endpoint: str = "",
    region: str = "",
    access_key: str = "",
    secret_key: str = "",
    plain_http: bool = False,
) -> StoredObjects:
    """Chunks at ``s3://bucket/prefix``, ``gs://``, ``az://``, or in a folder ``file:///...``.

    What is not given comes from the environment, as the programs of the provider have it.

    Raises:
        StorageError: that is no address of a store, or it lacks something.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return folder_objects(Path(parts.path), random)
    options: dict[str, Any] = {
        "client_options": {"allow_http": plain_http, "connect_timeout": "5s", "timeout": "60s"},
        "retry_config": {"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
    }
    if parts.scheme == "s3":
        given = {
            "endpoint": endpoint,
            "region": region,
            "access_key_id": access_key,
            "secret_access_key": secret_key,
        }
        options |= {name: value for name, value in given.items() if value}
    where = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
    try:
        return StoredObjects(from_url(url, **options), where, random)
    except (BaseError, OSError, ValueError, TypeError) as error:
        raise StorageError(f"{where} is not a store of objects that can be used; check [objects].") from error


def _place(project: bytes, name: bytes, random: bytes) -> str:
    return f"{project.hex()}/{name.hex()}.{random.hex()}"


def _found(held: Iterable[tuple[str, int]]) -> Iterator[Found]:
    """Leaves out what is none of ours."""
    for place, modified_ms in held:
        project, _, rest = place.partition("/")
        try:
            ids = bytes.fromhex(project), bytes.fromhex(rest.partition(".")[0])
        except ValueError:
            continue
        if [len(each) for each in ids] == [_ID, _ID]:
            yield Found(place, *ids, modified_ms)


def _to_disk(path: Path) -> None:
    """Wait until a file and its name are on the disk: the row that names it must not be there without it."""
    for each in (path,) if sys.platform == "win32" else (path, path.parent):
        descriptor = os.open(each, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
