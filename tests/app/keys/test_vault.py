from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.keys.entry import Identity, ProjectEntry
from app.keys.errors import NeedsSecret, NoKeyring, NoVault, VaultExists, WrongSecret
from app.keys.keyring_slot import NoKeyring as KeyringThatIsNone
from app.keys.profile import Profile
from app.keys.recovery import RecoveryKey
from app.keys.slots import PRODUCTION
from app.keys.vault import Vault
from sync.clock import system_random
from sync.errors import Busy, Damaged, Refused, SitebookError
from tests.app.keys.helpers import PASSPHRASE, MemoryKeyring, create, files_of, project_entry, reopen


def test_what_is_put_in_comes_out(profile: Profile) -> None:
    entries = [project_entry(number) for number in range(3)]
    vault, recovery = create(profile)
    for entry in reversed(entries):
        vault.put_project(entry)
    vault.set_setting("window", {"width": 1200, "open": [True, None, "é", 1.5]})
    vault.close()
    with reopen(profile) as vault:
        assert vault.identity == Identity("Ada Bricklayer", "ada@example.org")
        assert vault.projects() == entries
        assert vault.project(entries[1].project) == entries[1]
        assert vault.project(bytes(32)) is None
        assert vault.setting("window") == {"width": 1200, "open": [True, None, "é", 1.5]}
        assert vault.setting("other") is None
        assert vault.setting("other", 7) == 7
        assert vault.recovery == recovery.public()


def test_it_opens_again_without_a_secret_and_not_while_another_has_it(profile: Profile) -> None:
    vault, _ = create(profile)
    vault.put_project(project_entry(1))
    vault.close()
    other = Profile.at(profile.directory)
    other.acquire()
    with pytest.raises(Busy):
        vault.again()
    other.release()
    with vault.again() as again:
        assert again.projects() == [project_entry(1)]
        again.remove_project(project_entry(1).project)
        with pytest.raises(Busy):
            other.acquire()
    other.acquire()
    other.release()


def test_entries_are_replaced_whole_and_removed_with_their_keys(profile: Profile) -> None:
    vault, _ = create(profile)
    with vault:
        first = project_entry(1)
        vault.put_project(first)
        changed = ProjectEntry(
            project=first.project,
            name="Renamed",
            server="",
            file_key=first.file_key,
            sign_seed=first.sign_seed,
            kem_private=first.kem_private,
            member=first.member,
            epoch_keys=first.epoch_keys[1:],
            created_ms=first.created_ms,
        )
        vault.put_project(changed)
        assert vault.projects() == [changed]
        vault.remove_project(first.project)
        assert vault.projects() == []
        assert vault._file.read("SELECT * FROM epoch_key") == []


def test_settings_and_identity_change(profile: Profile) -> None:
    vault, _ = create(profile)
    with vault:
        vault.set_setting("theme", "dark")
        vault.set_setting("theme", "light")
        assert vault.setting("theme") == "light"
        vault.set_setting("theme", None)
        assert vault.setting("theme", "none") == "none"
        vault.set_identity(Identity("Bo", ""))
        assert vault.identity == Identity("Bo", "")


@pytest.mark.parametrize("name", ["project", "file_key", "sign_seed", "member"])
def test_an_entry_of_wrong_lengths_is_a_mistake_of_ours(name: str) -> None:
    values = {field: getattr(project_entry(1), field) for field in ProjectEntry.__dataclass_fields__}
    with pytest.raises(ValueError, match=name):
        ProjectEntry(**{**values, name: b"short"})


def test_a_profile_has_one_vault(profile: Profile) -> None:
    assert not Vault.exists(profile)
    create(profile)[0].close()
    assert Vault.exists(profile)
    before = files_of(profile.directory)
    with pytest.raises(VaultExists, match="holds a vault, or projects of one"):
        create(profile)
    assert files_of(profile.directory) == before
    reopen(profile).close()


def test_without_a_vault_none_is_made(profile: Profile) -> None:
    with pytest.raises(NoVault, match="sitebook init"):
        reopen(profile)
    assert not profile.directory.exists()


def test_without_keyring_and_passphrase_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(NoKeyring) as caught:
        create(Profile(tmp_path / "a" / "b"), None)
    assert "SITEBOOK_PASSPHRASE" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("passphrase", ["", "x\udcffy"])
def test_a_passphrase_that_is_none_makes_nothing(profile: Profile, passphrase: str) -> None:
    keyring = MemoryKeyring()
    with pytest.raises(SitebookError):
        create(profile, passphrase, keyring)
    assert not profile.directory.exists()
    assert keyring.kept == {}


def test_a_directory_that_was_there_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(NoKeyring):
        create(Profile(tmp_path), None)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert not Vault.exists(Profile(tmp_path))


# Ways to open


