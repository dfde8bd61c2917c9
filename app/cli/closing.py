"""``sitebook issue resolve``, ``close``, ``send-back`` and ``reopen``."""

from __future__ import annotations

from argparse import Namespace

from app.cli.editing import checked_text
from app.cli.ids import resolve
from app.cli.session import Session
from app.domain.closing import Action
from app.domain.names import counted
from app.domain.schema import ISSUE
from app.workspace.closing import Desk
from sync.ids import id_text


def resolve_issues(session: Session, arguments: Namespace) -> None:
    """Say that the work is done: who asked for it looks at it now."""
    _take(session, arguments, Action.RESOLVE, "resolved")


def close_issues(session: Session, arguments: Namespace) -> None:
    """Close issues."""
    _take(session, arguments, Action.CLOSE, "closed")


def send_back(session: Session, arguments: Namespace) -> None:
    """Send issues back to who does the work, with a reason."""
    _take(session, arguments, Action.SEND_BACK, "sent back")


def reopen(session: Session, arguments: Namespace) -> None:
    """Open issues again."""
    _take(session, arguments, Action.REOPEN, "opened again")


def _take(session: Session, arguments: Namespace, action: Action, said: str) -> None:
    issues = [resolve(session.project, typed, (ISSUE,)) for typed in arguments.ids]
    desk = Desk(session.project, session.context.directory)
    desk.take(list(dict.fromkeys(issues)), action, reason=checked_text(arguments.reason))
    statuses = session.context.directory.statuses
    documents = []
    for issue in dict.fromkeys(issues):
        status = statuses.get(session.project.field(issue, "status", ISSUE).value)
        documents.append({"id": id_text(issue), "status": None if status is None else status.name})
    session.out.result(documents, f"{counted(len(documents), 'issue')} {said}.")
