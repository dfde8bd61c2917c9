"""Finding the vault's key with what is at hand: recovery key, passphrase, keyring."""

from __future__ import annotations

from app.keys.errors import NeedsSecret, WrongSecret
from app.keys.files import damaged
from app.keys.keyring_slot import KeyringEntry, KeyringUnavailable
from app.keys.profile import Profile
from app.keys.recovery import RecoveryKey
from app.keys.slots import Floors, SlotKind, SlotTable, unwrap_passphrase, unwrap_secret
from sync.errors import Malformed

IN_USE = "in use"
"""The state of a keyring that opens the vault; every other state says why it does not."""


def unlock(
    profile: Profile,
    table: SlotTable,
    passphrase: str | None,
    recovery: RecoveryKey | None,
    entry: KeyringEntry,
    floors: Floors,
) -> tuple[bytes, str]:
    """The vault's key and the keyring's state.

    What was given goes first and is never passed over: a wrong passphrase is an error even where the keyring
    would open. Only a passphrase for a vault that has none is ignored in favour of the keyring. So a script
    that gives one never waits for a keyring's dialog.

    :raises WrongSecret: what was given does not open this vault.
    :raises NeedsSecret: nothing was given, and the keyring does not open it.
    :raises Damaged: a slot was tampered with.
    """
    try:
        if recovery is not None:
            return _by_recovery(table, recovery), "not asked"
        slot = table.find(SlotKind.PASSPHRASE)
        if passphrase is not None and slot is not None:
            key = unwrap_passphrase(slot, table.vault_id, passphrase, floors)
            if key is None:
                raise WrongSecret(
                    "The passphrase is wrong: check it (and SITEBOOK_PASSPHRASE), or open the profile with "
                    "its recovery key."
                )
            return key, "not asked"
        key, state = by_keyring(table, entry)
    except Malformed as error:
        raise damaged(profile.slots_path) from error
    if key is not None:
        return key, state
    if slot is not None:
        ask = "give the passphrase (SITEBOOK_PASSPHRASE) or the recovery key"
    else:
        ask = "give the 24 words of the recovery key, as this profile has no passphrase"
    if table.find(SlotKind.KEYRING) is None:
        sentence = f"This profile is locked: {ask}."
    else:
        sentence = f"The system keyring does not open this profile ({state}): {ask}."
    raise NeedsSecret(sentence, has_passphrase=slot is not None)


def by_keyring(table: SlotTable, entry: KeyringEntry) -> tuple[bytes | None, str]:
    """The vault's key from the keyring, or None, and the keyring's state."""
    slot = table.find(SlotKind.KEYRING)
    if slot is None:
        return None, "it is not used for this profile"
    try:
        secret = entry.read()
    except KeyringUnavailable as error:
        return None, str(error)
    if secret is None:
        return None, "its entry is missing"
    key = unwrap_secret(slot, table.vault_id, secret)
    return (key, IN_USE) if key is not None else (None, "its entry is another's")


def _by_recovery(table: SlotTable, recovery: RecoveryKey) -> bytes:
    slot = table.find(SlotKind.RECOVERY)
    key = None if slot is None else unwrap_secret(slot, table.vault_id, recovery.slot_secret())
    if key is None:
        raise WrongSecret(
            "This recovery key belongs to another profile: take the one that was shown for this one."
        )
    return key
