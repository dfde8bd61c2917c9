"""Making a vault: all of it, or nothing."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from app.keys import slot_files
from app.keys.entry import Identity
from app.keys.errors import NoKeyring
from app.keys.files import fresh_name, plain_errors, sync_directory
from app.keys.keyring_slot import KeyringEntry, KeyringUnavailable
from app.keys.profile import Profile
from app.keys.recovery import RecoveryKey
from app.keys.slots import (
    KEY_BYTES,
    SlotKind,
    SlotTable,
    Strength,
    passphrase_bytes,
    wrap_passphrase,
    wrap_secret,
)
from app.keys.unlock import IN_USE
from app.keys.vault_file import VaultFile
from sync.clock import Random


def vault_exists(profile: Profile) -> bool:
    """Whether there is a vault, or what is left of one: so whether none may be made here.

    :raises SitebookError: the directory cannot be looked into.
    """
    with plain_errors(profile.directory):
        if _there(profile.vault_path):
            return True
        # The vault's file is made under another name and takes its own as the last step. Slots beside that
        # other name are a creation that was cut; slots alone, and project files without
        # any, are a profile that lost its vault.
        slots = _there(profile.slots_path) or _there(profile.slots_copy_path)
        if slots and not _there(_unfinished(profile)):
            return True
        return next(profile.projects_directory.glob("*.sitebook"), None) is not None


def make_vault(
    profile: Profile,
    vault_id: bytes,
    passphrase: str | None,
    recovery: RecoveryKey,
    identity: Identity,
    entry: KeyringEntry,
    *,
    random: Random,
    strength: Strength,
) -> tuple[SlotTable, bytes, str]:
    """Writes vault and slots of a new vault into a locked profile; gives slots, key and the keyring's state.

    :raises NoKeyring: neither a working keyring nor a passphrase.
    :raises SitebookError: the disk said no, or the passphrase is no text. Nothing is left behind.
    """
    if passphrase is not None:
        passphrase_bytes(passphrase)  # says what is wrong with it before anything is made
    key = random(KEY_BYTES)
    table = SlotTable(vault_id, 0).having(
        wrap_secret(SlotKind.RECOVERY, vault_id, recovery.slot_secret(), key, random)
    )
    if passphrase is not None:
        table = table.having(wrap_passphrase(vault_id, passphrase, key, strength, random))
    try:
        secret = entry.renew(random)
        table, state = table.having(wrap_secret(SlotKind.KEYRING, vault_id, secret, key, random)), IN_USE
    except KeyringUnavailable as error:
        state = str(error)
        if passphrase is None:
            raise NoKeyring(
                f"There is no system keyring for the key of this profile ({error}): give a passphrase, or "
                "set SITEBOOK_PASSPHRASE, and try again."
            ) from error
    try:
        with plain_errors(profile.directory):
            _clear(profile)
            profile.make_projects_directory()
        file = VaultFile.create(_unfinished(profile), key, vault_id)
        try:
            with file.transaction():
                file.set_identity(identity)
                file.set_recovery(recovery.public())
        finally:
            file.close()
        slot_files.store(profile, table)
        with plain_errors(profile.directory):
            _unfinished(profile).rename(profile.vault_path)
            sync_directory(profile.directory)
    except BaseException:
        with suppress(OSError):  # the first failure is the one to tell
            _take_back(profile)
        if state == IN_USE:
            with suppress(KeyringUnavailable):
                entry.remove()
        raise
    return table, key, state


def discard_vault(profile: Profile) -> None:
    """Removes a vault that is closed, whose profile is locked and holds no project file.

    :raises SitebookError: the disk said no.
    """
    with plain_errors(profile.directory):
        _take_back(profile)
        sync_directory(profile.directory)


def _unfinished(profile: Profile) -> Path:
    return fresh_name(profile.vault_path)


def _take_back(profile: Profile) -> None:
    # The lock is held and there was no vault before, so one that stands here now is the one that failed.
    if _there(profile.vault_path):
        profile.vault_path.rename(_unfinished(profile))
    _clear(profile)
    profile.projects_directory.rmdir()


def _clear(profile: Profile) -> None:
    """Removes what a cut creation left; its mark (the file under the other name) goes last."""
    unfinished = _unfinished(profile)
    for path in (profile.slots_path, profile.slots_copy_path):
        path.unlink(missing_ok=True)
        fresh_name(path).unlink(missing_ok=True)
    unfinished.with_name(unfinished.name + "-journal").unlink(missing_ok=True)
    unfinished.unlink(missing_ok=True)


def _there(path: Path) -> bool:
    return path.exists() or path.is_symlink()  # a link whose disk is not mounted stands for a vault, too
