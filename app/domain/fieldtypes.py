"""The types of field that there are. ``app.domain.schema`` passes these names on."""

from __future__ import annotations

from enum import StrEnum


class FieldType(StrEnum):
    """What a field holds. Field definitions store, and users type, the value of the enum."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    """Text of several lines, in one register."""
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"
    CHECKBOX = "checkbox"
    CHOICE = "choice"
    CHOICES = "choices"
    PERSON = "person"
    PEOPLE = "people"
    LOCATION = "location"
    REFERENCE = "reference"
    REFERENCES = "references"
    STATUS = "status"
    LABELS = "labels"
    LINK = "link"
    PHONE = "phone"
    EMAIL = "email"
    COORDINATES = "coordinates"
    BARCODE = "barcode"
    AUTO_NUMBER = "auto_number"
    """The number of the issue behind a prefix of the field's own (``DEF-0042``); nothing of it is stored."""
    FORMULA = "formula"
    """What a formula over other fields gives; nothing of it is stored."""
    RICH = "rich"
    """Text that merges character by character; it is not a register and has no value of its own."""
    ORDER = "order"
    """A fractional index: text that sorts by its bytes."""
    INTEGER = "integer"
    LIST = "list"
    """A short list of texts in one register, where the order matters (the choices of a field)."""
    PARAMETERS = "parameters"
    """A map from name to text, number or checkbox, which came from outside (the properties of an element)."""
    BYTES = "bytes"
    """Data of the program's own, in any shape; users neither see nor type it."""


MANY_TYPES = frozenset({FieldType.CHOICES, FieldType.PEOPLE, FieldType.REFERENCES, FieldType.LABELS})
"""The types whose field is an add-wins set: one element for each add."""

DERIVED_TYPES = frozenset({FieldType.AUTO_NUMBER, FieldType.FORMULA})
"""The types whose values are worked out from other fields."""

CUSTOM_TYPES = (
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
    FieldType.REFERENCE,
    FieldType.REFERENCES,
    FieldType.LINK,
    FieldType.PHONE,
    FieldType.EMAIL,
    FieldType.COORDINATES,
    FieldType.BARCODE,
    FieldType.AUTO_NUMBER,
    FieldType.FORMULA,
)
"""The types that a user may give to a field of his own."""
