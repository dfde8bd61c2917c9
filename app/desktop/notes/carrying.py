"""Notes that are carried by the mouse: which, and where they would land."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer

from app.desktop.notes.model import TreeLine
from app.workspace.notes import Spot

if TYPE_CHECKING:
    from app.desktop.notes.view import NoteView

_EDGE = 28
"""So near to an edge, in pixels, carrying scrolls."""
_FRAME_MS = 16
_FASTEST = 14
_OPEN_MS = 600
"""A closed note opens when the pointer rests on it with notes in the hand."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where carried notes would land: in the tree, and on the screen: onto a line, or above it at a depth."""

    spot: Spot
    line: int
    depth: int
    onto: bool


class Carrying:
    """True while something is carried. Ids, so that changes from elsewhere leave it in the hand."""

    def __init__(self, view: NoteView) -> None:
        self._view = view
        self.records: tuple[bytes, ...] = ()
        self.target: Target | None = None
        self.at = QPoint()
        self._timer = QTimer(view, interval=_FRAME_MS)
        self._timer.timeout.connect(self._scroll)
        self._opening = QTimer(view, singleShot=True, interval=_OPEN_MS)
        self._opening.timeout.connect(self._open)
        view.model.changed.connect(self._follow)

    def __bool__(self) -> bool:
        return bool(self.records)

    def begin(self, record: bytes, at: QPoint) -> None:
        """Take a note into the hand, with all that are selected where it is one of them."""
        view = self._view
        chosen = view.selected_keys() if record in view.selection else [record]
        self.records = tuple(view.model.tree.outermost(chosen))
        self.move(at)
        self._timer.start()

    def move(self, at: QPoint) -> None:
        """The pointer is somewhere else."""
        self.at = at
        before, self.target = self.target, self._find()
        if self.target is None or not self.target.onto:
            self._opening.stop()
        elif before is None or before.line != self.target.line or not before.onto:
            self._opening.start()
        self._view.viewport().update()

    def end(self, at: QPoint) -> None:
        """Let go: the notes land."""
        self.move(at)
        records, target = self.records, self.target
        self.cancel()
        if target is not None and self._view.model.move(records, target.spot):
            self._view.landed(records, target.spot)

    def cancel(self) -> bool:
        """Put everything back; whether anything was carried."""
        carried = bool(self.records)
        self.records, self.target = (), None
        self._timer.stop()
        self._opening.stop()
        self._view.viewport().update()
        return carried

    def _follow(self) -> None:
        """The lines changed: what is gone is let go, the rest stays in the hand."""
        if self.records:
            tree = self._view.model.tree
            self.records = tuple(each for each in self.records if each in tree)
            if self.records:
                self.target = self._find()
            else:
                self.cancel()

    def _open(self) -> None:
        target, view = self.target, self._view
        record = view.model.lines[target.line].record if target is not None else None
        if record is not None and view.model.is_closed(record):
            view.model.set_closed([record], False)

    # Where they would land

    def _find(self) -> Target | None:
        view, lines = self._view, self._view.model.lines
        if not view.viewport().rect().adjusted(-30, -30, 30, 30).contains(self.at):
            return None
        line = view.line_at(self.at.y())
        if line is None:
            found = self._gap(len(lines)) if self.at.y() > 0 else None
        else:
            rect = view.line_rect(line)
            part = (self.at.y() - rect.top()) / rect.height()
            here = lines[line]
            if here.record is None:
                found = self._gap(line + 1) if part >= 0.5 or line == 0 else self._gap(line)
            elif 0.25 <= part <= 0.75:
                found = Target(Spot(here.group, here.record), line, here.depth, onto=True)
            else:
                found = self._gap(line if part < 0.5 else line + 1)
        if found is None or not view.model.tree.may_stand(self.records, found.spot.parent):
            return None
        return found

    def _gap(self, gap: int) -> Target | None:
        """Where notes land between two lines: how far to the right the pointer is says how deep."""
        lines, tree = self._view.model.lines, self._view.model.tree
        over = lines[gap - 1] if gap else None
        under = lines[gap] if gap < len(lines) else None
        if over is None or over.record is None:
            return None if over is None and under is None else self._top(over, under, gap)
        same = under is not None and under.record is not None and under.group == over.group
        if same and under is not None and under.depth > over.depth:
            return Target(Spot(over.group, over.record, under.record), gap, under.depth, onto=False)
        least = under.depth if same and under is not None else 0
        depth = min(max(self._view.painting.depth_at(self.at.x()), least), over.depth)
        here = over.record
        for _ in range(over.depth - depth):
            here = tree.parent(here) or here
        return Target(tree.spot_of(here), gap, depth, onto=False)

    def _top(self, over: TreeLine | None, under: TreeLine | None, gap: int) -> Target:
        """Before the first note of a group."""
        group = over.group if over is not None else under.group if under is not None else ""
        children = self._view.model.tree.children(group)
        return Target(Spot(group, None, children[0] if children else None), gap, 0, onto=False)

    def _scroll(self) -> None:
        view = self._view
        bar, height = view.verticalScrollBar(), view.viewport().height()
        step = 0
        if self.at.y() < _EDGE:
            step = -min(_FASTEST, (_EDGE - self.at.y()) // 2)
        elif self.at.y() > height - _EDGE:
            step = min(_FASTEST, (self.at.y() - height + _EDGE) // 2)
        if step:
            bar.setValue(bar.value() + step)
            self.move(self.at)
