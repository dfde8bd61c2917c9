"""How many records each saved view finds, counted when there is time and kept true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.desktop.desk.answer import LiveAnswer
from app.desktop.workspace import Workspace
from app.query.parser import parse
from app.workspace.views import SavedView


class ViewCounts(QObject):
    """One answer for each view. They wait their turn: many changes cost each of them one answer, in a step."""

    counted = Signal(bytes, int)
    """Emits a view and how many records it finds now."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._answers: dict[bytes, tuple[str, str, LiveAnswer]] = {}

    def follow(self, views: Sequence[SavedView]) -> None:
        """Count these, and no others."""
        there = {view.id for view in views}
        for gone in self._answers.keys() - there:
            self._answers.pop(gone)[2].deleteLater()
        for view in views:
            known = self._answers.get(view.id)
            if known is not None and known[:2] == (view.spec.kind, view.spec.query):
                continue
            if known is not None:
                known[2].deleteLater()
            answer = LiveAnswer(self._workspace, view.spec.kind, parent=self)
            self._answers[view.id] = view.spec.kind, view.spec.query, answer
            answer.changed.connect(lambda _structure, view=view.id: self._tell(view))
            self._workspace.run_steps(self._ask(answer, view))

    def _ask(self, answer: LiveAnswer, view: SavedView) -> Iterator[None]:
        """One view in a step: a project may have dozens."""
        if self._answers.get(view.id, ("", "", None))[2] is answer:
            # Neither order nor groups change how many there are.
            answer.ask(replace(parse(view.spec.query), sort=(), group=None))
        yield

    def _tell(self, view: bytes) -> None:
        known = self._answers.get(view)
        if known is not None:
            self.counted.emit(view, known[2].count)

    def count(self, view: bytes) -> int:
        """How many records a view finds, as far as it was counted."""
        known = self._answers.get(view)
        return 0 if known is None else known[2].count
