from __future__ import annotations

import errno
import hashlib
import os
import random as pseudo
import struct
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.interchange.backup import backup
from app.interchange.restore import check_opens, restore
from app.keys.profile import Profile
from app.keys.vault import Vault
from app.store.attachments import Attachments
from app.store.project import Project
from sync.clock import SystemClock
from sync.errors import Damaged, NewerFormat, NotFound, Refused, SitebookError
from tests.app.keys.helpers import create, files_of, project_entry, reopen
from tests.app.store.replicas import SetClock

ROOT = Path(__file__).parents[3]
PHOTO = pseudo.Random(5).randbytes(1_500_000)


def opened(vault: Vault, seed: int, *, made: bool = False) -> Project:
    entry = project_entry(seed)
    path = vault.profile.project_path(entry.project)
    clock, random = SetClock(), pseudo.Random(seed).randbytes
    if not made:
        return Project.open(path, entry.file_key, device=bytes([seed]) * 32, clock=clock, random=random)
    vault.put_project(entry)
    return Project.make(
        path,
        entry.file_key,
        project=entry.project,
        device=bytes([seed]) * 32,
        clock=clock,
        random=random,
        alone=True,
    )


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made, _ = create(Profile(tmp_path / "profile"))
    for seed in (1, 2):
        project = opened(made, seed, made=True)
        project.furnish(f"Secret tower {seed}")
        issue, _ = project.create("issue", {"title": f"Crack {seed}"}, text="behind the stairs")
        Attachments(project, made.profile.attachments_path(project.id)).add_bytes(issue, "photo.bin", PHOTO)
        project.close()
    return made


def titles(vault: Vault, seed: int) -> list[str]:
    project = opened(vault, seed)
    try:
        found = sorted(project.column("issue", "title").values())
        attachments = Attachments(project, vault.profile.attachments_path(project.id))
        for record in project.records("attachment"):
            with attachments.open(record) as file:
                assert file.read() == PHOTO
        return found
    finally:
        project.close()


