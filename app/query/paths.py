"""Paths: the names of columns, of a record's own fields and of what stands behind its references.

::

    title                     a field of the record
    assignees.company         a field of the records that it refers to
    location.level            the level that a location is in (also building, room)
    references.count          how many records it refers to
    references.cost.sum       a field of them, added up (also min, max)
    issues.count              the issues that refer to this record (also elements, notes)
    by, creator               who changed and who made it

A path is typed with the names that people type and is kept with the stored ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.columns import Columns
from app.domain.fields import FieldSet, load_fields
from app.domain.formula_fields import Compiled, FormulaField, compile_fields, with_result
from app.domain.names import fold_name, unknown
from app.domain.schema import ELEMENT, ISSUE, KINDS, LOCATION, NOTE, PERSON, Field, FieldType
from sync.errors import SitebookError

BY = "by"
CREATOR = "creator"
PLACES = ("building", "level", "room")
"""What a location may be inside of, by the type of the locations above it."""

_DEEPEST = 4
_ANY_KIND = (ISSUE, ELEMENT, NOTE, PERSON, LOCATION)
"""Where a reference to records of any kind is looked up, in this order."""
_REVERSE = {fold_name(KINDS[kind].plural): kind for kind in (ISSUE, ELEMENT, NOTE)}
_SINGLE = {FieldType.PERSON, FieldType.LOCATION, FieldType.STATUS, FieldType.REFERENCE}
_SEVERAL = {FieldType.PEOPLE, FieldType.LABELS, FieldType.REFERENCES}
POINTING = frozenset(_SINGLE | _SEVERAL)
"""The types whose values are ids of records."""
ADDABLE = frozenset({FieldType.NUMBER, FieldType.INTEGER, FieldType.MONEY})
_UNORDERED = frozenset({FieldType.BYTES, FieldType.RICH, FieldType.PARAMETERS, FieldType.COORDINATES})
_HIDDEN = frozenset({FieldType.BYTES, FieldType.ORDER})
_FOLLOWED = {ISSUE: ("assignees", "location", "references", "at")}
"""The built-in references whose fields the column chooser offers; others may be typed."""
_NOT_OWN = frozenset({"watchers", "mentions"})
"""Fields that name people without making the issue theirs."""


class Total(StrEnum):
    """What a roll-up makes of the values of several records."""

    COUNT = "count"
    SUM = "sum"
    MIN = "min"
    MAX = "max"


_TOTAL_TITLES = {Total.COUNT: "Number", Total.SUM: "Sum", Total.MIN: "Smallest", Total.MAX: "Largest"}


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column as a table shows it. ``typed`` is how a query names it."""

    path: str
    title: str
    field: Field
    editable: bool = False
    related: bool = False
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """A path that is understood.

    ``field`` says how its values are shown, compared and sorted; ``text`` is the path with stored names.
    ``base`` is the reference that is followed, None for a field of the record itself; ``kinds`` are those of
    the records behind it, of which the first has the field of ``target``; ``total`` is what is made of them.
    """

    kind: str
    text: str
    typed: str
    field: Field
    base: Path | None = None
    kinds: tuple[str, ...] = ()
    target: Path | None = None
    total: Total | None = None
    reverse: str = ""
    """For the records that refer to this one: their kind."""

    @property
    def points(self) -> bool:
        """Whether the values are ids of records."""
        return self.field.type in POINTING

    @property
    def title(self) -> str:
        """The heading of a column: first what it shows, then through what."""
        if self.base is None:
            return self.field.title
        shown = self.field.title if self.target is None else self.target.title
        through = self.base.title.lower()
        if self.total is not None:
            word = _TOTAL_TITLES[self.total]
            what = through if self.target is None else f"{shown.lower()}, {through}"
            return f"{word} of {what}" if self.total is Total.COUNT else f"{word}: {what}"
        return f"{shown} ({through})"

    def spec(self) -> ColumnSpec:
        """What a table needs to know of this column."""
        derived = self.base is not None
        return ColumnSpec(
            self.text, self.title, self.field, self.field.writable and not derived, derived, self.typed
        )


