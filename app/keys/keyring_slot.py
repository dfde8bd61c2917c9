"""The system's keyring (Secret Service, KWallet, macOS Keychain, Windows Credential Locker) as a key slot.

The keyring keeps 32 random bytes, and the slot in the file wraps the vault's key under them, so an entry
alone opens nothing. The entry's name holds the vault's id: two profiles of one user do not meet.

A keyring counts only where a secret that was written reads back. Third-party backends of the ``keyring``
library are not used, since several keep secrets in plain files; nor are its ``null`` and ``fail``, which
keep nothing.
"""

from __future__ import annotations

import binascii
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Protocol, TypeVar

from sync.clock import Random

_ACCOUNT = "vault key"
_PREFIX = "sitebook-1:"
_SECRET_BYTES = 32
_T = TypeVar("_T")

# What ships with the keyring library and hands the secret to a service of the system.
_TRUSTED = {
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
}
_NONE = {"keyring.backends.fail", "keyring.backends.null"}
_CHAINER = "keyring.backends.chainer"

# Long enough for a person to type a password into the keyring's own dialog.
DEFAULT_LIMIT_SECONDS = 45.0


class KeyringUnavailable(Exception):
    """No keyring that can be used; the text is half a sentence that says why."""


class Keyring(Protocol):
    """A place that keeps small secrets for this user. Every method raises KeyringUnavailable at will."""

    def get(self, service: str, account: str) -> str | None:
        """The secret, or None where there is none."""
        ...

    def set(self, service: str, account: str, secret: str) -> None:
        """Writes or replaces the secret."""
        ...

    def delete(self, service: str, account: str) -> None:
        """Removes the secret; one that is not there is no error."""
        ...


class NoKeyring:
    """No keyring at all: for servers and scripts that are to open with a passphrase only."""

    def get(self, service: str, account: str) -> str | None:
        """Raises KeyringUnavailable."""
        raise KeyringUnavailable("no keyring is used here")

    def set(self, service: str, account: str, secret: str) -> None:
        """Raises KeyringUnavailable."""
        raise KeyringUnavailable("no keyring is used here")

    def delete(self, service: str, account: str) -> None:
        """Raises KeyringUnavailable."""
        raise KeyringUnavailable("no keyring is used here")


class _Backend(Protocol):
    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


class SystemKeyring:
    """The user's keyring through the ``keyring`` library, which is loaded at the first use.

    Each call runs in a thread of its own with a limit: a keyring that asks a person who is not there must not
    hang Sitebook. After one such wait the keyring counts as absent for as long as this object lives.
    """

    def __init__(
        self,
        limit_seconds: float = DEFAULT_LIMIT_SECONDS,
        find: Callable[[], _Backend] | None = None,
    ) -> None:
        """``find`` gives the library's backend; the default asks the library which is configured."""
        self._limit = limit_seconds
        self._find = find or _configured_backend
        self._hung = False

    def get(self, service: str, account: str) -> str | None:
        """The secret, or None."""
        return self._bounded(lambda: _trusted(self._find()).get_password(service, account))

    def set(self, service: str, account: str, secret: str) -> None:
        """Writes the secret."""
        self._bounded(lambda: _trusted(self._find()).set_password(service, account, secret))

    def delete(self, service: str, account: str) -> None:
        """Removes the secret."""

        def remove() -> None:
            backend = _trusted(self._find())
            if backend.get_password(service, account) is not None:
                backend.delete_password(service, account)

        self._bounded(remove)

    def _bounded(self, call: Callable[[], _T]) -> _T:
        if self._hung:
            raise KeyringUnavailable("it did not answer in time")
        results: list[_T] = []
        failures: list[Exception] = []

        def work() -> None:
            try:
                results.append(call())
            except Exception as error:  # noqa: BLE001 - backends raise whatever their D-Bus library does
                failures.append(error)

        thread = threading.Thread(target=work, name="sitebook-keyring", daemon=True)
        thread.start()
        thread.join(self._limit)
        if results:
            return results[0]
        if not failures:
            self._hung = True
            raise KeyringUnavailable("it did not answer in time")
        if isinstance(failures[0], KeyringUnavailable):
            raise failures[0]
        # Only the kind of failure: a backend's message could hold what it was asked to keep.
        raise KeyringUnavailable(f"it failed with {type(failures[0]).__name__}") from None


class KeyringEntry:
    """The one entry that belongs to a vault."""

    def __init__(self, keyring: Keyring, vault_id: bytes) -> None:
        self._keyring = keyring
        self._service = f"Sitebook vault {vault_id.hex()}"

    def read(self) -> bytes | None:
        """The 32 bytes that are kept, None where nothing is, or nothing that we wrote.

        :raises KeyringUnavailable: no keyring can be asked.
        """
        text = self._keyring.get(self._service, _ACCOUNT)
        if text is None or not text.startswith(_PREFIX):
            return None
        try:
            secret = b64decode(text.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            return None
        return secret if len(secret) == _SECRET_BYTES else None

    def renew(self, random: Random) -> bytes:
        """Writes a new secret and returns it once it reads back.

        :raises KeyringUnavailable: there is no keyring, or it does not keep what it is given.
        """
        secret = random(_SECRET_BYTES)
        self._keyring.set(self._service, _ACCOUNT, _PREFIX + b64encode(secret).decode("ascii"))
        if self.read() != secret:
            raise KeyringUnavailable("it does not keep what is written to it")
        return secret

    def remove(self) -> None:
        """Removes the entry.

        :raises KeyringUnavailable: no keyring can be asked.
        """
        self._keyring.delete(self._service, _ACCOUNT)


def _configured_backend() -> _Backend:
    import keyring

    return keyring.get_keyring()


def _trusted(backend: _Backend) -> _Backend:
    """``backend``, or the first of a chain, where it belongs to the system."""
    module = type(backend).__module__
    if module == _CHAINER:
        # Two services of the system at once (GNOME's and KDE's): the library chains all that it finds, plain
        # files too. We take the one that it would write to, if that is of the system.
        members: list[_Backend] = getattr(backend, "backends", [])
        module = type(members[0]).__module__ if members else "keyring.backends.fail"
        backend = members[0] if members else backend
    if module in _NONE:
        raise KeyringUnavailable("the system offers none")
    if module not in _TRUSTED:
        raise KeyringUnavailable(f"the one that is set up, {module}, is not one of the system's")
    return backend
