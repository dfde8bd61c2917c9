"""``sitebook field``, ``location`` and ``label``: what issues and notes are described with."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from app.cli.categories import scope
from app.cli.editing import checked_text, read_assignments
from app.cli.ids import resolve
from app.cli.naming import find_named
from app.cli.output import Usage
from app.cli.session import Session
from app.domain.fields import CustomField, field_type, load_custom_fields
from app.domain.formula import FormulaError
from app.domain.lists import split_list
from app.domain.names import fold, natural_key, shorten, unknown
from app.domain.numbers import parse_currency
from app.domain.schema import ELEMENT, FIELD, ISSUE, KINDS, LABEL, LOCATION, NOTE, PERSON, FieldType
from app.domain.values import parse
from app.store.operations import Edit
from app.workspace.definitions import check_formula, checked_field_name, checked_name, typed_formula
from sync.errors import Refused, SitebookError
from sync.ids import id_text
from sync.order import keys_between

_OF = (ISSUE, NOTE, PERSON, ELEMENT)
_BELONGS: Mapping[str, tuple[FieldType, ...]] = {
    "choices": (FieldType.CHOICE, FieldType.CHOICES),
    "target": (FieldType.REFERENCE, FieldType.REFERENCES),
    "target_category": (FieldType.REFERENCE, FieldType.REFERENCES),
    "prefix": (FieldType.AUTO_NUMBER,),
    "formula": (FieldType.FORMULA,),
}
"""The options that belong to some types of field only."""


def add_field(session: Session, arguments: Namespace) -> None:
    """Add a field of the user's own."""
    wanted = field_type(arguments.type)
    of = fold(arguments.of.strip())
    if of not in _OF:
        raise SitebookError(unknown("kind with fields", arguments.of, _OF))
    name = checked_field_name(session.frames.catalog, of, checked_text(arguments.name))
    for option, types in _BELONGS.items():
        if getattr(arguments, option).strip() and wanted not in types:
            raise Usage(f"--{option.replace('_', '-')} belongs to {' and '.join(types)} fields only.")
    if wanted is FieldType.AUTO_NUMBER and of != ISSUE:
        raise SitebookError("Only issues have numbers, so an auto-number belongs to issues.")
    if wanted is FieldType.FORMULA and not arguments.formula.strip():
        raise Usage("A formula needs its text: --formula TEXT.")
    project = session.project
    choices = split_list(arguments.choices)
    last = max((each.order for each in load_custom_fields(project)), default="")
    definition = KINDS[FIELD].fields
    values: dict[str, Any] = {
        "name": name,
        "type": str(wanted),
        "of": of,
        "choices": choices or None,
        "unit": checked_text(arguments.unit.strip()) or None,
        "currency": parse_currency(arguments.currency) if arguments.currency else None,
        "formula": _formula(session, of, arguments.formula) if arguments.formula.strip() else None,
        "categories": scope(session, arguments.category),
        "target": parse(definition["target"], arguments.target, session.context),
        "target_category": parse(definition["target_category"], arguments.target_category, session.context),
        "prefix": checked_text(arguments.prefix) or None,
        "order": keys_between(last or None, None, 1)[0],
    }
    record, _ = project.create(FIELD, values)
    session.out.result({"id": id_text(record), "name": name, "type": str(wanted), "of": of}, id_text(record))


def _formula(session: Session, of: str, typed: str, own: bytes = b"") -> str:
    """A formula that works, with stored names of fields. Raises SitebookError that says what is wrong, and where."""
    text = checked_text(typed).strip()
    checked = check_formula(session.frames.catalog, of, text, own)
    if checked.problem:
        start, stop = checked.span or (0, 0)
        place = f" (at “{shorten(text[start:stop], 30)}”)" if text[start:stop].strip() else ""
        raise SitebookError(f"{checked.problem}{place}")
    return checked.stored


def change_field(session: Session, arguments: Namespace) -> None:
    """Change a field of the user's own. Values of the type before stay, and are shown as what they are."""
    record = find_named(session, FIELD, arguments.id)
    found = read_assignments(session, session.fields(FIELD), arguments.assignments)
    of = str(session.project.field(record, "of", FIELD).value or ISSUE)
    edits = []
    for edit in found.edits:
        if edit.field == "of":
            raise Refused("What a field belongs to stays; make another field.")
        if edit.field in ("name", "type") and edit.value is None:
            raise SitebookError(f"A field needs a {edit.field}.")
        if edit.field == "name":
            typed = checked_text(str(edit.value))
            edits.append(Edit("name", checked_field_name(session.frames.catalog, of, typed, record)))
        elif edit.field == "formula" and edit.value is not None:
            edits.append(Edit("formula", _formula(session, of, str(edit.value), record)))
        else:
            edits.append(edit)
    session.project.update(record, edits)
    session.out.result({"id": id_text(record)})


