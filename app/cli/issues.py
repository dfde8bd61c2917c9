"""``sitebook issue``."""

from __future__ import annotations

from argparse import Namespace

from app.cli import records
from app.cli.editing import written
from app.cli.rows import Rows, marks
from app.cli.session import Session
from app.domain.schema import ISSUE
from sync.ids import id_text

_HEADINGS = ("#", "Title", "Status", "Priority", "Assignees", "Due", "", "Id")


def add(session: Session, arguments: Namespace) -> None:
    """Make an issue."""
    records.make(
        session,
        ISSUE,
        arguments.title,
        arguments.assignments,
        text=written(session, arguments.text, arguments.format),
    )


def show_all(session: Session, arguments: Namespace) -> None:
    """List issues."""
    records.show_list(session, arguments, ISSUE, _HEADINGS, _row)


def _row(rows: Rows, record: bytes) -> tuple[str, ...]:
    shown = [rows.shown(record, name) for name in ("status", "priority", "assignees", "due")]
    return (
        rows.shown(record, "number") or "new",
        rows.heading(record),
        *shown,
        marks(rows, record),
        id_text(record),
    )


def show(session: Session, arguments: Namespace) -> None:
    """Show an issue."""
    records.show(session, ISSUE, arguments.id)


def change(session: Session, arguments: Namespace) -> None:
    """Change an issue."""
    records.change(session, ISSUE, arguments.id, arguments.assignments)


def delete(session: Session, arguments: Namespace) -> None:
    """Delete an issue."""
    records.delete(session, ISSUE, arguments.id)


def restore(session: Session, arguments: Namespace) -> None:
    """Restore an issue."""
    records.restore(session, ISSUE, arguments.id)
