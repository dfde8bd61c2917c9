"""Files attached to records: encrypted chunks beside the project file, and a record that puts them together.

A file is encrypted by ``seal_file`` on any thread, without the project; ``attach`` then makes the record on
the thread of the project's connection. ``Attachments.file`` gives what a worker thread needs to read one.
"""

from __future__ import annotations

import io
import mimetypes
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, BinaryIO

from app.domain.schema import ATTACHMENT, KINDS
from app.store import images
from app.store.attached_file import (
    USUAL_SIZE,
    AttachedFile,
    Where,
    chunks_of,
    clean_name,
    read_attached,
    small_path,
)
from app.store.project import Project
from app.store.touched import Touched
from sync.attachments import Manifest, Progress, discard, seal
from sync.chunks import disk_error
from sync.clock import Random
from sync.errors import NotFound, Refused, SitebookError

__all__ = [
    "AttachedFile", "Attachments", "Sealed", "Where", "attach", "described", "forget", "seal_bytes", "seal_file",
]  # fmt: skip

GRACE_MS = 24 * 3600 * 1000
"""Chunks that no record names are left alone for so long: their record may be about to be made."""
_types = mimetypes.MimeTypes(filenames=())
_types.add_type("image/webp", ".webp")
_types.add_type("image/heic", ".heic")
_types.add_type("image/heif", ".heif")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file that lies encrypted in the directory of a project and has no record yet."""

    name: str
    media_type: str
    manifest: Manifest
    key: bytes = field(repr=False)
    captured: int | None
    added: tuple[bytes, ...] = field(repr=False, default=())


def seal_file(
    path: Path,
    directory: Path,
    random: Random,
    *,
    zone: tzinfo = UTC,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Sealed:
    """Encrypt a file into the attachments directory of a project; needs no connection, so any thread.

    ``zone``: the device's time zone, for photos that do not tell theirs. Raises Cancelled, and SitebookError
    where the file cannot be read or the disk says no; nothing stays then.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise SitebookError(f"“{path.name}” is a folder; attach the files in it one by one.")
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for its other end
            raise SitebookError(f"“{path.name}” is not a file; choose a file to attach.")
        with path.open("rb") as source:
            return _seal(
                path.name,
                source,
                directory,
                random,
                size=status.st_size,
                zone=zone,
                progress=progress,
                cancelled=cancelled,
            )
    except FileNotFoundError as error:
        raise NotFound(f"There is no file “{path}”; check its name.") from error
    except OSError as error:
        raise disk_error(error, f"reading {path.name}") from error


def seal_bytes(name: str, data: bytes, directory: Path, random: Random, *, zone: tzinfo = UTC) -> Sealed:
    """Encrypt what was pasted or dropped. Raises SitebookError where the disk says no."""
    return _seal(name, io.BytesIO(data), directory, random, size=len(data), zone=zone)


