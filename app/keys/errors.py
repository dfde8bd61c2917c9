"""What the key room asks of the person, as errors that a window can answer with a dialog."""

from __future__ import annotations

from sync.errors import NotFound, Refused, SitebookError


class NoVault(NotFound):
    """The profile has no vault yet."""


class VaultExists(Refused):
    """There is a vault, or a part of one, where a new one was to be made."""


class NeedsSecret(SitebookError):
    """The keyring does not open this vault: a passphrase or the recovery key is needed."""

    def __init__(self, message: str, *, has_passphrase: bool) -> None:
        """``has_passphrase``: whether the vault has a passphrase at all, so whether to ask for one."""
        super().__init__(message)
        self.has_passphrase = has_passphrase


class WrongSecret(SitebookError):
    """The passphrase or the recovery key that was given does not open this vault."""


class NoKeyring(SitebookError):
    """No system keyring that keeps secrets, and nothing else was given to lock the vault with."""