def test_a_backup_comes_back_in_a_new_profile(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "all.backup"
    seen: list[tuple[int, int]] = []
    made = backup(vault, path, clock=SetClock(), progress=lambda done, whole: seen.append((done, whole)))
    assert made.projects == 2
    assert made.size == path.stat().st_size
    assert seen
    assert all(done <= whole for done, whole in seen)
    profile = Profile(tmp_path / "deep" / "restored")
    found = restore(path, profile, check=check_opens(lambda each: reopen(each, exclusive=False)))
    assert (found.projects, found.files) == (2, made.files)
    with reopen(profile) as again:
        assert [entry.name for entry in again.projects()] == ["Site 1", "Site 2"]
        assert titles(again, 1) == ["Crack 1"]
        assert titles(again, 2) == ["Crack 2"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.backup", "deep", "profile"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["restored"]
    assert (tmp_path / "deep" / "restored").stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in profile.directory.rglob("*"))


def test_a_backup_made_while_another_process_writes_is_whole(vault: Vault, tmp_path: Path) -> None:
    vault.close()
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.app.interchange.writer", str(vault.profile.directory)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "ready\n"
        counts = []
        for number in range(4):
            with reopen(vault.profile, exclusive=False) as reading:
                backup(reading, tmp_path / f"{number}.backup", clock=SystemClock())
            restore(tmp_path / f"{number}.backup", Profile(tmp_path / str(number)))
            with reopen(Profile(tmp_path / str(number))) as again:
                project = opened(again, 1)
                project.check()
                pairs = project.column("issue", "external_id")
                texts = project.texts("issue")
                assert all(texts[record] == word for record, word in pairs.items())
                counts.append(len(pairs))
                project.close()
    finally:
        child.kill()
        child.communicate()
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_nothing_readable_is_in_a_backup(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "all.backup"
    backup(vault, path, clock=SetClock())
    data = path.read_bytes()
    for secret in (b"Secret tower", b"Crack", b"Site 1", b"stairs", b"photo.bin", PHOTO[:64], b"Bricklayer"):
        assert secret not in data
    assert project_entry(1).file_key not in data


def test_a_backup_leaves_no_other_files(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out" / "all.backup"
    path.parent.mkdir()
    path.write_text("the one before")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(SitebookError, match=r"[Dd]isk .*full"):
            backup(vault, path, clock=SetClock())
    assert files_of(path.parent) == {"all.backup": b"the one before"}
    with pytest.raises(SitebookError, match="There is no"):
        backup(vault, tmp_path / "nowhere" / "all.backup", clock=SetClock())


def test_a_missing_or_damaged_project_is_named(vault: Vault, tmp_path: Path) -> None:
    path = vault.profile.project_path(project_entry(2).project)
    data = bytearray(path.read_bytes())
    data[9000] ^= 1  # the page before is a list of pages, which a copy makes anew
    path.write_bytes(data)
    with pytest.raises(Damaged, match="is damaged"):
        backup(vault, tmp_path / "all.backup", clock=SetClock())
    path.unlink()
    with pytest.raises(NotFound, match="“Site 2” is missing"):
        backup(vault, tmp_path / "all.backup", clock=SetClock())
    assert [each.name for each in tmp_path.iterdir()] == ["profile"]


def test_only_an_empty_profile_is_restored_into(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "all.backup"
    backup(vault, path, clock=SetClock())
    before = files_of(vault.profile.directory)
    with pytest.raises(Refused, match="is not empty"):
        restore(path, vault.profile)
    assert files_of(vault.profile.directory) == before
    empty = Profile(tmp_path / "empty")
    empty.directory.mkdir()
    (empty.directory / "profile.lock").touch()
    restore(path, empty)
    with reopen(empty) as again:
        assert titles(again, 1) == ["Crack 1"]


def rezipped(source: Path, target: Path, changes: dict[str, bytes | None], **options: int) -> Path:
    """A copy of a ZIP with members changed, added, or (None) left out."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", **options) as after:  # type: ignore[call-overload]
        for info in before.infolist():
            data = changes.get(info.filename, before.read(info))
            if data is not None:
                after.writestr(info.filename, data)
        for name in set(changes) - set(before.namelist()):
            data = changes[name]
            assert data is not None
            after.writestr(name, data)
    return target


def _contents(path: Path) -> dict[str, object]:
    with zipfile.ZipFile(path) as archive:
        found: dict[str, object] = msgspec.json.decode(archive.read("contents.json"))
        return found


def _refused(
    path: Path, tmp_path: Path, error: type[SitebookError] = Damaged, match: str = "is damaged"
) -> None:
    with pytest.raises(error, match=match):
        restore(path, Profile(tmp_path / "restored"))
    assert not (tmp_path / "restored").exists()
    assert not [each for each in tmp_path.iterdir() if each.name.endswith(".part")]
    assert not list(tmp_path.parent.glob("evil*"))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/tmp/evil",
        "projects/../../evil",
        "evil.txt",
        "projects/x.sitebook",
        "C:\\evil",
        "vault.db/x",
    ],
)
def test_members_with_other_names_are_refused(vault: Vault, tmp_path: Path, name: str) -> None:
    path = tmp_path / "all.backup"
    backup(vault, path, clock=SetClock())
    contents = _contents(path)
    members = contents["members"]
    assert isinstance(members, dict)
    members[name] = {"size": 4, "sha256": hashlib.sha256(b"evil").hexdigest()}
    listed = rezipped(
        path, tmp_path / "listed", {name: b"evil", "contents.json": msgspec.json.encode(contents)}
    )
    _refused(listed, tmp_path)
    _refused(rezipped(path, tmp_path / "unlisted", {name: b"evil"}), tmp_path)


def test_what_is_missing_compressed_newer_or_another_kind_is_refused(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "all.backup"
    backup(vault, path, clock=SetClock())
    _refused(rezipped(path, tmp_path / "1", {"vault.db": None}), tmp_path)
    _refused(rezipped(path, tmp_path / "2", {"contents.json": None}), tmp_path)
    _refused(rezipped(path, tmp_path / "3", {}, compression=zipfile.ZIP_DEFLATED), tmp_path)
    _refused(rezipped(path, tmp_path / "4", {"contents.json": b"[]"}), tmp_path)
    newer = _contents(path) | {"version": 2}
    changed = rezipped(path, tmp_path / "5", {"contents.json": msgspec.json.encode(newer)})
    _refused(changed, tmp_path, NewerFormat, "newer Sitebook")
    other = _contents(path) | {"format": "other"}
    _refused(rezipped(path, tmp_path / "6", {"contents.json": msgspec.json.encode(other)}), tmp_path)
    (tmp_path / "7").write_bytes(b"no zip")
    _refused(tmp_path / "7", tmp_path)
    (tmp_path / "8").write_bytes(b"")
    _refused(tmp_path / "8", tmp_path)
    with pytest.raises(SitebookError, match="There is no"):
        restore(tmp_path / "none", Profile(tmp_path / "restored"))


def test_a_vault_and_slots_that_do_not_belong_together_are_refused(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "all.backup"
    backup(vault, path, clock=SetClock())
    other, _ = create(Profile(tmp_path / "other"))
    data = other.profile.slots_path.read_bytes()
    contents = _contents(path)
    members = contents["members"]
    assert isinstance(members, dict)
    members["vault.slots"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    changed = rezipped(
        path, tmp_path / "mixed", {"vault.slots": data, "contents.json": msgspec.json.encode(contents)}
    )
    _refused(changed, tmp_path)


def test_a_refusal_of_the_check_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "all.backup"
    backup(vault, path, clock=SetClock())

    def check(profile: Profile) -> None:
        assert profile.vault_path.exists()
        raise Refused("not this one")

    with pytest.raises(Refused, match="not this one"):
        restore(path, Profile(tmp_path / "restored"), check=check)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["all.backup", "profile"]


def test_a_full_disk_while_restoring_leaves_nothing(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "all.backup"
    backup(vault, path, clock=SetClock())

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    _refused(path, tmp_path, SitebookError, "disk is full")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("small")
    made, _ = create(Profile(directory / "profile"))
    path = directory / "small.backup"
    backup(made, path, clock=SetClock())
    made.close()
    return path


@settings(max_examples=150)
@given(st.data())
def test_one_changed_byte_is_noticed_or_does_not_matter(
    small: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("flip")
    whole = bytearray(small.read_bytes())
    place = data.draw(
        st.one_of(st.integers(0, len(whole) - 1), st.integers(len(whole) - 2500, len(whole) - 1))
    )
    whole[place] ^= data.draw(st.integers(1, 255))
    path = directory / "changed"
    path.write_bytes(whole)
    profile = Profile(directory / "restored")
    try:
        restore(path, profile)
    except SitebookError:
        assert [each.name for each in directory.iterdir()] == ["changed"]
    else:
        reopen(profile).close()


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_wild_files_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    directory = tmp_path_factory.mktemp("wild")
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, 46, max(0, len(data) - 46), 0)
    for tail in (b"", end):
        (directory / "wild").write_bytes(data + tail)
        with pytest.raises(SitebookError):
            restore(directory / "wild", Profile(directory / "restored"))
    assert [each.name for each in directory.iterdir()] == ["wild"]


def test_an_old_entry_without_file_is_told(vault: Vault, tmp_path: Path) -> None:
    vault.put_project(replace(project_entry(3), name="Lost"))
    with pytest.raises(NotFound, match="“Lost” is missing"):
        backup(vault, tmp_path / "all.backup", clock=SetClock())
