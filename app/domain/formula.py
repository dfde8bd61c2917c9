"""Formulas: a text over the fields of a record, and of the records that it refers to, that gives a value.

``compile_formula`` reads a text once and checks names and types; what it returns can be run for any number of
records. Running never raises and always ends: what has no value becomes a ``FormulaError`` with a sentence.
The texts that people type name fields by title; stored texts name fields of the users' own by stored name,
so that a field may be renamed (``rename_paths``).

    {Cost} * 1.2        if(due < today() and status != "done", "late", "")
    due + 7 days        {assignees.company} & " / " & {location.level}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.directory import Context
from app.domain.fieldtypes import FieldType
from app.domain.formula_functions import ALIASES, FUNCTIONS, Function, Shape, united
from app.domain.formula_operators import arithmetic_type, calculate, cannot, comparable, compare, one
from app.domain.formula_parser import (
    Call,
    Chain,
    FormulaProblem,
    Literal,
    Node,
    Path,
    parse_formula,
    tokens_of,
)
from app.domain.formula_values import (
    Failed,
    FormulaError,
    Type,
    field_reader,
    field_type,
    result_type,
    stored,
    type_of,
)
from app.domain.names import nearest, shorten
from app.domain.shape import Field

__all__ = [
    "FUNCTION_NAMES",
    "Formula",
    "FormulaError",
    "FormulaProblem",
    "compile_formula",
    "paths_of",
    "rename_paths",
]

Getter = Callable[[str], object]
Resolver = Callable[[str], Field | None]
_BARE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_RESERVED = frozenset({"and", "or", "not", "true", "false", "yes", "no", "empty"})


@dataclass(frozen=True, slots=True)
class _Scope:
    get: Getter
    context: Context


_Run = Callable[[_Scope], object]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a formula, ready to run, with what is known of its value."""

    shape: Shape
    run: _Run


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that can be run. ``paths`` are the fields that it reads, as they stand in its text."""

    text: str
    paths: tuple[str, ...]
    result: FieldType
    """The type of field whose values look like the results; they are in the shape that such a field stores."""
    _run: _Run

    @property
    def is_dated(self) -> bool:
        """Whether the result depends on the day."""
        return any(
            token.value.lower() in ("today", "now") for token in tokens_of(self.text) if token.kind == "word"
        )

    def evaluate(self, get: Getter, context: Context) -> object:
        """The value for one record: stored form, None where it is empty, or a FormulaError. Never raises.

        ``get`` gives the stored value of one of ``paths``; a tuple where the field holds many.
        """
        try:
            return stored(one_or_all(self._run(_Scope(get, context))), self.result, context)
        except Failed as failure:
            return FormulaError(str(failure))


def one_or_all(value: object) -> object:
    """A tuple of one value is that value."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def compile_formula(text: str, resolve: Resolver) -> Formula:
    """Read a formula. ``resolve`` gives the field of a path, or None. Raises FormulaProblem with the place."""
    compiler = _Compiler(resolve)
    part = compiler.part(parse_formula(text))
    result = result_type(part.shape.type, part.shape.many and part.shape.type is Type.TEXT)
    return Formula(text, tuple(compiler.paths), result, part.run)


def rename_paths(text: str, rename: Callable[[str], str]) -> str:
    """The same formula with other names of fields. Raises FormulaProblem."""
    pieces: list[str] = []
    place = 0
    for path in sorted(_paths(parse_formula(text)), key=lambda path: path.span):
        name = rename(path.name)
        if name != path.name:
            start, stop = path.span
            bare = text[start] != "{" and _BARE.fullmatch(name) and name.lower() not in _RESERVED
            pieces += [text[place:start], name if bare else f"{{{name}}}"]
            place = stop
    return "".join([*pieces, text[place:]])


def paths_of(text: str) -> tuple[str, ...]:
    """The fields that a formula names, without looking them up. Raises FormulaProblem."""
    return tuple(dict.fromkeys(path.name for path in _paths(parse_formula(text))))


def _paths(node: Node) -> Iterator[Path]:
    if isinstance(node, Path):
        yield node
    for each in (
        node.operands if isinstance(node, Chain) else node.arguments if isinstance(node, Call) else ()
    ):
        yield from _paths(each)


