"""Flipped bytes, lost files, later versions: one sentence each, and the files as they were."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from app.keys import slots
from app.keys.errors import VaultExists
from app.keys.profile import Profile
from app.keys.schema import MIGRATIONS
from app.keys.slots import SlotTable
from app.keys.vault import Vault
from app.keys.vault_file import VaultFile
from sync.errors import Damaged, NewerFormat, SitebookError
from tests.app.keys.helpers import MemoryKeyring, create, files_of, project_entry, reopen


@pytest.fixture
def filled(profile: Profile) -> Profile:
    vault, _ = create(profile)
    with vault:
        for number in range(5):
            vault.put_project(project_entry(number))
        vault.remove_project(project_entry(2).project)
    return profile


def flipped(data: bytes, place: int, mask: int) -> bytes:
    changed = bytearray(data)
    changed[place] ^= mask
    return bytes(changed)


def refused(profile: Profile, kind: type[SitebookError] = Damaged) -> str:
    """Opening fails in one sentence, in both ways, makes nothing new and changes nothing."""
    before = files_of(profile.directory)
    with pytest.raises(kind) as reading:
        reopen(profile, exclusive=False)
    with pytest.raises(kind) as caught:
        reopen(profile)
    with pytest.raises(VaultExists):
        create(profile)
    assert files_of(profile.directory) == before
    assert not profile.locked
    assert "\n" not in str(caught.value)
    assert str(reading.value) == str(caught.value)
    return str(caught.value)


def test_every_byte_of_one_copy_of_the_slots_is_mended(filled: Profile) -> None:
    whole = filled.slots_path.read_bytes()
    with reopen(filled) as vault:
        for place in range(len(whole)):
            for path in (filled.slots_path, filled.slots_copy_path):
                path.write_bytes(flipped(whole, place, 0x10))
                vault.check()
                path.write_bytes(whole)
    for place in (0, 7, 8, 39, 40, 50, len(whole) - 1):
        for path in (filled.slots_path, filled.slots_copy_path):
            path.write_bytes(flipped(whole, place, 0x01))
            reopen(filled, exclusive=False).close()
            assert path.read_bytes() != whole  # a reader mends nothing
            reopen(filled).close()
            assert path.read_bytes() == whole


def test_a_lost_or_cut_copy_of_the_slots_is_mended(filled: Profile) -> None:
    whole = filled.slots_path.read_bytes()
    for path in (filled.slots_path, filled.slots_copy_path):
        path.unlink()
        reopen(filled).close()
        assert path.read_bytes() == whole
        for data in (b"", whole[:-1], whole + b"\0", bytes(100_000)):
            path.write_bytes(data)
            reopen(filled).close()
            assert path.read_bytes() == whole


def test_of_two_whole_copies_the_newer_counts(filled: Profile) -> None:
    old = filled.slots_path.read_bytes()
    with reopen(filled) as vault:
        vault.set_passphrase("another")
    for path in (filled.slots_path, filled.slots_copy_path):
        path.write_bytes(old)
        reopen(filled, "another").close()
        assert filled.slots_path.read_bytes() == filled.slots_copy_path.read_bytes() != old


def test_slots_damaged_in_both_copies_are_said(filled: Profile) -> None:
    whole = filled.slots_path.read_bytes()
    for place in range(0, len(whole), 9):
        filled.slots_path.write_bytes(flipped(whole, place, 0x80))
        filled.slots_copy_path.write_bytes(flipped(whole, -place - 1, 0x01))
        assert refused(filled).startswith(f"{filled.slots_path} is damaged and was left as it is: put back")


def test_lost_slots_are_said(filled: Profile) -> None:
    filled.slots_path.unlink()
    filled.slots_copy_path.unlink()
    assert refused(filled).startswith(f"{filled.slots_path} is damaged")


def test_slots_of_two_vaults_are_said(filled: Profile, tmp_path: Path) -> None:
    other = Profile(tmp_path / "other")
    create(other)[0].close()
    filled.slots_copy_path.write_bytes(other.slots_path.read_bytes())
    refused(filled)
    filled.slots_path.write_bytes(other.slots_path.read_bytes())
    assert refused(filled).startswith(f"{filled.vault_path} is damaged")


def test_slots_of_a_later_version_are_said(filled: Profile) -> None:
    table = slots.decode(filled.slots_path.read_bytes())
    for path in (filled.slots_path, filled.slots_copy_path):
        path.write_bytes(later_version(table))
    assert refused(filled, NewerFormat).endswith("update Sitebook to open it.")


def later_version(table: SlotTable) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slots, "VERSION", slots.VERSION + 1)
        return slots.encode(table)


def test_a_forged_weak_passphrase_slot_is_said(filled: Profile) -> None:
    table = slots.decode(filled.slots_path.read_bytes())
    slot = table.find(slots.SlotKind.PASSPHRASE)
    assert slot is not None
    weak = slots.Slot(slot.kind, slot.parameters[:-3] + bytes([8, 1, 1]), slot.nonce, slot.wrapped)
    for path in (filled.slots_path, filled.slots_copy_path):
        path.write_bytes(slots.encode(table.having(weak)))
    refused(filled)


def test_flipped_bytes_of_the_vault_are_said(filled: Profile) -> None:
    """Every byte that stands in the clear, and some of every page."""
    whole = filled.vault_path.read_bytes()
    vault = reopen(filled)
    key, vault_id = vault._key, vault._table.vault_id
    vault.close()
    make = random.Random(1)
    places = [*range(40), *range(4096 - 70, 4096, 3), *range(len(whole) - 70, len(whole), 3)]
    places += [page + make.randrange(4096) for page in range(0, len(whole), 4096) for _ in range(20)]
    for place in places:
        changed = flipped(whole, place, 1 << make.randrange(8))
        filled.vault_path.write_bytes(changed)
        with pytest.raises(Damaged) as caught:
            VaultFile.open(filled.vault_path, key, vault_id, writable=True)
        assert str(caught.value).startswith(f"{filled.vault_path} is damaged and was left as it is")
        assert filled.vault_path.read_bytes() == changed
    refused(filled)
    filled.vault_path.write_bytes(whole)
    reopen(filled).close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: b"",
        lambda whole: whole[:10],
        lambda whole: whole[:4096],
        lambda whole: whole[:-4096],
        lambda whole: whole[:-1],
        lambda whole: bytes(len(whole)),
        lambda whole: b"SQLite format 3\0" + whole[16:],
        lambda whole: whole[4096:],
        lambda whole: whole[:4096] + whole[8192:12288] + whole[4096:8192] + whole[12288:],
    ],
)
def test_a_vault_that_lost_bytes_is_said(filled: Profile, spoil: Callable[[bytes], bytes]) -> None:
    filled.vault_path.write_bytes(spoil(filled.vault_path.read_bytes()))
    assert refused(filled).startswith(f"{filled.vault_path} is damaged")


def test_a_lost_vault_is_said_and_none_is_made_over_its_remains(filled: Profile) -> None:
    filled.vault_path.unlink()
    assert refused(filled).startswith(f"{filled.vault_path} is damaged")
    filled.slots_path.unlink()
    refused(filled)
    filled.slots_copy_path.unlink()
    assert not Vault.exists(filled)
    filled.project_path(bytes(32)).write_bytes(b"somebody's project")
    refused(filled)


def test_a_link_to_a_disk_that_is_gone_is_a_vault(filled: Profile) -> None:
    for path in (filled.vault_path, filled.slots_path, filled.slots_copy_path):
        path.unlink()
    filled.vault_path.symlink_to("/nowhere/vault.db")
    refused(filled)


def test_damage_while_it_is_open_is_said(filled: Profile) -> None:
    vault = reopen(filled)
    whole = filled.vault_path.read_bytes()
    with vault:
        filled.vault_path.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
        with pytest.raises(Damaged):
            vault.check()


def test_a_newer_schema_is_said(filled: Profile) -> None:
    with reopen(filled) as vault:
        vault._file.write("INSERT INTO migration VALUES (?)", (len(MIGRATIONS) + 1,))
    assert refused(filled, NewerFormat) == (
        f"The vault of this profile was written by a newer Sitebook (schema {len(MIGRATIONS) + 1}, this one "
        f"knows {len(MIGRATIONS)}): update Sitebook to open it."
    )


def test_a_migration_is_recorded_with_what_it_changes(filled: Profile) -> None:
    with reopen(filled) as vault:
        key, vault_id = vault._key, vault._table.vault_id
    good = "CREATE TABLE added (a INTEGER) STRICT"
    bad = "CREATE TABLE half (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1)"
    with pytest.raises(SitebookError, match="open it once to write"):
        VaultFile.open(filled.vault_path, key, vault_id, writable=False, migrations=[*MIGRATIONS, good])
    with pytest.raises(Exception, match="no such table: nowhere"):
        VaultFile.open(filled.vault_path, key, vault_id, writable=True, migrations=[*MIGRATIONS, good, bad])
    file = VaultFile.open(filled.vault_path, key, vault_id, writable=True, migrations=[*MIGRATIONS, good])
    tables = {name for (name,) in file.read("SELECT name FROM sqlite_schema")}
    file.close()
    assert "added" in tables
    assert "half" not in tables


def test_a_creation_that_was_cut_is_begun_anew(profile: Profile) -> None:
    keyring = MemoryKeyring()
    profile.prepare()
    for name in ("vault.db.new", "vault.db.new-journal", "vault.slots", "vault.slots.copy.new"):
        (profile.directory / name).write_bytes(b"half")
    assert not Vault.exists(profile)
    create(profile, None, keyring)[0].close()
    assert not [name for name in files_of(profile.directory) if "new" in name]
    reopen(profile, None, keyring=keyring).close()
