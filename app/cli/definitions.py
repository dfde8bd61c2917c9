"""``sitebook field``, ``location``, ``label`` and ``status``: what issues and notes are described with."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from app.cli.editing import checked_text
from app.cli.output import Usage
from app.cli.session import Session
from app.domain.fields import field_type, load_custom_fields
from app.domain.lists import split_list
from app.domain.names import fold, natural_key, unknown
from app.domain.numbers import parse_currency
from app.domain.schema import FIELD, ISSUE, KINDS, LABEL, LOCATION, FieldType
from sync.errors import Refused, SitebookError
from sync.ids import id_text
from sync.order import keys_between

_OF = ("issue", "note", "person", "element")


def add_field(session: Session, arguments: Namespace) -> None:
    """Add a field of the user's own."""
    name = _name(arguments.name, "field")
    wanted = field_type(arguments.type)
    of = fold(arguments.of.strip())
    if of not in _OF:
        raise SitebookError(unknown("kind with fields", arguments.of, _OF))
    if any(mark in name for mark in "=:"):
        raise SitebookError("The name of a field may not hold “=” or “:”, which end it where one types it.")
    there = session.fields(of).find(name)
    if there is not None:
        raise Refused(f"There is a field “{there.typed_name}” already; give another name.")
    choices = split_list(arguments.choices)
    if choices and wanted not in (FieldType.CHOICE, FieldType.CHOICES):
        raise Usage("--choices belongs to the types choice and choices.")
    project = session.project
    last = max((each.order for each in load_custom_fields(project)), default="")
    values: dict[str, Any] = {
        "name": name,
        "type": str(wanted),
        "of": of,
        "choices": choices or None,
        "unit": checked_text(arguments.unit.strip()) or None,
        "currency": parse_currency(arguments.currency) if arguments.currency else None,
        "order": keys_between(last or None, None, 1)[0],
    }
    record, _ = project.create(FIELD, values)
    session.out.result({"id": id_text(record), "name": name, "type": str(wanted), "of": of}, id_text(record))


def _name(typed: str, what: str) -> str:
    name = checked_text(typed).strip()
    if not name:
        raise SitebookError(f"Give the {what} a name.")
    return name


def list_fields(session: Session, arguments: Namespace) -> None:
    """List the fields of the users' own."""
    found = sorted(load_custom_fields(session.project), key=lambda each: (each.order, each.id))
    documents = [
        {
            "id": id_text(each.id),
            "name": each.name,
            "type": str(each.type),
            "of": each.of,
            "choices": list(each.choices),
            "unit": each.unit,
            "currency": each.currency,
        }
        for each in found
    ]
    rows = [
        (
            each.name,
            str(each.type),
            each.of,
            ", ".join(each.choices) or each.unit or each.currency,
            id_text(each.id),
        )
        for each in found
    ]
    session.out.table(documents, ("Name", "Type", "Of", "Values", "Id"), rows, "No fields of your own.")


def add_location(session: Session, arguments: Namespace) -> None:
    """Add a location, and the levels above it that do not exist."""
    from app.interchange.planned import PlannedDirectory

    typed = checked_text(arguments.path).strip("/ ")
    if not all(level.strip() for level in typed.split("/")):
        raise SitebookError("A location's path is names with slashes between, such as “Level 2/Core B”.")
    names = PlannedDirectory(session.project, session.context.directory)
    record = names.make(KINDS[ISSUE].fields["location"], typed)
    if names.planned(LOCATION):
        bulk = session.project.bulk()
        names.write(bulk)
        bulk.commit()
    session.out.result({"id": id_text(record), "path": names.locations[record].path}, id_text(record))


def list_locations(session: Session, arguments: Namespace) -> None:
    """List the locations."""
    every = sorted(
        session.context.directory.locations.values(),
        key=lambda each: natural_key(each.path.replace("/", "\0")),
    )
    documents = [{"id": id_text(each.id), "path": each.path} for each in every]
    rows = [(each.path, id_text(each.id)) for each in every]
    session.out.table(documents, ("Location", "Id"), rows, "No locations.")


def add_label(session: Session, arguments: Namespace) -> None:
    """Add a label."""
    name = _name(arguments.name, "label")
    labels = session.context.directory.labels.values()
    if any(fold(each.name) == fold(name) for each in labels):
        raise Refused(f"There is a label “{name}” already.")
    values = {"name": name, "color": checked_text(arguments.color.strip()) or None}
    record, _ = session.project.create(LABEL, values)
    session.out.result({"id": id_text(record), "name": name}, id_text(record))


def list_labels(session: Session, arguments: Namespace) -> None:
    """List the labels."""
    every = sorted(session.context.directory.labels.values(), key=lambda each: natural_key(each.name))
    documents = [{"id": id_text(each.id), "name": each.name, "color": each.color} for each in every]
    rows = [(each.name, each.color, id_text(each.id)) for each in every]
    session.out.table(documents, ("Label", "Colour", "Id"), rows, "No labels.")


def list_statuses(session: Session, arguments: Namespace) -> None:
    """List the statuses."""
    every = list(session.context.directory.statuses.values())
    documents = [{"id": id_text(each.id), "name": each.name, "meaning": str(each.meaning)} for each in every]
    rows = [(each.name, str(each.meaning), id_text(each.id)) for each in every]
    session.out.table(documents, ("Status", "Means", "Id"), rows, "No statuses.")
