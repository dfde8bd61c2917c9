"""Attachments: files as encrypted chunks, and the manifest that puts them together. Format 1.

Each file has a random 256-bit key of its own, from which keys for one purpose each are derived (HKDF-SHA256,
info ``sitebook/attachment/1/PURPOSE``). The file is cut into pieces of ``chunk_size`` bytes; the last one is
padded with zeros to a Padmé length, at most ``chunk_size``; an empty file is one empty piece, padded. Piece
number i becomes a chunk by AES-256-GCM with the nonce::

    seven zero bytes, i as 4 bytes big-endian, 1 for the last piece else 0

which is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: *Online Authenticated-Encryption and
its Nonce-Reuse Misuse-Resistance*, 2015): no chunk can be dropped, repeated, moved or cut off. A key never
seals two files, so no nonce comes twice. The name of a chunk is the SHA-256 of its encrypted bytes: whoever
holds chunks can check them without a key, and cannot tell whether two files are equal.

The manifest is msgpack ``[1, size, chunk_size, sha256 of the file, depth, names]``. With depth 0 ``names``
are those of the chunks, 32 bytes each, joined. Where they take more than 200 KiB the depth is 1: the joined
names are themselves cut into pieces of ``chunk_size``, sealed in the same way under the purpose ``list``, and
``names`` are the names of those chunks. Manifest and key travel in the change log, which is encrypted.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, BinaryIO, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.chunks import NAME, ChunkDirectory, disk_error
from sync.clock import Random
from sync.envelope import padded_length
from sync.errors import Damaged, Malformed, NewerFormat, SitebookError
from sync.keys import derive

FORMAT: Final = 1
KEY: Final = 32
"""Bytes of a file's key."""
CHUNK_SIZE: Final = 1 << 20
MAX_CHUNK_SIZE: Final = 16 << 20
"""Largest chunk that a reader accepts, so that a manifest cannot fill the memory."""
INLINE_NAMES: Final = 200 << 10
"""Most bytes of names that a manifest holds itself."""
TAG: Final = 16
_MAX_CHUNKS: Final = 1 << 22
_SMALLEST_CHUNK: Final = 256

Progress = Callable[[int, int], None]
"""Told (bytes done, bytes in all)."""


