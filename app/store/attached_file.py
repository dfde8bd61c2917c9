"""What the record of an attachment says about its file, and reading it: on any thread, without the project.

``PROJECT.files/chunks`` holds the chunks (``sync.attachments`` says how they are made);
``PROJECT.files/small`` the thumbnails, each under a name and a key that follow from the file's key: they
never leave the device.
"""

from __future__ import annotations

import io
import os
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.store import images
from app.store.pdf_page import first_page
from app.store.records import Record
from sync.attachments import KEY, Manifest, Progress, Reader, pieces, purpose_key
from sync.chunks import ChunkDirectory, disk_error, write_whole
from sync.clock import Random, system_random
from sync.errors import NotFound, SitebookError

USUAL_SIZE = 512
"""Longest side of the thumbnail that is made when an image is added, in pixels."""
PDF = "application/pdf"
_IMAGES = frozenset(f"image/{each}" for each in ("jpeg", "png", "webp", "gif", "heic", "heif"))
_LONGEST_NAME = 200


class Where(StrEnum):
    """Where the content of an attachment is, as far as this device can tell."""

    HERE = "only on this device"
    ELSEWHERE = "not on this device"


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """What an attachment's record says about its file. It holds no connection: any thread may use it."""

    record: bytes
    name: str
    media_type: str
    size: int
    sha256: bytes
    captured: int | None
    manifest: Manifest | None
    """None where the record holds none that can be read."""
    key: bytes = field(repr=False)
    directory: Path

    @property
    def is_image(self) -> bool:
        """Whether it is a picture that can be shown large."""
        return self.media_type in _IMAGES

    @property
    def has_picture(self) -> bool:
        """Whether a thumbnail may be expected."""
        return self.is_image or self.media_type == PDF

    def held(self) -> bool:
        """Whether all of the file is on this device."""
        store = chunks_of(self.directory)
        try:
            return self.manifest is not None and all(
                name in store for name in self.manifest.everything(store, self.key)
            )
        except SitebookError:
            return False

    def where(self) -> Where:
        """Where the file is."""
        return Where.HERE if self.held() else Where.ELSEWHERE

    def open(self) -> BinaryIO:
        """The file for reading and seeking, decrypted as it is read.

        Raises NotFound where it is not here; reading raises Damaged where a byte was changed.
        """
        reader = Reader(chunks_of(self.directory), self.key, self._manifest())
        return io.BufferedReader(reader)

    def save_to(
        self, path: Path, *, progress: Progress | None = None, random: Random = system_random
    ) -> None:
        """Write the file, decrypted, to ``path``: all of it, or nothing.

        Raises NotFound, Damaged, and SitebookError where the disk says no.
        """
        manifest = self._manifest()
        part = path.with_name(f".{path.name[:100]}.{random(4).hex()}.part")
        try:
            try:
                with part.open("xb") as file:
                    done = 0
                    for piece in pieces(chunks_of(self.directory), self.key, manifest):
                        file.write(piece)
                        done += len(piece)
                        if progress is not None:
                            progress(done, manifest.size)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(path)
            except BaseException:
                with suppress(OSError):  # the first failure is the one to tell
                    part.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise disk_error(error, f"writing {path.name}") from error

    def thumbnail(self, size: int = USUAL_SIZE, *, random: Random = system_random) -> bytes | None:
        """A JPEG or PNG that fits into ``size`` pixels, made once and kept encrypted.

        Of a PDF it shows the first page. None where the file is not here, no image, damaged or hostile. Raises
        SitebookError where the disk says no.
        """
        if self.manifest is None or not self.has_picture:
            return None
        path = small_path(self.directory, self.key, size)
        found = _read_small(path, self.key)
        if found is None:
            try:
                with self.open() as source:
                    draw = first_page if self.media_type == PDF else images.thumbnail
                    found = draw(source, size) or b""
            except SitebookError:
                return None  # not here, or damaged: whoever opens the file is told so
            _write_small(path, self.key, found, random)
        return found or None

    def _manifest(self) -> Manifest:
        if self.manifest is None:
            raise NotFound("This attachment has no file that this version can read.")
        return self.manifest


def clean_name(name: str) -> str:
    """The name of a file as it is kept: no folders, no control characters, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(each for each in last if each.isprintable()).strip()
    if printable.strip(".") == "":
        return "file"
    stem, dot, ending = printable.rpartition(".")
    if len(printable) <= _LONGEST_NAME:
        return printable
    return f"{stem[: _LONGEST_NAME - 20]}{dot}{ending[:19]}" if dot else printable[:_LONGEST_NAME]


def read_attached(record: Record, directory: Path) -> AttachedFile:
    """What a record says, as far as it makes sense: its values may come from any version, or from a liar."""
    key = record.value("key")
    try:
        manifest = Manifest.decode(record.value("manifest"))
    except SitebookError:
        manifest = None
    if not isinstance(key, bytes) or len(key) != KEY:
        manifest, key = None, b""
    return AttachedFile(
        record.id,
        clean_name(_typed(record.value("name"), str, "")),
        _typed(record.value("media_type"), str, "application/octet-stream"),
        manifest.size if manifest is not None else max(0, _typed(record.value("size"), int, 0)),
        manifest.sha256 if manifest is not None else b"",
        _typed(record.value("captured"), int, None),
        manifest,
        key,
        directory,
    )


def _typed(value: Any, wanted: type, default: Any) -> Any:
    return value if type(value) is wanted else default


def chunks_of(directory: Path) -> ChunkDirectory:
    """The chunks of a project."""
    return ChunkDirectory(directory / "chunks")


def small_path(directory: Path, key: bytes, size: int) -> Path:
    """Where a thumbnail is kept."""
    name = purpose_key(key, f"thumbnail name {size}").hex()
    return directory / "small" / name[:2] / name


def _read_small(path: Path, key: bytes) -> bytes | None:
    """A thumbnail that is kept; empty bytes say that there is none to be had. None where it must be made."""
    try:
        data = path.read_bytes()
        return AESGCM(purpose_key(key, "thumbnail")).decrypt(data[:12], data[12:], b"")
    except (FileNotFoundError, InvalidTag, ValueError):
        return None
    except OSError as error:
        raise disk_error(error, "reading a thumbnail") from error


def _write_small(path: Path, key: bytes, data: bytes, random: Random) -> None:
    nonce = random(12)
    write_whole(path, nonce + AESGCM(purpose_key(key, "thumbnail")).encrypt(nonce, data, b""), random)
