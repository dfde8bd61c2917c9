"""Which keys of the front matter are which fields, and their values as people write them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.domain.directory import Context
from app.domain.fields import FieldSet
from app.domain.fieldtypes import FieldType
from app.domain.lists import split_list
from app.domain.schema import ISSUE, NOTE, Field
from app.domain.values import parse, to_text
from app.interchange.folder.front_matter import Value
from sync.errors import SitebookError

ID: Final = "sitebook-id"
BASE: Final = "sitebook-base"
TITLE: Final = "title"
NUMBER: Final = "number"
TAGS: Final = "tags"
ALIASES: Final = "aliases"
KINDS_HERE: Final = (NOTE, ISSUE)
_HIDDEN: Final = frozenset(
    {
        FieldType.BYTES, FieldType.ORDER, FieldType.RICH, FieldType.PARAMETERS, FieldType.FORMULA,
        FieldType.AUTO_NUMBER,
    }
)  # fmt: skip
_LEFT_OUT: Final = frozenset({"parent", "mentions", "created", "updated"})
"""The place in the tree is the folder; the others are worked out."""


class Keys:
    """The keys of one kind of record in a project."""

    def __init__(self, fields: FieldSet, context: Context) -> None:
        self._context = context
        self.fields: dict[str, Field] = {}
        for each in fields.fields:
            shown = each.writable or each.name == NUMBER
            if shown and each.type not in _HIDDEN and each.name not in _LEFT_OUT:
                self.fields[each.typed_name] = each

    def render(self, value_of: Callable[[Field], Any]) -> dict[str, Value]:
        """The front matter of a record: what is empty is left out."""
        found: dict[str, Value] = {}
        for key, each in self.fields.items():
            value = value_of(each)
            if value is None or value == () or value == "":
                continue
            if each.many:
                single = dataclasses.replace(each, many=False)
                texts = (to_text(single, one, self._context) for one in value)
                found[key] = tuple(text for text in texts if text)
            elif each.type is FieldType.CHECKBOX:
                if value is True:
                    found[key] = "true"
            else:
                text = to_text(each, value, self._context)
                if text:
                    found[key] = text
        return found

    def parse(self, field: Field, value: Value) -> Any:
        """What a person wrote for a field, as it is stored: a tuple for a field that holds many.

        Raises SitebookError with a sentence.
        """
        if field.many:
            found = [parse(field, text, self._context) for text in _texts(field, value)]
            return tuple(dict.fromkeys(each for each in found if each is not None))
        if isinstance(value, tuple):
            if len(value) > 1:
                raise SitebookError(f"{field.title} holds one value, and here are {len(value)}.")
            value = value[0] if value else ""
        return None if value is None else parse(field, value, self._context)

    def first_values(self, given: Mapping[str, Value]) -> tuple[dict[str, Any], str]:
        """The fields of a new record by what was written, and a sentence about what could not be read."""
        values: dict[str, Any] = {}
        problem = ""
        for key, value in given.items():
            each = self.fields.get(key)
            if each is None or not each.writable or value is None:
                continue
            try:
                values[each.name] = self.parse(each, value)
            except SitebookError as error:
                problem = problem or f"{key}: {error}"
        return values, problem


def _texts(field: Field, value: Value) -> list[str]:
    if value is None:
        return []
    if isinstance(value, tuple):
        found = [each.strip() for each in value]
    elif field.name == TAGS and "," not in value and '"' not in value:
        found = value.split()  # so other programs write several tags in one text
    else:
        found = split_list(value)
    return [each.removeprefix("#") if field.name == TAGS else each for each in found if each]
