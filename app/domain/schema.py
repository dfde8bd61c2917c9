"""The kinds of record that a project is made of, and the fields of each: plain frozen data.

The names here are the stored names and the names that people type; they are part of the project's format.
A field that users add is a record of kind ``field``; its values are stored under ``f.`` and the hex of that
record's id (see ``app.domain.fields``). ``app.domain.values`` says how a value of each type is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from app.domain.fieldtypes import CUSTOM_TYPES, MANY_TYPES, FieldType

__all__ = [
    "ATTACHMENT", "CLOSED_MEANINGS", "COMMENT", "CUSTOM_PREFIX", "CUSTOM_TYPES", "DEFAULT_STATUSES", "DEVICE",
    "ELEMENT", "FIELD", "ISSUE", "KINDS", "LABEL", "LOCATION", "MANY_TYPES", "NOTE", "NUMBERS", "PERSON",
    "PRIORITIES", "PROJECT", "STATUS", "VIEW", "DefaultStatus", "Field",
    "FieldType", "Kind", "Meaning", "custom_field_name",
]  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one kind.

    ``target`` is the kind of the records that a reference points to (empty: any kind). ``choices`` are the
    values of a choice field; ``open_choices`` says that others are accepted too. ``unit`` and ``currency``
    belong to numbers and money. ``key`` names one parameter inside a field of type PARAMETERS. ``writable``
    is false for what the program derives or what comes from outside; ``custom`` is true for the users' own.
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

    @property
    def typed_name(self) -> str:
        """The name that a person types for this field, in the query language or on the command line."""
        return self.title if self.custom or self.key else self.name


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


PROJECT = "project"
ISSUE = "issue"
NOTE = "note"
PERSON = "person"
ELEMENT = "element"
COMMENT = "comment"
FIELD = "field"
STATUS = "status"
LABEL = "label"
LOCATION = "location"
VIEW = "view"
ATTACHMENT = "attachment"
DEVICE = "device"
NUMBERS = "numbers"

CUSTOM_PREFIX = "f."
"""What the stored name of every field that users made begins with."""


def _kind(
    name: str,
    title: str,
    plural: str,
    fields: Iterable[Field],
    *,
    heading: str = "name",
    text_fields: tuple[str, ...] = (),
    child_of: tuple[str, ...] = (),
    aliases: Mapping[str, str] | None = None,
) -> Kind:
    """Build a kind; every kind ends with the two derived fields ``created`` and ``updated``."""
    derived = (
        Field("created", FieldType.MOMENT, "Created", writable=False),
        Field("updated", FieldType.MOMENT, "Updated", writable=False),
    )
    by_name = {each.name: each for each in (*fields, *derived)}
    return Kind(
        name,
        title,
        plural,
        MappingProxyType(by_name),
        heading,
        text_fields,
        child_of,
        MappingProxyType(dict(aliases or {})),
    )


def _text(name: str, title: str, *, writable: bool = True) -> Field:
    return Field(name, FieldType.TEXT, title, writable=writable)


def _rich() -> Field:
    return Field("text", FieldType.RICH, "Text", writable=False)


def _open_choice(name: str, title: str) -> Field:
    return Field(name, FieldType.CHOICE, title, open_choices=True)


def _people(name: str, title: str) -> Field:
    return Field(name, FieldType.PEOPLE, title, many=True, target=PERSON)


def _parent(target: str = "") -> Field:
    return Field("parent", FieldType.REFERENCE, "Part of", target=target)


def _location() -> Field:
    return Field("location", FieldType.LOCATION, "Location", target=LOCATION)


def _checkbox(name: str, title: str) -> Field:
    return Field(name, FieldType.CHECKBOX, title)


def _own(name: str, title: str, type: FieldType = FieldType.BYTES) -> Field:
    """A field that only the program writes."""
    return Field(name, type, title, writable=False)


_ISSUE = _kind(
    ISSUE,
    "Issue",
    "Issues",
    (
        _own("number", "Number", FieldType.INTEGER),
        _text("title", "Title"),
        _rich(),
        Field("status", FieldType.STATUS, "Status", target=STATUS),
        Field("priority", FieldType.CHOICE, "Priority", choices=PRIORITIES),
        _open_choice("category", "Category"),
        _open_choice("type", "Type"),
        _open_choice("phase", "Phase"),
        _location(),
        _people("assignees", "Assignees"),
        _people("watchers", "Watchers"),
        Field("labels", FieldType.LABELS, "Labels", many=True, target=LABEL),
        _people("mentions", "Mentions"),
        Field("due", FieldType.DATE, "Due"),
        Field("cost", FieldType.MONEY, "Cost"),
        _checkbox("starred", "Starred"),
        Field("completed", FieldType.MOMENT, "Completed"),
        _checkbox("archived", "Archived"),
        _checkbox("template", "Template"),
        Field("references", FieldType.REFERENCES, "References", many=True),
        _text("external_id", "External id"),
    ),
    heading="title",
    text_fields=("text",),
    aliases={
        "assignee": "assignees",
        "watcher": "watchers",
        "label": "labels",
        "mention": "mentions",
        "reference": "references",
    },
)

_PERSON = _kind(
    PERSON,
    "Person",
    "People",
    (
        _text("name", "Name"),
        _text("company", "Company"),
        Field("email", FieldType.EMAIL, "Email"),
        Field("phone", FieldType.PHONE, "Phone"),
        _text("home_base", "Home base"),
        _text("specialty", "Specialty"),
        _own("member", "Member"),
    ),
)

_NOTE = _kind(
    NOTE,
    "Note",
    "Notes",
    (
        _text("title", "Title"),
        _rich(),
        _parent(NOTE),
        Field("order", FieldType.ORDER, "Order", writable=False),
        Field("tags", FieldType.CHOICES, "Tags", many=True, open_choices=True),
        _checkbox("pinned", "Pinned"),
    ),
    heading="title",
    text_fields=("text",),
    child_of=(NOTE,),
    aliases={"tag": "tags"},
)

_ELEMENT = _kind(
    ELEMENT,
    "Element",
    "Elements",
    (
        _text("name", "Name"),
        _open_choice("type", "Type"),
        _location(),
        _own("parameters", "Parameters", FieldType.PARAMETERS),
        _text("external_id", "External id"),
    ),
)

_COMMENT = _kind(
    COMMENT,
    "Comment",
    "Comments",
    (_parent(), _rich(), _checkbox("resolved", "Resolved")),
    heading="text",
    text_fields=("text",),
    child_of=(ISSUE, NOTE, ELEMENT),
)

_FIELD = _kind(
    FIELD,
    "Field",
    "Fields",
    (
        _text("name", "Name"),
        Field("type", FieldType.CHOICE, "Type", choices=tuple(str(each) for each in CUSTOM_TYPES)),
        Field("choices", FieldType.LIST, "Choices"),
        _text("unit", "Unit"),
        _text("currency", "Currency"),
        Field("of", FieldType.CHOICE, "Of", choices=(ISSUE, NOTE, PERSON, ELEMENT)),
        Field("order", FieldType.ORDER, "Order", writable=False),
    ),
)

_STATUS = _kind(
    STATUS,
    "Status",
    "Statuses",
    (
        _text("name", "Name"),
        Field("meaning", FieldType.CHOICE, "Meaning", choices=tuple(str(each) for each in Meaning)),
        Field("order", FieldType.ORDER, "Order", writable=False),
        _text("color", "Colour"),
    ),
)

_ATTACHMENT = _kind(
    ATTACHMENT,
    "Attachment",
    "Attachments",
    (
        _parent(),
        _text("name", "Name"),
        _own("media_type", "Media type", FieldType.TEXT),
        _own("size", "Size", FieldType.INTEGER),
        _own("sha256", "SHA-256"),
        _own("manifest", "Chunks"),
        _own("key", "Key"),
        _own("captured", "Captured", FieldType.MOMENT),
    ),
    child_of=(ISSUE, NOTE, ELEMENT, COMMENT),
)

_ALL = (
    _kind(
        PROJECT,
        "Project",
        "Projects",
        (_text("name", "Name"), _text("currency", "Currency"), _text("description", "Description")),
    ),
    _ISSUE,
    _NOTE,
    _PERSON,
    _ELEMENT,
    _COMMENT,
    _FIELD,
    _STATUS,
    _kind(LABEL, "Label", "Labels", (_text("name", "Name"), _text("color", "Colour"))),
    _kind(
        LOCATION,
        "Location",
        "Locations",
        (_text("name", "Name"), _parent(LOCATION), Field("order", FieldType.ORDER, "Order", writable=False)),
        child_of=(LOCATION,),
    ),
    _kind(
        VIEW,
        "View",
        "Views",
        (
            _text("name", "Name"),
            _text("query", "Query"),
            Field("kind", FieldType.CHOICE, "Kind", choices=(ISSUE, NOTE, PERSON, ELEMENT)),
        ),
    ),
    _ATTACHMENT,
    _kind(DEVICE, "Device", "Devices", (_text("name", "Name"), _own("member", "Member"))),
    _kind(NUMBERS, "Numbers", "Numbers", (_own("block", "Block"),), heading="block"),
)

KINDS: Mapping[str, Kind] = MappingProxyType({each.name: each for each in _ALL})
"""Every kind that this version knows. Records of other kinds are kept and passed on, but not shown."""


def custom_field_name(definition: bytes) -> str:
    """The stored name of the field that the definition record ``definition`` (16 bytes) defines."""
    return CUSTOM_PREFIX + definition.hex()
