"""What can stand at the cursor of a query that is being typed.

``Completer.at`` takes a text and a cursor and gives suggestions, each with the characters that it replaces and
the text that takes their place. Names are matched as ``app.query.matching`` has it: ignoring case and accents,
beginnings first, scattered letters last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from app.domain.names import fold
from app.domain.schema import Field, FieldType
from app.query.asking import is_flags, operators_of
from app.query.ast import FLAG_WORDS, ORDER_WORDS, Literal, Op, Span, Special
from app.query.chips import condition_text
from app.query.cursor import Role, Spot, spot_at
from app.query.matching import WORD_BEGINS, best
from app.query.offers import DATED, Offer, Vocabulary, date_offers, listed_offers

MOST = 50
"""So many suggestions are given at most."""
_FEW = 5
_AT_ONCE = 8

_ORDERING = frozenset({Op.LESS, Op.AT_MOST, Op.MORE, Op.AT_LEAST})
_HIDDEN = frozenset({FieldType.BYTES, FieldType.ORDER})
_UNSORTED = frozenset({*_HIDDEN, FieldType.RICH, FieldType.LONG_TEXT, FieldType.PARAMETERS})
_REFERRING = frozenset({FieldType.REFERENCE, FieldType.REFERENCES})
_SHORTCUT_TYPES = (FieldType.STATUS, FieldType.LABELS, FieldType.PEOPLE, FieldType.LOCATION)
_FIRST = (
    "status",
    "assignees",
    "labels",
    "location",
    "due",
    "priority",
    "category",
    "cost",
    "name",
    "company",
)
"""The fields that are asked for most, offered first; then come the users' own, then the others."""
_HAS = ("conflict", "attachments", "comments")


class Suggested(StrEnum):
    """What a suggestion is: it says how it looks, and whether more is to be typed after it."""

    FIELD = "field"
    RELATED = "related"
    OPERATOR = "operator"
    VALUE = "value"
    FLAG = "flag"
    CONDITION = "condition"
    WORD = "word"


_Named = tuple[Suggested, str, str, Field]
"""A field by the name to type, with its title."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that can stand at the cursor; ``span`` is replaced by ``text``."""

    kind: Suggested
    text: str
    span: Span
    name: str
    detail: str = ""
    field: Field | None = None
    op: Op | None = None
    value: object = None
    exact: bool = False
    """Whether it is what stands there already."""

    @property
    def goes_on(self) -> bool:
        """Whether something must follow: the value after a field, the field after ``sort:``."""
        return self.text.endswith((":", "=", "<", ">"))