class Cancelled(SitebookError):
    """The person stopped it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file is made of; ``encode`` and ``decode`` are its bytes in the log."""

    size: int
    chunk_size: int
    sha256: bytes
    depth: int
    names: tuple[bytes, ...]

    @property
    def count(self) -> int:
        """How many chunks the content has."""
        return max(1, -(-self.size // self.chunk_size))

    def encode(self) -> bytes:
        """The bytes."""
        wire = _Wire(FORMAT, self.size, self.chunk_size, self.sha256, self.depth, b"".join(self.names))
        return _encoder.encode(wire)

    @classmethod
    def decode(cls, data: object) -> Manifest:
        """Read and check what a record holds. Raises Malformed or NewerFormat."""
        try:
            wire = _decoder.decode(data) if isinstance(data, bytes) else None
        except msgspec.DecodeError as error:
            if _is_newer(data):
                raise NewerFormat("An attachment was made by a newer Sitebook; update this one.") from error
            raise Malformed("The list of an attachment's chunks cannot be read.") from error
        if wire is None:
            raise Malformed("An attachment has no list of its chunks.")
        names = wire.names
        split = tuple(names[at : at + NAME] for at in range(0, len(names), NAME))
        manifest = cls(wire.size, wire.chunk_size, wire.sha256, wire.depth, split)
        listed = manifest.count * NAME
        expected = manifest.count if wire.depth == 0 else -(-listed // wire.chunk_size)
        if len(names) % NAME or len(split) != expected or manifest.count >= _MAX_CHUNKS:
            raise Malformed("The list of an attachment's chunks does not fit its size.")
        return manifest

    def chunks(self, store: ChunkDirectory, key: bytes) -> tuple[bytes, ...]:
        """The names of the chunks of the content. Raises NotFound, Damaged."""
        if self.depth == 0:
            return self.names
        cipher = _Cipher(key, "list")
        size = self.count * NAME
        pieces = [
            _open_piece(store, cipher, self.names, index, self.chunk_size, size)
            for index in range(len(self.names))
        ]
        listed = b"".join(pieces)
        return tuple(listed[at : at + NAME] for at in range(0, size, NAME))

    def everything(self, store: ChunkDirectory, key: bytes) -> Iterator[bytes]:
        """The names of all chunks: content and lists. Raises like ``chunks``."""
        if self.depth:
            yield from self.names
        yield from self.chunks(store, key)


class _Wire(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    format: Annotated[int, msgspec.Meta(ge=1, le=1)]
    size: Annotated[int, msgspec.Meta(ge=0, lt=1 << 50)]
    chunk_size: Annotated[int, msgspec.Meta(ge=_SMALLEST_CHUNK, le=MAX_CHUNK_SIZE)]
    sha256: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    depth: Annotated[int, msgspec.Meta(ge=0, le=1)]
    names: Annotated[bytes, msgspec.Meta(min_length=NAME, max_length=256 << 10)]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Wire)


def _is_newer(data: object) -> bool:
    try:
        value = msgspec.msgpack.decode(data) if isinstance(data, bytes) else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(value, list) and bool(value) and type(value[0]) is int and value[0] > FORMAT


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file that lies encrypted in a chunk directory; ``added``: the chunks that were not there before."""

    manifest: Manifest
    key: bytes = field(repr=False)
    added: tuple[bytes, ...] = field(repr=False, default=())


class _Cipher:
    """Seals and opens the pieces of one stream."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._aead = AESGCM(purpose_key(key, purpose))

    def seal(self, index: int, last: bool, piece: bytes, chunk_size: int) -> bytes:
        if last:
            piece = piece.ljust(min(padded_length(len(piece)), chunk_size), b"\0")
        return self._aead.encrypt(_nonce(index, last), piece, b"")

    def open(self, index: int, last: bool, chunk: bytes) -> bytes:
        try:
            return self._aead.decrypt(_nonce(index, last), chunk, b"")
        except InvalidTag as error:
            raise Damaged(
                "An attachment is not what its author sealed; ask for it again, or restore it from a backup."
            ) from error


def purpose_key(key: bytes, purpose: str) -> bytes:
    """A key for one purpose, from the key of a file."""
    return derive(key, b"", f"sitebook/attachment/1/{purpose}".encode(), KEY)


def _nonce(index: int, last: bool) -> bytes:
    return bytes(7) + index.to_bytes(4, "big") + bytes([last])


def seal(
    source: BinaryIO,
    store: ChunkDirectory,
    random: Random,
    *,
    key: bytes | None = None,
    size: int = 0,
    chunk_size: int = CHUNK_SIZE,
    inline_names: int = INLINE_NAMES,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> SealedFile:
    """Encrypt a file into a chunk directory, holding one chunk in memory at a time.

    ``key``: only to make the chunks of the same file again, after an export; else it is a new one. ``size`` is
    for ``progress``. On any failure the chunks that were written are removed again.
    Raises Cancelled, and SitebookError where the disk says no.
    """
    key = random(KEY) if key is None else key
    added: list[bytes] = []
    try:
        whole = hashlib.sha256()
        done = 0

        def read() -> bytes:
            if cancelled is not None and cancelled():
                raise Cancelled("Adding the file was stopped; nothing of it was kept.")
            piece = _read_fully(source, chunk_size)
            whole.update(piece)
            return piece

        def tell(length: int) -> None:
            nonlocal done
            done += length
            if progress is not None:
                progress(done, max(size, done))

        names = _seal_stream(_Cipher(key, "content"), read, tell, store, chunk_size, added)
        depth = 0
        if len(names) * NAME > inline_names:
            listed = io.BytesIO(b"".join(names))
            names = _seal_stream(
                _Cipher(key, "list"),
                lambda: listed.read(chunk_size),
                lambda length: None,
                store,
                chunk_size,
                added,
            )
            depth = 1
        store.settle(added)
    except BaseException:
        discard(store, added)
        raise
    return SealedFile(Manifest(done, chunk_size, whole.digest(), depth, tuple(names)), key, tuple(added))


def _seal_stream(
    cipher: _Cipher,
    read: Callable[[], bytes],
    tell: Callable[[int], None],
    store: ChunkDirectory,
    chunk_size: int,
    added: list[bytes],
) -> list[bytes]:
    names: list[bytes] = []
    piece = read()
    while True:
        following = read() if len(piece) == chunk_size else b""
        name, new = store.write(cipher.seal(len(names), not following, piece, chunk_size))
        names.append(name)
        if new:
            added.append(name)
        tell(len(piece))
        if not following:
            return names
        piece = following


def discard(store: ChunkDirectory, added: tuple[bytes, ...] | list[bytes]) -> None:
    """Remove the chunks of a file that came to nothing, as far as the disk lets."""
    for name in added:
        try:
            store.remove(name)
        except SitebookError:
            return  # the disk is in trouble, which is told already; what stays is collected later


def _read_fully(source: BinaryIO, count: int) -> bytes:
    """Read so many bytes, fewer only at the end."""
    try:
        pieces = [source.read(count)]
        length = len(pieces[0])
        while pieces[-1] and length < count:
            pieces.append(source.read(count - length))
            length += len(pieces[-1])
    except OSError as error:
        raise disk_error(error, "reading the file to attach") from error
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _open_piece(
    store: ChunkDirectory, cipher: _Cipher, names: tuple[bytes, ...], index: int, chunk_size: int, size: int
) -> bytes:
    """One piece of a stream of ``size`` bytes, checked. Raises NotFound, Damaged."""
    last = index == len(names) - 1
    piece = cipher.open(index, last, store.read(names[index], chunk_size + TAG))
    length = size - index * chunk_size if last else chunk_size
    if len(piece) < length or piece[length:].strip(b"\0"):
        raise Damaged("An attachment does not have the size that its author gave it.")
    return piece[:length]


class Reader(io.RawIOBase):
    """The plain bytes of a file, chunk by chunk, with seeking. Each chunk is checked as it is read.

    Reading raises NotFound where a chunk is not here and Damaged where it is not what was sealed.
    """

    def __init__(self, store: ChunkDirectory, key: bytes, manifest: Manifest) -> None:
        """Raises NotFound, Damaged where the list of chunks is not whole."""
        super().__init__()
        self._store = store
        self._manifest = manifest
        self._cipher = _Cipher(key, "content")
        self._names = manifest.chunks(store, key)
        self._place = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._manifest.size}[whence]
        if start + offset < 0:
            raise ValueError("a place before the beginning")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill a buffer as far as the current chunk goes."""
        if self._place >= self._manifest.size:
            return 0
        index, start = divmod(self._place, self._manifest.chunk_size)
        if self._held[0] != index:
            piece = _open_piece(
                self._store, self._cipher, self._names, index, self._manifest.chunk_size, self._manifest.size
            )
            self._held = (index, piece)
        part = self._held[1][start : start + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)


def check_whole(store: ChunkDirectory, key: bytes, manifest: Manifest) -> None:
    """Read a whole file and compare its hash. Raises NotFound, Damaged."""
    for _ in pieces(store, key, manifest):
        pass


def pieces(store: ChunkDirectory, key: bytes, manifest: Manifest) -> Iterator[bytes]:
    """The plain bytes of a file, chunk by chunk, and its hash compared. Raises NotFound, Damaged."""
    cipher = _Cipher(key, "content")
    names = manifest.chunks(store, key)
    whole = hashlib.sha256()
    for index in range(len(names)):
        piece = _open_piece(store, cipher, names, index, manifest.chunk_size, manifest.size)
        whole.update(piece)
        yield piece
    if whole.digest() != manifest.sha256:
        raise Damaged("An attachment is not the file that its author added; ask for it again.")
