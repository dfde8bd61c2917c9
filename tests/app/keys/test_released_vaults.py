"""Profiles as earlier versions wrote them. Each stays readable for ever; a new schema adds a directory.

Made with the weak strength and passphrase of the other tests and the recovery key of 32 bytes 0, 1, 2 ...
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.keys.entry import Identity
from app.keys.profile import Profile
from app.keys.recovery import RecoveryKey
from app.keys.schema import MIGRATIONS
from tests.app.keys.helpers import project_entry, reopen

RELEASED = Path(__file__).parent / "released"


def test_every_schema_is_kept() -> None:
    assert sorted(path.name for path in RELEASED.iterdir()) == [
        f"schema-{number}" for number in range(1, len(MIGRATIONS) + 1)
    ]


@pytest.mark.parametrize("number", range(1, len(MIGRATIONS) + 1))
def test_a_released_vault_opens(profile: Profile, number: int) -> None:
    shutil.copytree(RELEASED / f"schema-{number}", profile.directory)
    with reopen(profile) as vault:
        assert vault.identity == Identity("Ada Bricklayer", "ada@example.org")
        certificate = b"" if number < 2 else bytes(range(32))
        assert vault.projects() == [project_entry(1), project_entry(2, certificate)]
        assert vault.setting("window") == {"open": True}
    recovery = RecoveryKey(bytes(range(32)))
    with reopen(profile, None, recovery=recovery) as vault:
        assert vault.recovery == recovery.public()
        assert vault._file.read("SELECT max(number) FROM migration") == [(len(MIGRATIONS),)]