class Catalog:
    """The fields of every kind in one project, and the paths through them."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._fields: dict[str, FieldSet] = {}
        self._found: dict[tuple[str, str], Path | None] = {}
        self._compiled: Mapping[bytes, Compiled] | None = None
        self._compiling = False

    def fields(self, kind: str) -> FieldSet:
        """The fields of a kind."""
        known = self._fields.get(kind)
        if known is None:
            known = self._fields[kind] = load_fields(kind, self._columns)
        return known

    def resolve(self, kind: str, typed: str) -> Path:
        """The path that a text means. Raises SitebookError that lists the fields there are."""
        found = self.find(kind, typed)
        if found is None:
            raise SitebookError(unknown("field", typed, self.names(kind)))
        return found

    def names(self, kind: str) -> list[str]:
        """What may be typed for the fields of a kind and what is known of it beside them."""
        return [*self.fields(kind).names, *(each.typed for each in self._virtual(kind))]

    def find(self, kind: str, typed: str, depth: int = 0) -> Path | None:
        """The path that a text means, None where it means none."""
        if kind not in KINDS or depth > _DEEPEST:
            return None
        key = (kind, typed)
        if key not in self._found:
            found = self._find(kind, typed, depth)
            self._found[key] = None if found is None else self._typed(found)
        return self._found[key]

    def _typed(self, path: Path) -> Path:
        """A path with the types that formulas give, once those are compiled."""
        if path.field.type is not FieldType.FORMULA or self._compiling:
            return path
        return replace(path, field=with_result(path.field, self._formulas()))

    def _formulas(self) -> Mapping[bytes, Compiled]:
        if self._compiled is None:
            self._compiling = True
            every = [
                FormulaField(kind, field)
                for kind in KINDS
                for field in self.fields(kind).fields
                if field.type is FieldType.FORMULA
            ]
            self._compiled = compile_fields(every, self._field)
            self._found.clear()
            self._compiling = False
        return self._compiled

    def _field(self, kind: str, path: str) -> Field | None:
        found = self.find(kind, path)
        return None if found is None else found.field

    def formula(self, field: Field) -> Compiled:
        """The formula of a field, ready to run, or why it cannot be."""
        return self._formulas()[field.definition]

    def _find(self, kind: str, typed: str, depth: int) -> Path | None:
        field = self.fields(kind).find(typed)
        if field is not None:
            name = field.title if field.key else field.name
            return Path(kind, name, field.typed_name, field)
        wanted = fold_name(typed)
        for path in self._virtual(kind):
            if fold_name(path.typed) == wanted:
                return path
        for place, character in enumerate(typed):
            if character != ".":
                continue
            base = self.find(kind, typed[:place], depth + 1)
            if base is not None and base.points:
                found = self._behind(base, typed[place + 1 :], depth)
                if found is not None:
                    return found
        return None

    def _virtual(self, kind: str) -> Iterator[Path]:
        """What is no field: who wrote a record, what refers to it, what a location is inside of."""
        for name, title in ((BY, "Changed by"), (CREATOR, "Created by")):
            field = Field(name, FieldType.PERSON, title, target=PERSON, writable=False)
            yield Path(kind, name, name, field)
        own = self.fields(kind)
        for name, other in _REVERSE.items():
            if own.find(name) is None:
                title = KINDS[other].plural
                field = Field(name, FieldType.REFERENCES, title, many=True, target=other, writable=False)
                yield Path(kind, name, name, field, reverse=other)
        if kind == LOCATION:
            for name in PLACES:
                yield Path(kind, name, name, Field(name, FieldType.TEXT, name.capitalize(), writable=False))

    def _behind(self, base: Path, rest: str, depth: int) -> Path | None:
        wanted: tuple[str, ...] = (base.field.target,) if base.field.target else _ANY_KIND
        kinds = tuple(kind for kind in wanted if kind in KINDS)
        head, _, word = rest.rpartition(".")
        total = next((each for each in Total if each.value == fold_name(word)), None)
        if total is not None:
            found = self._total(base, head, total, kinds, depth)
            if found is not None:
                return found
        for kind in kinds:
            target = self.find(kind, rest, depth + 1)
            if target is not None and target.field.type not in (FieldType.BYTES, FieldType.RICH):
                text, typed = f"{base.text}.{target.text}", f"{base.typed}.{target.typed}"
                field = _named(target.field, text, typed, many=base.field.many or target.field.many)
                return Path(base.kind, text, typed, field, base, (kind,), target)
        return None

    def _total(self, base: Path, head: str, total: Total, kinds: tuple[str, ...], depth: int) -> Path | None:
        if not head:
            if total is not Total.COUNT:
                return None
            text, typed = f"{base.text}.{total}", f"{base.typed}.{total}"
            field = Field(text, FieldType.INTEGER, typed, writable=False)
            return Path(base.kind, text, typed, field, base, kinds, None, total)
        for kind in kinds:
            target = self.find(kind, head, depth + 1)
            if target is None or not _can(total, target.field):
                continue
            text, typed = f"{base.text}.{target.text}.{total}", f"{base.typed}.{target.typed}.{total}"
            if total is Total.COUNT:
                field = Field(text, FieldType.INTEGER, typed, writable=False)
            else:
                # Sums of money are one for each currency.
                many = total is Total.SUM and target.field.type is FieldType.MONEY
                field = _named(target.field, text, typed, many=many)
                if total is Total.SUM and field.type is FieldType.INTEGER:
                    field = replace(field, type=FieldType.NUMBER)
            return Path(base.kind, text, typed, field, base, (kind,), target, total)
        return None

    def available(self, kind: str) -> list[Path]:
        """The columns that a person may choose for a table of this kind, in the order to offer them."""
        return list(self.each_available(kind))

    def each_available(self, kind: str) -> Iterator[Path]:
        """The same one by one: there are hundreds, and each takes a while to be found."""
        own = [each for each in self._own(kind) if each.field.type not in _HIDDEN]
        yield from own
        yield from (self.resolve(kind, name) for name in (BY, CREATOR))
        for base in [*own, *(each for each in self._virtual(kind) if each.reverse)]:
            if base.points and (base.reverse or base.field.custom or base.text in _FOLLOWED.get(kind, ())):
                yield from self._offered(base)

    def _own(self, kind: str) -> Iterator[Path]:
        fields = self.fields(kind)
        for name in fields.names:
            path = self.find(kind, name)
            if path is not None and (path.field.key or path.field.type is not FieldType.PARAMETERS):
                yield path

    def _offered(self, base: Path) -> Iterator[Path]:
        kinds = (base.field.target,) if base.field.target else (ISSUE,)
        names: list[str] = []
        if not base.reverse:
            names += PLACES if base.field.target == LOCATION else ()
            names += [
                each.text
                for kind in kinds
                for each in self._own(kind)
                if each.field.type not in _HIDDEN | {FieldType.RICH} and not each.points
            ]
            names += ["status"] if ISSUE in kinds else []
        if base.field.many:
            names.append(Total.COUNT)
            for each in (each for kind in kinds for each in self._own(kind)):
                if each.field.type in ADDABLE and each.text != "number":
                    names += [f"{each.text}.{total}" for total in (Total.SUM, Total.MIN, Total.MAX)]
                elif each.field.type in (FieldType.DATE, FieldType.MOMENT):
                    names += [f"{each.text}.{total}" for total in (Total.MIN, Total.MAX)]
        for name in names:
            found = self.find(base.kind, f"{base.text}.{name}")
            if found is not None:
                yield found


def _can(total: Total, field: Field) -> bool:
    if total is Total.SUM:
        return field.type in ADDABLE or field.type is FieldType.FORMULA
    return field.type not in _UNORDERED


def _named(field: Field, text: str, typed: str, *, many: bool) -> Field:
    """The field of a related column: like the one behind the reference, but not to be written."""
    return replace(field, name=text, title=typed, many=many, writable=False)


def pointing_fields(catalog: Catalog, kind: str, target: str) -> list[Path]:
    """The fields by which records of a kind belong to records of another: those that may point to them."""
    return [
        catalog.resolve(kind, each.name)
        for each in catalog.fields(kind).fields
        if each.type in POINTING and each.target in ("", target) and each.name not in _NOT_OWN
    ]
