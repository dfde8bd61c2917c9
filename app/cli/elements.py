"""``sitebook element``: rooms, doors, equipment, with the issues at each counted beside them."""

from __future__ import annotations

from argparse import Namespace

from app.cli import records
from app.cli.ids import resolve_name
from app.cli.rows import Rows, marks
from app.cli.session import Session
from app.domain.schema import CLOSED_MEANINGS, ELEMENT, ISSUE
from sync.ids import id_text

_HEADINGS = ("Name", "Type", "Location", "Within", "Issues", "Open", "", "Id")


def add(session: Session, arguments: Namespace) -> None:
    """Add an element."""
    records.make(session, ELEMENT, arguments.name, arguments.assignments)


def show_all(session: Session, arguments: Namespace) -> None:
    """List elements."""
    records.show_list(
        session,
        arguments,
        ELEMENT,
        _HEADINGS,
        lambda rows, record: _row(session, rows, record),
        usual_sort=("name",),
    )


def _row(session: Session, rows: Rows, record: bytes) -> tuple[str, ...]:
    shown = [rows.shown(record, name) for name in ("type", "location", "within")]
    issues = session.frames.column(ELEMENT, "issues").get(record)
    found = issues if isinstance(issues, tuple) else ()
    statuses, current = session.context.directory.statuses, session.frames.column(ISSUE, "status")
    open_ones = 0
    for each in found:
        id = current.get(each)
        status = statuses.get(id) if isinstance(id, bytes) else None
        open_ones += status is None or status.meaning not in CLOSED_MEANINGS
    counts = (str(len(found)), str(open_ones))
    return (rows.heading(record), *shown, *counts, marks(rows, record), id_text(record))


def _id(session: Session, typed: str) -> str:
    return id_text(resolve_name(session.project, typed, ELEMENT))


def show(session: Session, arguments: Namespace) -> None:
    """Show an element."""
    records.show(session, ELEMENT, _id(session, arguments.id))


def change(session: Session, arguments: Namespace) -> None:
    """Change an element."""
    records.change(session, ELEMENT, _id(session, arguments.id), arguments.assignments)


def delete(session: Session, arguments: Namespace) -> None:
    """Delete an element."""
    records.delete(session, ELEMENT, _id(session, arguments.id))


def restore(session: Session, arguments: Namespace) -> None:
    """Restore an element."""
    records.restore(session, ELEMENT, arguments.id)
