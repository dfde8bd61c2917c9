"""The answer to a query, kept current: what table, board, calendar and the counts of the side bar show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.desktop.workspace import Workspace
from app.domain.schema import ELEMENT, KINDS, PERSON
from app.query.archive import outside_archive
from app.query.ast import Flag, Query, SortField
from app.query.frame import Rows
from app.query.frames import Answer, Frame, Groups, Moved
from app.query.parser import parse

_BY_NAME = frozenset({PERSON, ELEMENT})
_FIRST = 3
"""So many columns are read before the first answer is given."""


class LiveAnswer(QObject):
    """Answers one query over one kind and follows every change, made here or come from elsewhere.

    ``ask`` begins; columns that are not in memory are read in steps, the answer of before stands until then.
    ``answer`` is None until the first answer is there. Rows are numbers in ``frame``: keep ids
    (``frame.record(row)``) over changes, never rows.

    One that is ``eager`` answers again within the call that changed something: for what the user looks at.
    The others wait their turn among the workspace's steps, and many changes cost them one answer.
    """

    moving = Signal(object)
    """Something changed, and there may be a new answer in a moment: emits the ``Moved``."""
    changed = Signal(bool)
    """There is a new answer. True: other rows, order or groups; False: only sums, errors or counts."""
    cells_changed = Signal(object)
    """Values changed: a mapping from path to the rows (numbers in ``frame``) whose value is another now. Emitted
    after ``changed`` where both happen."""

    def __init__(
        self, workspace: Workspace, kind: str, *, eager: bool = False, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.kind = kind
        self.answer: Answer | None = None
        self.query = Query()
        """What was asked, without what is added to it."""
        self._question = _question(self.query, kind)
        self.eager = eager
        """Whether a change is answered within the call that made it."""
        self._paths: tuple[str, ...] = ()
        self.sums: tuple[str, ...] = ()
        """The paths that are added up."""
        self._asked = 0
        self._looked = 0
        """The question for which texts are being looked into."""
        self._waiting = False
        self._loading = False
        workspace.moved.connect(self._follow)
        workspace.day_changed.connect(self._later)
        workspace.marks_read.connect(self._marks_changed)

    @property
    def frame(self) -> Frame:
        """The records and columns that the rows of the answer are numbers in."""
        return self._workspace.columns.frame(self.kind)

    @property
    def count(self) -> int:
        """How many records are in the answer; 0 until it is there."""
        return 0 if self.answer is None else len(self.answer.rows)

    @property
    def total(self) -> int:
        """How many records the query chooses from: the archive only counts where the query asks for it."""
        every = outside_archive(Query(), self.kind)
        if self._question is self.query or every.where is None:
            return len(self.frame)
        return len(self._workspace.columns.run(self.kind, every, self._workspace.context()).rows)

    def records(self) -> list[bytes]:
        """The ids in the order of the answer."""
        frame = self.frame
        return [] if self.answer is None else [frame.record(row) for row in self.answer.rows.tolist()]

    def ask(self, query: Query | str, *, paths: Sequence[str] = (), sums: Sequence[str] = ()) -> None:
        """Answer another query from now on. ``paths`` are what will be shown; ``sums`` what is summed."""
        self.query = parse(query) if isinstance(query, str) else query
        self._question = _question(self.query, self.kind)
        self._paths = tuple(paths)
        self.sums = tuple(sums)
        self._asked += 1
        columns = self._workspace.columns
        wanted = columns.needed(self.kind, self._question, self._paths, self.sums)
        if columns.is_loaded(self.kind, wanted):
            self._loading = False
            self.refresh()
            return
        self._loading = True
        self._workspace.run_steps(self._load(self._asked, wanted))

    def _load(self, asked: int, wanted: Sequence[str]) -> Iterator[None]:
        columns = self._workspace.columns
        if self.answer is None:
            # The first rows stand there as soon as it is known which; the rest of their cells follows.
            first = columns.needed(self.kind, self._question, self._paths[:_FIRST])
            for _ in columns.load_steps(self.kind, first):
                yield
                if asked != self._asked:
                    return
            self._answer(())
            yield
        for _ in columns.load_steps(self.kind, wanted):
            yield
            if asked != self._asked:
                return
        self._loading = False
        self.refresh()

    def refresh(self) -> None:
        """Answer again now."""
        if self._loading:
            return
        self._answer(self.sums)

    def _answer(self, sums: Sequence[str]) -> None:
        before = self.answer
        self.answer = self._workspace.columns.run(self.kind, self._question, self._workspace.context(), sums)
        self.changed.emit(before is None or _differ(before, self.answer))
        if self.answer.texts_pending and self._looked != self._asked:
            self._looked = self._asked
            self._workspace.run_steps(self._look(self._asked))

    def _look(self, asked: int) -> Iterator[None]:
        """Look for words in the texts, beside the titles in which they were found at once."""
        for _ in self._workspace.columns.text_steps(self.kind, self._question):
            yield
            if asked != self._asked:
                return
        self._looked = 0
        self.refresh()

    def _later(self) -> None:
        if self._waiting:
            return
        self._waiting = True

        def step() -> Iterator[None]:
            self._waiting = False
            self.refresh()
            yield

        self._workspace.run_steps(step())

    def _follow(self, moved: Moved) -> None:
        if self.answer is None or self._loading:
            return
        self.moving.emit(moved)
        if self.eager:
            self.refresh()
        else:
            self._later()
        cells = {path: rows for (kind, path), rows in moved.cells.items() if kind == self.kind}
        if cells:
            self.cells_changed.emit(cells)

    def _marks_changed(self) -> None:
        """What waits for the server is another now: only queries with flags can ask for that."""
        if self.answer is not None and any(isinstance(node, Flag) for node in self.query.nodes()):
            self._later()


def _question(query: Query, kind: str) -> Query:
    """A query without the archive, and, where it names no order, in the usual one: people and elements by name."""
    found = outside_archive(query, kind)
    if found.sort or kind not in _BY_NAME:
        return found
    return replace(found, sort=(SortField(KINDS[kind].heading),))


def with_row(rows: Rows, row: int | None) -> Rows:
    """Rows with one more where it is not among them; None is no row."""
    return rows if row is None or bool((rows == row).any()) else np.append(rows, np.int32(row))


def _differ(before: Answer, after: Answer) -> bool:
    if not np.array_equal(before.rows, after.rows):
        return True
    if isinstance(before.groups, Groups):
        return not before.groups.looks_like(after.groups)
    return len(before.groups) != len(after.groups)
