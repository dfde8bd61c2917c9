"""Writes the profile of this schema for ``test_released_vaults``; run once when a schema is added.

``python -m tests.app.keys.make_released``
"""

from __future__ import annotations

import unittest.mock
from pathlib import Path

from app.keys.profile import Profile
from app.keys.recovery import RecoveryKey
from app.keys.schema import MIGRATIONS
from tests.app.keys.helpers import create, project_entry

RELEASED = Path(__file__).parent / "released"


def main() -> None:
    """Write it; one that is there is never changed."""
    profile = Profile(RELEASED / f"schema-{len(MIGRATIONS)}")
    with unittest.mock.patch.object(RecoveryKey, "generate", return_value=RecoveryKey(bytes(range(32)))):
        vault, _ = create(profile)
    with vault:
        vault.put_project(project_entry(1))
        vault.put_project(project_entry(2, bytes(range(32))))
        vault.set_setting("window", {"open": True})
    for name in ("profile.lock", "profile.pid"):
        (profile.directory / name).unlink(missing_ok=True)


if __name__ == "__main__":
    main()
