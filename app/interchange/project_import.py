"""Making a new project of an export: equal to the one that it came from, or nothing at all.

What is read are the exact bytes of all changes, and the files; ``transcribe`` says how the changes become the
new project's. Everything is checked before a project is founded. Whoever imports is its owner; the person of
his name or address becomes his person record, and what that person wrote before stays his.
"""

from __future__ import annotations

import base64
import binascii
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import msgspec

from app.domain.names import fold
from app.domain.schema import ATTACHMENT, DEVICE
from app.interchange.files import plain_errors
from app.interchange.history import StoredChange
from app.interchange.project_export import CHANGES, CONTENTS, FORMAT, VERSION, ExportContents
from app.interchange.transcribe import Old, Transcriber
from app.interchange.zips import opened_zip, reading_zip
from app.keys.entry import ProjectEntry
from app.store.apply import check_texts
from app.store.attachments import AttachedFile, Attachments
from app.store.operations import Edit
from app.store.project import Project
from app.store.touched import Touched
from app.workspace import people
from app.workspace.workspace import Workspace
from sync.attachments import INLINE_NAMES, seal
from sync.change import change_id
from sync.chunks import ChunkDirectory
from sync.errors import Damaged, Malformed, NewerFormat, SitebookError
from sync.identity import found_project
from sync.ids import parse_id

MAX_HISTORY: Final = 1 << 30
"""Most bytes of raw changes that are held in memory."""
MAX_LINE: Final = 16 << 20
MAX_CONTENTS: Final = 64 << 20
_FILE: Final = re.compile(r"files/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/[^/\\]+")
Progress = Callable[[int, int], None]


