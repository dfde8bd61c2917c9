"""The kinds of record that a project is made of, and the fields of each: plain frozen data.

The names here are the stored names and the names that people type; they are part of the project's format.
A field that users add is a record of kind ``field``; its values are stored under ``f.`` and the hex of that
record's id (see ``app.domain.fields``). ``app.domain.values`` says how a value of each type is stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.fieldtypes import CUSTOM_TYPES, MANY_TYPES, FieldType
from app.domain.kinds import KINDS, LOCATION_TYPES
from app.domain.shape import (
    ATTACHMENT,
    CATEGORY,
    CLOSED_MEANINGS,
    COMMENT,
    DEVICE,
    ELEMENT,
    FIELD,
    ISSUE,
    LABEL,
    LAYOUTS,
    LOCATION,
    MERGEABLE,
    MERGED,
    MERGED_INTO,
    NOTE,
    NUMBERS,
    ONE_STEP,
    PERSON,
    PHRASE,
    PRIORITIES,
    PROJECT,
    STATUS,
    TWO_STEPS,
    VIEW,
    Field,
    Kind,
    Meaning,
)  # fmt: skip

__all__ = [
    "ATTACHMENT", "CATEGORY", "CLOSED_MEANINGS", "COMMENT", "CUSTOM_PREFIX", "CUSTOM_TYPES",
    "DEFAULT_STATUSES", "DEVICE", "ELEMENT", "FIELD", "ISSUE", "KINDS", "LABEL", "LAYOUTS", "LOCATION",
    "LOCATION_TYPES", "MANY_TYPES", "MERGEABLE", "MERGED", "MERGED_INTO", "NOTE", "NUMBERS", "ONE_STEP", "PERSON",
    "PHRASE", "PRIORITIES", "PROJECT", "STATUS", "TWO_STEPS", "VIEW", "DefaultStatus", "Field", "FieldType",
    "Kind", "Meaning", "custom_field_name",
]  # fmt: skip

CUSTOM_PREFIX = "f."
"""What the stored name of every field that users made begins with."""


@dataclass(frozen=True, slots=True)
class DefaultStatus:
    """A status that every new project begins with. ``color`` is the name of a colour of the theme."""

    name: str
    meaning: Meaning
    color: str


DEFAULT_STATUSES = (
    DefaultStatus("open", Meaning.OPEN, "muted"),
    DefaultStatus("in progress", Meaning.PROGRESS, "amber"),
    DefaultStatus("in review", Meaning.REVIEW, "blue"),
    DefaultStatus("done", Meaning.DONE, "green"),
    DefaultStatus("void", Meaning.VOID, "muted"),
)


def custom_field_name(definition: bytes) -> str:
    """The stored name of the field that the definition record ``definition`` (16 bytes) defines."""
    return CUSTOM_PREFIX + definition.hex()
