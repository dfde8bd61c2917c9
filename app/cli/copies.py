"""``sitebook project export`` and ``import``, ``backup`` and ``restore``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.progress import Bar
from app.cli.session import Session
from app.domain.dates import moment_iso, moment_local
from app.domain.names import counted
from app.keys.errors import NeedsSecret
from app.keys.vault import Vault

if TYPE_CHECKING:
    from app.keys.profile import Profile


def export_project(session: Session, arguments: Namespace) -> None:
    """Write everything of a project into a ZIP in an open format."""
    from app.cli.rows import names_of_devices
    from app.interchange.project_export import export_project as write
    from app.store.attachments import Attachments
    from app.workspace.workspace import keys_of

    path = Path(arguments.file)
    names = names_of_devices(session)
    with Bar(f"Writing {path.name}") as bar:
        done = write(
            session.project,
            Attachments(session.project, session.attachments_directory, zone=session.zone),
            path,
            keys=keys_of(session.entry),
            context=session.context,
            author=lambda device: names.get(device[:16], ""),
            progress=bar.update,
        )
    written = f"{counted(done.records, 'record')}, {counted(done.changes, 'change')}"
    lines = [f"{written} and {counted(done.files, 'file')} written to {path}."]
    if done.missing:
        lines.append(f"Not on this device, so not in it: {', '.join(done.missing)}")
    document = {
        "file": str(path),
        "records": done.records,
        "changes": done.changes,
        "files": done.files,
        "missing": list(done.missing),
    }
    session.out.result(document, *lines)


def import_project(session: Session, arguments: Namespace) -> None:
    """Make a new project of an export; prints its id."""
    from app.cli.editing import checked_text
    from app.cli.projects import document as project_document
    from app.interchange.project_import import import_project as take_in
    from app.workspace.address import checked_server

    path = Path(arguments.file)
    server = checked_server(arguments.server)
    with Bar(f"Reading {path.name}") as bar:
        made = take_in(
            path,
            session.workspace,
            name=checked_text(arguments.name or "").strip(),
            server=server,
            progress=bar.update,
        )
    document = {
        **project_document(made.entry),
        "changes": made.changes,
        "files": made.files,
        "missing": made.missing,
    }
    said = (
        f"{counted(made.changes, 'change')} and {counted(made.files, 'file')} are now "
        f"the project “{made.entry.name}”."
    )
    if made.missing:
        said += f" {made.missing} files were not in the export."
    if sum(entry.name == made.entry.name for entry in session.workspace.projects()) > 1:
        said += " There is another of that name: tell them apart by their ids."
    session.out.result(document, said, made.entry.project.hex())


def back_up(session: Session, arguments: Namespace) -> None:
    """Write an encrypted copy of the profile, also beside a Sitebook that is running."""
    from app.interchange.backup import backup
    from sync.clock import SystemClock

    path = Path(arguments.file)
    with _reading(session, session.profile) as vault, Bar(f"Writing {path.name}") as bar:
        made = backup(vault, path, clock=SystemClock(), progress=bar.update)
    session.out.result(
        {"file": str(path), "projects": made.projects, "files": made.files, "size": made.size},
        f"{counted(made.projects, 'project')} backed up in {path}. It opens with the passphrase or the recovery key.",
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
        f"{counted(found.projects, 'project')} of {moment_local(found.made_ms, session.zone)} restored in "
        f"{session.profile.directory}.",
    )
