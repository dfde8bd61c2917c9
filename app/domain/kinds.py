"""The kinds of record that a project is made of, and the fields of each.

The names here are the stored names and the names that people type; they are part of the project's format.
Kinds and fields that this version does not know are kept and passed on, so new ones may be added at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from app.domain.fieldtypes import CUSTOM_TYPES, FieldType
from app.domain.shape import (
    ATTACHMENT,
    CATEGORY,
    COMMENT,
    DEVICE,
    ELEMENT,
    FIELD,
    ISSUE,
    LABEL,
    LAYOUTS,
    LOCATION,
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
)

LOCATION_TYPES = ("building", "level", "room")
"""What a location may be; others are accepted too."""


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


def _order(name: str = "order", title: str = "Order") -> Field:
    return _own(name, title, FieldType.ORDER)


def _merged() -> tuple[Field, Field]:
    return _own(MERGED_INTO, "Merged into"), Field(
        MERGED, FieldType.BYTES, "Merged", many=True, writable=False
    )


def _categories() -> Field:
    """The categories that something belongs to; none means all."""
    return Field("categories", FieldType.REFERENCES, "Categories", many=True, target=CATEGORY)


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
        Field("at", FieldType.REFERENCES, "At", many=True, target=ELEMENT),
        _order("rank", "Rank"),
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
        *_merged(),
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
        _order(),
        Field("tags", FieldType.CHOICES, "Tags", many=True, open_choices=True),
        _checkbox("pinned", "Pinned"),
        _checkbox("template", "Template"),
        Field("references", FieldType.REFERENCES, "References", many=True),
        _own("became", "Became", FieldType.REFERENCE),
    ),
    heading="title",
    text_fields=("text",),
    child_of=(NOTE,),
    aliases={"tag": "tags", "reference": "references"},
)

_ELEMENT = _kind(
    ELEMENT,
    "Element",
    "Elements",
    (
        _text("name", "Name"),
        _open_choice("type", "Type"),
        _location(),
        Field("within", FieldType.REFERENCE, "Within", target=ELEMENT),
        _own("parameters", "Parameters", FieldType.PARAMETERS),
        _text("external_id", "External id"),
        *_merged(),
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
        _text("formula", "Formula"),
        _categories(),
        Field("target", FieldType.CHOICE, "Points to", choices=(ISSUE, NOTE, PERSON, ELEMENT, LOCATION)),
        Field("target_category", FieldType.REFERENCE, "Points to category", target=CATEGORY),
        _text("prefix", "Prefix"),
        _order(),
        *_merged(),
    ),
)

_STATUS = _kind(
    STATUS,
    "Status",
    "Statuses",
    (
        _text("name", "Name"),
        Field("meaning", FieldType.CHOICE, "Meaning", choices=tuple(str(each) for each in Meaning)),
        _order(),
        _text("color", "Colour"),
        _categories(),
        *_merged(),
    ),
)

_CATEGORY = _kind(
    CATEGORY,
    "Category",
    "Categories",
    (
        _text("name", "Name"),
        Field("aliases", FieldType.LIST, "Other names"),
        Field("of", FieldType.CHOICE, "Of", choices=(ISSUE, ELEMENT)),
        _text("template", "Name template"),
        _text("color", "Colour"),
        _order(),
        *_merged(),
    ),
)

_VIEW = _kind(
    VIEW,
    "View",
    "Views",
    (
        _text("name", "Name"),
        _text("query", "Query"),
        Field("kind", FieldType.CHOICE, "Kind", choices=(ISSUE, NOTE, PERSON, ELEMENT)),
        Field("layout", FieldType.CHOICE, "Layout", choices=LAYOUTS),
        Field("columns", FieldType.LIST, "Columns"),
        Field("frozen", FieldType.INTEGER, "Frozen columns"),
        _text("board", "Columns of the board"),
        _text("date", "Date of the calendar"),
        _checkbox("hide_empty", "Hide empty columns of the board"),
        _own("owner", "Owner"),
        _order(),
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
        (
            _text("name", "Name"),
            _text("currency", "Currency"),
            _text("description", "Description"),
            Field("closing", FieldType.CHOICE, "Closing", choices=(TWO_STEPS, ONE_STEP)),
        ),
    ),
    _ISSUE,
    _NOTE,
    _PERSON,
    _ELEMENT,
    _COMMENT,
    _FIELD,
    _STATUS,
    _CATEGORY,
    _kind(LABEL, "Label", "Labels", (_text("name", "Name"), _text("color", "Colour"), *_merged())),
    _kind(
        LOCATION,
        "Location",
        "Locations",
        (
            _text("name", "Name"),
            _parent(LOCATION),
            Field("type", FieldType.CHOICE, "Type", choices=LOCATION_TYPES, open_choices=True),
            _order(),
            *_merged(),
        ),
        child_of=(LOCATION,),
    ),
    _VIEW,
    _kind(
        PHRASE,
        "Phrase",
        "Phrases",
        (_text("text", "Text"), _text("category", "Category"), _order()),
        heading="text",
    ),
    _ATTACHMENT,
    _kind(DEVICE, "Device", "Devices", (_text("name", "Name"), _own("member", "Member"))),
    _kind(NUMBERS, "Numbers", "Numbers", (_own("block", "Block"),), heading="block"),
)

KINDS: Mapping[str, Kind] = MappingProxyType({each.name: each for each in _ALL})
"""Every kind that this version knows. Records of other kinds are kept and passed on, but not shown."""
