"""The values that can stand in a field, as offers to choose from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from app.domain import dates
from app.domain.directory import Context
from app.domain.fields import FieldSet
from app.domain.names import fold, natural_key
from app.domain.schema import Field, FieldType
from app.query.ast import Literal, Special

_MOST_USED = 2000
"""A text field with more different values than that is full of sentences, which nobody chooses from."""
_OFFSET = re.compile(r"([+-]?)([0-9]{1,3})")
_UNITS = "dwmy"
_DAY_WORDS = ("today", "tomorrow", "yesterday", "+7d", "-7d", "+1m", "-1m")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LISTED = frozenset({FieldType.CHOICE, FieldType.CHOICES, FieldType.LIST})
_PEOPLE = frozenset({FieldType.PERSON, FieldType.PEOPLE})
_USED = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, *_LISTED})
DATED = frozenset({FieldType.DATE, FieldType.MOMENT})
"""The types whose values are days."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A value to choose. ``plain`` is it without quotes, ``name`` how people call it.

    ``value`` is what it stands for: a record's id, a date, a choice, a ``Special``, or None.
    """

    plain: str
    name: str
    detail: str = ""
    value: object = None
    depth: int = 0

    @property
    def text(self) -> str:
        """It in the language of queries."""
        return self.plain if isinstance(self.value, Special) else Literal(self.plain).to_text()


class Vocabulary(Protocol):
    """What a project knows that can stand in a query."""

    @property
    def fields(self) -> FieldSet:
        """The fields of the kind that is asked for."""
        ...

    @property
    def context(self) -> Context:
        """People, statuses, labels, locations, and today."""
        ...

    def related(self) -> Iterable[tuple[str, str, Field]]:
        """Fields of records that fields point to: path as typed, title, and the field at its end."""
        ...

    def used(self, path: str) -> Iterable[str]:
        """The different texts that stand in a field."""
        ...

    def titled(self, kind: str, typed: str) -> Sequence[tuple[str, str, bytes]]:
        """Records whose title fits, of a kind or (empty) of any: how a query names them, title, id."""
        ...


def listed_offers(field: Field, path: str, words: Vocabulary) -> list[tuple[str, Offer]]:
    """The values that a field can be asked for, with the folded names to find them by, in their order."""
    kind = field.type
    directory = words.context.directory
    offers: list[tuple[str, Offer]] = []
    if kind is FieldType.STATUS:
        offers = [
            (fold(each.name), _named(each.name, each.id, str(each.meaning)))
            for each in directory.statuses.values()
        ]
    elif kind in _PEOPLE:
        offers = _people(words.context)
    elif kind is FieldType.LABELS:
        labels = sorted(directory.labels.values(), key=lambda each: natural_key(each.name))
        offers = [(fold(each.name), _named(each.name, each.id, each.color)) for each in labels]
    elif kind is FieldType.LOCATION:
        offers = _locations(words.context)
    elif kind is FieldType.CHECKBOX:
        offers = [(each, Offer(each, each)) for each in ("yes", "no")]
    elif kind in _LISTED or _is_used(field, words.fields):
        offers = _choices(field, path, words)
    return [*_without_twins(offers), *specials(field)]


def specials(field: Field) -> list[tuple[str, Offer]]:
    """``none`` and ``any``, which every field can be asked for."""
    if field.type is FieldType.CHECKBOX:
        return []
    return [
        (each.value, Offer(each.value, each.value, value=each))
        for each in (Special.NONE, Special.ANY)
        if each.value not in field.choices
    ]


def date_offers(typed: str, today: date) -> list[Offer]:
    """Days: words, days of the week, and what a number may count from today."""
    match = _OFFSET.fullmatch(typed.strip())
    texts: list[str]
    if match is not None:
        signs = [match[1]] if match[1] else ["+", "-"]
        texts = [f"{sign}{match[2]}{unit}" for sign in signs for unit in _UNITS]
        if len(match[2]) == 2 and not match[1]:
            texts = [*texts, f"{today.year}-{match[2]}"]
    else:
        months = [f"{today.year}-{today.month:02}", str(today.year)]
        every = (*_DAY_WORDS, *_WEEKDAYS[today.weekday() :], *_WEEKDAYS[: today.weekday()], *months)
        texts = [each for each in every if each.startswith(typed.strip().lower())]
    offers = []
    for text in texts:
        days = dates.find_days(text, today)
        if days is not None:
            first, last = days
            detail = first.isoformat() if first == last else f"{first.isoformat()} – {last.isoformat()}"
            offers.append(Offer(text, text, detail, first if first == last else None))
    return offers


def _named(name: str, value: object, detail: str = "") -> Offer:
    return Offer(name, name, detail, value)


def _people(context: Context) -> list[tuple[str, Offer]]:
    people = sorted(context.directory.people.values(), key=lambda each: natural_key(each.shown))
    offers = [
        (fold(f"{each.shown} {each.company} {each.email}"), _named(each.shown, each.id, each.company))
        for each in people
        if each.name or each.email
    ]
    me = context.directory.me
    if me is not None:
        own = context.directory.people.get(me)
        mine = Offer(Special.ME.value, Special.ME.value, own.shown if own is not None else "", Special.ME)
        offers.insert(0, (f"{Special.ME.value} me", mine))
    return offers


def _locations(context: Context) -> list[tuple[str, Offer]]:
    """The tree, each part right after its whole. A part is found by its own name before its whole's."""
    ordered = sorted(
        context.directory.locations.values(), key=lambda each: natural_key(each.path.replace("/", "\0"))
    )
    offers = []
    for each in ordered:
        whole, _, name = each.path.rpartition("/")
        offer = Offer(each.path, name, whole, each.id, len(each.ancestors))
        offers.append((fold(f"{name} {each.path}" if whole else name), offer))
    return offers


def _choices(field: Field, path: str, words: Vocabulary) -> list[tuple[str, Offer]]:
    every = list(field.choices)
    if not field.choices or field.open_choices:
        used = set(words.used(path)) - set(every)
        if len(used) <= _MOST_USED:
            every += sorted((each for each in used if each.strip()), key=natural_key)
    return [(fold(each), _named(each, each)) for each in every]


def _is_used(field: Field, fields: FieldSet) -> bool:
    """Whether the texts in a field repeat, as companies do and titles do not."""
    return field.type in _USED and field.name not in (fields.kind.heading, "external_id")


def _without_twins(offers: list[tuple[str, Offer]]) -> list[tuple[str, Offer]]:
    """Two devices may have made one label at the same time: it is offered once."""
    seen: set[str] = set()
    kept = []
    for name, offer in offers:
        if offer.plain not in seen:
            seen.add(offer.plain)
            kept.append((name, offer))
    return kept
