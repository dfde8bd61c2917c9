"""Columns that are worked out from other columns of the same record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from app.domain.formula import Formula
from app.domain.formula_values import FormulaError
from app.query.column import Column
from app.query.nodes import Changes, Node, Project
from app.query.pace import Pace
from app.query.paths import Catalog, Path

_SLICE = 50


class CopyNode(Node):
    """The values of another column, shown in another way: the number of an issue behind a prefix."""

    def __init__(self, project: Project, path: Path, of: Path) -> None:
        super().__init__(project, path)
        self.of = project.node(of)

    def parts(self) -> Sequence[Node]:
        """The column that is shown."""
        return (self.of,)

    def _fill(self, column: Column) -> Iterator[None]:
        origin = self.of.column
        codes: list[int] = []
        pace = Pace()
        while len(codes) < len(origin.values):
            codes += [column.code_of(value) for value in origin.values[len(codes) : len(codes) + _SLICE]]
            if pace.due():
                yield
        column.put(np.arange(len(origin.codes)), np.array(codes, np.int32)[origin.codes])

    def follow(self, changes: Changes) -> set[int]:
        """Follow the other column."""
        rows = changes.rows.get(self.of.key, set()) | changes.moved.get(self.path.kind, set())
        return {row for row in rows if self.column.set(row, self.of.column.value(row))}


class FormulaNode(Node):
    """What a formula gives for each record."""

    def __init__(
        self, project: Project, path: Path, formula: Formula | FormulaError, catalog: Catalog
    ) -> None:
        super().__init__(project, path)
        self.formula = formula
        names = formula.paths if isinstance(formula, Formula) else ()
        self._inputs = {name: project.node(catalog.resolve(path.kind, name)) for name in names}

    def parts(self) -> Sequence[Node]:
        """The columns that the formula reads."""
        return tuple(self._inputs.values())

    @property
    def is_dated(self) -> bool:
        """Whether the values are others on another day."""
        return isinstance(self.formula, Formula) and self.formula.is_dated

    def _value(self, row: int) -> object:
        if isinstance(self.formula, FormulaError):
            return self.formula
        inputs = self._inputs
        return self.formula.evaluate(lambda name: inputs[name].column.value(row), self.project.context)

    def _fill(self, column: Column) -> Iterator[None]:
        if isinstance(self.formula, FormulaError):
            column.put(np.arange(self.frame.size), np.full(self.frame.size, column.code_of(self.formula)))
            return
        context, evaluate = self.project.context, self.formula.evaluate
        columns = {name: node.column for name, node in self._inputs.items()}
        # Records with the same values have the same result.
        known: dict[bytes, int] = {}
        inputs = [each.codes for each in columns.values()]
        joined = np.stack(inputs, axis=1) if inputs else np.zeros((self.frame.size, 1), np.int32)
        pace = Pace()
        for start in range(0, len(joined), _SLICE):
            codes = []
            for row, same in enumerate(joined[start : start + _SLICE], start):
                code = known.get(same.tobytes())
                if code is None:
                    values = {name: column.value(row) for name, column in columns.items()}
                    code = known[same.tobytes()] = column.code_of(evaluate(values.__getitem__, context))
                codes.append(code)
            column.put(np.arange(start, start + len(codes)), codes)
            if pace.due():
                yield

    def follow(self, changes: Changes) -> set[int]:
        """Work out anew the rows of which an input changed."""
        rows = set(changes.moved.get(self.path.kind, ()))
        for node in self._inputs.values():
            rows |= changes.rows.get(node.key, set())
        return {row for row in rows if self.column.set(row, self._value(row))}
