"""From the tree of a query to one that knows the project: names resolved, conditions as steps that run.

Conditions are compiled once. ``run`` picks and sorts the records of a kind from a project's columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from app.domain.directory import Context
from app.domain.fields import FieldSet
from app.domain.names import fold_name, unknown
from app.domain.schema import CLOSED_MEANINGS, ISSUE, PERSON, Field, FieldType, Meaning
from app.domain.values import sort_key
from app.query.ast import (
    And,
    Compare,
    Flag,
    Literal,
    Node,
    Not,
    Op,
    Query,
    QueryError,
    Span,
    Special,
    SpecialValue,
    Text,
)
from app.query.conditions import Conditions, text_test
from app.query.parser import parse
from app.query.paths import Catalog
from app.query.predicates import Among, Checked, Either, Empty, HasWords, Number, Opposite, Test
from app.query.steps import FieldStep, FlagStep, Loader, NotStep, Row, Source, Step, all_of, any_of, part
from sync.errors import SitebookError

_IS_FLAGS = {
    "unsynced": "unsynced",
    "pending": "unsynced",
    "attention": "attention",
    "conflicted": "conflict",
}
_HAS_FLAGS = {
    "conflict": "conflict",
    "conflicts": "conflict",
    "attachment": "attachments",
    "attachments": "attachments",
    "file": "attachments",
    "files": "attachments",
    "comment": "comments",
    "comments": "comments",
}
_FIELD_WORDS = {"changed": "updated"}
_PERSON_WORDS = ("company", "email", "phone", "home_base", "specialty")


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field to sort by."""

    field: Field
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query that knows its project: conditions, order, and what was left out (``errors``)."""

    fields: FieldSet
    context: Context
    step: Step | None
    sort: tuple[SortKey, ...]
    group: Field | None
    errors: tuple[QueryError, ...]

    def matches(self, row: Row) -> bool:
        """Whether one record is among the results."""
        return self.step is None or self.step.matches(row)

    def select(self, records: Iterable[bytes], loader: Loader) -> list[bytes]:
        """Those of ``records`` that are among the results, in the order given."""
        every = list(records)
        if self.step is None:
            return every
        found = self.step.select(frozenset(every), loader)
        return [record for record in every if record in found]


def sort_keys(names: Sequence[str], fields: FieldSet) -> tuple[SortKey, ...]:
    """Read fields to sort by, ``-`` before the name for the other way round. Raises SitebookError."""
    keys = []
    for name in names:
        descending = name.startswith("-")
        field = fields.resolve(name.removeprefix("-"))
        keys.append(SortKey(field, descending))
    return tuple(keys)


def sort_records(
    records: Iterable[bytes], keys: Sequence[SortKey], loader: Loader, context: Context
) -> list[bytes]:
    """Sort by several fields; what has nothing in a field comes last, whichever way it is sorted."""
    ordered = list(records)
    for key in reversed(keys):
        column = loader.column(key.field)
        # Values are few where records are many (statuses, people): each key is made once where it can be.
        known: dict[object, tuple[int, object]] = {}
        # By the first part of the key: values of the right shape, of a wrong one, and none.
        ranks: tuple[list[tuple[Any, bytes]], ...] = ([], [], [])
        for record in ordered:
            rank, place = _place(key.field, column.get(record), context, known)
            ranks[rank].append((place, record))
        for each in ranks[:2]:
            each.sort(key=_first, reverse=key.descending)
        ordered = [record for each in ranks for _, record in each]
    return ordered


_first = itemgetter(0)


def _place(
    field: Field, value: object, context: Context, known: dict[object, tuple[int, object]]
) -> tuple[int, object]:
    value = part(field, value)
    if not isinstance(value, str | bytes):
        return sort_key(field, value, context)
    place = known.get(value)
    if place is None:
        place = known[value] = sort_key(field, value, context)
    return place


def run(
    compiled: Compiled, source: Source, *, sort: Sequence[SortKey] = (), limit: int | None = None
) -> list[bytes]:
    """The records that a query asks for, in its own order, or by ``sort`` where it names none.

    What is equal in the order stays as the source has it.
    """
    loader = Loader(compiled.fields.kind.name, source)
    found = compiled.select(source.records(loader.kind), loader)
    keys = compiled.sort or sort
    if keys:
        found = sort_records(found, keys, loader, compiled.context)
    return found if limit is None else found[: max(limit, 0)]


def search(
    text: str,
    fields: FieldSet,
    source: Source,
    context: Context,
    *,
    sort: Sequence[str] = (),
    limit: int | None = None,
    paths: Catalog | None = None,
) -> list[bytes]:
    """Read a query strictly and run it. Raises SitebookError for the first thing that is wrong in it."""
    compiled = compile_query(parse(text, strict=True), fields, context, strict=True, paths=paths)
    return run(compiled, source, sort=sort_keys(sort, fields), limit=limit)


def compile_query(
    query: Query, fields: FieldSet, context: Context, *, strict: bool = False, paths: Catalog | None = None
) -> Compiled:
    """Resolve the names of a query. What does not exist is left out, and ``errors`` says so.

    With ``paths``, what stands behind references may be asked for too. With ``strict`` the first error, of
    parsing or of a name, raises SitebookError; warnings do not.
    """
    compiler = _Compiler(fields, context, paths)
    step = None if query.where is None else compiler.step(query.where)
    sort = []
    for each in query.sort:
        found = compiler.field(each.field, each.span)
        if found is not None:
            sort.append(SortKey(found, each.descending))
    group = None if query.group is None else compiler.field(query.group, (0, 0))
    errors = (*query.errors, *compiler.errors)
    if strict:
        for error in errors:
            if not error.warning:
                raise SitebookError(error.message[:1].upper() + error.message[1:])
    return Compiled(fields, context, step, tuple(sort), group, errors)


class _Compiler:
    def __init__(self, fields: FieldSet, context: Context, paths: Catalog | None) -> None:
        self.fields = fields
        self.context = context
        self.paths = paths
        self.errors: list[QueryError] = []

    def error(self, span: Span, message: str, *, warning: bool = False) -> None:
        self.errors.append(QueryError(span, message, warning))

    def field(self, name: str, span: Span) -> Field | None:
        found = self.known(name) or self.known(_FIELD_WORDS.get(fold_name(name), ""))
        if found is None or found.type is FieldType.BYTES:
            message = unknown("field", name, self.fields.names)
            self.error(span, f"{message} To find the words themselves, put them in quotes.")
            return None
        return found

    def known(self, name: str) -> Field | None:
        """The field, or the path, of a name."""
        if self.paths is None:
            return self.fields.find(name)
        path = self.paths.find(self.fields.kind.name, name)
        return None if path is None else path.field

    def step(self, node: Node) -> Step | None:
        """The step of a node; None where nothing of it makes sense, which then has no influence."""
        if isinstance(node, Text):
            return self.text(node)
        if isinstance(node, Compare):
            return self.compare(node)
        if isinstance(node, Flag):
            found = [self.flag(node.word, name, node.span) for name in node.names]
            steps = [each for each in found if each is not None]
            return any_of(steps) if steps else None
        if isinstance(node, Not):
            step = self.step(node.part)
            return None if step is None else NotStep(step)
        parts = [step for step in map(self.step, node.parts) if step is not None]
        if not parts:
            return None
        return all_of(parts) if isinstance(node, And) else any_of(parts)

    def text(self, node: Text) -> Step:
        kind = self.fields.kind
        names = [kind.heading, *kind.text_fields, *(_PERSON_WORDS if kind.name == PERSON else ())]
        test, words = text_test(node.text), HasWords(node.text)
        steps: list[Step] = [
            FieldStep(field, words if field.type is FieldType.RICH else test)
            for field in map(kind.fields.__getitem__, dict.fromkeys(names))
        ]
        digits = node.text.removeprefix("#")
        if kind.name == ISSUE and node.text.startswith("#") and digits.isdecimal() and len(digits) < 19:
            number = int(digits)
            steps.insert(0, FieldStep(kind.fields["number"], Number(number)))
        return any_of(steps)

    def compare(self, node: Compare) -> Step | None:
        found = self.field(node.field, node.span)
        if found is None:
            return None
        conditions = Conditions(self.context)
        tests: list[Test] = []
        for value in node.values:
            try:
                tests.append(conditions.test(found, node.op, value))
            except SitebookError as error:
                self.error(value.span, str(error))
        for warning in conditions.warnings:
            self.error(node.span, warning, warning=True)
        if not tests:
            return None
        step = FieldStep(found, _either(tests))
        return NotStep(step) if node.op is Op.UNEQUAL else step

    # is: and has:

    def flag(self, word: str, name: str, span: Span) -> Step | None:
        wanted = fold_name(name)
        step = self._is(wanted, span) if word == "is" else self._has(wanted, span)
        if step is None:
            known = (
                self._is_names()
                if word == "is"
                else [*dict.fromkeys(_HAS_FLAGS.values()), *self.fields.names]
            )
            self.error(span, unknown(f"“{word}:” with", name, known))
        return step

    def _is_names(self) -> list[str]:
        states = ["overdue", "open", "closed", *(each.value for each in Meaning if each is not Meaning.OPEN)]
        boxes = [each.typed_name for each in self.fields.fields if each.type is FieldType.CHECKBOX]
        own = ["assigned", "unassigned", "mine", *states] if "status" in self.fields.kind.fields else []
        return [*own, *dict.fromkeys(_IS_FLAGS), *boxes]

    def _is(self, name: str, span: Span) -> Step | None:
        if name in _IS_FLAGS:
            return FlagStep(_IS_FLAGS[name])
        box = self.fields.find(name)
        if box is not None and box.type is FieldType.CHECKBOX:
            return FieldStep(box, Checked())
        if "status" not in self.fields.kind.fields:
            return None
        if name == "overdue":
            return self._overdue()
        if name == "open":
            closed = self._meaning(CLOSED_MEANINGS)
            return NotStep(closed)
        if name == "closed":
            return self._meaning(CLOSED_MEANINGS)
        if name == "mine":
            return self.compare(Compare("assignees", Op.HAS, (SpecialValue(Special.ME, span),), span))
        if name in ("assigned", "unassigned"):
            nobody = Empty()
            test: Test = nobody if name == "unassigned" else Opposite(nobody)
            return FieldStep(self.fields.resolve("assignees"), test)
        meaning = next((each for each in Meaning if each.value == name), None)
        return None if meaning is None else self._meaning(frozenset({meaning}))

    def _meaning(self, meanings: Set[Meaning]) -> Step:
        statuses = self.context.directory.statuses.values()
        wanted = frozenset(each.id for each in statuses if each.meaning in meanings)
        return FieldStep(self.fields.resolve("status"), Among(wanted))

    def _overdue(self) -> Step:
        due = self.compare(Compare("due", Op.LESS, (Literal("today"),)))
        assert due is not None
        archived = FieldStep(self.fields.resolve("archived"), Checked())
        return all_of([due, NotStep(self._meaning(CLOSED_MEANINGS)), NotStep(archived)])

    def _has(self, name: str, span: Span) -> Step | None:
        if name in _HAS_FLAGS:
            return FlagStep(_HAS_FLAGS[name])
        found = self.fields.find(name)
        if found is None or found.type is FieldType.BYTES:
            return None
        return self.compare(Compare(found.typed_name, Op.HAS, (SpecialValue(Special.ANY, span),), span))


def _either(tests: Sequence[Test]) -> Test:
    return tests[0] if len(tests) == 1 else Either(tuple(tests))
