"""All formulas of a project together: which of them build on which, and which go round in a loop.

Two devices may each have made a formula that uses the other's. What such formulas give is decided by the
definitions alone, so it is the same on every device: each in the loop says that it loops, and those that
build on one of them say so too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from app.domain.fieldtypes import FieldType
from app.domain.formula import Formula, compile_formula, paths_of
from app.domain.formula_parser import FormulaProblem
from app.domain.formula_values import FormulaError
from app.domain.names import shorten
from app.domain.shape import Field

MOST_LEVELS = 30
"""So many formulas may build on each other."""

Compiled = Formula | FormulaError
Find = Callable[[str, str], Field | None]


@dataclass(frozen=True, slots=True)
class FormulaField:
    """A formula and the kind of record that has it."""

    kind: str
    field: Field


def compile_fields(formulas: Iterable[FormulaField], find: Find) -> dict[bytes, Compiled]:
    """Compile every formula of a project, by the id of its definition.

    ``find`` gives the field that a path means for records of a kind. One that cannot be compiled is a
    FormulaError, with the place in its text; so is one that loops.
    """
    every = {each.field.definition: each for each in formulas}
    needs = {definition: _needs(each, every, find) for definition, each in every.items()}
    found: dict[bytes, Compiled] = {}
    waiting = set(every)
    for level in range(MOST_LEVELS + 1):
        ready = sorted(each for each in waiting if not needs[each] & waiting)
        for each in ready:
            if level < MOST_LEVELS:
                found[each] = compile_one(every[each], find, found)
            else:
                message = f"More than {MOST_LEVELS} formulas build on each other."
                found[each] = FormulaError(message)
        waiting.difference_update(ready)
    for each in waiting:
        found[each] = FormulaError(_stuck(each, needs, every))
    return found


def find_loop(own: bytes, kind: str, text: str, formulas: Iterable[FormulaField], find: Find) -> str:
    """Why a formula would have no value if its field, ``own``, had this text; empty where it would."""
    if not own:  # nothing can name a field that is not there yet
        return ""
    changed = [
        FormulaField(kind, replace(each.field, formula=text)) if each.field.definition == own else each
        for each in formulas
    ]
    found = compile_fields(changed, find).get(own)
    return found.message if isinstance(found, FormulaError) else ""


def _needs(formula: FormulaField, every: Mapping[bytes, FormulaField], find: Find) -> set[bytes]:
    """The other formulas that one reads."""
    try:
        paths = paths_of(formula.field.formula)
    except FormulaProblem:
        return set()
    fields = (find(formula.kind, path) for path in paths)
    return {field.definition for field in fields if field is not None and field.definition in every}


def compile_one(formula: FormulaField, find: Find, known: Mapping[bytes, Compiled]) -> Compiled:
    """Compile one formula; ``known`` are those that it may build on."""

    def resolve(path: str) -> Field | None:
        field = find(formula.kind, path)
        return field if field is None else with_result(field, known)

    try:
        return compile_formula(formula.field.formula, resolve)
    except FormulaProblem as problem:
        return FormulaError(str(problem), problem.span)


def with_result(field: Field, compiled: Mapping[bytes, Compiled]) -> Field:
    """A field with the type that its formula gives, where it is one and that is known."""
    formula = compiled.get(field.definition) if field.type is FieldType.FORMULA else None
    return replace(field, result=formula.result) if isinstance(formula, Formula) else field


def _stuck(start: bytes, needs: Mapping[bytes, set[bytes]], every: Mapping[bytes, FormulaField]) -> str:
    """Why a formula has no turn: the shortest loop that it is part of, or the others it waits for."""
    came_from: dict[bytes, bytes] = {}
    row = [start]
    while row:
        following: list[bytes] = []
        for each in row:
            for other in sorted(needs[each]):
                if other == start:
                    return f"This formula loops: {_loop(start, each, came_from, every)}."
                if other not in came_from:
                    came_from[other] = each
                    following.append(other)
        row = following
    first = min(every[each].field.title for each in needs[start])
    return f"This builds on a formula that loops or is too deep, such as “{shorten(first, 40)}”."


def _loop(
    start: bytes, last: bytes, came_from: Mapping[bytes, bytes], every: Mapping[bytes, FormulaField]
) -> str:
    names = [start]
    while last != start:
        names.append(last)
        last = came_from[last]
    names.append(start)
    return " → ".join(shorten(every[each].field.title, 40) for each in reversed(names))