class Completer:
    """Completes queries on one kind. Made anew when fields or names change; values are folded once."""

    def __init__(self, words: Vocabulary) -> None:
        self.words = words
        self._offers: dict[str, list[tuple[str, Offer]]] = {}
        self._typed_names = {name: alias for alias, name in words.fields.kind.aliases.items()}
        self._named: list[tuple[str, tuple[str, Field]]] | None = None
        self._beyond: list[tuple[str, tuple[str, str, Field]]] = []
        self._coming: Iterator[tuple[str, str, Field]] | None = None

    # Names

    def typed_name(self, field: Field) -> str:
        """The name to type for a field: the singular where it holds many."""
        return self._typed_names.get(field.name, field.typed_name)

    @property
    def fields(self) -> list[tuple[str, Field]]:
        """Every field that can be asked for, by the name to type."""
        return [each for _, each in self._own]

    @property
    def related(self) -> list[tuple[str, str, Field]]:
        """Every field of a record that a field points to: path, title, field."""
        return [each for _, each in self._far]

    @property
    def _own(self) -> list[tuple[str, tuple[str, Field]]]:
        if self._named is None:
            fields = self.words.fields
            every = sorted((each for each in fields.fields if each.type not in _HIDDEN), key=_place)
            listed = (fields.find(name) for name in fields.names)
            parameters = [each for each in listed if each is not None and each.key]
            self._named = [
                (fold(f"{self.typed_name(each)} {each.title}"), (self.typed_name(each), each))
                for each in (*every, *parameters)
                if each.type is not FieldType.PARAMETERS or each.key
            ]
        return self._named

    @property
    def _far(self) -> list[tuple[str, tuple[str, str, Field]]]:
        for _ in self._read_far():
            pass
        return self._beyond

    def _read_far(self) -> Iterator[None]:
        """Read what is left of the related fields."""
        if self._coming is None:
            self._coming = iter(self.words.related())
        singular = {f"{name}.": f"{alias}." for name, alias in self._typed_names.items()}
        for typed, title, field in self._coming:
            head, point, rest = typed.partition(".")
            shown = f"{singular.get(head + point, head + point)}{rest}"
            self._beyond.append((fold(f"{shown} {title}"), (shown, title, field)))
            yield

    def prepare(self) -> Iterator[None]:
        """Read and fold what is offered most, in steps of some milliseconds, so that no key waits for it."""
        for count, _ in enumerate(self._read_far()):
            if count % _AT_ONCE == 0:
                yield
        for field in self._shortcut_fields:
            self.offers(self.typed_name(field))
            yield

    @property
    def _shortcut_fields(self) -> list[Field]:
        """The fields whose values are offered without their name being typed."""
        return [
            each
            for each in self.words.fields.fields
            if each.type in _SHORTCUT_TYPES and each.name not in ("watchers", "mentions")
        ]

    def field(self, typed: str) -> tuple[str, Field] | None:
        """The field of a name or path as typed, with the name to ask ``used`` for."""
        found = self.words.fields.find(typed)
        if found is None and fold(typed) == "changed":
            found = self.words.fields.find("updated")
        if found is not None:
            return found.name, found
        wanted = fold(typed)
        return next(((field.name, field) for _, (path, _, field) in self._far if fold(path) == wanted), None)

    # Values

    def forget(self, names: Set[str]) -> None:
        """Values were written into these fields: those to be offered are read again."""
        for typed in [*self._offers]:
            found = self.field(typed)
            if found is None or not names.isdisjoint(found[0].split(".")):
                del self._offers[typed]

    def offers(self, typed_field: str) -> list[tuple[str, Offer]]:
        """The values that a field can be asked for, with folded names; empty for a field that is not there."""
        known = self._offers.get(typed_field)
        if known is None:
            found = self.field(typed_field)
            known = [] if found is None else listed_offers(found[1], found[0], self.words)
            self._offers[typed_field] = known
        return known

    def values(self, typed_field: str, typed: str, limit: int = MOST) -> list[Offer]:
        """The values of a field that fit what was typed, the best first."""
        found = self.field(typed_field)
        if found is None:
            return []
        field = found[1]
        first: list[Offer] = []
        if field.type in DATED:
            first = date_offers(typed, self.words.context.today)
        elif field.type in _REFERRING:
            first = [
                Offer(text, title, text if text.startswith("#") else "", record)
                for text, title, record in self.words.titled(field.target, typed)
            ]
        rest = [offer for _, offer in best(typed, self.offers(typed_field), limit)]
        return [*first, *rest][:limit]

    # At the cursor

    def at(self, text: str, cursor: int) -> list[Suggestion]:
        """The suggestions for a cursor, counted in characters, the best first."""
        spot = spot_at(text, cursor)
        if spot is None:
            return []
        if spot.role is Role.VALUE:
            return self._values(spot)
        if spot.role is Role.FLAG:
            return self._flags(spot)
        if spot.role is Role.ORDER:
            return self._orderings(spot)
        return self._names(spot)

    def _values(self, spot: Spot) -> list[Suggestion]:
        found = self.field(spot.field)
        taken = {fold(each) for each in spot.others}
        return [
            Suggestion(
                Suggested.VALUE,
                offer.text,
                spot.span,
                offer.name,
                offer.detail,
                None if found is None else found[1],
                value=offer.value,
                exact=fold(offer.plain) == fold(spot.typed.strip()),
            )
            for offer in self.values(spot.field, spot.typed)
            if fold(offer.plain) not in taken
            and not (spot.op in _ORDERING and isinstance(offer.value, Special))
        ]

    def _flags(self, spot: Spot) -> list[Suggestion]:
        names = is_flags(self.words) if spot.field == "is" else self.has_names
        taken = {fold(each) for each in spot.others}
        return [
            Suggestion(
                Suggested.FLAG, Literal(name).to_text(), spot.span, name, exact=fold(spot.typed) == fold(name)
            )
            for _, name in best(spot.typed, [(fold(name), name) for name in names], MOST)
            if fold(name) not in taken
        ]

    @property
    def has_names(self) -> list[str]:
        """What ``has:`` can be followed by."""
        return [*_HAS, *(name for name, _ in self.fields if name not in _HAS)]

    def _orderings(self, spot: Spot) -> list[Suggestion]:
        taken = {fold(each) for each in spot.others}
        return [
            Suggestion(
                kind,
                Literal(name).to_text(),
                spot.span,
                name,
                title,
                field,
                exact=fold(spot.typed) == fold(name),
            )
            for kind, name, title, field in chain(*self._fitting(spot.typed))
            if field.type not in _UNSORTED and fold(name) not in taken
        ]

    def _fitting(self, typed: str) -> tuple[list[_Named], list[_Named], list[_Named]]:
        """Fields whose names fit: the record's own, those beyond a reference, and those that only contain it."""
        own: list[_Named] = []
        far: list[_Named] = []
        rest: list[_Named] = []
        for how, (name, field) in best(typed, self._own, MOST):
            (own if how <= WORD_BEGINS else rest).append((Suggested.FIELD, name, field.title, field))
        dotted = "." in typed
        for how, (path, title, field) in best(typed, self._far, MOST, scattered=dotted):
            # What has the letters somewhere is one of hundreds, and meant by nobody who has typed no point yet.
            if how <= WORD_BEGINS or dotted:
                far.append((Suggested.RELATED, path, title, field))
        return own, far, rest

    def _names(self, spot: Spot) -> list[Suggestion]:
        def suggested(every: Iterable[_Named]) -> list[Suggestion]:
            end = "" if spot.followed else ":"
            return [
                Suggestion(
                    kind,
                    f"{_name_text(name)}{end}",
                    spot.span,
                    name,
                    title,
                    field,
                    exact=fold(spot.typed) == fold(name),
                )
                for kind, name, title, field in every
            ]

        own, far, rest = map(suggested, self._fitting(spot.typed))
        if spot.followed:
            return [*own, *far, *rest][:MOST]
        words = [
            Suggestion(Suggested.WORD, f"{word}:", spot.span, word)
            for _, word in best(spot.typed, [(each, each) for each in _WORDS], _FEW, scattered=False)
        ]
        if not spot.typed:
            return [*own, *words, *far][:MOST]
        return [*own, *self._operators(spot), *words, *self._shortcuts(spot), *far, *rest][:MOST]

    def _operators(self, spot: Spot) -> list[Suggestion]:
        """Once a field's name is typed out: how to compare."""
        found = self.field(spot.typed)
        if found is None:
            return []
        return [
            Suggestion(
                Suggested.OPERATOR,
                f"{_name_text(spot.typed)}{op.value}",
                spot.span,
                op.value,
                field=found[1],
                op=op,
            )
            for op in operators_of(found[1])[1:]
        ]

    def _shortcuts(self, spot: Spot) -> list[Suggestion]:
        """Whole conditions for names that are typed without their field: “overdue”, “fire”, “Priya”."""
        if len(spot.typed) < 2:
            return []
        flags = best(spot.typed, [(fold(each), each) for each in is_flags(self.words)], _FEW)
        found = [
            Suggestion(Suggested.CONDITION, f"is:{Literal(name).to_text()}", spot.span, name, "is:")
            for how, name in flags
            if how <= WORD_BEGINS
        ]
        for field in self._shortcut_fields:
            name = self.typed_name(field)
            for how, offer in best(spot.typed, self.offers(name), _FEW, scattered=False):
                if how <= WORD_BEGINS and isinstance(offer.value, bytes):
                    text = f"{_name_text(name)}:{offer.text}"
                    detail = f"{name}:"
                    found.append(
                        Suggestion(
                            Suggested.CONDITION, text, spot.span, offer.name, detail, field, value=offer.value
                        )
                    )
        return found


def _place(field: Field) -> int:
    if field.custom:
        return len(_FIRST)
    return _FIRST.index(field.name) if field.name in _FIRST else len(_FIRST) + 1


_WORDS = (*sorted(FLAG_WORDS, reverse=True), *sorted(ORDER_WORDS, reverse=True))


def _name_text(name: str) -> str:
    """A field's name as it stands before an operator."""
    return condition_text(name, Op.HAS, [Literal("x")]).removesuffix(":x")


def is_complete(suggestions: list[Suggestion]) -> bool:
    """Whether what is typed is already one of the suggestions, and nothing longer fits better."""
    return bool(suggestions) and suggestions[0].exact and suggestions[0].kind is not Suggested.FIELD
