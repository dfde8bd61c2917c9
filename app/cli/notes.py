"""``sitebook note``."""

from __future__ import annotations

from argparse import Namespace

from app.cli import records
from app.cli.editing import written
from app.cli.ids import resolve
from app.cli.rows import Rows, marks
from app.cli.session import Session
from app.domain.schema import NOTE
from sync.ids import id_text


def add(session: Session, arguments: Namespace) -> None:
    """Make a note."""
    more: dict[str, object] = {}
    if arguments.parent:
        more["parent"] = resolve(session.project, arguments.parent, (NOTE,))
    text = written(session, arguments.text, arguments.format)
    records.make(session, NOTE, arguments.title, arguments.assignments, text=text, more=more)


def show_all(session: Session, arguments: Namespace) -> None:
    """List notes."""
    records.show_list(session, arguments, NOTE, ("Title", "Tags", "Updated", "", "Id"), _row)


def _row(rows: Rows, record: bytes) -> tuple[str, ...]:
    shown = [rows.shown(record, "title"), rows.shown(record, "tags")]
    return (*shown, rows.moment(record, "updated"), marks(rows, record), id_text(record))


def show(session: Session, arguments: Namespace) -> None:
    """Show a note."""
    records.show(session, NOTE, arguments.id)


def change(session: Session, arguments: Namespace) -> None:
    """Change a note."""
    records.change(session, NOTE, arguments.id, arguments.assignments)


def delete(session: Session, arguments: Namespace) -> None:
    """Delete a note."""
    records.delete(session, NOTE, arguments.id)


def restore(session: Session, arguments: Namespace) -> None:
    """Restore a note."""
    records.restore(session, NOTE, arguments.id)
