"""Bringing a profile back from a backup: all of it, or nothing, and never over another profile."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from app.interchange.backup import CONTENTS, FORMAT, README, VERSION, Contents, Member, Progress
from app.interchange.files import plain_errors
from app.interchange.zips import opened_zip, reading_zip
from app.keys import slots
from app.keys.files import sync_directory
from app.keys.profile import Profile
from app.keys.vault import Vault
from app.store.database import connect
from sync.clock import Random, system_random
from sync.errors import Damaged, Malformed, NewerFormat, Refused

_MAX_CONTENTS: Final = 256 << 20
_PIECE: Final = 1 << 20
_NAMES: Final = re.compile(
    r"vault\.db|vault\.slots|projects/[0-9a-f]{64}\.sitebook"
    r"|projects/[0-9a-f]{64}\.files/chunks/[0-9a-f]{2}/[0-9a-f]{64}"
)
_NEEDED: Final = ("vault.db", "vault.slots")
_OWN: Final = frozenset({"profile.lock", "profile.pid"})


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    projects: int
    files: int
    made_ms: int
    """When the backup was made."""


def restore(
    path: Path,
    profile: Profile,
    *,
    random: Random = system_random,
    progress: Progress | None = None,
    check: Callable[[Profile], None] | None = None,
) -> Restored:
    """Read a backup into a profile that is still empty.

    Every member is checked against its hash, in a folder beside the profile's, which then takes its place in
    one step. ``check`` is called before that with the profile as it will be, and may refuse it (see
    ``check_opens``). Raises Refused where the profile is not empty, Damaged where the file is not a whole
    backup, NewerFormat, and SitebookError where the disk says no.
    """
    _check_empty(profile)
    fresh = profile.directory.with_name(f".{profile.directory.name}.{random(4).hex()}.part")
    with plain_errors(path), path.open("rb") as file, opened_zip(file, _damaged(path)) as archive:
        contents = _read_contents(archive, path)
        _check_members(archive, contents, path)
        with plain_errors(profile.directory):
            try:
                profile.directory.parent.mkdir(parents=True, exist_ok=True)
                fresh.mkdir(mode=0o700)
                _extract(archive, contents, fresh, path, progress or (lambda done, whole: None))
                _finish(fresh, path)
                if check is not None:
                    check(Profile(fresh))
                _place(fresh, profile)
            except BaseException:
                shutil.rmtree(fresh, ignore_errors=True)
                raise
    projects = sum(name.endswith(".sitebook") for name in contents.members)
    return Restored(projects, len(contents.members), contents.made_ms)


def check_opens(open_vault: Callable[[Profile], Vault]) -> Callable[[Profile], None]:
    """A check for ``restore``: that vault and projects open with what ``open_vault`` gives.

    ``open_vault`` opens the vault of a profile, not exclusively. Raises what it raises, and Damaged.
    """

    def check(profile: Profile) -> None:
        with open_vault(profile) as vault:
            for entry in vault.projects():
                project = profile.project_path(entry.project)
                database = connect(project, entry.file_key, readonly=True)
                try:
                    if database.all("PRAGMA quick_check(1)") != [("ok",)]:
                        raise Damaged(
                            f"The project “{entry.name}” is damaged in this backup; take an older one."
                        )
                finally:
                    database.close()

    return check


def _check_empty(profile: Profile) -> None:
    with plain_errors(profile.directory):
        if not profile.directory.exists():
            return
        found = {path.name for path in profile.directory.iterdir()}
    if found - _OWN:
        raise Refused(
            f"{profile.directory} is not empty, and a backup is restored into a new profile only; choose "
            "another directory (`--profile`)."
        )


def _read_contents(archive: zipfile.ZipFile, path: Path) -> Contents:
    info = _info(archive, CONTENTS, path)
    if info.file_size > _MAX_CONTENTS or info.compress_type != zipfile.ZIP_STORED:
        raise _damaged(path)
    with reading_zip(_damaged(path)):
        data = archive.read(info)
    try:
        contents = msgspec.json.decode(data, type=Contents)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _damaged(path) from error
    if contents.format != FORMAT:
        raise _damaged(path)
    if contents.version > VERSION:
        raise NewerFormat(f"{path.name} was made by a newer Sitebook; update this one to restore it.")
    return contents


def _info(archive: zipfile.ZipFile, name: str, path: Path) -> zipfile.ZipInfo:
    try:
        return archive.getinfo(name)
    except KeyError as error:
        raise _damaged(path) from error


def _check_members(archive: zipfile.ZipFile, contents: Contents, path: Path) -> None:
    """No names but ours, nothing compressed, nothing twice, and not more than the file can hold."""
    infos = archive.infolist()
    names = [info.filename for info in infos]
    listed = set(contents.members) | {CONTENTS, README}
    sizes_fit = all(
        info.compress_type == zipfile.ZIP_STORED and info.compress_size == info.file_size for info in infos
    )
    wrong = (
        len(set(names)) != len(names)
        or set(names) - listed
        or any(name not in contents.members for name in _NEEDED)
        or any(_NAMES.fullmatch(name) is None for name in contents.members)
        or any(name not in set(names) for name in contents.members)
        or not sizes_fit
        or sum(info.file_size for info in infos) > path.stat().st_size
    )
    if wrong:
        raise _damaged(path)


def _extract(
    archive: zipfile.ZipFile, contents: Contents, directory: Path, path: Path, progress: Progress
) -> None:
    (directory / "projects").mkdir(mode=0o700)
    whole, done = max(1, sum(member.size for member in contents.members.values())), 0
    folders = {directory, directory / "projects"}
    for name, member in contents.members.items():
        target = directory.joinpath(*name.split("/"))
        _make_folders(target.parent, directory, folders)
        _extract_one(archive, name, member, target, path)
        done += member.size
        progress(done, whole)
    for folder in sorted(folders, reverse=True):
        sync_directory(folder)


def _make_folders(folder: Path, top: Path, made: set[Path]) -> None:
    if folder not in made:
        _make_folders(folder.parent, top, made)
        folder.mkdir(mode=0o700)
        made.add(folder)


def _extract_one(archive: zipfile.ZipFile, name: str, member: Member, target: Path, path: Path) -> None:
    hashed, size = hashlib.sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file, reading_zip(_damaged(path)), archive.open(name) as source:
        while piece := source.read(_PIECE):
            hashed.update(piece)
            size += len(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if hashed.hexdigest() != member.sha256 or size != member.size:
        raise _damaged(path)


def _finish(directory: Path, path: Path) -> None:
    """Write the second copy of the slots, and see that the vault is the one that they open."""
    profile = Profile(directory)
    data = profile.slots_path.read_bytes()
    try:
        table = slots.decode(data)
    except Malformed as error:
        raise _damaged(path) from error
    with profile.vault_path.open("rb") as vault:
        if vault.read(len(table.vault_id)) != table.vault_id:
            raise _damaged(path)
    shutil.copyfile(profile.slots_path, profile.slots_copy_path)
    profile.slots_copy_path.chmod(0o600)
    sync_directory(directory)


def _place(fresh: Path, profile: Profile) -> None:
    """Put the new folder in the place of the empty one."""
    for leftover in ("profile.lock", "profile.pid"):  # of the check, or of a profile that was never made
        (fresh / leftover).unlink(missing_ok=True)
        (profile.directory / leftover).unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        profile.directory.rmdir()
    fresh.rename(profile.directory)
    sync_directory(profile.directory.parent)


def _damaged(path: Path) -> Damaged:
    return Damaged(
        f"{path.name} is damaged, or no backup of Sitebook; nothing was restored. Take another copy of it."
    )