class _Line(msgspec.Struct, frozen=True):
    id: str
    raw: str
    aside: bool = False
    lost: tuple[int, ...] = ()
    cut: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in. ``missing``: how many attachments the export held no file for."""

    entry: ProjectEntry
    changes: int
    files: int
    missing: int


def import_project(
    path: Path,
    workspace: Workspace,
    *,
    name: str = "",
    server: str = "",
    progress: Progress | None = None,
) -> Imported:
    """Found a new project of an export and bring everything in. ``name``: in place of the old one.

    Raises Damaged where the file is not a whole export, NewerFormat, and SitebookError where the disk says
    no; then nothing is left behind.
    """
    with plain_errors(path), path.open("rb") as file, opened_zip(file, _damaged(path)) as archive:
        contents = _read_contents(archive, path)
        old = _read_changes(archive, path)
        files = _check_files(archive, contents, path)
        return _Import(workspace, archive, path, contents, old, files, progress).run(name, server)


def _damaged(path: Path) -> Damaged:
    return Damaged(f"{path.name} is damaged, or no export of a Sitebook project; nothing was imported.")


def _info(archive: zipfile.ZipFile, name: str, path: Path) -> zipfile.ZipInfo:
    try:
        return archive.getinfo(name)
    except KeyError as error:
        raise _damaged(path) from error


def _read_contents(archive: zipfile.ZipFile, path: Path) -> ExportContents:
    with reading_zip(_damaged(path)), archive.open(_info(archive, CONTENTS, path)) as member:
        data = member.read(MAX_CONTENTS + 1)
    try:
        head = msgspec.json.decode(data[:MAX_CONTENTS], type=dict[str, Any])
        if (
            head.get("format") == FORMAT
            and isinstance(head.get("version"), int)
            and head["version"] > VERSION
        ):
            raise NewerFormat(f"{path.name} was exported by a newer Sitebook; update this one to import it.")
        contents = msgspec.convert(head, ExportContents)
        project = bytes.fromhex(contents.project)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError, ValueError) as error:
        raise _damaged(path) from error
    if contents.format != FORMAT or contents.version < 1 or len(project) != 32:
        raise _damaged(path)
    return contents


def _read_changes(archive: zipfile.ZipFile, path: Path) -> list[Old]:
    """Read and check every change. What they unpack to is bounded, line by line and in all."""
    decode = msgspec.json.Decoder(_Line).decode
    found: list[Old] = []
    seen: set[bytes] = set()
    room = MAX_HISTORY
    with reading_zip(_damaged(path)), archive.open(_info(archive, CHANGES, path)) as member:
        while line := member.readline(MAX_LINE + 1):
            try:
                read = decode(line)
                data = base64.b64decode(read.raw, validate=True)
            except (msgspec.DecodeError, binascii.Error, RecursionError) as error:
                raise _damaged(path) from error
            room -= len(data)
            change = change_id(data)
            if room < 0 or len(line) > MAX_LINE or change.hex() != read.id or change in seen:
                raise _damaged(path)
            seen.add(change)
            try:
                old = Old.read(StoredChange(change, data, read.aside, read.lost, read.cut))
                if old is not None:
                    check_texts(old.change)
                    found.append(old)
            except Malformed as error:
                raise _damaged(path) from error
    return found


def _check_files(
    archive: zipfile.ZipFile, contents: ExportContents, path: Path
) -> dict[bytes, zipfile.ZipInfo]:
    """The members that hold attachments, by record. Only their bytes are used; no path is made of a name."""
    found = {}
    for record, member in contents.files.items():
        if member is None:
            continue
        if _FILE.fullmatch(member) is None or member.split("/")[1] != record:
            raise _damaged(path)
        found[parse_id(record)] = _info(archive, member, path)
    return found


@dataclass
class _Import:
    workspace: Workspace
    archive: zipfile.ZipFile
    path: Path
    contents: ExportContents
    old: list[Old]
    files: dict[bytes, zipfile.ZipInfo]
    progress: Progress | None

    def run(self, name: str, server: str) -> Imported:
        workspace = self.workspace
        founded = found_project(random=workspace.random, recovery=workspace.recovery())
        title = name.strip() or self.contents.name.strip() or self.path.stem
        entry = workspace.make_file(title[:200], server, founded.identity, (founded.epoch_key,), alone=True)
        attachments = workspace.vault.profile.attachments_path(entry.project)
        try:
            project = workspace.open_file(entry)
            try:
                side = workspace.side(entry, project)
                side.add_own(founded.founding)
                workspace.grant_recovery(side, entry)
                self._write(project)
                files, missing = self._write_files(Attachments(project, attachments))
                if name.strip():
                    project.set(project.record, "name", name.strip())
                self._introduce(project, entry)
                project.checkpoint()
            finally:
                project.close()
            workspace.vault.put_project(entry)
        except BaseException:
            workspace.discard_file(entry)
            shutil.rmtree(attachments, ignore_errors=True)
            raise
        return Imported(entry, len(self.old), files, missing)

    def _write(self, project: Project) -> None:
        """Enter all changes in one transaction."""
        transcriber = Transcriber(
            self.old,
            device=project.device,
            old_project=bytes.fromhex(self.contents.project),
            project=project.id,
        )
        touched = Touched()
        whole = len(self.old) + len(self.files)
        with project.writing():
            try:
                for index, change in enumerate(transcriber.changes(project.random)):
                    project.enter(change, touched)
                    if self.progress is not None and index % 50 == 0:
                        self.progress(index, whole)
            except Malformed as error:
                raise _damaged(self.path) from error
        project.forget_definitions()

    def _write_files(self, attachments: Attachments) -> tuple[int, int]:
        """Seal the files again, each under its own key: the chunks come out as they were."""
        project = attachments.project
        records = [*project.records(ATTACHMENT), *project.records(ATTACHMENT, deleted=True)]
        done = 0
        for record in sorted(records):
            info = self.files.get(record)
            if info is not None:
                self._write_file(attachments.file(record), info)
                done += 1
                if self.progress is not None:
                    self.progress(len(self.old) + done, len(self.old) + len(self.files))
        return done, len(records) - done

    def _write_file(self, file: AttachedFile, info: zipfile.ZipInfo) -> None:
        manifest = file.manifest
        if manifest is None or info.file_size != manifest.size:
            raise self._other_file(file)
        store = ChunkDirectory(file.directory / "chunks")
        with reading_zip(_damaged(self.path)), self.archive.open(info) as member:
            sealed = seal(
                cast(BinaryIO, _Bounded(member, manifest.size)),
                store,
                self.workspace.random,
                key=file.key,
                chunk_size=manifest.chunk_size,
                inline_names=0 if manifest.depth else INLINE_NAMES,
            )
        if sealed.manifest != manifest:
            raise self._other_file(file)

    def _other_file(self, file: AttachedFile) -> SitebookError:
        return Damaged(
            f"The file “{file.name}” in {self.path.name} is not the one that was attached; nothing was imported."
        )

    def _introduce(self, project: Project, entry: ProjectEntry) -> None:
        """Make the importer known, as the person that he is already where one has his address or name."""
        who = self.workspace.vault.identity
        entries = people.person_entries(project)
        same = [each.id for each in entries if who.email and fold(each.email) == fold(who.email)]
        same = same or [each.id for each in entries if who.name and fold(each.name) == fold(who.name)]
        if len(same) == 1:
            before = project.column("person", "member").get(same[0])
            bulk = project.bulk()
            bulk.update(same[0], [Edit("member", entry.member)])
            for device, member in project.column(DEVICE, "member").items():
                if member == before:
                    bulk.update(device, [Edit("member", entry.member)])
            bulk.commit()
        self.workspace.introduce(project, entry)


class _Bounded:
    """A member that gives no more bytes than its record says, however far it would unpack."""

    def __init__(self, member: Any, size: int) -> None:
        self._member = member
        self._left = size + 1

    def read(self, count: int) -> bytes:
        """Read at most ``count`` bytes."""
        data = bytes(self._member.read(min(count, self._left)))
        self._left -= len(data)
        return data
