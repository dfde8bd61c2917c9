"""What issues, notes and people have in common on the command line."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from app.cli.editing import read_assignments
from app.cli.ids import resolve
from app.cli.rows import Rows
from app.domain.categories import HOLDERS
from app.domain.schema import KINDS
from app.domain.values import parse
from sync.errors import SitebookError
from sync.ids import id_text

if TYPE_CHECKING:
    from app.cli.session import Session
    from app.richtext.delta import Insert

Row = Callable[[Rows, bytes], Sequence[str]]


def make(
    session: Session,
    kind: str,
    heading: str,
    typed: Sequence[str],
    *,
    text: str | Sequence[Insert] = "",
    more: Mapping[str, object] | None = None,
) -> None:
    """Make a record, and labels that it needs, all or nothing; prints its id."""
    found = read_assignments(session, session.fields(kind), typed)
    field = KINDS[kind].fields[KINDS[kind].heading]
    given = parse(field, heading, session.context)
    if given is None and not _names_itself(session, kind, found.values()):
        raise SitebookError(f"Give the {KINDS[kind].title.lower()} a {field.title.lower()}.")
    values = {**found.values(), **(more or {}), field.name: given}
    whole = text if found.text is None else found.text
    bulk = session.project.bulk()
    found.plan_labels(bulk)
    record = bulk.create(kind, values, text=whole)
    bulk.commit()
    _print_one(session, kind, record, id_text(record))


def _names_itself(session: Session, kind: str, values: Mapping[str, object]) -> bool:
    """Whether the category of a new record has a template for names."""
    category = values.get(HOLDERS.get(kind, ""))
    entry = session.context.directory.categories.find(kind, category)
    return entry is not None and bool(entry.template)


def change(session: Session, kind: str, typed_id: str, typed: Sequence[str]) -> None:
    """Change fields of a record, all or nothing."""
    record = resolve(session.project, typed_id, (kind,))
    found = read_assignments(session, session.fields(kind), typed)
    bulk = session.project.bulk()
    found.plan_labels(bulk)
    if found.edits:
        bulk.update(record, found.edits)
    if found.text is not None:
        bulk.replace_text(record, found.text)
    bulk.commit()
    _print_one(session, kind, record)


def delete(session: Session, kind: str, typed_id: str) -> None:
    """Delete a record."""
    record = resolve(session.project, typed_id, (kind,))
    session.project.delete(record)
    session.out.result({"id": id_text(record), "deleted": True})


def restore(session: Session, kind: str, typed_id: str) -> None:
    """Bring a deleted record back."""
    record = resolve(session.project, typed_id, (kind,), deleted=True)
    session.project.restore(record)
    _print_one(session, kind, record)


def show(session: Session, kind: str, typed_id: str) -> None:
    """Print a record with all that is in it."""
    record = resolve(session.project, typed_id, (kind,), deleted=True)
    rows = Rows(session, kind, [record], session.fields(kind))
    lines = rows.lines(record)
    if session.project.record_or_fail(record).deleted:
        lines.insert(0, f"This is deleted; `sitebook {kind} restore` brings it back.")
    session.out.result(rows.document(record), *lines, *_below(session, record))


def _below(session: Session, record: bytes) -> list[str]:
    """Files and comments, for people; scripts ask for them by their own commands."""
    if session.out.as_json:
        return []
    from app.cli.files import file_lines
    from app.cli.texts import comment_lines

    lines = []
    if files := file_lines(session, record):
        lines += ["", "Files:", *(f"  {line}" for line in files)]
    if comments := comment_lines(session, record):
        lines += ["", "Comments:", *(f"  {line}" for line in comments)]
    return lines


def show_list(
    session: Session,
    arguments: Namespace,
    kind: str,
    headings: Sequence[str],
    row: Row,
    *,
    usual_sort: Sequence[str] = (),
) -> None:
    """Print the records that a query finds, those that a view shows, or those that are deleted."""
    if arguments.view:
        from app.cli.views import show_records

        show_records(session, arguments, kind)
        return
    fields = session.fields(kind)
    sort = [name.strip() for name in arguments.sort.split(",") if name.strip()]
    if arguments.deleted:
        if arguments.query or sort:
            raise SitebookError("Deleted ones are listed as they are; leave out the query and --sort.")
        records = session.project.records(kind, deleted=True)[: arguments.limit]
    else:
        from app.query.sqlite import search

        records = search(
            " ".join(arguments.query),
            session.project,
            kind,
            session.context,
            sort=sort or usual_sort,
            limit=arguments.limit,
            archive=False,
        )
    rows = Rows(session, kind, records, fields, deleted=arguments.deleted)
    plural = KINDS[kind].plural.lower()
    if session.out.as_json:
        session.out.result([rows.document(record) for record in records])
    else:
        session.out.table(None, headings, [row(rows, record) for record in records], f"No {plural}.")


def _print_one(session: Session, kind: str, record: bytes, *lines: str) -> None:
    document = None
    if session.out.as_json:
        session.forget_names()
        document = Rows(session, kind, [record], session.fields(kind)).document(record)
    session.out.result(document, *lines)
