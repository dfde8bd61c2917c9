from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest
from keyring.backends import chainer, fail, null
from keyring.backends.SecretService import Keyring as SecretService

from app.keys.keyring_slot import KeyringEntry, KeyringUnavailable, NoKeyring, SystemKeyring
from tests.app.keys.helpers import MemoryKeyring

VAULT = bytes(range(16))


class Backend(SecretService):
    """By its class a backend of the system, by what it does whatever a test needs."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


Backend.__module__ = SecretService.__module__


class PlainFile(Backend):
    """A third-party backend."""


PlainFile.__module__ = "keyrings.alt.file"


def system(backend: object, limit: float = 20) -> SystemKeyring:
    return SystemKeyring(limit, lambda: backend)  # type: ignore[arg-type,return-value]


def test_an_entry_reads_back_and_goes() -> None:
    entry = KeyringEntry(system(Backend()), VAULT)
    assert entry.read() is None
    secret = entry.renew(os.urandom)
    assert len(secret) == 32
    assert entry.read() == secret
    entry.remove()
    assert entry.read() is None
    entry.remove()


def test_two_vaults_do_not_meet() -> None:
    keyring = MemoryKeyring()
    first, second = KeyringEntry(keyring, VAULT), KeyringEntry(keyring, VAULT[::-1])
    assert first.renew(os.urandom) != second.renew(os.urandom)
    assert first.read() != second.read()
    first.remove()
    assert second.read() is not None


@pytest.mark.parametrize("make", [null.Keyring, fail.Keyring])
def test_backends_that_keep_nothing_are_none(make: Callable[[], object]) -> None:
    entry = KeyringEntry(system(make()), VAULT)
    for use in (entry.read, lambda: entry.renew(os.urandom), entry.remove):
        with pytest.raises(KeyringUnavailable, match="the system offers none"):
            use()


def test_a_backend_that_is_not_the_systems_is_not_used() -> None:
    backend = PlainFile()
    with pytest.raises(KeyringUnavailable, match=r"keyrings\.alt\.file, is not one of the system's"):
        KeyringEntry(system(backend), VAULT).renew(os.urandom)
    assert backend.kept == {}


@pytest.mark.parametrize(
    ("members", "works"),
    [([], False), ([PlainFile(), Backend()], False), ([Backend(), PlainFile()], True)],
)
def test_of_a_chain_the_first_counts(
    monkeypatch: pytest.MonkeyPatch, members: list[Backend], works: bool
) -> None:
    class Chain:
        backends = members

    Chain.__module__ = chainer.ChainerBackend.__module__
    entry = KeyringEntry(system(Chain()), VAULT)
    if works:
        assert entry.renew(os.urandom) == entry.read()
        assert len(members[0].kept) == 1
        assert members[1].kept == {}
    else:
        with pytest.raises(KeyringUnavailable):
            entry.renew(os.urandom)
        assert all(member.kept == {} for member in members)


def test_a_keyring_that_forgets_is_none() -> None:
    class Forgetful(MemoryKeyring):
        def set(self, service: str, account: str, secret: str) -> None:
            pass

    with pytest.raises(KeyringUnavailable, match="does not keep what is written"):
        KeyringEntry(Forgetful(), VAULT).renew(os.urandom)


def test_a_keyring_that_hangs_is_waited_for_once() -> None:
    release = threading.Event()
    calls = []

    class Hanging(Backend):
        def get_password(self, service: str, username: str) -> str | None:
            calls.append(service)
            release.wait(60)
            return None

    Hanging.__module__ = SecretService.__module__
    entry = KeyringEntry(system(Hanging(), limit=0.05), VAULT)
    for _ in range(3):
        with pytest.raises(KeyringUnavailable, match="did not answer in time"):
            entry.read()
    assert len(calls) == 1
    release.set()


def test_what_a_backend_raises_is_told_by_its_kind_only() -> None:
    class Talkative(Backend):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise RuntimeError(f"cannot write {password}")

    Talkative.__module__ = SecretService.__module__
    with pytest.raises(KeyringUnavailable) as caught:
        KeyringEntry(system(Talkative()), VAULT).renew(os.urandom)
    assert str(caught.value) == "it failed with RuntimeError"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "text", ["", "x", "sitebook-1:", "sitebook-1:!!!!", "sitebook-1:AAAA", "sitebook-1:é"]
)
def test_an_entry_that_is_not_ours_counts_as_missing(text: str) -> None:
    keyring = MemoryKeyring()
    entry = KeyringEntry(keyring, VAULT)
    entry.renew(os.urandom)
    keyring.kept = dict.fromkeys(keyring.kept, text)
    assert entry.read() is None


def test_no_keyring_says_so() -> None:
    none = NoKeyring()
    with pytest.raises(KeyringUnavailable, match="no keyring is used here"):
        none.get("a", "b")
    with pytest.raises(KeyringUnavailable, match="no keyring is used here"):
        none.set("a", "b", "c")
    with pytest.raises(KeyringUnavailable, match="no keyring is used here"):
        none.delete("a", "b")


def test_the_librarys_own_choice_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.get_keyring", Backend)
    assert SystemKeyring().get("a", "b") is None