class _Compiler:
    def __init__(self, resolve: Resolver) -> None:
        self._resolve = resolve
        self.paths: dict[str, Field] = {}

    def part(self, node: Node) -> _Part:
        """One node with all below it. Raises FormulaProblem."""
        if isinstance(node, Literal):
            value = node.value
            return _Part(Shape(type_of(value)), lambda scope: value)
        if isinstance(node, Path):
            return self._path(node)
        if isinstance(node, Chain):
            return self._chain(node)
        special = _SPECIAL.get(node.name)
        if special is not None:
            return special(node, [self.part(each) for each in node.arguments])
        return self._call(node)

    def _path(self, node: Path) -> _Part:
        name = node.name
        field = self._resolve(name)
        if field is None:
            raise FormulaProblem(f"There is no field “{shorten(name)}” here.", node.span)
        if field.type is FieldType.BYTES:
            raise FormulaProblem(f"“{shorten(name)}” cannot be used in a formula.", node.span)
        self.paths[name] = field
        read = field_reader(field)
        return _Part(Shape(field_type(field), field.many), lambda scope: read(scope.get(name), scope.context))

    def _chain(self, node: Chain) -> _Part:
        parts = [self.part(each) for each in node.operands]
        if node.operators[0] in ("and", "or"):
            for part, operand in zip(parts, node.operands, strict=True):
                _needs_condition(part, operand)
            return _junction(node.operators[0], parts)
        sign = node.operators[0]
        if sign in ("=", "!=", "<", "<=", ">", ">="):
            return self._comparison(sign, parts, node)
        shape = parts[0].shape
        steps: list[tuple[str, _Run]] = []
        for sign, part in zip(node.operators, parts[1:], strict=True):
            found = arithmetic_type(sign, shape.type, part.shape.type)
            if found is None:
                raise FormulaProblem(cannot(sign, shape.type, part.shape.type), node.span)
            shape = Shape(found)
            steps.append((sign, part.run))
        first = parts[0].run

        def run(scope: _Scope) -> object:
            value = first(scope)
            for sign, step in steps:
                value = calculate(sign, value, step(scope), scope.context)
            return value

        return _Part(shape, run)

    def _comparison(self, sign: str, parts: Sequence[_Part], node: Chain) -> _Part:
        first, second = parts
        if not comparable(first.shape.type, second.shape.type):
            raise FormulaProblem(
                f"{first.shape.type.capitalize()} and {second.shape.type} cannot be compared.", node.span
            )
        return _Part(
            Shape(Type.CHECK),
            lambda scope: compare(sign, first.run(scope), second.run(scope), scope.context),
        )

    def _call(self, node: Call) -> _Part:
        function = FUNCTIONS.get(ALIASES.get(node.name, node.name))
        if function is None:
            meant = nearest(node.name, FUNCTION_NAMES)
            question = f" Did you mean “{meant}”?" if meant is not None else ""
            raise FormulaProblem(f"There is no function “{shorten(node.name, 30)}”.{question}", node.span)
        count = len(node.arguments)
        if count < function.fewest or (function.most is not None and count > function.most):
            raise FormulaProblem(_arity(node.name, function.fewest, function.most), node.span)
        parts = [self.part(each) for each in node.arguments]
        for place, (part, argument) in enumerate(zip(parts, node.arguments, strict=True)):
            takes = function.takes[min(place, len(function.takes) - 1)]
            if part.shape.type not in takes and part.shape.type not in (Type.ANY, Type.EMPTY):
                raise FormulaProblem(_mistyped(node.name, part.shape.type, takes), argument.span)
        shape = function.result([part.shape for part in parts])
        return _Part(shape, _caller(node.name, function, [part.run for part in parts]))


def _caller(name: str, function: Function, runs: Sequence[_Run]) -> _Run:
    takes = [function.takes[min(place, len(function.takes) - 1)] for place in range(len(runs))]

    def run(scope: _Scope) -> object:
        values = [each(scope) for each in runs]
        if not function.lists:
            values = [one(value) for value in values]
            if not function.empties and any(value is None for value in values):
                return None
        for value, allowed in zip(values, takes, strict=True):
            for each in value if isinstance(value, tuple) else (value,):
                if each is not None and type_of(each) not in allowed:
                    raise Failed(_mistyped(name, type_of(each), allowed))
        return function.apply(values, scope.context)

    return run


def _arity(name: str, fewest: int, most: int | None) -> str:
    if most is None:
        count = f"at least {fewest}"
    elif fewest == most:
        count = "no" if not most else str(most)
    else:
        count = f"{fewest} to {most}"
    return f"“{name}” takes {count} value{'' if count in ('1', 'at least 1') else 's'} in its parentheses."


def _mistyped(name: str, given: Type, takes: Iterable[Type]) -> str:
    wanted = " or ".join(sorted(str(each) for each in takes))
    return f"“{name.removeprefix('in ')}” takes {wanted}, and this is {given}."