def test_the_keyring_opens_without_a_word(profile: Profile) -> None:
    keyring = MemoryKeyring()
    create(profile, None, keyring)[0].close()
    with reopen(profile, None, keyring=keyring) as vault:
        assert vault.keyring_state == "in use"
        assert not vault.has_passphrase


def test_a_passphrase_given_at_creation_always_counts(profile: Profile) -> None:
    keyring = MemoryKeyring()
    create(profile, PASSPHRASE, keyring)[0].close()
    keyring.broken = True
    with reopen(profile, keyring=keyring) as vault:
        assert vault.has_passphrase
        assert vault.keyring_state == "it is broken"
    keyring.broken = False
    with reopen(profile, keyring=keyring) as vault:
        assert vault.keyring_state == "in use"


def test_a_wrong_passphrase_is_said_even_where_the_keyring_would_open(profile: Profile) -> None:
    keyring = MemoryKeyring()
    create(profile, PASSPHRASE, keyring)[0].close()
    before = files_of(profile.directory)
    with pytest.raises(WrongSecret, match="passphrase is wrong") as caught:
        reopen(profile, "four red windows", keyring=keyring)
    assert "windows" not in str(caught.value)
    assert files_of(profile.directory) == before
    reopen(profile, keyring=keyring).close()


def test_a_passphrase_for_a_vault_without_one_leaves_it_to_the_keyring(profile: Profile) -> None:
    keyring = MemoryKeyring()
    create(profile, None, keyring)[0].close()
    reopen(profile, "for another profile", keyring=keyring).close()
    keyring.kept.clear()
    with pytest.raises(NeedsSecret, match="has no passphrase") as caught:
        reopen(profile, "for another profile", keyring=keyring)
    assert not caught.value.has_passphrase


@pytest.mark.parametrize(
    ("spoil", "state"),
    [
        (lambda keyring: keyring.kept.clear(), "its entry is missing"),
        (lambda keyring: setattr(keyring, "broken", True), "it is broken"),
        (
            lambda keyring: keyring.kept.update(dict.fromkeys(keyring.kept, "sitebook-1:" + "A" * 43 + "=")),
            "its entry is another's",
        ),
    ],
)
def test_a_lost_keyring_entry_asks_and_never_makes_a_new_vault(
    profile: Profile, spoil: object, state: str
) -> None:
    assert callable(spoil)
    keyring = MemoryKeyring()
    vault, recovery = create(profile, PASSPHRASE, keyring)
    vault.put_project(project_entry(1))
    vault.close()
    spoil(keyring)
    before = files_of(profile.directory)
    with pytest.raises(NeedsSecret) as caught:
        reopen(profile, None, keyring=keyring)
    assert caught.value.has_passphrase
    assert str(caught.value) == (
        f"The system keyring does not open this profile ({state}): give the passphrase (SITEBOOK_PASSPHRASE) "
        "or the recovery key."
    )
    assert files_of(profile.directory) == before
    with pytest.raises(VaultExists):
        create(profile, PASSPHRASE, keyring)
    with reopen(profile, None, recovery=recovery, keyring=keyring) as vault:
        assert vault.projects() == [project_entry(1)]


def test_the_recovery_key_opens_and_puts_the_keyring_right(profile: Profile) -> None:
    keyring = MemoryKeyring()
    vault, recovery = create(profile, None, keyring)
    vault.close()
    keyring.kept.clear()
    words = RecoveryKey.parse(recovery.words().upper())
    with reopen(profile, None, recovery=words, keyring=keyring) as vault:
        assert vault.keyring_state == "in use"
    reopen(profile, None, keyring=keyring).close()


def test_the_recovery_key_opens_without_any_keyring(profile: Profile) -> None:
    vault, recovery = create(profile)
    vault.close()
    with reopen(profile, None, recovery=recovery) as vault:
        assert vault.keyring_state == "it is not used for this profile"
    with reopen(profile, None, recovery=recovery, exclusive=False) as vault:
        assert vault.identity.name == "Ada Bricklayer"


def test_anothers_recovery_key_is_said(profile: Profile) -> None:
    create(profile)[0].close()
    with pytest.raises(WrongSecret, match="belongs to another profile"):
        reopen(profile, None, recovery=RecoveryKey.generate(system_random))


