"""Values of fields: reading what people type, writing what is stored, for every type of field.

What is stored is said in ``app.domain.codecs`` and ``app.domain.references``. A field that holds many
(labels, people) has a tuple of such values here, and each of them is stored on its own. A value may come from
another device, a later version or a field whose type was changed since: one of a wrong shape is shown as text
and sorts behind the others; only typing is checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from app.domain.codecs import (
    BarcodeCodec,
    CheckboxCodec,
    ChoiceCodec,
    Codec,
    DateCodec,
    EmailCodec,
    IntegerCodec,
    LinkCodec,
    ListCodec,
    MomentCodec,
    MoneyCodec,
    NumberCodec,
    ParametersCodec,
    PhoneCodec,
    plain,
)
from app.domain.coordinates import CoordinatesCodec
from app.domain.derived_codecs import AutoNumberCodec, FormulaCodec
from app.domain.directory import Context
from app.domain.lists import join_list, split_list
from app.domain.names import shorten
from app.domain.numbers import is_money, money_text
from app.domain.references import LabelCodec, LocationCodec, PersonCodec, RecordCodec, StatusCodec, is_record
from app.domain.schema import Field, FieldType
from sync.change import MAX_VALUE
from sync.errors import SitebookError


class _HiddenCodec(Codec):
    """Data of the program's own: nothing to show."""

    def fits(self, value: object) -> bool:
        return True

    def text(self, field: Field, value: object, context: Context) -> str:
        return ""

    def json(self, field: Field, value: object, context: Context) -> object:
        return None


_TEXT = Codec()
_CHOICE = ChoiceCodec()
_PERSON = PersonCodec()
_RECORD = RecordCodec()

_CODECS: Mapping[FieldType, Codec] = {
    FieldType.TEXT: _TEXT,
    FieldType.NUMBER: NumberCodec(),
    FieldType.MONEY: MoneyCodec(),
    FieldType.DATE: DateCodec(),
    FieldType.MOMENT: MomentCodec(),
    FieldType.CHECKBOX: CheckboxCodec(),
    FieldType.CHOICE: _CHOICE,
    FieldType.CHOICES: _CHOICE,
    FieldType.PERSON: _PERSON,
    FieldType.PEOPLE: _PERSON,
    FieldType.LOCATION: LocationCodec(),
    FieldType.REFERENCE: _RECORD,
    FieldType.REFERENCES: _RECORD,
    FieldType.STATUS: StatusCodec(),
    FieldType.LABELS: LabelCodec(),
    FieldType.LINK: LinkCodec(),
    FieldType.PHONE: PhoneCodec(),
    FieldType.EMAIL: EmailCodec(),
    FieldType.COORDINATES: CoordinatesCodec(),
    FieldType.LONG_TEXT: _TEXT,
    FieldType.BARCODE: BarcodeCodec(),
    FieldType.AUTO_NUMBER: AutoNumberCodec(),
    FieldType.FORMULA: FormulaCodec(ParametersCodec()),
    FieldType.RICH: _TEXT,
    FieldType.ORDER: _TEXT,
    FieldType.INTEGER: IntegerCodec(),
    FieldType.LIST: ListCodec(),
    FieldType.PARAMETERS: ParametersCodec(),
    FieldType.BYTES: _HiddenCodec(),
}

_RESULTS = {type: FormulaCodec(codec) for type, codec in _CODECS.items()}


def codec_of(field: Field) -> Codec:
    """What reads and shows the single values of a field."""
    return _CODECS[field.type] if field.result is None else _RESULTS[field.result]


def valid(field: Field, value: object) -> bool:
    """Whether one stored value (an element, where the field holds many) has the shape of the field's type."""
    return codec_of(field).fits(value)


def check_size(value: object) -> None:
    """Raises SitebookError where a value is larger than a change may carry (256 KiB)."""
    if isinstance(value, str) and len(value) < MAX_VALUE // 8:
        return
    if len(msgspec.msgpack.encode(value)) > MAX_VALUE:
        raise SitebookError("A value may take at most 256 KiB; put long texts into the description.")


