"""``sitebook person``."""

from __future__ import annotations

from argparse import Namespace

from app.cli import records
from app.cli.ids import resolve_name
from app.cli.rows import Rows, marks
from app.cli.session import Session
from app.domain.schema import PERSON
from sync.ids import id_text

_SHOWN = ("name", "company", "email", "phone", "specialty")


def add(session: Session, arguments: Namespace) -> None:
    """Add a person."""
    records.make(session, PERSON, arguments.name, arguments.assignments)


def show_all(session: Session, arguments: Namespace) -> None:
    """List people."""
    headings = ("Name", "Company", "Email", "Phone", "Specialty", "", "Id")
    records.show_list(session, arguments, PERSON, headings, _row, usual_sort=("name",))


def _row(rows: Rows, record: bytes) -> tuple[str, ...]:
    return (*(rows.shown(record, name) for name in _SHOWN), marks(rows, record), id_text(record))


def _id(session: Session, typed: str) -> str:
    return id_text(resolve_name(session.project, typed, PERSON))


def show(session: Session, arguments: Namespace) -> None:
    """Show a person."""
    records.show(session, PERSON, _id(session, arguments.id))


def change(session: Session, arguments: Namespace) -> None:
    """Change a person."""
    records.change(session, PERSON, _id(session, arguments.id), arguments.assignments)


def delete(session: Session, arguments: Namespace) -> None:
    """Delete a person."""
    records.delete(session, PERSON, _id(session, arguments.id))


def restore(session: Session, arguments: Namespace) -> None:
    """Restore a person."""
    records.restore(session, PERSON, arguments.id)
