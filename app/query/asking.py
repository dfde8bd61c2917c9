"""How a field can be asked for: the operators of each type, and what ``is:`` can be followed by."""

from __future__ import annotations

from app.domain.schema import Field, FieldType, Meaning
from app.query.ast import Op
from app.query.offers import DATED, Vocabulary

_ORDERED = frozenset(
    {FieldType.NUMBER, FieldType.INTEGER, FieldType.MONEY, FieldType.AUTO_NUMBER, FieldType.FORMULA, *DATED}
)
_TEXTS = frozenset(
    {FieldType.TEXT, FieldType.LONG_TEXT, FieldType.LINK, FieldType.PHONE, FieldType.EMAIL, FieldType.BARCODE}
)
_IS_OF_ISSUES = ("overdue", "mine", "assigned", "unassigned", "open", "closed")
_IS = ("unsynced", "attention", "conflicted")


def operators_of(field: Field) -> tuple[Op, ...]:
    """The operators that mean something for a field, the usual one first."""
    if field.type in _ORDERED:
        return (Op.HAS, Op.UNEQUAL, Op.LESS, Op.AT_MOST, Op.MORE, Op.AT_LEAST)
    if field.type in _TEXTS or field.type in (FieldType.CHOICE, FieldType.CHOICES):
        return (Op.HAS, Op.EQUAL, Op.UNEQUAL)
    if field.type in (FieldType.RICH, FieldType.CHECKBOX):
        return (Op.HAS,)
    return (Op.HAS, Op.UNEQUAL)


def is_flags(words: Vocabulary) -> list[str]:
    """What ``is:`` can be followed by."""
    fields = words.fields
    boxes = [each.typed_name for each in fields.fields if each.type is FieldType.CHECKBOX]
    if "status" not in fields.kind.fields:
        return [*_IS, *boxes]
    meanings = [each.value for each in Meaning if each.value not in _IS_OF_ISSUES]
    own = [each for each in _IS_OF_ISSUES if each != "mine" or words.context.directory.me is not None]
    return [*own, *boxes, *meanings, *_IS]
