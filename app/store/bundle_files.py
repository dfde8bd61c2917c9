"""A bundle between a project file and a directory of chunks: sealed and signed, and opened again.

What lies on the disk on the way is encrypted: the chunks under the bundle's own key, the new file under the
device's.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

from app.store.bundle_image import Image, Opened, open_image
from app.store.bundle_stream import decompressed
from sync import attachments
from sync.bundle import (
    CHUNK_SIZE,
    MAX_CHUNKS,
    Contents,
    Manifest,
    make_manifest,
    stream_of,
)
from sync.chunks import NAME, ChunkDirectory
from sync.clock import Random
from sync.epochs import EpochKey
from sync.errors import Damaged, Malformed
from sync.keys import SigningKey


def bundle_path(project_path: Path) -> Path:
    """Where the chunks of a bundle lie on their way here; beside the project file."""
    return project_path.with_suffix(".bundle")


def outgoing_path(project_path: Path) -> Path:
    """Where the chunks of a bundle lie on their way to the server."""
    return project_path.with_suffix(".publish")


def remove_chunks(directory: Path) -> None:
    """Remove the chunks of a bundle that nobody needs any more, as far as the disk lets."""
    shutil.rmtree(directory, ignore_errors=True)


def seal_image(
    image: Image,
    store: ChunkDirectory,
    *,
    project: bytes,
    key: SigningKey,
    epoch_key: EpochKey,
    random: Random,
    chunk_size: int = CHUNK_SIZE,
    cancelled: Callable[[], bool] | None = None,
) -> bytes:
    """Compress, cut and seal the content of a bundle into chunks; gives the signed manifest.

    Raises Malformed where it is larger than a bundle may be, Cancelled, SitebookError.
    """
    sealed = attachments.seal(
        cast("BinaryIO", image.compressed()),
        store,
        random,
        chunk_size=chunk_size,
        inline_names=MAX_CHUNKS * NAME,
        cancelled=cancelled,
    )
    return make_manifest(
        project=project,
        key=key,
        cookie=image.cookie,
        stream=sealed,
        raw_size=len(image.data),
        schema=image.schema,
        summary=image.summary,
        epoch_key=epoch_key,
        random=random,
    )


class Arriving:
    """Decrypts and decompresses a bundle in a thread while its chunks come; close it.

    So what is left to do once the last chunk is here does not grow with the download.
    """

    def __init__(self, manifest: Manifest, contents: Contents, store: ChunkDirectory) -> None:
        self._manifest = manifest
        self._contents = contents
        self._store = store
        self._changed = threading.Condition()
        self._all = self._closed = False
        self._thread = ThreadPoolExecutor(1, "bundle")
        self._data = self._thread.submit(self._read)

    def came(self) -> None:
        """Chunks may have come."""
        with self._changed:
            self._changed.notify_all()

    def open(self) -> Opened:
        """Open the bundle, all of whose chunks are here, trusting nothing in it.

        Raises NotFound where a chunk is missing, Malformed, NewerFormat.
        """
        with self._changed:
            self._all = True
            self._changed.notify_all()
        return open_image(
            self._data.result(),
            project=self._manifest.project,
            schema=self._contents.schema,
            summary=self._contents.summary,
            publisher=self._manifest.publisher,
        )

    def close(self) -> None:
        """End the thread, wherever it is."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.shutdown()

    def _read(self) -> bytearray:
        try:
            return decompressed(self._pieces(), self._contents.raw_size)
        except Damaged as error:
            raise Malformed(
                "A bundle on the server is not what its publisher sealed; it was not used."
            ) from error

    def _pieces(self) -> Iterator[bytes]:
        pieces = attachments.pieces(
            self._store, self._contents.key, stream_of(self._manifest, self._contents)
        )
        for name in self._manifest.chunks:
            with self._changed:
                self._changed.wait_for(lambda name=name: self._all or self._closed or name in self._store)  # type: ignore[misc]
                if self._closed:
                    return
            yield next(pieces)
        yield from pieces  # the hash of the whole is compared at its end


def open_bundle(manifest: Manifest, contents: Contents, store: ChunkDirectory) -> Opened:
    """Open a bundle whose chunks are all here, trusting nothing in it.

    Raises NotFound where a chunk is missing, Malformed, NewerFormat.
    """
    with closing(Arriving(manifest, contents, store)) as arriving:
        return arriving.open()
