"""A process that is killed, and a disk that is full: what was acknowledged is there, nothing is half."""

from __future__ import annotations

import random
import signal
import threading
from pathlib import Path

import pytest

from app.keys.errors import WrongSecret
from app.keys.keyring_slot import KeyringEntry
from app.keys.profile import Profile
from app.keys.recovery import RecoveryKey
from app.keys.vault import Vault
from sync.errors import SitebookError
from tests.app.keys.helpers import (
    PASSPHRASE,
    MemoryKeyring,
    child,
    create,
    ended,
    files_of,
    project_entry,
    reopen,
)

MOMENTS = random.Random(20)


def killed_at_a_random_moment(what: str, profile: Profile, within_seconds: float) -> list[str]:
    """What the child said before it was killed with SIGKILL."""
    process = child(what, str(profile.directory))
    threading.Timer(MOMENTS.uniform(0, within_seconds), process.kill).start()
    said = ended(process).splitlines()
    assert process.returncode == -signal.SIGKILL
    return said


def test_a_write_is_kept_or_not_begun(profile: Profile) -> None:
    create(profile)[0].close()
    acknowledged = 0
    for _ in range(12):
        said = killed_at_a_random_moment("write", profile, 0.15)
        acknowledged = int(said[-1]) if said else acknowledged
        if acknowledged % 2:
            reopen(profile, exclusive=False).close()  # a reader finds the state before, too
        with reopen(profile) as vault:
            vault.check()
            found = vault.setting("number", 0)
            assert acknowledged <= found <= acknowledged + 1
            for entry in vault.projects():
                assert entry in [project_entry(number) for number in range(5)]
            acknowledged = found
    assert acknowledged > 12


def test_a_changed_passphrase_counts_or_the_one_before(profile: Profile) -> None:
    create(profile)[0].close()
    for _ in range(8):
        said = killed_at_a_random_moment("rename", profile, 0.1)
        last = int(said[-1]) if said else 0
        candidates = [f"{PASSPHRASE} {last + 1}", f"{PASSPHRASE} {last}" if last else PASSPHRASE]
        opened = 0
        for candidate in candidates:
            try:
                with reopen(profile, candidate) as vault:
                    opened += 1
                    vault.set_passphrase(PASSPHRASE)
                break
            except WrongSecret:
                continue
        assert opened == 1
        assert profile.slots_path.read_bytes() == profile.slots_copy_path.read_bytes()


def test_a_vault_is_made_or_not(tmp_path: Path) -> None:
    made = 0
    for number in range(14):
        profile = Profile(tmp_path / str(number))
        process = child("make", str(profile.directory))
        threading.Timer(MOMENTS.uniform(0, 0.04), process.kill).start()
        if ended(process):
            made += 1
            assert Vault.exists(profile)
        if Vault.exists(profile):
            with reopen(profile) as vault:
                assert vault.identity.name == "Ada Bricklayer"
        else:
            create(profile)[0].close()
            reopen(profile).close()
    assert made < 14


@pytest.mark.parametrize("limit", [0, 100, 200, 1_000, 5_000, 20_000, 30_000])
def test_a_full_disk_at_creation_leaves_nothing(tmp_path: Path, limit: int) -> None:
    profile = Profile(tmp_path / "a" / "profile")
    said = ended(child("make", str(profile.directory), str(limit)))
    assert said.startswith("SitebookError: The disk ")
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_later_leaves_what_was(profile: Profile) -> None:
    create(profile)[0].close()
    said, counts = ended(child("fill", str(profile.directory))).splitlines()
    assert said.startswith("SitebookError: The disk ")
    written, readable = counts.split()
    assert written == readable
    with reopen(profile) as vault:
        assert len(vault.projects()) == int(written)


def test_a_file_that_may_not_grow_leaves_what_was(profile: Profile) -> None:
    vault, _ = create(profile)
    with vault:
        vault._file.read(f"PRAGMA max_page_count = {profile.vault_path.stat().st_size // 4096}")
        kept = 0

        def fill() -> None:
            nonlocal kept
            while True:
                vault.put_project(project_entry(kept))
                kept += 1

        with pytest.raises(SitebookError, match=r"^The disk that holds .* is full, and nothing was changed"):
            fill()
        assert len(vault.projects()) == kept
        assert vault._file.read("SELECT count(*) FROM epoch_key") == [(2 * kept,)]
        vault._file.read("PRAGMA max_page_count = 1000")
        vault.put_project(project_entry(kept))
        assert len(vault.projects()) == kept + 1


@pytest.mark.parametrize("failing", ["app.keys.making.sync_directory", "app.keys.slot_files.store"])
def test_a_creation_that_fails_late_leaves_nothing(
    tmp_path: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    keyring = MemoryKeyring()
    monkeypatch.setattr(failing, fail)
    with pytest.raises((SitebookError, OSError)):
        create(Profile(tmp_path / "profile"), PASSPHRASE, keyring)
    assert list(tmp_path.iterdir()) == []
    assert keyring.kept == {}


def test_slots_that_cannot_be_written_stay_as_they_were(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, _ = create(profile)
    before = files_of(profile.directory)

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    with vault:
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", fail)
            with pytest.raises(SitebookError, match=r"is full, and nothing was changed"):
                vault.set_passphrase("another")
        assert files_of(profile.directory) == before
    reopen(profile).close()


def test_a_keyring_slot_that_cannot_be_written_loses_no_other_way(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = MemoryKeyring()
    vault, recovery = create(profile, PASSPHRASE, keyring)
    KeyringEntry(keyring, vault._table.vault_id).remove()

    def fail(*_: object) -> None:
        raise SitebookError("The disk is full.")

    with vault, monkeypatch.context() as patch:
        patch.setattr("app.keys.slot_files.store", fail)
        with pytest.raises(SitebookError):
            vault.use_keyring()
    reopen(profile, keyring=keyring).close()
    again = RecoveryKey.parse(recovery.words())
    with reopen(profile, None, recovery=again, keyring=keyring) as vault:
        assert vault.keyring_state == "in use"
