"""The vault of a profile: who one is, the keys of one's projects, settings; and the ways to open it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from app.keys import slot_files
from app.keys.entry import Identity, ProjectEntry
from app.keys.errors import NoVault, VaultExists
from app.keys.files import damaged
from app.keys.keyring_slot import Keyring, KeyringEntry, KeyringUnavailable, SystemKeyring
from app.keys.making import discard_vault, make_vault, vault_exists
from app.keys.profile import Profile
from app.keys.project_rows import read_project, read_projects, remove_project, write_project
from app.keys.recovery import RecoveryKey
from app.keys.slots import (
    PRODUCTION,
    VAULT_ID_BYTES,
    SlotKind,
    SlotTable,
    Strength,
    wrap_passphrase,
    wrap_secret,
)
from app.keys.unlock import IN_USE, by_keyring, unlock
from app.keys.vault_file import VaultFile
from sync.clock import Random, system_random
from sync.errors import Refused
from sync.membership_actions import RecoveryPublic


class Vault:
    """An open vault. Made by :meth:`create` or :meth:`open`; may be used from any thread; to be closed.

    One that was opened ``exclusive`` holds the profile's lock until then; the others only read.
    """

    def __init__(
        self,
        profile: Profile,
        file: VaultFile,
        table: SlotTable,
        key: bytes,
        entry: KeyringEntry,
        keyring_state: str,
        *,
        random: Random,
        strength: Strength,
        exclusive: bool,
    ) -> None:
        """For :meth:`create` and :meth:`open` only."""
        self.profile = profile
        self.exclusive = exclusive
        self._file = file
        self._table = table
        self._key = key
        self._entry = entry
        self._keyring_state = keyring_state
        self._random = random
        self._strength = strength
        self._closed = False

    @staticmethod
    def exists(profile: Profile) -> bool:
        """Whether the profile has a vault, whole or damaged, so that none may be made in it.

        :raises SitebookError: the directory cannot be looked into.
        """
        return vault_exists(profile)

    @classmethod
    def create(
        cls,
        profile: Profile,
        passphrase: str | None = None,
        *,
        identity: Identity | None = None,
        keyring: Keyring | None = None,
        random: Random = system_random,
        strength: Strength = PRODUCTION,
    ) -> tuple[Vault, RecoveryKey]:
        """Makes the vault, opens it, and gives the recovery key, whose words are to be shown this once.

        ``keyring``: None is the system's. The vault gets a slot in the keyring where that works, one for the
        passphrase where one is given, and one for the recovery key.

        :raises VaultExists: the profile has one, whole or damaged.
        :raises NoKeyring: neither a working keyring nor a passphrase.
        :raises Busy: another process has the profile open.
        :raises SitebookError: the disk said no. In all cases nothing is left behind.
        """
        made = profile.prepare()
        try:
            profile.acquire()
            try:
                if vault_exists(profile):
                    raise VaultExists(
                        f"{profile.directory} holds a vault, or projects of one: use it, or choose "
                        "another directory (`--profile`)."
                    )
                recovery, vault_id = RecoveryKey.generate(random), random(VAULT_ID_BYTES)
                entry = KeyringEntry(keyring or SystemKeyring(), vault_id)
                table, key, state = make_vault(
                    profile,
                    vault_id,
                    passphrase,
                    recovery,
                    identity or Identity(),
                    entry,
                    random=random,
                    strength=strength,
                )
                file = VaultFile.open(profile.vault_path, key, vault_id, writable=True)
            except BaseException:
                profile.release()
                raise
        except BaseException:
            profile.discard(made)
            raise
        vault = cls(profile, file, table, key, entry, state, random=random, strength=strength, exclusive=True)
        return vault, recovery

    @classmethod
    def open(
        cls,
        profile: Profile,
        passphrase: str | None = None,
        *,
        recovery: RecoveryKey | None = None,
        keyring: Keyring | None = None,
        random: Random = system_random,
        strength: Strength = PRODUCTION,
        exclusive: bool = True,
    ) -> Vault:
        """Opens the vault with what is given, else with the keyring (None is the system's).

        A passphrase or recovery key that is given is used or refused, never passed over, except that a
        passphrase is not looked at where the vault has none. Opening with the recovery key puts the vault's
        key back into the keyring. Not ``exclusive`` takes no lock and writes nothing: for a backup beside a
        running Sitebook.

        :raises NoVault: there is none; Sitebook never makes one here by itself.
        :raises NeedsSecret: ask for the passphrase or the recovery key.
        :raises WrongSecret: what was given does not open it.
        :raises Damaged: vault or slots are not as they were written; nothing was changed.
        :raises NewerFormat: they were written by a later version.
        :raises Busy: another process has the profile open.
        :raises SitebookError: the disk said no.
        """
        if not vault_exists(profile):
            raise NoVault(
                f"There is no Sitebook profile in {profile.directory} yet: make one with `sitebook init`."
            )
        if exclusive:
            profile.acquire()
        try:
            if not profile.vault_path.exists():
                raise damaged(profile.vault_path)
            table = slot_files.load(profile)
            entry = KeyringEntry(keyring or SystemKeyring(), table.vault_id)
            key, state = unlock(profile, table, passphrase, recovery, entry, strength.floors)
            file = VaultFile.open(profile.vault_path, key, table.vault_id, writable=exclusive)
            vault = cls(
                profile, file, table, key, entry, state, random=random, strength=strength, exclusive=exclusive
            )
            try:
                if exclusive:
                    slot_files.mend(profile, table)
                    profile.make_projects_directory()
                    if recovery is not None:
                        vault._recovered(recovery)
            except BaseException:
                file.close()
                raise
        except BaseException:
            if exclusive:
                profile.release()
            raise
        return vault

    def close(self) -> None:
        """Closes the file and lets other processes in. Closing twice is no error."""
        if self._closed:
            return
        self._closed = True
        self._file.close()
        if self.exclusive:
            self.profile.release()

    def again(self) -> Vault:
        """Opens it once more after :meth:`close`, with the key that it had: nobody is asked for a secret.

        :raises Busy: another process has the profile open.
        :raises Damaged: vault or slots are not as they were written, or of another vault.
        :raises SitebookError: the disk said no.
        """
        self.profile.acquire()
        try:
            table = slot_files.load(self.profile)
            if table.vault_id != self._table.vault_id:
                raise damaged(self.profile.slots_path)
            file = VaultFile.open(self.profile.vault_path, self._key, table.vault_id, writable=True)
        except BaseException:
            self.profile.release()
            raise
        return Vault(
            self.profile,
            file,
            table,
            self._key,
            self._entry,
            self._keyring_state,
            random=self._random,
            strength=self._strength,
            exclusive=True,
        )

    def discard(self) -> None:
        """Closes and removes a vault that holds no project: what it was made for came to nothing.

        :raises SitebookError: it holds one (Refused), or the disk said no.
        """
        self._writing()
        if self.projects():
            raise Refused("The vault stays: it holds projects.")
        self._file.close()
        self._closed = True
        try:
            with suppress(KeyringUnavailable):
                self._entry.remove()
            discard_vault(self.profile)
        finally:
            self.profile.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Vault({str(self.profile.directory)!r})"

    # Who one is

    @property
    def identity(self) -> Identity:
        """The person's name and address."""
        [(name, email)] = self._file.read("SELECT name, email FROM vault")
        return Identity(name, email)

    def set_identity(self, identity: Identity) -> None:
        """Changes them."""
        self._writing()
        self._file.set_identity(identity)

    @property
    def recovery(self) -> RecoveryPublic:
        """The public keys of the device that the recovery key is; new projects are told of it."""
        [(device, kem)] = self._file.read("SELECT recovery_device, recovery_kem FROM vault")
        return RecoveryPublic(device, kem)

    # Projects

    def projects(self) -> list[ProjectEntry]:
        """All projects of this profile, the oldest first."""
        return read_projects(self._file)

    def project(self, project: bytes) -> ProjectEntry | None:
        """One of them, None where it is not of this profile."""
        return read_project(self._file, project)

    def put_project(self, entry: ProjectEntry) -> None:
        """Adds the project, or replaces all of its entry; durable on return.

        :raises SitebookError: the disk said no, and the entry is as it was.
        """
        self._writing()
        write_project(self._file, entry)

    def remove_project(self, project: bytes) -> None:
        """Forgets the project and its keys for good; its file is then unreadable."""
        self._writing()
        remove_project(self._file, project)

    # Settings

    def setting(self, name: str, default: Any = None) -> Any:
        """The value under ``name``, in the types of JSON."""
        rows = self._file.read("SELECT value FROM setting WHERE name = ?", (name,))
        return msgspec.json.decode(rows[0][0]) if rows else default

    def set_setting(self, name: str, value: Any) -> None:
        """Keeps ``value`` (whatever JSON can hold) under ``name``; None removes it."""
        self._writing()
        if value is None:
            self._file.write("DELETE FROM setting WHERE name = ?", (name,))
        else:
            self._file.write(
                "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
                (name, msgspec.json.encode(value)),
            )

    # Ways to open it

    @property
    def has_passphrase(self) -> bool:
        """Whether a passphrase opens this vault."""
        return self._table.find(SlotKind.PASSPHRASE) is not None

    @property
    def keyring_state(self) -> str:
        """``in use``, or half a sentence that says why not. May ask the keyring, and wait for it."""
        if self._keyring_state != IN_USE:
            _, self._keyring_state = by_keyring(self._table, self._entry)
        return self._keyring_state

    def set_passphrase(self, passphrase: str) -> None:
        """Adds a passphrase, or puts it in place of the old one, which then opens nothing any more.

        :raises SitebookError: it is empty or no text, or the disk said no.
        """
        self._writing()
        self._store(
            self._table.having(
                wrap_passphrase(self._table.vault_id, passphrase, self._key, self._strength, self._random)
            )
        )

    def remove_passphrase(self) -> None:
        """Removes the passphrase.

        :raises Refused: the keyring does not open the vault, so only the recovery key would be left.
        """
        self._writing()
        key, state = by_keyring(self._table, self._entry)
        if key is None:
            raise Refused(
                f"The passphrase stays, since the system keyring does not open this profile ({state}) and "
                "only the recovery key would: set up the keyring first."
            )
        self._store(self._table.lacking(SlotKind.PASSPHRASE))

    def use_keyring(self) -> bool:
        """Lets the system keyring open this vault (again); False where it cannot, see :attr:`keyring_state`.

        :raises SitebookError: the disk said no.
        """
        self._writing()
        key, self._keyring_state = by_keyring(self._table, self._entry)
        if key is not None:
            return True
        try:
            secret = self._entry.renew(self._random)
        except KeyringUnavailable as error:
            self._keyring_state = str(error)
            return False
        self._store(
            self._table.having(
                wrap_secret(SlotKind.KEYRING, self._table.vault_id, secret, self._key, self._random)
            )
        )
        self._keyring_state = IN_USE
        return True

    def renew_recovery(self) -> RecoveryKey:
        """A new recovery key in place of the old one, whose words then open nothing here any more.

        The projects still name the old recovery device until they are told of the new one
        (``ProjectEntry.recovery_device`` differs from :attr:`recovery`'s).

        :raises SitebookError: the disk said no.
        """
        self._writing()
        recovery = RecoveryKey.generate(self._random)
        self._file.set_recovery(recovery.public())
        self._store(
            self._table.having(
                wrap_secret(
                    SlotKind.RECOVERY, self._table.vault_id, recovery.slot_secret(), self._key, self._random
                )
            )
        )
        return recovery

    # Care

    def check(self) -> None:
        """Reads every page of the vault, and the slots, again from the disk.

        :raises Damaged: something is not as it was written.
        """
        table = slot_files.load(self.profile)
        VaultFile.open(self.profile.vault_path, self._key, table.vault_id, writable=False).close()

    def copy_to(self, directory: Path) -> None:
        """Writes a consistent copy (vault and slots, as encrypted as they are here) into an empty directory.

        Whatever opens this vault at the moment opens the copy. Others may write to the vault meanwhile.

        :raises SitebookError: the disk said no.
        """
        copy = Profile(directory)
        copy.prepare()
        self._file.copy_to(copy.vault_path, self._key)
        slot_files.store(copy, slot_files.load(self.profile))

    def _recovered(self, recovery: RecoveryKey) -> None:
        # Differs only where renewing the recovery key was cut between vault and slots: the words that open
        # count.
        public = recovery.public()
        if self.recovery != public:
            self._file.set_recovery(public)
        self.use_keyring()

    def _store(self, table: SlotTable) -> None:
        slot_files.store(self.profile, table)
        self._table = table

    def _writing(self) -> None:
        if not self.exclusive:
            raise RuntimeError("a vault that was opened for reading is not written to")