def _seal(
    name: str,
    source: BinaryIO,
    directory: Path,
    random: Random,
    *,
    size: int,
    zone: tzinfo,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Sealed:
    store = chunks_of(directory)
    sealed = seal(source, store, random, size=size, progress=progress, cancelled=cancelled)
    media_type = _types.guess_type(name, strict=False)[0] or "application/octet-stream"
    file = AttachedFile(
        b"", name, media_type, sealed.manifest.size, b"", None, sealed.manifest, sealed.key, directory
    )
    taken = None
    try:
        if file.is_image:
            with file.open() as plain:
                taken = images.captured(plain, zone)
        file.thumbnail(random=random)
    except BaseException:
        discard(store, sealed.added)
        raise
    return Sealed(clean_name(name), media_type, sealed.manifest, sealed.key, taken, sealed.added)


def attach(project: Project, parent: bytes, sealed: Sealed) -> tuple[bytes, Touched]:
    """Make the record of a sealed file, on the project's thread.

    Raises NotFound or Refused where the parent is gone, deleted, or of a kind that takes no files, or where
    one's role does not permit it.
    """
    above = project.record_or_fail(parent)
    if above.deleted:
        raise Refused("This is deleted; restore it before attaching files.")
    if above.kind not in KINDS[ATTACHMENT].child_of:
        raise Refused(f"Files cannot be attached to a {above.kind}; attach them to an issue or a note.")
    return project.create(ATTACHMENT, described(parent, sealed))


def described(parent: bytes, sealed: Sealed) -> dict[str, Any]:
    """The fields of the record of a sealed file."""
    return {
        "parent": parent,
        "name": sealed.name,
        "media_type": sealed.media_type,
        "size": sealed.manifest.size,
        "sha256": sealed.manifest.sha256,
        "manifest": sealed.manifest.encode(),
        "key": sealed.key,
        "captured": sealed.captured,
    }


class Attachments:
    """The attachments of one project, on the thread of its connection."""

    def __init__(self, project: Project, directory: Path, *, zone: tzinfo = UTC) -> None:
        """``directory`` is made when the first file is added; ``zone`` is the device's time zone."""
        self.project = project
        self.directory = directory
        self.zone = zone

    def add(
        self,
        parent: bytes,
        path: Path,
        *,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> tuple[bytes, Touched]:
        """Encrypt a file and attach it. Raises what those two steps raise; nothing stays then."""
        sealed = seal_file(
            path,
            self.directory,
            self.project.random,
            zone=self.zone,
            progress=progress,
            cancelled=cancelled,
        )
        return self.attach(parent, sealed)

    def add_bytes(self, parent: bytes, name: str, data: bytes) -> tuple[bytes, Touched]:
        """Attach what was pasted or dropped."""
        sealed = seal_bytes(name, data, self.directory, self.project.random, zone=self.zone)
        return self.attach(parent, sealed)

    def attach(self, parent: bytes, sealed: Sealed) -> tuple[bytes, Touched]:
        """Make the record of a sealed file; where that is refused, the sealed file goes."""
        try:
            return attach(self.project, parent, sealed)
        except BaseException:
            forget(sealed, self.directory)
            raise

    def of(self, parent: bytes) -> list[AttachedFile]:
        """The files attached to a record, oldest first."""
        return [self.file(record) for record in self.project.children(parent, ATTACHMENT)]

    def file(self, record: bytes) -> AttachedFile:
        """One attachment. Raises NotFound where there is no such record."""
        found = self.project.get(record, ATTACHMENT)
        if found is None or not found.fields:
            raise NotFound("There is no attachment with this id in the project.")
        return read_attached(found, self.directory)

    def open(self, record: bytes) -> BinaryIO:
        """See ``AttachedFile.open``."""
        return self.file(record).open()

    def save_to(self, record: bytes, path: Path, *, progress: Progress | None = None) -> None:
        """See ``AttachedFile.save_to``."""
        self.file(record).save_to(path, progress=progress)

    def thumbnail(self, record: bytes, size: int = USUAL_SIZE) -> bytes | None:
        """See ``AttachedFile.thumbnail``."""
        return self.file(record).thumbnail(size, random=self.project.random)

    def held(self, record: bytes) -> bool:
        """See ``AttachedFile.held``."""
        return self.file(record).held()

    def where(self, record: bytes) -> Where:
        """See ``AttachedFile.where``."""
        return self.file(record).where()

    def remove(self, record: bytes) -> Touched:
        """Delete the record; the file stays as long as the record can be restored."""
        return self.project.delete(record)

    def collect(self) -> int:
        """Remove chunks that no record names and that are a day old: what a crash left. Returns how many.

        Nothing goes where one record cannot be read (a later version's), or a list of chunks is damaged:
        then raises Damaged, or SitebookError where the disk says no.
        """
        store = chunks_of(self.directory)
        live: set[bytes] = set()
        for deleted in (False, True):
            for record in self.project.records(ATTACHMENT, deleted=deleted):
                file = self.file(record)
                if file.manifest is None:
                    return 0
                live.update(file.manifest.names)
                with suppress(NotFound):  # a list that is not here names nothing that is here
                    live.update(file.manifest.everything(store, file.key))
        return store.collect(live, self.project.clock.now_ms() - GRACE_MS)


def forget(sealed: Sealed, directory: Path) -> None:
    """Remove a sealed file that got no record."""
    discard(chunks_of(directory), sealed.added)
    with suppress(OSError):
        small_path(directory, sealed.key, USUAL_SIZE).unlink(missing_ok=True)
