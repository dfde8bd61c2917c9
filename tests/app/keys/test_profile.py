from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.keys.profile import Profile
from sync.errors import Busy, SitebookError
from tests.app.keys.helpers import child, create, ended, files_of, reopen


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_is_for_the_owner_only(profile: Profile) -> None:
    vault, _ = create(profile)
    vault.set_setting("a", 1)
    vault.close()
    assert mode(profile.directory) == 0o700
    assert mode(profile.projects_directory) == 0o700
    assert {name: mode(profile.directory / name) for name in files_of(profile.directory)} == {
        "profile.lock": 0o600,
        "profile.pid": 0o600,
        "vault.db": 0o600,
        "vault.slots": 0o600,
        "vault.slots.copy": 0o600,
    }


def test_paths_carry_the_projects_id(profile: Profile) -> None:
    project = bytes(range(32))
    assert profile.project_path(project) == profile.directory / "projects" / f"{project.hex()}.sitebook"
    assert profile.attachments_path(project) == profile.directory / "projects" / f"{project.hex()}.files"


def test_default_place_is_the_systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Profile.at(None).directory == tmp_path / "sitebook"
    assert not (tmp_path / "sitebook").exists()


def test_a_given_place_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert Profile.at("here").directory == tmp_path / "here"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Profile.at("~/there").directory == tmp_path / "there"


def test_a_second_process_is_told_which_one_has_it(profile: Profile) -> None:
    create(profile)[0].close()
    holder = child("hold", str(profile.directory))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(Busy) as caught:
        reopen(profile)
    assert str(caught.value) == (
        f"Sitebook is already open for this profile (process {holder.pid}): close it and try again."
    )
    ended(holder)
    reopen(profile).close()


def test_a_killed_process_leaves_no_lock(profile: Profile) -> None:
    create(profile)[0].close()
    holder = child("hold", str(profile.directory))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    ended(holder)
    reopen(profile).close()


def test_another_reads_while_one_holds_the_lock(profile: Profile) -> None:
    with create(profile)[0]:
        assert ended(child("look", str(profile.directory))) == "Ada Bricklayer 0\n"


def test_the_lock_is_counted_within_a_process(profile: Profile) -> None:
    profile.prepare()
    other = Profile(profile.directory)
    profile.acquire()
    profile.acquire()
    profile.release()
    with pytest.raises(Busy):
        other.acquire()
    profile.release()
    other.acquire()
    other.release()


def test_the_sentence_does_without_a_number_that_is_not_known(profile: Profile) -> None:
    profile.prepare()
    profile.acquire()
    for strange in (b"", b"\xff\xfe", b"12; rm"):
        (profile.directory / "profile.pid").write_bytes(strange)
        with pytest.raises(Busy, match=r"^Sitebook is already open for this profile: close it"):
            Profile(profile.directory).acquire()
    profile.release()


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    for directory in (tmp_path / "taken", tmp_path / "taken" / "below"):
        with pytest.raises(SitebookError, match=r"a file of that name is in the way: choose another"):
            create(Profile(directory))
    assert files_of(tmp_path) == {"taken": b"mine"}


def test_a_read_only_directory_is_said_and_stays_empty(tmp_path: Path) -> None:
    parent = tmp_path / "fixed"
    parent.mkdir()
    parent.chmod(0o500)
    try:
        for directory in (parent, parent / "new" / "profile"):
            said = ended(child("make", str(directory), "powerless"))
            assert said == (
                f"SitebookError: Sitebook may not write to {directory}: make it writable, or choose another "
                "directory (`--profile`).\n"
            )
        assert list(parent.iterdir()) == []
    finally:
        parent.chmod(0o700)


def test_a_profile_that_became_read_only_is_said_and_stays(profile: Profile) -> None:
    create(profile)[0].close()
    before = files_of(profile.directory)
    for path in [*profile.directory.iterdir(), profile.directory]:
        path.chmod(0o500)
    try:
        said = ended(child("hold", str(profile.directory), "powerless"))
    finally:
        profile.directory.chmod(0o700)
    assert said.startswith(f"SitebookError: Sitebook may not write to {profile.directory}: make it writable")
    assert said.count("\n") == 1
    assert files_of(profile.directory) == before