def delete_field(session: Session, arguments: Namespace) -> None:
    """Take a field away; its values come back with it."""
    record = find_named(session, FIELD, arguments.id)
    session.project.delete(record)
    session.out.result({"id": id_text(record), "deleted": True})


def restore_field(session: Session, arguments: Namespace) -> None:
    """Bring a field back, with its values."""
    record = resolve(session.project, arguments.id, (FIELD,), deleted=True)
    session.project.restore(record)
    session.out.result({"id": id_text(record)})


def list_fields(session: Session, arguments: Namespace) -> None:
    """List the fields of the users' own, as they are called beside others of the same name."""
    found = sorted(load_custom_fields(session.project), key=lambda each: (each.order, each.id))
    titles = {
        field.definition: field.title
        for kind in dict.fromkeys(each.of for each in found if each.of in _OF)
        for field in session.fields(kind).fields
        if field.custom
    }
    categories = session.context.directory.categories
    documents, rows = [], []
    for each in found:
        scope = [entry.name for entry in map(categories.get, each.categories) if entry is not None]
        formula = (
            typed_formula(session.frames.catalog, each.of, each.formula)
            if each.formula and each.of in _OF
            else ""
        )
        problem = _problem(session, each)
        target = categories.get(each.target_category)
        documents.append(
            {
                "id": id_text(each.id),
                "name": titles.get(each.id, each.name),
                "type": str(each.type),
                "of": each.of,
                "choices": list(each.choices),
                "unit": each.unit,
                "currency": each.currency,
                "categories": scope,
                "formula": formula,
                "problem": problem,
                "target": each.target,
                "target_category": None if target is None else target.name,
                "prefix": each.prefix,
            }
        )
        points = " of ".join(filter(None, (each.target, "" if target is None else target.name)))
        values = formula or ", ".join(each.choices) or each.unit or each.currency or each.prefix or points
        rows.append(
            (
                titles.get(each.id, each.name),
                str(each.type),
                each.of,
                ", ".join(scope) or "all",
                f"{values} ({problem})" if problem else values,
                id_text(each.id),
            )
        )
    headings = ("Name", "Type", "Of", "Categories", "Values", "Id")
    session.out.table(documents, headings, rows, "No fields of your own.")


def _problem(session: Session, field: CustomField) -> str:
    """Why a formula has no value; empty where it has one."""
    if field.type is not FieldType.FORMULA or field.of not in _OF:
        return ""
    compiled = session.frames.catalog.formula(field.field(field.name))
    return compiled.message if isinstance(compiled, FormulaError) else ""


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
        for kind, made, fields in names.writes():
            bulk.create(kind, fields, record=made)
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


def change_location(session: Session, arguments: Namespace) -> None:
    """Change a location: its name, what it is (building, level, room), what it is part of."""
    record = find_named(session, LOCATION, arguments.id)
    edits = read_assignments(session, session.fields(LOCATION), arguments.assignments).edits
    locations = session.context.directory.locations
    for edit in edits:
        if edit.field == "name" and (not str(edit.value or "").strip() or "/" in str(edit.value)):
            raise SitebookError("A location needs a name, without slashes.")
        if edit.field == "parent" and isinstance(edit.value, bytes):
            inside = locations.get(edit.value)
            if edit.value == record or (inside is not None and record in inside.ancestors):
                raise SitebookError("A location cannot be a part of itself, or of what is in it.")
    session.project.update(record, edits)
    session.forget_names()
    path = session.context.directory.locations[record].path
    session.out.result({"id": id_text(record), "path": path}, path)


def change_label(session: Session, arguments: Namespace) -> None:
    """Change a label: its name, its colour."""
    record = find_named(session, LABEL, arguments.id)
    edits = read_assignments(session, session.fields(LABEL), arguments.assignments).edits
    if any(edit.field == "name" and not str(edit.value or "").strip() for edit in edits):
        raise SitebookError("Give the label a name.")
    session.project.update(record, edits)
    session.out.result({"id": id_text(record)})


def add_label(session: Session, arguments: Namespace) -> None:
    """Add a label."""
    name = checked_name(checked_text(arguments.name), "label")
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
