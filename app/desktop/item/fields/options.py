"""What can be chosen for a field, as options of a picker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from app.desktop.item.desk import Desk
from app.desktop.item.fields.pieces import PRIORITY_ICONS, Piece, capital
from app.desktop.translate import tr
from app.domain.categories import HOLDERS, category_names
from app.domain.closing import statuses_for
from app.domain.directory import StatusEntry
from app.domain.names import fold, natural_key
from app.domain.schema import (
    CATEGORY,
    ELEMENT,
    ISSUE,
    KINDS,
    LABEL,
    LOCATION,
    NOTE,
    PERSON,
    Field,
    FieldType,
)

_MOST = 200
"""So many options are shown at once; the search finds the others."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: its stored value, how it looks, and the folded text that a search looks in.

    ``depth`` indents a part below its whole. ``make`` is the kind of the record that choosing it makes first.
    """

    value: object
    piece: Piece
    words: str
    depth: int = 0
    make: str = ""


OptionSource = Callable[[str], list[Option]]
"""Gives the options for what was typed into the search."""


def options_for(desk: Desk, kind: str, field: Field, record: bytes | None = None) -> OptionSource:
    """The options of a field of records of ``kind``, by what is typed into its search.

    For one ``record`` that is known, statuses are those of its category.
    """
    if field.type is FieldType.STATUS:
        return _searched(_statuses(desk, kind, record))
    if field.type in (FieldType.PERSON, FieldType.PEOPLE):
        return _offering(_searched(_people(desk)), PERSON)
    if field.type is FieldType.LABELS:
        return _offering(_searched(_labels(desk)), LABEL)
    if field.type is FieldType.LOCATION:
        return _offering(_locations(desk), LOCATION)
    if field.type in (FieldType.REFERENCE, FieldType.REFERENCES):
        if field.target == PERSON:
            return _searched(_people(desk))
        if field.target == LOCATION:
            return _locations(desk)
        if field.target == CATEGORY:
            return _searched(_categories(desk))
        return _records(desk, field)
    return _choices(desk, kind, field)


def none_yet(field: Field) -> str:
    """What is said where there is nothing to choose for a field, and nothing was typed."""
    if field.type in (FieldType.PERSON, FieldType.PEOPLE):
        return tr("Type a name to make a person")
    if field.type is FieldType.LABELS:
        return tr("Type a name to make a label")
    if field.type is FieldType.LOCATION:
        return tr("Type a name to make a location")
    return tr("Type one of your own") if field.open_choices else tr("Nothing to choose from yet")


def _searched(options: list[Option]) -> OptionSource:
    def search(text: str) -> list[Option]:
        words = fold(text).split()
        if not words:
            return options[:_MOST]
        found = [option for option in options if all(word in option.words for word in words)]
        first = [each for each in found if each.words.startswith(words[0])]
        rest = [each for each in found if not each.words.startswith(words[0])]
        return (first + rest)[:_MOST]

    return search


def _offering(search: OptionSource, kind: str) -> OptionSource:
    """Offer to make what is not there."""

    def with_offer(text: str) -> list[Option]:
        found = search(text)
        name = text.strip()
        if name and not any(fold(option.piece.text) == fold(name) for option in found):
            sentences = {
                PERSON: tr("New person “{name}”"),
                LABEL: tr("New label “{name}”"),
                LOCATION: tr("New location “{name}”"),
            }
            offer = sentences[kind].format(name=name)
            found = [*found, Option(name, Piece(offer, "icon", "plus"), "", make=kind)]
        return found

    return with_offer


def _statuses(desk: Desk, kind: str, record: bytes | None) -> list[Option]:
    directory = desk.context.directory
    every: Iterable[StatusEntry] = directory.statuses.values()
    if record is not None and kind == ISSUE:
        category = desk.source.field(record, "category", ISSUE).value
        every = statuses_for(every, directory.categories, category)
    return [
        Option(each.id, Piece(capital(each.name), "status", str(each.meaning)), fold(each.name))
        for each in every
    ]


def _people(desk: Desk) -> list[Option]:
    me = desk.context.directory.me
    people = sorted(
        desk.context.directory.people.values(), key=lambda each: (each.id != me, natural_key(each.shown))
    )
    return [
        Option(
            each.id,
            Piece(each.shown, "avatar", detail=each.company),
            fold(f"{each.shown} {each.company} {each.email}"),
        )
        for each in people
    ]


def _labels(desk: Desk) -> list[Option]:
    labels = sorted(desk.context.directory.labels.values(), key=lambda each: natural_key(each.name))
    return [Option(each.id, Piece(each.name, "chip", each.color), fold(each.name)) for each in labels]


def _categories(desk: Desk) -> list[Option]:
    entries = desk.context.directory.categories.entries
    return [Option(each.id, Piece(each.name, "chip", each.color), fold(each.name)) for each in entries]


def _locations(desk: Desk) -> OptionSource:
    """The tree, each part right after its whole; what a search finds stands with the place that it is in."""
    locations = sorted(
        desk.context.directory.locations.values(),
        key=lambda each: natural_key(each.path.replace("/", "\0")),
    )
    whole = {}
    options = []
    for each in locations:
        above, _, name = each.path.rpartition("/")
        whole[each.id] = above.replace("/", " / ")
        piece = Piece(name, "icon", "map-pin" if each.ancestors else "buildings")
        options.append(Option(each.id, piece, fold(each.path.replace("/", " ")), depth=len(each.ancestors)))
    search = _searched(options)

    def with_place(text: str) -> list[Option]:
        found = search(text)
        if not text.strip():
            return found
        return [
            replace(each, depth=0, piece=replace(each.piece, detail=whole.get(each.value, "")))
            if isinstance(each.value, bytes)
            else each
            for each in found
        ]

    return with_place


def _records(desk: Desk, field: Field) -> OptionSource:
    """Records to refer to, the newest first. There may be tens of thousands: only what is shown is made."""
    signs = {ISSUE: "circle", NOTE: "file-text", ELEMENT: "cube"}
    numbers = desk.column(ISSUE, "number")
    texts: list[tuple[bytes, str, str]] = []
    for kind in [field.target] if field.target in signs else list(signs):
        titles = desk.column(kind, KINDS[kind].heading)
        holders = desk.column(kind, HOLDERS[kind]) if field.target_category and kind in HOLDERS else {}
        scope = [field.target_category] if field.target_category else []
        categories = desk.context.directory.categories
        for record in sorted(titles, reverse=True):
            if scope and not categories.belongs(scope, kind, holders.get(record)):
                continue
            title = titles[record]
            number = numbers.get(record) if kind == ISSUE else None
            text = title if isinstance(title, str) else ""
            texts.append((record, f"#{number} {text}" if isinstance(number, int) else text, signs[kind]))
    folded: list[str] = []

    def search(text: str) -> list[Option]:
        words = fold(text).split()
        if not words:
            found = texts[:_MOST]
        else:
            if not folded:
                folded.extend(fold(each) for _, each, _ in texts)
            hits = (at for at, each in enumerate(folded) if all(word in each for word in words))
            found = [texts[at] for at in islice(hits, _MOST)]
        return [Option(record, Piece(title, "icon", sign), "") for record, title, sign in found]

    return search


def _choices(desk: Desk, kind: str, field: Field) -> OptionSource:
    """The choices of the field; where others are allowed, also what is in use and what is typed."""
    every = list(field.choices)
    if field.open_choices:
        used = {
            each
            for value in desk.column(kind, field.name).values()
            for each in (value if isinstance(value, tuple) else (value,))
            if isinstance(each, str)
        }
        if HOLDERS.get(kind) == field.name:
            every = [*category_names(desk.context.directory.categories, kind, used)]
        else:
            every += sorted(used - set(every), key=natural_key)

    def piece(choice: str) -> Piece:
        if field.name == "priority" and not field.custom:
            return Piece(capital(choice), "icon", PRIORITY_ICONS.get(choice, "minus"))
        named_by_users = field.custom or HOLDERS.get(kind) == field.name
        return Piece(choice if named_by_users else capital(choice))

    search = _searched([Option(each, piece(each), fold(each)) for each in every])

    def with_own(text: str) -> list[Option]:
        found = search(text)
        name = text.strip()
        if field.open_choices and name and not any(fold(name) == fold(str(each.value)) for each in found):
            offer = tr("Use “{name}”").format(name=name)
            found = [*found, Option(name, Piece(offer, "icon", "plus"), "")]
        return found

    return with_own
