"""Against the daemon that most Linux desktops run, on a session bus of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from app.keys.profile import Profile
from tests.app.keys.helpers import ROOT, files_of


def on_a_private_bus(what: str, profile: Profile, home: Path) -> list[str]:
    for program, package in (("dbus-run-session", "dbus"), ("gnome-keyring-daemon", "gnome-keyring")):
        assert shutil.which(program), f"{program} is missing; type: apt-get install {package}"
    runtime = home / "runtime"
    runtime.mkdir(parents=True, mode=0o700)
    run = subprocess.run(
        [
            *("dbus-run-session", "--", sys.executable, "-m", "tests.app.keys.child"),
            *(what, str(profile.directory)),
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return run.stdout.splitlines()


def test_the_whole_life_of_a_vault_with_a_real_keyring(profile: Profile, tmp_path: Path) -> None:
    assert on_a_private_bus("real_keyring", profile, tmp_path / "home") == [
        "ready",
        "created in use",
        "opened in use",
        "NeedsSecret",
        "recovered in use",
        "opened in use",
    ]


def test_a_keyring_that_stays_locked_makes_nothing(profile: Profile, tmp_path: Path) -> None:
    ready, said = on_a_private_bus("locked_keyring", profile, tmp_path / "home")
    assert ready == "ready"
    assert said.startswith("NoKeyring: There is no system keyring for the key of this profile (it ")
    assert said.endswith("give a passphrase, or set SITEBOOK_PASSPHRASE, and try again.")
    assert not profile.directory.exists()
    assert [name for name in files_of(tmp_path) if "vault" in name] == []
