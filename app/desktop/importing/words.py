"""What the import says: counts, phases, how a cell reads."""

from __future__ import annotations

from collections.abc import Sequence

from app.desktop.importing.choices import Checked, Written
from app.desktop.importing.importer import Work
from app.desktop.item.speech import field_title
from app.desktop.translate import number_text, tr, tr_count
from app.domain import dates
from app.domain.names import shorten
from app.domain.schema import ELEMENT, ISSUE, LABEL, LOCATION, NOTE, PERSON, FieldType
from app.interchange.csv_columns import CREATED_BY, ID, IN_PAIR, Column
from sync.errors import SitebookError

_SHOWN_NAMES = 6


def kind_names() -> tuple[tuple[str, str], ...]:
    """The kinds of record that a table can hold, with what they are called."""
    return ((ISSUE, tr("Issues")), (ELEMENT, tr("Elements")), (PERSON, tr("People")), (NOTE, tr("Notes")))


def records_text(kind: str, count: int) -> str:
    """So many records of a kind."""
    return {
        ISSUE: tr_count("%n issue", "%n issues", count),
        ELEMENT: tr_count("%n element", "%n elements", count),
        PERSON: tr_count("%n person", "%n people", count),
        NOTE: tr_count("%n note", "%n notes", count),
    }[kind]


def progress_text(phase: str, done: int, whole: int) -> str:
    """What is being done, and how far it is."""
    share = f"{min(done, whole) * 100 // whole} %" if whole else ""
    if phase == Work.READ:
        return tr("Reading the file … {share}").format(share=share)
    if phase == Work.CHECK:
        return tr("Checking row {done} of {whole} …").format(done=number_text(done), whole=number_text(whole))
    if phase == Work.WRITE:
        return tr("Importing row {done} of {whole} …").format(
            done=number_text(done), whole=number_text(whole)
        )
    return tr("Taking back what was written … {share}").format(share=share)


def counts_text(checked: Checked) -> str:
    """What the import would do, in numbers."""
    kind = checked.choices.kind
    parts = []
    if checked.created or not checked.updated:
        parts.append(tr("{records} will be made").format(records=records_text(kind, checked.created)))
    if checked.updated:
        parts.append(tr("{count} will be changed").format(count=number_text(checked.updated)))
    if checked.unchanged:
        parts.append(tr("{count} are there just so").format(count=number_text(checked.unchanged)))
    if checked.deleted:
        parts.append(tr("{count} are in the trash and stay there").format(count=number_text(checked.deleted)))
    return " · ".join(parts)


def news_text(checked: Checked) -> str:
    """The names of what the import would make beside the records."""
    found = [
        _named(tr_count("%n new field", "%n new fields", len(checked.new_fields)), checked.new_fields),
        *(_named(_new_records(kind, len(names)), names) for kind, names in checked.made.items()),
    ]
    return " · ".join(each for each in found if each)


def _new_records(kind: str, count: int) -> str:
    return {
        PERSON: tr_count("%n new person", "%n new people", count),
        LABEL: tr_count("%n new label", "%n new labels", count),
        LOCATION: tr_count("%n new location", "%n new locations", count),
    }[kind]


def _named(title: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    shown = ", ".join(shorten(each, 30) for each in names[:_SHOWN_NAMES])
    more = " …" if len(names) > _SHOWN_NAMES else ""
    return f"{title}: {shown}{more}"


def problems_text(count: int) -> str:
    """So many rows do not fit."""
    return tr_count("%n row does not fit", "%n rows do not fit", count)


def written_text(written: Written) -> str:
    """What was done."""
    made = records_text(written.kind, written.created)
    if written.updated and written.created:
        return tr("{made} made, {changed} changed").format(made=made, changed=number_text(written.updated))
    if written.updated:
        return tr("{records} changed").format(records=records_text(written.kind, written.updated))
    return tr("{made} made").format(made=made)


def over_text(written: Written) -> str:
    """What became of the other rows."""
    parts = []
    if written.left_out:
        parts.append(tr("{rows} and were left out.").format(rows=problems_text(written.left_out)))
    if written.passed_over:
        parts.append(
            tr_count(
                "%n row was passed over: somebody deleted its record meanwhile.",
                "%n rows were passed over: somebody deleted their records meanwhile.",
                written.passed_over,
            )
        )
    return " ".join(parts) or tr("Everything that is in the table is in the project now.")


def type_name(type: FieldType) -> str:
    """What a type of field is called."""
    return {
        FieldType.TEXT: tr("text"),
        FieldType.LONG_TEXT: tr("long text"),
        FieldType.NUMBER: tr("number"),
        FieldType.MONEY: tr("money"),
        FieldType.DATE: tr("date"),
        FieldType.MOMENT: tr("date and time"),
        FieldType.CHECKBOX: tr("checkbox"),
        FieldType.CHOICE: tr("choice"),
        FieldType.CHOICES: tr("several choices"),
        FieldType.PERSON: tr("person"),
        FieldType.PEOPLE: tr("people"),
        FieldType.LOCATION: tr("location"),
        FieldType.LINK: tr("link"),
        FieldType.PHONE: tr("phone"),
        FieldType.EMAIL: tr("email"),
        FieldType.COORDINATES: tr("coordinates"),
        FieldType.BARCODE: tr("barcode"),
    }.get(type, str(type))


def target_text(column: Column) -> str:
    """Where a column goes."""
    if column.special == ID:
        return tr("Id")
    if column.special == CREATED_BY:
        return tr("Who made it")
    if column.field is None:
        return tr("Left out")
    return column.new.name if column.new is not None else field_title(column.field)


def note_text(column: Column, sample: str) -> str:
    """What there is to say of a column: why it is left out, what is new, how its dates read."""
    if column.field is None:
        return _reasons().get(column.reason, column.reason)
    if column.field.type is FieldType.DATE and column.date_format and sample:
        return read_text(sample, column.date_format)
    if column.new is not None:
        return tr("New field, {type}").format(type=type_name(column.new.type))
    return type_name(column.field.type)


def _reasons() -> dict[str, str]:
    return {
        "left out, as asked": tr("As you chose"),
        "it is empty": tr("It is empty"),
        IN_PAIR: tr("Goes with the other coordinate"),
        "Sitebook keeps it itself": tr("Sitebook keeps it itself"),
        "it says what was wrong with the rows": tr("It says what was wrong"),
    }


def form_text(form: str) -> str:
    """A form of dates as people call it."""
    words = {"%d": tr("day"), "%m": tr("month"), "%Y": tr("year"), "%b": tr("Jan"), "%B": tr("January")}
    for letters, word in words.items():
        form = form.replace(letters, word)
    return form


def read_text(sample: str, form: str) -> str:
    """How a cell is read as a date."""
    try:
        day = dates.parse_date_with(sample, form)
    except SitebookError:
        return form_text(form)
    return tr("{cell} is {day}").format(cell=shorten(sample, 20), day=long_day(day))


def telling_sample(samples: Sequence[str], ambiguous: Sequence[str]) -> str:
    """The cell that shows best how dates are read: one that each form in question reads as another day."""
    for sample in samples:
        if len({read_text(sample, form) for form in ambiguous}) > 1:
            return sample
    return samples[0] if samples else ""


def long_day(day: str) -> str:
    """A stored date with its month in letters, so that nobody takes it for another."""
    from datetime import date

    from PySide6.QtCore import QDate

    from app.desktop.translate import locale

    found = date.fromisoformat(day)
    return locale().toString(QDate(found.year, found.month, found.day), "d MMM yyyy")
