"""The window's door to a real profile: what it says there is something that a person at a window can do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from app.desktop.profile_session import ProfileSession
from app.desktop.session import ProfileState
from app.keys.keyring_slot import NoKeyring
from app.keys.profile import Profile
from sync.errors import SitebookError
from tests.app.keys.helpers import MemoryKeyring

RIGHT = "correct horse battery"


def new_session(directory: Path) -> ProfileSession:
    return ProfileSession(Profile(directory), lambda: date(2026, 3, 8), keyring=NoKeyring())


def test_what_does_not_open_the_vault_is_said_for_a_person_at_a_window(tmp_path: Path) -> None:
    first = new_session(tmp_path / "one")
    words = " ".join(first.create_vault("Anna", RIGHT))
    first.close()
    other = new_session(tmp_path / "two")
    others_words = " ".join(other.create_vault("Ben", RIGHT))
    other.close()
    session = new_session(tmp_path / "one")
    assert session.state() is ProfileState.LOCKED
    with pytest.raises(SitebookError) as told:
        session.unlock("wrong")
    assert str(told.value) == (
        "This passphrase is wrong; type it again, or type the words of your recovery key."
    )
    with pytest.raises(SitebookError) as told:
        session.unlock(others_words)
    assert str(told.value).startswith("This recovery key is another one's")
    session.unlock(words)
    assert session.state() is ProfileState.OPEN
    session.close()


def test_without_a_keyring_a_passphrase_is_asked_for(tmp_path: Path) -> None:
    session = new_session(tmp_path / "one")
    with pytest.raises(SitebookError) as told:
        session.create_vault("Anna", None)
    assert str(told.value) == "This computer's keyring keeps no keys; choose a passphrase."
    session.close()


def test_a_vault_without_a_passphrase_asks_for_the_words(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "one")
    session = ProfileSession(profile, lambda: date(2026, 3, 8), keyring=MemoryKeyring())
    session.create_vault("Anna", None)
    session.close()
    session = ProfileSession(profile, lambda: date(2026, 3, 8), keyring=NoKeyring())
    with pytest.raises(SitebookError) as told:
        session.unlock("any passphrase")
    assert str(told.value) == "Your projects have no passphrase; type the 24 words of your recovery key."
    session.close()
