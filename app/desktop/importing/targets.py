"""Where a column may go, as options of a picker: fields of the project, a new field of some type, nowhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.desktop.importing.words import form_text, read_text, type_name
from app.desktop.item.fields.options import Option, OptionSource
from app.desktop.item.fields.pieces import Piece
from app.desktop.item.speech import field_title
from app.desktop.translate import tr
from app.domain.fields import FieldSet
from app.domain.names import fold
from app.domain.schema import FieldType
from app.interchange.csv_columns import CREATED_BY, ID, LEAVE_OUT, Column
from app.interchange.csv_dates import FORMS

AS_SITEBOOK = ""
"""The form of dates as Sitebook reads them everywhere."""
_NEW_TYPES = (
    FieldType.TEXT,
    FieldType.LONG_TEXT,
    FieldType.NUMBER,
    FieldType.MONEY,
    FieldType.DATE,
    FieldType.MOMENT,
    FieldType.CHECKBOX,
    FieldType.CHOICE,
    FieldType.CHOICES,
    FieldType.PERSON,
    FieldType.PEOPLE,
    FieldType.LOCATION,
    FieldType.LINK,
    FieldType.PHONE,
    FieldType.EMAIL,
    FieldType.COORDINATES,
    FieldType.BARCODE,
)
_UNFIT = frozenset({FieldType.BYTES, FieldType.ORDER, FieldType.PARAMETERS, FieldType.LIST})


def current_target(column: Column) -> str:
    """The value of the option that stands for what a column is now."""
    if column.special:
        return column.special
    if column.field is None:
        return LEAVE_OUT
    return f"{column.new.name}:{column.new.type}" if column.new is not None else column.field.name


def target_options(fields: FieldSet, column: str, *, ids: bool) -> OptionSource:
    """The options for a column. ``ids``: its cells are ids of records."""
    found = [
        _option(each.name, field_title(each), "columns", each.typed_name)
        for each in fields.fields
        if (each.writable or each.type is FieldType.RICH or each.name in ("number", "created"))
        and not each.key
        and each.type not in _UNFIT
    ]
    found.sort(key=lambda option: option.piece.text.casefold())
    found.insert(0, _option(LEAVE_OUT, tr("Leave out"), "x", "none skip"))
    if ids:
        found.append(_option(ID, tr("Id: updates the record that has it"), "fingerprint", "id"))
    found.append(_option(CREATED_BY, tr("Who made it"), "user", "created by"))
    found += [
        _option(
            f"{column}:{type}",
            tr("New field: {type}").format(type=type_name(type)),
            "plus",
            f"{column} {type}",
        )
        for type in _NEW_TYPES
    ]
    return _searched(found)


def form_options(sample: str, ambiguous: Sequence[str]) -> OptionSource:
    """The ways in which dates are written; where a sample fits two, those come first."""
    forms = [*ambiguous, *(each for each in FORMS if each not in ambiguous)]
    options = [
        Option(each, Piece(read_text(sample, each), "icon", "calendar-blank"), fold(form_text(each)))
        for each in forms
    ]
    words = tr("As in Sitebook: 2027-01-31")
    options.append(Option(AS_SITEBOOK, Piece(words, "icon", "calendar-blank"), fold(words)))
    return lambda text: [each for each in options if fold(text) in f"{each.words} {fold(each.piece.text)}"]


def _option(value: str, title: str, icon: str, words: str) -> Option:
    return Option(value, Piece(title, "icon", icon), fold(f"{title} {words}"))


def _searched(options: list[Option]) -> Callable[[str], list[Option]]:
    def search(text: str) -> list[Option]:
        words = fold(text).split()
        return [each for each in options if all(word in each.words for word in words)]

    return search
