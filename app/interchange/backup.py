"""Backing up a whole profile into one file, while Sitebook is in use. Format 1.

The file is a ZIP whose members are stored as they are, since all of them are encrypted already::

    README.txt                               what this is, in words
    vault.db, vault.slots                    the vault, and its key wrapped for each way to open it
    projects/ID.sitebook                     one project file each, under the project's id in hex
    projects/ID.files/chunks/ab/abcd…        the chunks of its attachments
    contents.json                            {"format": "sitebook-backup", "version": 1, "made_ms",
                                              "members": {NAME: {"size", "sha256"}}}, the last member

Nothing in it can be read without the passphrase, the recovery key, or the system keyring of the machine that
it was made on; no project's name shows. Thumbnails are left out: they are made again.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

import apsw
import msgspec

from app.interchange.files import plain_errors, writing_whole
from app.keys.entry import ProjectEntry
from app.keys.profile import Profile
from app.keys.vault import Vault
from app.store.database import connect, translate
from sync.clock import Clock, Random, system_random
from sync.errors import NotFound

FORMAT: Final = "sitebook-backup"
VERSION: Final = 1
CONTENTS: Final = "contents.json"
README: Final = "README.txt"
Progress = Callable[[int, int], None]
"""Told (bytes done, bytes in all)."""
_PIECE: Final = 1 << 20
_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)
_WORDS: Final = """\
This is a backup of a Sitebook profile: the vault, the projects and their attachments.

Everything beside this text and the list in contents.json is encrypted. To bring it back, into a profile that
is still empty:

    sitebook --profile NEW-DIRECTORY restore THIS-FILE

Then open the profile as before: with your passphrase, your recovery key, or, on the same machine, the system's
keyring.
"""


class Member(msgspec.Struct, frozen=True):
    """One file in a backup."""

    size: int
    sha256: str


class Contents(msgspec.Struct, frozen=True):
    """The list of what is in a backup."""

    format: str
    version: int
    made_ms: int
    members: dict[str, Member]


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds."""

    projects: int
    files: int
    """How many files lie in it, chunks of attachments among them."""
    size: int
    """Bytes."""


def backup(
    vault: Vault,
    path: Path,
    *,
    clock: Clock,
    random: Random = system_random,
    progress: Progress | None = None,
) -> BackedUp:
    """Write a backup of the vault's profile to ``path``: all of it, or nothing.

    The vault may be one that was opened for reading, beside a Sitebook that is running: each project is copied
    from one read transaction, its attachments after it, so all that it names are there. What is typed within
    the last second may be missing. Raises NotFound, Damaged, and SitebookError where the disk says no.
    """
    entries = vault.projects()
    with writing_whole(path, random=random) as file, _scratch(path) as scratch:
        vault.copy_to(scratch / "vault")
        copy = Profile(scratch / "vault")
        whole = _estimate(vault.profile, entries)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            writer = _Writer(archive, progress or (lambda done, whole: None), whole)
            writer.add_bytes(README, _WORDS.encode())
            writer.add(copy.vault_path.name, copy.vault_path)
            writer.add(copy.slots_path.name, copy.slots_path)
            for entry in entries:
                _copy_project(vault.profile, entry, scratch / "project", writer)
            contents = Contents(FORMAT, VERSION, clock.now_ms(), writer.members)
            writer.add_bytes(CONTENTS, msgspec.json.format(msgspec.json.encode(contents)))
        return BackedUp(len(entries), len(writer.members), file.tell())


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    """A private folder on the disk of the backup, for copies on their way."""
    with plain_errors(path):
        directory = Path(tempfile.mkdtemp(prefix=f".{path.name[:60]}.", suffix=".part", dir=path.parent))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _estimate(profile: Profile, entries: list[ProjectEntry]) -> int:
    """About how many bytes there are to copy, for the progress."""
    size = 0
    with plain_errors(profile.directory):
        for entry in entries:
            project = profile.project_path(entry.project)
            size += project.stat().st_size if project.exists() else 0
            size += sum(chunk.stat().st_size for chunk in _chunks(profile, entry))
    return max(size, 1)


def _chunks(profile: Profile, entry: ProjectEntry) -> list[Path]:
    folder = profile.attachments_path(entry.project) / "chunks"
    return sorted(path for path in folder.glob("??/*") if len(path.name) == 64 and path.is_file())


def _copy_project(profile: Profile, entry: ProjectEntry, scratch: Path, writer: _Writer) -> None:
    source = profile.project_path(entry.project)
    if not source.exists():
        raise NotFound(
            f"The file of the project “{entry.name}” is missing, so the backup was not made; join the project "
            "again, or remove it from this profile."
        )
    copy_database(source, entry.file_key, scratch)
    name = f"projects/{source.name}"
    writer.add(name, scratch)
    scratch.unlink()
    folder = profile.attachments_path(entry.project)
    for path in _chunks(profile, entry):
        try:
            writer.add(f"projects/{folder.name}/chunks/{path.parent.name}/{path.name}", path)
        except FileNotFoundError:
            continue  # nothing named it any more, and it was collected while this ran


def copy_database(source: Path, key: bytes, target: Path) -> None:
    """Copy an encrypted file from one read transaction, under the same key, while others may write to it.

    Raises Damaged, and SitebookError where the disk says no.
    """
    database = connect(source, key, readonly=True)
    try:
        address = f"file:{quote(str(target))}?cipher=aegis&key=raw:{key.hex()}"
        database.connection.execute("VACUUM main INTO ?", (address,))
    except apsw.Error as error:
        raise translate(error, source) from error
    finally:
        database.close()


@dataclass
class _Writer:
    """Adds members to a ZIP, hashing them on the way."""

    archive: zipfile.ZipFile
    progress: Progress
    whole: int
    members: dict[str, Member] = field(default_factory=dict)
    done: int = 0

    def add(self, name: str, source: Path) -> None:
        """Add a file. Raises FileNotFoundError before anything is written."""
        with source.open("rb") as plain:
            self._add(name, plain)

    def add_bytes(self, name: str, data: bytes) -> None:
        """Add a short member that the list does not name."""
        self.archive.writestr(zipfile.ZipInfo(name, _BEGINNING), data)

    def _add(self, name: str, source: BinaryIO) -> None:
        hashed, size = hashlib.sha256(), 0
        with self.archive.open(zipfile.ZipInfo(name, _BEGINNING), "w", force_zip64=True) as member:
            while piece := source.read(_PIECE):
                hashed.update(piece)
                member.write(piece)
                size += len(piece)
                self.done += len(piece)
                self.progress(self.done, max(self.whole, self.done))
        self.members[name] = Member(size, hashed.hexdigest())
