"""Making one record of two that mean the same: people, labels, locations, elements, statuses, fields, categories.

All of it is one action, undone at once. What names the one that goes names the kept one from then on; what
arrives later from devices that had not seen the merge is followed by ``merged_into`` (``app.domain.merged``).
Nothing is lost: the one that goes lies in the trash as it was, and where somebody changed it meanwhile, its
deletion is a conflict like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.columns import Columns
from app.domain.fields import CustomField, load_custom_fields
from app.domain.fieldtypes import DERIVED_TYPES
from app.domain.formula import FormulaProblem, rename_paths
from app.domain.names import fold
from app.domain.schema import (
    CATEGORY,
    ELEMENT,
    FIELD,
    ISSUE,
    KINDS,
    LOCATION,
    MERGEABLE,
    MERGED,
    MERGED_INTO,
    PERSON,
    STATUS,
    VIEW,
    Field,
    FieldType,
    custom_field_name,
)
from app.store.operations import Bulk, Edit, Operations
from app.store.slices import SLICE_SECONDS, Step
from app.store.touched import Touched
from sync.change import Add, Change, Operation
from sync.errors import NotFound, Refused

_POINTING = frozenset(
    {
        FieldType.PERSON,
        FieldType.PEOPLE,
        FieldType.LOCATION,
        FieldType.REFERENCE,
        FieldType.REFERENCES,
        FieldType.STATUS,
        FieldType.LABELS,
    }
)
_AT_ONCE = 100
"""Records whose references are changed in one change."""
_IN_A_SLICE = 8
"""The same for a merge in slices: so many take some milliseconds."""
_OWN_MATTER = frozenset({"created", "updated", "order", "categories", "aliases", MERGED, MERGED_INTO})
"""Fields that are not filled from the one that goes."""
_CATEGORY_OF = ((ISSUE, "category"), (ELEMENT, "type"))
"""The fields that hold the name of a category."""


@dataclass(slots=True)
class _Plan:
    """Edits by record, collected before they are written."""

    project: Operations
    kind: str
    keep: bytes
    gone: bytes
    columns: Columns
    edits: dict[bytes, list[Edit]] = field(default_factory=dict)
    renewed: list[Operation] = field(default_factory=list)

    def set(self, record: bytes, name: str, value: Any) -> None:
        """Plan to give a field a value."""
        self.edits.setdefault(record, []).append(Edit(name, value))

    def change(self, record: bytes, name: str, value: Any, do: str) -> None:
        """Plan to add or remove a member."""
        self.edits.setdefault(record, []).append(Edit(name, value, do))

    def column(self, kind: str, name: str) -> Mapping[bytes, Any]:
        """What stands in a field."""
        return self.columns.column(kind, name)

    def value(self, record: bytes, name: str) -> Any:
        """What a record of the merged kind has in a field; a tuple where it holds many."""
        state = self.project.field(record, name, self.kind)
        return state.values if state.many else state.value


def merge_records(
    project: Operations,
    kind: str,
    keep: bytes,
    gone: bytes,
    progress: Callable[[int, int], None] | None = None,
) -> Touched:
    """Make one record of two: ``gone`` becomes part of ``keep`` and goes to the trash.

    Merging again what was merged takes over what has come for it since. Raises NotFound or Refused.
    """
    bulk = Bulk(project)
    for _ in _planned(bulk, _Plan(project, kind, keep, gone, project)):
        pass
    return bulk.commit(progress)


def merge_steps(
    project: Operations,
    kind: str,
    keep: bytes,
    gone: Sequence[bytes],
    columns: Columns | None = None,
    seconds: float = SLICE_SECONDS,
) -> Iterator[Step]:
    """Make one record of several in slices of a few milliseconds, one action to undo.

    What is written for each is told by steps; those that only plan touch nothing. ``columns`` are asked for
    whole columns in place of the file: ``columns_of_merge`` says which. Raises NotFound or Refused before
    anything is written.
    """
    for each in gone:
        check_merge(project, kind, keep, each)
    group = project.random(16)
    made: list[Change] = []
    try:
        for each in gone:
            bulk = Bulk(project, group)
            plan = _Plan(project, kind, keep, each, columns or project)
            for _ in _planned(bulk, plan, _IN_A_SLICE):
                yield Step(0, 0, Touched())
            yield from bulk.part_steps(made, seconds)
    finally:
        project.remember(made)


def columns_of_merge(project: Operations, kind: str) -> Iterator[tuple[str, str]]:
    """The columns, by kind and stored name, in which references to records of a kind are looked for."""
    for of, each in _reference_fields(kind, load_custom_fields(project)):
        yield of, each.name


def _planned(bulk: Bulk, plan: _Plan, at_once: int = _AT_ONCE) -> Iterator[None]:
    """Plan a merge, one column a step. ``at_once`` records are changed in one change."""
    project, kind, keep, gone = plan.project, plan.kind, plan.keep, plan.gone
    check_merge(project, kind, keep, gone)
    custom = load_custom_fields(project)
    yield from _follow(plan, custom)
    _fill(plan, custom)
    _SPECIAL.get(kind, _nothing)(plan)
    yield
    again = project.record_or_fail(gone).deleted
    edits = sorted(plan.edits.items())
    for at in range(0, len(edits), at_once):
        bulk.step(_writer(project, edits[at : at + at_once]))
    for at in range(0, len(plan.renewed), at_once):
        bulk.step(_given(plan.renewed[at : at + at_once]))
    if not again:
        # What is written to the kept one keeps it, where another device deletes it without having seen this.
        bulk.step(_given([Add(kind, keep, MERGED, gone)]))
        bulk.update(gone, [Edit(MERGED_INTO, keep)])
        bulk.step(lambda touched: project.deletion(gone))


def _writer(
    project: Operations, edits: Sequence[tuple[bytes, list[Edit]]]
) -> Callable[[Touched], Sequence[Operation]]:
    return lambda touched: [
        operation for record, each in edits for operation in project.edits(record, each, even_deleted=True)
    ]


def _given(operations: Sequence[Operation]) -> Callable[[Touched], Sequence[Operation]]:
    return lambda touched: operations


def check_merge(project: Operations, kind: str, keep: bytes, gone: bytes) -> None:
    """Raises NotFound or Refused where two records cannot become one."""
    if kind not in MERGEABLE:
        raise Refused(f"{KINDS[kind].plural} cannot be merged.")
    if keep == gone:
        raise Refused("This is one and the same; name two to merge.")
    title = KINDS[kind].title.lower()
    kept, going = project.get(keep, kind), project.get(gone, kind)
    if kept is None or kept.deleted:
        raise NotFound(f"The {title} to keep is not there; it may have been deleted.")
    if going is None or (going.deleted and going.value(MERGED_INTO) != keep):
        raise NotFound(f"The {title} to merge is not there; it may have been deleted.")
    members = {kept.value("member"), going.value("member")} - {None} if kind == PERSON else set()
    if len(members) > 1:
        raise Refused("Both take part in the project themselves, so they stay two people.")
    if kind == FIELD and (kept.value("type"), kept.value("of")) != (going.value("type"), going.value("of")):
        raise Refused("Two fields can be merged only where their types and what they belong to are the same.")
    if kind == CATEGORY and (kept.value("of") or ISSUE) != (going.value("of") or ISSUE):
        raise Refused("A category of issues and one of elements stay two.")


def _reference_fields(target: str, custom: Sequence[CustomField]) -> Iterator[tuple[str, Field]]:
    """The fields that may name a record of a kind, with the kinds that have them."""
    for kind in KINDS.values():
        for each in kind.fields.values():
            if each.type in _POINTING and each.target in ("", target):
                yield kind.name, each
    for definition in custom:
        each = definition.field(definition.name)
        if each.type in _POINTING and each.target in ("", target) and definition.of in KINDS:
            yield definition.of, each


def _follow(plan: _Plan, custom: Sequence[CustomField]) -> Iterator[None]:
    """Let all references name the kept one; one column a step."""
    for kind, each in _reference_fields(plan.kind, custom):
        yield
        for record, value in plan.column(kind, each.name).items():
            if record in (plan.keep, plan.gone):
                continue
            if isinstance(value, tuple):
                if plan.gone in value:
                    plan.change(record, each.name, plan.gone, "remove")
                    # Added even where it is there: somebody may be merging the other way, and so removing it.
                    plan.renewed.append(Add(kind, record, each.name, plan.keep))
            elif value == plan.gone:
                plan.set(record, each.name, plan.keep)


def _fill(plan: _Plan, custom: Sequence[CustomField]) -> None:
    """Take over what the kept one does not have."""
    names = [each for each in KINDS[plan.kind].fields.values() if each.name not in _OWN_MATTER]
    names += [each.field(each.name) for each in custom if each.of == plan.kind]
    for each in names:
        if each.type is FieldType.RICH or each.type in DERIVED_TYPES:
            continue
        mine, other = plan.value(plan.keep, each.name), plan.value(plan.gone, each.name)
        if isinstance(other, tuple):
            for member in other:
                if member not in (mine or ()) and member not in (plan.keep, plan.gone):
                    plan.change(plan.keep, each.name, member, "add")
        elif each.type is FieldType.PARAMETERS and isinstance(mine, dict) and isinstance(other, dict):
            if not other.keys() <= mine.keys():
                plan.set(plan.keep, each.name, {**other, **mine})
        elif mine in (None, "") and other not in (None, "", plan.keep):
            plan.set(plan.keep, each.name, other)


def _nothing(plan: _Plan) -> None:
    """Nothing more is to do for this kind."""


def _merge_locations(plan: _Plan) -> None:
    """A location that lies in the one that goes moves up to where that was."""
    # From the file: a merge just before this one may have moved them.
    parents = plan.project.column(LOCATION, "parent")
    above, passed = plan.keep, {plan.keep}
    while isinstance(parent := parents.get(above), bytes) and parent not in passed:
        if parent == plan.gone:
            up = parents.get(plan.gone)
            plan.set(above, "parent", up if up != above and up not in passed else None)
            return
        passed.add(parent)
        above = parent


def _merge_scopes(plan: _Plan) -> None:
    """What belonged to some categories belongs to those of both; to all, where one of them did."""
    mine, other = plan.value(plan.keep, "categories") or (), plan.value(plan.gone, "categories") or ()
    if mine and not other:
        plan.set(plan.keep, "categories", ())
    elif mine:
        for each in other:
            if each not in mine:
                plan.change(plan.keep, "categories", each, "add")


def _merge_fields(plan: _Plan) -> None:
    """The values move over where the kept field has none; formulas and views name the kept field."""
    _merge_scopes(plan)
    old, new = custom_field_name(plan.gone), custom_field_name(plan.keep)
    kind = plan.value(plan.keep, "of")
    kind = kind if kind in KINDS else ISSUE
    there = plan.column(kind, new)
    for record, value in plan.column(kind, old).items():
        if isinstance(value, tuple):
            for member in value:
                if member not in there.get(record, ()):
                    plan.change(record, new, member, "add")
        elif there.get(record) is None:
            plan.set(record, new, value)
    mine, other = plan.value(plan.keep, "choices"), plan.value(plan.gone, "choices")
    if isinstance(mine, list | tuple) and isinstance(other, list | tuple):
        more = [each for each in other if each not in mine]
        if more:
            plan.set(plan.keep, "choices", [*mine, *more])
    for record, formula in plan.column(FIELD, "formula").items():
        if isinstance(formula, str) and old in formula:
            _set_changed(plan, record, "formula", formula, _renamed(formula, old, new))
    for record, columns in plan.column(VIEW, "columns").items():
        if isinstance(columns, list | tuple) and all(isinstance(each, str) for each in columns):
            changed = [each.replace(old, new) for each in columns]
            _set_changed(plan, record, "columns", list(columns), changed)
    for name in ("board", "date", "query"):
        for record, text in plan.column(VIEW, name).items():
            if isinstance(text, str):
                _set_changed(plan, record, name, text, text.replace(old, new))


def _renamed(formula: str, old: str, new: str) -> str:
    try:
        return rename_paths(formula, lambda path: path.replace(old, new))
    except FormulaProblem:
        return formula


def _set_changed(plan: _Plan, record: bytes, name: str, before: Any, after: Any) -> None:
    if before != after:
        plan.set(record, name, after)


def _merge_categories(plan: _Plan) -> None:
    """What is called like the one that goes is called like the kept one, now and when it arrives later."""
    name, other = plan.value(plan.keep, "name"), plan.value(plan.gone, "name")
    mine, more = plan.value(plan.keep, "aliases") or (), plan.value(plan.gone, "aliases") or ()
    texts = [each for each in (*mine, *([other] if other else []), *more) if isinstance(each, str)]
    aliases = list({fold(each): each for each in texts if fold(each) != fold(str(name or ""))}.values())
    if aliases != list(mine):
        plan.set(plan.keep, "aliases", aliases)
    if not isinstance(name, str):
        return
    called = {fold(each) for each in aliases}
    for kind, field_name in _CATEGORY_OF:
        if (plan.value(plan.keep, "of") or ISSUE) == kind:
            for record, value in plan.column(kind, field_name).items():
                if isinstance(value, str) and value != name and fold(value) in called:
                    plan.set(record, field_name, name)


_SPECIAL: Mapping[str, Callable[[_Plan], None]] = {
    LOCATION: _merge_locations,
    STATUS: _merge_scopes,
    FIELD: _merge_fields,
    CATEGORY: _merge_categories,
}