def test_two_profiles_share_a_keyring(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    profiles = [Profile(tmp_path / name) for name in "ab"]
    for number, profile in enumerate(profiles):
        vault, _ = create(profile, None, keyring)
        vault.set_setting("number", number)
        vault.close()
    for number, profile in enumerate(profiles):
        with reopen(profile, None, keyring=keyring) as vault:
            assert vault.setting("number") == number


# Changing the ways


def test_a_passphrase_is_added_changed_and_removed(profile: Profile) -> None:
    keyring = MemoryKeyring()
    create(profile, None, keyring)[0].close()
    with reopen(profile, None, keyring=keyring) as vault:
        vault.set_passphrase("first")
    with reopen(profile, "first") as vault:
        vault.set_passphrase("second")
        with pytest.raises(SitebookError):
            vault.set_passphrase("")
    with pytest.raises(WrongSecret):
        reopen(profile, "first")
    with reopen(profile, "second", keyring=keyring) as vault:
        vault.remove_passphrase()
        assert not vault.has_passphrase
    with pytest.raises(NeedsSecret):
        reopen(profile, "second")
    reopen(profile, None, keyring=keyring).close()


def test_the_last_everyday_way_is_not_removed(profile: Profile) -> None:
    create(profile)[0].close()
    with reopen(profile) as vault, pytest.raises(Refused, match="The passphrase stays"):
        vault.remove_passphrase()
    reopen(profile).close()


def test_a_keyring_is_taken_into_use_later(profile: Profile) -> None:
    keyring = MemoryKeyring()
    create(profile)[0].close()
    with reopen(profile, keyring=keyring) as vault:
        assert vault.keyring_state == "it is not used for this profile"
        assert vault.use_keyring()
        assert vault.use_keyring()
        assert vault.keyring_state == "in use"
    reopen(profile, None, keyring=keyring).close()
    keyring.broken = True
    with reopen(profile, keyring=keyring) as vault:
        assert not vault.use_keyring()


def test_a_new_recovery_key_ends_the_old_one(profile: Profile) -> None:
    vault, old = create(profile)
    new = vault.renew_recovery()
    assert vault.recovery == new.public()
    vault.close()
    with pytest.raises(WrongSecret):
        reopen(profile, None, recovery=old)
    reopen(profile, None, recovery=new).close()


def test_renewing_the_recovery_key_survives_being_cut(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, old = create(profile)
    monkeypatch.setattr("app.keys.slot_files.store", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        vault.renew_recovery()
    vault.close()
    monkeypatch.undo()
    with reopen(profile, None, recovery=old) as vault:
        assert vault.recovery == old.public()


# Beside others


def test_reading_beside_a_writer_sees_what_is_written_and_writes_nothing(profile: Profile) -> None:
    vault, _ = create(profile)
    with vault, reopen(Profile(profile.directory), exclusive=False) as reader:
        vault.put_project(project_entry(1))
        assert reader.projects() == [project_entry(1)]
        before = files_of(profile.directory)
        for write in (
            lambda: reader.put_project(project_entry(2)),
            lambda: reader.remove_project(project_entry(1).project),
            lambda: reader.set_setting("a", 1),
            lambda: reader.set_identity(Identity()),
            lambda: reader.set_passphrase("new"),
            reader.remove_passphrase,
            reader.use_keyring,
            reader.renew_recovery,
        ):
            with pytest.raises(RuntimeError, match="opened for reading"):
                write()
        with pytest.raises(SitebookError):
            reader._file.write("DELETE FROM project")
        assert files_of(profile.directory) == before


def test_a_reader_needs_no_lock_and_leaves_none(profile: Profile) -> None:
    create(profile)[0].close()
    with reopen(profile, exclusive=False), reopen(Profile(profile.directory)):
        pass
    assert not profile.locked


def test_a_failed_opening_gives_the_lock_back(profile: Profile) -> None:
    create(profile)[0].close()
    with pytest.raises(WrongSecret):
        reopen(profile, "wrong")
    assert not profile.locked
    vault = reopen(profile)
    with pytest.raises(Busy):
        reopen(Profile(profile.directory))
    vault.close()
    vault.close()
    assert not profile.locked


def test_threads_share_a_vault(profile: Profile) -> None:
    vault, _ = create(profile)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(10):
                vault.put_project(project_entry(number))
                assert vault.project(project_entry(number).project) == project_entry(number)
                vault.set_setting(f"s{number}", number)
                vault.projects()
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(vault.projects()) == 4
    vault.close()


def test_a_copy_opens_like_the_vault(profile: Profile, tmp_path: Path) -> None:
    vault, recovery = create(profile)
    vault.put_project(project_entry(1))
    copy = Profile(tmp_path / "copy")
    with vault, reopen(Profile(profile.directory), exclusive=False) as reader:
        reader.copy_to(copy.directory)
        vault.put_project(project_entry(2))
        with pytest.raises(SitebookError):
            reader.copy_to(copy.directory)
    for passphrase, words, exclusive in (
        (PASSPHRASE, None, True),
        (None, recovery, True),
        (PASSPHRASE, None, False),
    ):
        with reopen(copy, passphrase, recovery=words, exclusive=exclusive) as opened:
            opened.check()
            assert opened.projects() == [project_entry(1)]


def test_the_programs_own_strength_refuses_the_tests_vault(profile: Profile) -> None:
    create(profile)[0].close()
    with pytest.raises(Damaged):
        Vault.open(profile, PASSPHRASE, keyring=KeyringThatIsNone(), strength=PRODUCTION)