def _needs_condition(part: _Part, node: Node) -> None:
    if part.shape.type not in (Type.CHECK, Type.ANY, Type.EMPTY):
        raise FormulaProblem(
            f"Here stands a condition, such as due < today(); this is {part.shape.type}.", node.span
        )


def _holds(value: object) -> bool:
    value = one(value)
    if value is None or isinstance(value, bool):
        return value is True
    raise Failed(f"Here stands a condition; this is {type_of(value)}.")


def _junction(word: str, parts: Sequence[_Part]) -> _Part:
    runs = [part.run for part in parts]
    if word == "and":
        return _Part(Shape(Type.CHECK), lambda scope: all(_holds(run(scope)) for run in runs))
    return _Part(Shape(Type.CHECK), lambda scope: any(_holds(run(scope)) for run in runs))


def _counted(node: Call, parts: Sequence[_Part], fewest: int, most: int | None = None) -> None:
    if len(parts) < fewest or (most is not None and len(parts) > most):
        raise FormulaProblem(_arity(node.name, fewest, most), node.span)


def _special_junction(node: Call, parts: Sequence[_Part]) -> _Part:
    _counted(node, parts, 1)
    for part, argument in zip(parts, node.arguments, strict=True):
        _needs_condition(part, argument)
    return _junction(node.name, parts)


def _not(node: Call, parts: Sequence[_Part]) -> _Part:
    _counted(node, parts, 1, 1)
    _needs_condition(parts[0], node.arguments[0])
    inner = parts[0].run
    return _Part(Shape(Type.CHECK), lambda scope: not _holds(inner(scope)))


def _if(node: Call, parts: Sequence[_Part]) -> _Part:
    """``if(condition, value, condition, value, …, otherwise)``: one condition or several."""
    _counted(node, parts, 2)
    pairs = [(parts[at], parts[at + 1]) for at in range(0, len(parts) - 1, 2)]
    for at, (condition, _) in enumerate(pairs):
        _needs_condition(condition, node.arguments[2 * at])
    otherwise = parts[-1] if len(parts) % 2 else _Part(Shape(Type.EMPTY), lambda scope: None)

    def run(scope: _Scope) -> object:
        for condition, value in pairs:
            if _holds(condition.run(scope)):
                return value.run(scope)
        return otherwise.run(scope)

    return _Part(united([*(value.shape for _, value in pairs), otherwise.shape]), run)


def _switch(node: Call, parts: Sequence[_Part]) -> _Part:
    """``switch(value, case, result, case, result, …, otherwise)``."""
    _counted(node, parts, 3)
    subject, rest = parts[0], parts[1:]
    pairs = [(rest[at], rest[at + 1]) for at in range(0, len(rest) - 1, 2)]
    otherwise = rest[-1] if len(rest) % 2 else _Part(Shape(Type.EMPTY), lambda scope: None)

    def run(scope: _Scope) -> object:
        value = subject.run(scope)
        for case, result in pairs:
            if compare("=", value, case.run(scope), scope.context):
                return result.run(scope)
        return otherwise.run(scope)

    return _Part(united([*(result.shape for _, result in pairs), otherwise.shape]), run)


def _empty(node: Call, parts: Sequence[_Part]) -> _Part:
    _counted(node, parts, 1, 1)
    inner = parts[0].run
    return _Part(Shape(Type.CHECK), lambda scope: inner(scope) in (None, "", ()))


def _coalesce(node: Call, parts: Sequence[_Part]) -> _Part:
    """The first value that is not empty."""
    _counted(node, parts, 1)

    def run(scope: _Scope) -> object:
        found = (part.run(scope) for part in parts)
        return next((value for value in found if value not in (None, "", ())), None)

    return _Part(united([part.shape for part in parts]), run)


def _if_error(node: Call, parts: Sequence[_Part]) -> _Part:
    _counted(node, parts, 2, 2)
    attempt, otherwise = parts

    def run(scope: _Scope) -> object:
        try:
            return attempt.run(scope)
        except Failed:
            return otherwise.run(scope)

    return _Part(united([attempt.shape, otherwise.shape]), run)


_SPECIAL: dict[str, Callable[[Call, Sequence[_Part]], _Part]] = {
    "and": _special_junction,
    "or": _special_junction,
    "not": _not,
    "if": _if,
    "ifs": _if,
    "switch": _switch,
    "empty": _empty,
    "isblank": _empty,
    "coalesce": _coalesce,
    "iferror": _if_error,
}

FUNCTION_NAMES = tuple(
    sorted(
        [*(name for name in FUNCTIONS if " " not in name and name not in ("negative", "percent")), *_SPECIAL]
    )
)
"""The names of all functions, for completion and for help."""
