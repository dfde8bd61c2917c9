"""``sitebook sample``: a large project to try things on."""

from __future__ import annotations

from argparse import Namespace
from datetime import date, datetime

from app.cli import profile
from app.cli.editing import checked_text
from app.cli.progress import Bar
from app.cli.projects import document as project_document
from app.cli.session import Session
from app.domain.names import counted, fold
from app.keys.vault import Vault
from app.workspace.address import checked_server
from sync.errors import Refused, SitebookError

_MOST_ISSUES = 200_000
_MOST_PEOPLE = 5_000


def make(session: Session, arguments: Namespace) -> None:
    """Add a large project to the profile, which is made where there is none; push it where a server is given."""
    from app.domain.dates import parse_date
    from app.workspace.big_sample import TODAY, Shape, make_sample

    name = checked_text(arguments.name).strip()
    if not name:
        raise SitebookError("A project needs a name.")
    if arguments.issues > _MOST_ISSUES or not 0 < arguments.people <= _MOST_PEOPLE:
        raise SitebookError(
            f"A sample has up to {_MOST_ISSUES:,} issues and 1 to {_MOST_PEOPLE:,} people; ask for fewer."
        )
    today = TODAY
    if arguments.today:
        today = date.fromisoformat(parse_date(arguments.today, datetime.now(session.zone).date()))
    server = checked_server(arguments.server)
    recovery = None
    if not Vault.exists(session.profile):
        recovery = profile.make(session, None, "")
    elif any(fold(entry.name) == fold(name) for entry in session.workspace.projects()):
        raise Refused(f"There is a project “{name}” on this device already; give another name.")
    shape = Shape(arguments.issues, arguments.people, arguments.seed, today)
    try:
        with Bar(f"Making {counted(shape.issues, 'issue')}") as bar:
            entry = make_sample(session.workspace, name, shape, server=server, progress=bar.update)
    except BaseException:
        if recovery is not None:
            session.workspace.vault.discard()
        raise
    document = {**project_document(entry), "issues": shape.issues, "people": shape.people, "seed": shape.seed}
    lines = [f"“{name}” has {counted(shape.issues, 'issue')}."]
    if recovery is not None:
        document["recovery_key"] = recovery.words()
        lines += profile.recovery_lines(recovery)
    session.out.result(document, *lines, entry.project.hex())
    if server:
        session.workspace.sync(entry.project)
