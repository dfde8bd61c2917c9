"""``sitebook project new``, ``list`` and ``server``."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from app.cli.editing import checked_text
from app.cli.output import Usage
from app.cli.session import Session
from app.workspace.address import checked_certificate, checked_server
from sync.errors import Refused

if TYPE_CHECKING:
    from app.keys.entry import ProjectEntry


def new(session: Session, arguments: Namespace) -> None:
    """Found a project; prints its id."""
    from app.domain.names import fold
    from app.domain.numbers import parse_currency

    name = checked_text(arguments.name).strip()
    if any(fold(entry.name) == fold(name) for entry in session.workspace.projects()):
        raise Refused(f"There is a project “{name}” on this device already; give another name.")
    currency = parse_currency(arguments.currency) if arguments.currency else ""
    entry = session.workspace.new_project(name, checked_server(arguments.server), currency)
    session.out.result(document(entry), entry.project.hex())


def document(entry: ProjectEntry) -> dict[str, Any]:
    """A project for scripts."""
    return {"id": entry.project.hex(), "name": entry.name, "server": entry.server}


def show_all(session: Session, arguments: Namespace) -> None:
    """List the projects of the profile."""
    entries = session.workspace.projects()
    rows = [(entry.name, entry.server or "(no server)", entry.project.hex()[:16]) for entry in entries]
    session.out.table(
        [document(entry) for entry in entries],
        ("Name", "Server", "Id"),
        rows,
        "No projects yet: make one with `sitebook project new NAME`, or join one.",
    )


def server(session: Session, arguments: Namespace) -> None:
    """Show or set the server of the project."""
    if arguments.address is not None:
        address = checked_server(arguments.address)
        certificate = checked_certificate(address, arguments.certificate)
        session.workspace.set_server(session.entry.project, address, certificate)
    elif arguments.certificate is not None:
        raise Usage("Give the server's address beside its certificate.")
    entry = session.workspace.entry(session.entry.project)
    said = entry.server or "No server is set."
    found = document(entry)
    if entry.certificate:
        found["certificate"] = entry.certificate.hex()
        said += f" (only with the certificate {entry.certificate.hex()})"
    session.out.result(found, said)
