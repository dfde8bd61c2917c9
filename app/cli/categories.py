"""``sitebook category`` and ``status``: what issues and elements are of, and the states that they go through."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from app.cli.editing import checked_text, read_assignments
from app.cli.naming import find_named
from app.cli.output import Usage
from app.cli.session import Session
from app.domain.categories import HOLDERS, Categories
from app.domain.lists import split_list
from app.domain.names import fold, shorten, unknown
from app.domain.schema import CATEGORY, ISSUE, KINDS, PROJECT, STATUS, Field, FieldType
from app.domain.values import parse, parse_all
from app.store.operations import Edit
from app.workspace.definitions import (
    category_holders,
    category_renamed,
    checked_name,
    stored_template,
    typed_template,
)
from sync.errors import Refused, SitebookError
from sync.ids import id_text
from sync.order import is_key, keys_between

SCOPE = Field("categories", FieldType.REFERENCES, "Categories", many=True, target=CATEGORY)


def last_order(session: Session, kind: str) -> str | None:
    """The place of the last record of a kind; None where there is none."""
    return max(
        (str(each) for each in session.project.column(kind, "order").values() if is_key(each)), default=None
    )


def scope(session: Session, typed: str) -> tuple[object, ...]:
    """Categories by their names, with commas between. Raises SitebookError."""
    return parse_all(SCOPE, typed, session.context)


def _kind(typed: str) -> str:
    kind = fold(typed.strip())
    if kind not in HOLDERS:
        raise SitebookError(unknown("kind with categories", typed, list(HOLDERS)))
    return kind


def add_category(session: Session, arguments: Namespace) -> None:
    """Define a category."""
    name, kind = checked_name(checked_text(arguments.name), "category"), _kind(arguments.of)
    there = Categories.read(session.project).find(kind, name)
    if there is not None:
        raise Refused(f"There is a category “{there.name}” already; `sitebook category set` changes it.")
    values: dict[str, Any] = {
        "name": name,
        "of": kind,
        "template": stored_template(session.frames.catalog, kind, checked_text(arguments.template)),
        "color": checked_text(arguments.color.strip()) or None,
        "aliases": [checked_name(checked_text(each), "category") for each in split_list(arguments.aliases)]
        or None,
        "order": keys_between(last_order(session, CATEGORY), None, 1)[0],
    }
    record, _ = session.project.create(CATEGORY, values)
    session.out.result({"id": id_text(record), "name": name, "of": kind}, id_text(record))


def list_categories(session: Session, arguments: Namespace) -> None:
    """List the categories, with how many issues or elements are of each."""
    found = Categories.read(session.project)
    counts: dict[bytes, int] = {}
    for kind, field in HOLDERS.items():
        for name in session.project.column(kind, field).values():
            entry = found.find(kind, name)
            if entry is not None:
                counts[entry.id] = counts.get(entry.id, 0) + 1
    documents, rows = [], []
    for each in found.entries:
        template = typed_template(session.frames.catalog, each.of, each.template) if each.template else ""
        fields = [
            field.title for field in session.fields(each.of).fields if set(field.categories) & set(each.ids)
        ]
        count = counts.get(each.id, 0)
        documents.append(
            {
                "id": id_text(each.id),
                "name": each.name,
                "of": each.of,
                "aliases": list(each.aliases),
                "template": template,
                "color": each.color,
                "fields": fields,
                "count": count,
            }
        )
        rows.append((each.name, each.of, str(count), template, ", ".join(fields), id_text(each.id)))
    headings = ("Category", "Of", "Count", "Name template", "Its own fields", "Id")
    session.out.table(documents, headings, rows, "No categories are defined.")


def change_category(session: Session, arguments: Namespace) -> None:
    """Change a category; what is of it goes by the new name too."""
    record = find_named(session, CATEGORY, arguments.id)
    kind = str(session.project.field(record, "of", CATEGORY).value or ISSUE)
    found = read_assignments(session, session.fields(CATEGORY), arguments.assignments)
    bulk = session.project.bulk()
    edits: list[Edit] = []
    for edit in found.edits:
        if edit.field == "of":
            raise Refused("What a category is of stays; make another category.")
        if edit.field == "template":
            typed = checked_text(str(edit.value or ""))
            edits.append(Edit("template", stored_template(session.frames.catalog, kind, typed)))
        elif edit.field == "name":
            renamed = category_renamed(session.project, record, kind, checked_text(str(edit.value or "")))
            edits += renamed
            for holder in category_holders(session.project, record, kind):
                bulk.update(holder, [Edit(HOLDERS[kind], renamed[0].value)])
        else:
            edits.append(edit)
    bulk.update(record, edits)
    bulk.commit()
    session.out.result({"id": id_text(record)})


def delete_category(session: Session, arguments: Namespace) -> None:
    """Take a definition away; issues and elements keep the name."""
    record = find_named(session, CATEGORY, arguments.id)
    session.project.delete(record)
    session.out.result({"id": id_text(record), "deleted": True})


def add_status(session: Session, arguments: Namespace) -> None:
    """Add a status."""
    name = checked_name(checked_text(arguments.name), "status")
    if any(fold(each.name) == fold(name) for each in session.context.directory.statuses.values()):
        raise Refused(f"There is a status “{name}” already.")
    values: dict[str, Any] = {
        "name": name,
        "meaning": parse(KINDS[STATUS].fields["meaning"], arguments.meaning, session.context),
        "color": checked_text(arguments.color.strip()) or None,
        "categories": scope(session, arguments.category),
        "order": _place(session, arguments.after, arguments.meaning),
    }
    record, _ = session.project.create(STATUS, values)
    session.out.result({"id": id_text(record), "name": name}, id_text(record))


def _place(session: Session, after: str, meaning: str = "", moving: bytes | None = None) -> str:
    """A place behind a status; without one, behind the last of the same meaning, else at the end."""
    directory = session.context.directory
    statuses = [each for each in directory.statuses.values() if each.id != moving]
    orders = session.project.column(STATUS, "order")
    if after:
        before = find_named(session, STATUS, after)
        at = next((place for place, each in enumerate(statuses) if each.id == before), None)
        if at is None:
            raise SitebookError("A status cannot stand behind itself; name another one.")
    else:
        same = [place for place, each in enumerate(statuses) if each.meaning == fold(meaning.strip())]
        at = same[-1] if same else len(statuses) - 1
    low = orders.get(statuses[at].id) if statuses else None
    high = orders.get(statuses[at + 1].id) if at + 1 < len(statuses) else None
    fitting = is_key(low) and is_key(high) and str(low) < str(high)
    return keys_between(str(low) if is_key(low) else None, str(high) if fitting else None, 1)[0]


def change_status(session: Session, arguments: Namespace) -> None:
    """Change a status, or give it another place."""
    record = find_named(session, STATUS, arguments.id)
    found = read_assignments(session, session.fields(STATUS), arguments.assignments)
    edits = list(found.edits)
    if arguments.after:
        edits.append(Edit("order", _place(session, arguments.after, moving=record)))
    if not edits:
        raise Usage("Say what to change: FIELD=VALUE, or --after STATUS.")
    for edit in edits:
        if edit.field in ("name", "meaning") and edit.value is None:
            raise SitebookError(f"A status needs a {edit.field}.")
    session.project.update(record, edits)
    session.out.result({"id": id_text(record)})


def list_statuses(session: Session, arguments: Namespace) -> None:
    """List the statuses in their order, with the categories that each belongs to."""
    directory = session.context.directory
    documents, rows = [], []
    for each in directory.statuses.values():
        entries = [directory.categories.get(category) for category in each.categories]
        names = [entry.name for entry in entries if entry is not None]
        documents.append(
            {
                "id": id_text(each.id),
                "name": each.name,
                "meaning": str(each.meaning),
                "color": each.color,
                "categories": names,
            }
        )
        rows.append((each.name, str(each.meaning), ", ".join(names) or "all", id_text(each.id)))
    session.out.table(documents, ("Status", "Means", "Of", "Id"), rows, "No statuses.")


def closing(session: Session, arguments: Namespace) -> None:
    """Say how the project closes issues, or show it."""
    field = KINDS[PROJECT].fields["closing"]
    project = session.project
    if arguments.way:
        way = parse(field, " ".join(arguments.way), session.context)
        project.set(project.record, "closing", way)
    found = project.field(project.record, "closing", PROJECT).value or field.choices[0]
    session.out.result({"closing": found}, shorten(str(found)))