def _checked_text(field: Field, text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SitebookError(
            f"What was given for {field.typed_name} holds bytes that are no text; use UTF-8."
        ) from error
    return text


def parse(field: Field, text: str, context: Context) -> object:
    """Read what a person typed for a field: the value as it is stored, or None where the text is blank.

    For a field that holds many this reads one element. Raises SitebookError (UnknownName where a person,
    status, label or location of that name does not exist) with a sentence that says what is possible.
    """
    if not field.writable:
        raise SitebookError(f"{field.title} cannot be set: it comes from elsewhere.")
    if not _checked_text(field, text).strip():
        return None
    value = codec_of(field).parse(field, text, context)
    check_size(value)
    return value


def parse_all(field: Field, text: str, context: Context) -> tuple[object, ...]:
    """Read all elements of a field that holds many: commas between, quotes around what has a comma.

    The same element twice counts once. Raises SitebookError.
    """
    found = [parse(field, item, context) for item in split_list(text)]
    # Choices are texts and all others ids, so elements can be compared.
    return tuple(dict.fromkeys(value for value in found if value is not None))


def _part(field: Field, value: object) -> object:
    """The one parameter that a field names, where it names one."""
    return value.get(field.key) if field.key and isinstance(value, Mapping) else value


def _elements(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else (value,)


def to_text(field: Field, value: object, context: Context) -> str:
    """Write a value for editing, CSV or the command line: ``parse`` (``parse_all``) reads it back as it was.

    None is the empty text. Never raises.
    """
    if field.many and value is not None:
        return join_list([_one_text(field, each, context) for each in _elements(value)])
    return _one_text(field, _part(field, value), context)


def _one_text(field: Field, value: object, context: Context) -> str:
    codec = codec_of(field)
    if value is None:
        return ""
    return codec.text(field, value, context) if codec.fits(value) else other_shape(value, context)


def other_shape(value: object, context: Context) -> str:
    """A value that came in a shape that its field does not have: its type was changed, perhaps, since it was written.

    People, labels and other records by name, money as money, several values with commas between.
    """
    if is_record(value):
        assert isinstance(value, bytes)
        number = context.directory.number(value)
        return f"#{number}" if number is not None else context.directory.heading(value) or plain(value)
    if is_money(value):
        assert isinstance(value, list | tuple)
        return money_text(str(value[0]), str(value[1]))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple) and 0 < len(value) <= 20 and all(is_record(each) for each in value):
        return ", ".join(other_shape(each, context) for each in value)
    return plain(value)


def display(field: Field, value: object, context: Context) -> str:
    """Write a value for people, in one line: names, grouped digits, local time. Never raises."""
    if field.many and value is not None:
        return ", ".join(_one_shown(field, each, context) for each in _elements(value))
    return _one_shown(field, _part(field, value), context)


def _one_shown(field: Field, value: object, context: Context) -> str:
    codec = codec_of(field)
    if value is None:
        return ""
    return (
        codec.shown(field, value, context) if codec.fits(value) else shorten(other_shape(value, context), 400)
    )


def to_json(field: Field, value: object, context: Context) -> object:
    """A value for JSON: people, statuses, labels, locations by name, dates ISO 8601, several as arrays.

    Never raises; a value of a wrong shape is its text.
    """
    if field.many:
        every = () if value is None else _elements(value)
        return [_one_json(field, each, context) for each in every]
    return _one_json(field, _part(field, value), context)


def _one_json(field: Field, value: object, context: Context) -> object:
    codec = codec_of(field)
    if value is None:
        return None
    return codec.json(field, value, context) if codec.fits(value) else other_shape(value, context)


def sort_key(field: Field, value: object, context: Context) -> tuple[int, object]:
    """A key that sorts the values of one field: those of the right shape first, None last. Never raises.

    Text in natural order; statuses, priorities and choices in their own; people by name; several values by
    the smallest.
    """
    if field.many:
        keys = sorted(_one_key(field, each, context) for each in _elements(value or ()))
        return (0, tuple(keys)) if keys else (2, 0)
    return _one_key(field, _part(field, value), context)


def _one_key(field: Field, value: object, context: Context) -> tuple[int, object]:
    codec = codec_of(field)
    if value is None:
        return 2, 0
    if codec.fits(value):
        return 0, codec.key(field, value, context)
    return 1, context.collate(plain(value)[:400])
