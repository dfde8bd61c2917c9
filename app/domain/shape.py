"""What a field and a kind of record are: plain frozen data, and the names of the kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.fieldtypes import FieldType

PROJECT = "project"
ISSUE = "issue"
NOTE = "note"
PERSON = "person"
ELEMENT = "element"
COMMENT = "comment"
FIELD = "field"
STATUS = "status"
CATEGORY = "category"
LABEL = "label"
LOCATION = "location"
VIEW = "view"
PHRASE = "phrase"
ATTACHMENT = "attachment"
DEVICE = "device"
NUMBERS = "numbers"

MERGED_INTO = "merged_into"
"""The field that names the record which another one became a part of: references to the one mean the other."""

MERGED = "merged"
"""The field of a record that holds the ids of those that became part of it."""

MERGEABLE = (PERSON, LABEL, LOCATION, ELEMENT, STATUS, FIELD, CATEGORY)
"""The kinds of which two records may be made one."""


class Meaning(StrEnum):
    """What a status means to the program, whatever it is called."""

    OPEN = "open"
    PROGRESS = "progress"
    REVIEW = "review"
    DONE = "done"
    VOID = "void"


CLOSED_MEANINGS = frozenset({Meaning.DONE, Meaning.VOID})
"""An issue of such a status asks for nothing more: it is never overdue."""

PRIORITIES = ("urgent", "high", "medium", "low", "none")
"""The values of ``priority``, the most pressing first; they sort in this order."""

TWO_STEPS, ONE_STEP = "two steps", "one step"
"""The values of a project's ``closing``; where none stands, two steps are meant."""

LAYOUTS = ("table", "board", "calendar", "list")
"""The ways in which a view shows what its query finds."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one kind.

    ``target`` is the kind of the records that a reference points to (empty: any kind), ``target_category``
    the category that they are of (empty: any). ``choices`` are the values of a choice field; ``open_choices``
    says that others are accepted too. ``unit`` and ``currency`` belong to numbers and money, ``prefix`` to an
    auto-number, ``formula`` and ``result``, the type of what it gives, to a formula. ``categories`` are those
    whose records have this field (none: all have it), ``definition`` the record that defines a field of the
    users' own. ``key`` names one parameter inside a field of type
    PARAMETERS. ``writable`` is false for what the program derives or what comes from outside; ``custom`` is
    true for the users' own.
    """

    name: str
    type: FieldType
    title: str
    many: bool = False
    target: str = ""
    writable: bool = True
    choices: tuple[str, ...] = ()
    open_choices: bool = False
    unit: str = ""
    currency: str = ""
    key: str = ""
    custom: bool = False
    target_category: bytes = b""
    prefix: str = ""
    formula: str = ""
    result: FieldType | None = None
    categories: tuple[bytes, ...] = ()
    definition: bytes = b""

    @property
    def typed_name(self) -> str:
        """The name that a person types for this field, in the query language or on the command line."""
        return self.title if self.custom or self.key else self.name

    @property
    def shown_as(self) -> FieldType:
        """The type of the values that it shows: that of its result for a formula."""
        return self.result or self.type


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record and its fields by stored name.

    ``text_fields`` hold merging text; ``child_of`` names the kinds that its field ``parent`` may point to;
    ``heading`` is the field that names a record of this kind to people.
    """

    name: str
    title: str
    plural: str
    fields: Mapping[str, Field]
    heading: str = "name"
    text_fields: tuple[str, ...] = ()
    child_of: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names that people may type for a field: the singular of a field that holds many."""
