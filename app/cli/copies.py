"""``sitebook backup`` and ``restore``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.progress import Bar
from app.cli.session import Session
from app.domain.dates import moment_iso, moment_local
from app.keys.errors import NeedsSecret
from app.keys.vault import Vault

if TYPE_CHECKING:
    from app.keys.profile import Profile


def back_up(session: Session, arguments: Namespace) -> None:
    """Write an encrypted copy of the profile, also beside a Sitebook that is running."""
    from app.interchange.backup import backup
    from sync.clock import SystemClock

    path = Path(arguments.file)
    with _reading(session, session.profile) as vault, Bar(f"Writing {path.name}") as bar:
        made = backup(vault, path, clock=SystemClock(), progress=bar.update)
    session.out.result(
        {"file": str(path), "projects": made.projects, "files": made.files, "size": made.size},
        f"{made.projects} projects are backed up in {path}. It opens with the passphrase or the recovery key.",
    )


def _reading(session: Session, profile: Profile) -> Vault:
    return Vault.open(profile, session.passphrase, recovery=session.recovery, exclusive=False)


def restore(session: Session, arguments: Namespace) -> None:
    """Make a profile of a backup, after looking whether it opens with what is given here."""
    from app.interchange.restore import check_opens
    from app.interchange.restore import restore as bring_back

    opens = check_opens(lambda profile: _reading(session, profile))

    def check(profile: Profile) -> None:
        try:
            opens(profile)
        except NeedsSecret:
            return  # nothing to open it with was given; that is asked for when it is used

    path = Path(arguments.file)
    with Bar(f"Reading {path.name}") as bar:
        found = bring_back(path, session.profile, progress=bar.update, check=check)
    session.out.result(
        {
            "profile": str(session.profile.directory),
            "projects": found.projects,
            "files": found.files,
            "made": moment_iso(found.made_ms),
        },
        f"{found.projects} projects of {moment_local(found.made_ms, session.zone)} are back in "
        f"{session.profile.directory}.",
    )
