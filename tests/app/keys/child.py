"""A second process for the tests: ``python -m tests.app.keys.child WHAT DIRECTORY [MORE]``.

Prints ``ready`` once everything is imported, then what it does; an error as ``CLASS: TEXT``.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from pathlib import Path

import keyring
import mnemonic

from app.keys.keyring_slot import SystemKeyring
from app.keys.profile import Profile
from app.keys.vault import Vault
from sync.errors import SitebookError
from tests.app.keys.helpers import PASSPHRASE, WEAK, create, project_entry, reopen

IMPORTED_BEFORE_POWERS_GO = (keyring, mnemonic)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def hold(profile: Profile) -> None:
    with reopen(profile):
        say("held")
        sys.stdin.readline()


def make(profile: Profile) -> None:
    create(profile)[0].close()
    say("made")


def look(profile: Profile) -> None:
    with reopen(profile, exclusive=False) as vault:
        say(f"{vault.identity.name} {len(vault.projects())}")


def write(profile: Profile) -> None:
    """Writes until it is killed, and says each number once it is written."""
    with reopen(profile) as vault:
        number = vault.setting("number", 0)
        while True:
            number += 1
            vault.put_project(project_entry(number % 5))
            vault.set_setting("number", number)
            say(str(number))


def rename(profile: Profile) -> None:
    """Changes the passphrase until it is killed, and says each number once it counts."""
    with reopen(profile) as vault:
        number = 0
        while True:
            number += 1
            vault.set_passphrase(f"{PASSPHRASE} {number}")
            say(str(number))


def real_keyring(profile: Profile) -> None:
    """Uses the keyring daemon of this session bus through every step of a vault's life."""
    subprocess.run(
        ["gnome-keyring-daemon", "--unlock", "--components=secrets"],
        input=b"the login password",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    vault, recovery = Vault.create(profile, keyring=SystemKeyring(), strength=WEAK)
    say(f"created {vault.keyring_state}")
    vault.close()
    with Vault.open(profile, keyring=SystemKeyring(), strength=WEAK) as vault:
        say(f"opened {vault.keyring_state}")
        vault._entry.remove()
    try:
        Vault.open(profile, keyring=SystemKeyring(), strength=WEAK)
    except SitebookError as error:
        say(type(error).__name__)
    with Vault.open(profile, recovery=recovery, keyring=SystemKeyring(), strength=WEAK) as vault:
        say(f"recovered {vault.keyring_state}")
    with Vault.open(profile, keyring=SystemKeyring(), strength=WEAK) as vault:
        say(f"opened {vault.keyring_state}")


def locked_keyring(profile: Profile) -> None:
    """A daemon that nobody has unlocked, and no display where it could ask."""
    subprocess.run(
        ["gnome-keyring-daemon", "--start", "--components=secrets"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    Vault.create(profile, keyring=SystemKeyring(limit_seconds=20), strength=WEAK)


def lose_powers() -> None:
    """From here on even root may write only where the permissions allow it."""

    class Header(ctypes.Structure):
        _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))

    no_capabilities = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None).capset(ctypes.byref(Header(0x20080522, 0)), no_capabilities) != 0:
        raise OSError("capset failed")


def limit_files(count: int) -> None:
    """From here on no file may grow beyond ``count`` bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, count))


def fill(profile: Profile) -> None:
    """Writes until no file may grow any more."""
    with reopen(profile) as vault:
        limit_files(profile.vault_path.stat().st_size)
        number = 0
        while True:
            number += 1
            try:
                vault.put_project(project_entry(number))
            except SitebookError as error:
                say(f"{type(error).__name__}: {error}")
                break
        say(f"{number - 1} {len(vault.projects())}")


WORKS = (hold, make, look, write, rename, real_keyring, locked_keyring, fill)


def main() -> None:
    _, name, directory, *options = sys.argv
    [work] = [work for work in WORKS if work.__name__ == name]
    say("ready")
    for option in options:
        if option == "powerless":
            lose_powers()
        else:
            limit_files(int(option))
    try:
        work(Profile(Path(directory)))
    except SitebookError as error:
        say(f"{type(error).__name__}: {error}")
    os._exit(0)  # at once, whatever a keyring's thread still waits for


if __name__ == "__main__":
    main()
