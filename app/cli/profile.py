"""``sitebook init``, and making the profile that a first ``project join`` needs."""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from app.cli.editing import checked_text
from app.cli.session import Session, ask, can_ask
from sync.errors import SitebookError

if TYPE_CHECKING:
    from app.keys.recovery import RecoveryKey


def init(session: Session, arguments: Namespace) -> None:
    """Make the vault of the profile and print its recovery key, this once."""
    recovery = make(session, arguments.name, arguments.email)
    identity = session.workspace.vault.identity
    session.out.result(
        {
            "profile": str(session.profile.directory),
            "name": identity.name,
            "email": identity.email,
            "recovery_key": recovery.words(),
        },
        f"The profile of {identity.name or 'this user'} is in {session.profile.directory}.",
        *recovery_lines(recovery),
    )


def make(session: Session, name: str | None, email: str) -> RecoveryKey:
    """Make the vault; the passphrase comes from the environment, or is asked for where it is needed."""
    from app.keys.entry import Identity
    from app.keys.errors import NoKeyring
    from app.workspace.workspace import Workspace

    identity = Identity(
        checked_text(user_name() if name is None else name).strip(), checked_text(email).strip()
    )
    try:
        workspace, recovery = Workspace.create(session.profile, identity, session.passphrase)
    except NoKeyring:
        if not can_ask():
            raise
        passphrase = ask("There is no system keyring, so choose a passphrase: ")
        if ask("The same again: ") != passphrase:
            raise SitebookError("The two differ; nothing was made, so try again.") from None
        workspace, recovery = Workspace.create(session.profile, identity, passphrase)
    session.adopt(workspace)
    return recovery


def recovery_lines(recovery: RecoveryKey) -> list[str]:
    """The recovery key for people, with what it is for."""
    words = recovery.words().split()
    rows = [
        "  ".join(f"{at + 1:>2} {words[at]:<9}" for at in range(start, start + 6)).rstrip()
        for start in range(0, len(words), 6)
    ]
    return [
        "",
        "Recovery key. Write these 24 words on paper and keep them safe: they open this profile where the",
        "keyring or the passphrase is lost, and they are shown only now.",
        "",
        *(f"  {row}" for row in rows),
        "",
    ]


def user_name() -> str:
    """What the system calls whoever runs this; empty where it does not say."""
    if sys.platform != "win32":
        import os
        import pwd

        try:
            full = pwd.getpwuid(os.getuid()).pw_gecos.partition(",")[0].strip()
        except KeyError:
            full = ""
        if full and full != "root":
            return full
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
