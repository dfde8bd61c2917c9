"""Which editor a field gets."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.desktop.item.desk import Desk
from app.desktop.item.fields.base import FieldEditor
from app.desktop.item.fields.check import CheckEditor
from app.desktop.item.fields.choosing import ChoiceEditor
from app.desktop.item.fields.date import DateEditor
from app.desktop.item.fields.derived import DerivedEditor
from app.desktop.item.fields.line import LineEditor, LinkEditor
from app.desktop.item.fields.paragraph import ParagraphEditor
from app.domain.schema import Field, FieldType

_EDITORS: dict[FieldType, type[FieldEditor]] = {
    FieldType.DATE: DateEditor,
    FieldType.MOMENT: DateEditor,
    FieldType.CHECKBOX: CheckEditor,
    FieldType.CHOICE: ChoiceEditor,
    FieldType.CHOICES: ChoiceEditor,
    FieldType.STATUS: ChoiceEditor,
    FieldType.PERSON: ChoiceEditor,
    FieldType.PEOPLE: ChoiceEditor,
    FieldType.LABELS: ChoiceEditor,
    FieldType.LOCATION: ChoiceEditor,
    FieldType.REFERENCE: ChoiceEditor,
    FieldType.REFERENCES: ChoiceEditor,
    FieldType.LINK: LinkEditor,
    FieldType.PHONE: LinkEditor,
    FieldType.EMAIL: LinkEditor,
    FieldType.LONG_TEXT: ParagraphEditor,
    FieldType.FORMULA: DerivedEditor,
    FieldType.AUTO_NUMBER: DerivedEditor,
}
"""Types that are not here are typed in a line of text."""


def make_editor(
    desk: Desk, record: bytes, kind: str, field: Field, parent: QWidget | None = None
) -> FieldEditor:
    """The editor of a field of one record."""
    return _EDITORS.get(field.type, LineEditor)(desk, record, kind, field, parent)
