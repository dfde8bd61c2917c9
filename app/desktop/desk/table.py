"""The table: lines of one height, drawn by hand, so that 40,000 rows scroll like 40.

It knows rows and columns, what is selected and where the user stands; what the rows are is the page's to say
(``show_lines``), what keys and the pointer do is in ``hands``, how it is drawn in ``paint``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from app.desktop.desk.columns import Placed
from app.desktop.desk.hands import Hands
from app.desktop.desk.line_view import LineView
from app.desktop.desk.lines import Head, Lines
from app.desktop.desk.paint import TablePaint
from app.desktop.desk.selection import Selection
from app.desktop.lists.cells import Row
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace


class Table(LineView):
    """Rows and columns of one kind of record."""

    chosen = Signal(object)
    """Emits the ``Row`` that the user stands on now, or None."""
    opened = Signal(object)
    """Emits the ``Row`` that was clicked."""
    entered_row = Signal(object)
    """Emits the ``Row`` on which Enter was pressed."""
    left = Signal()
    """Esc was pressed, and there was nothing to leave in the table itself."""
    selection_changed = Signal()
    fold_asked = Signal(str)
    """Emits the text of the group that is to be closed, or opened again."""
    edit_asked = Signal(bytes, str, object)
    """Emits record and path of the cell that is to be edited, and what was typed: a text, or None for nothing."""
    clear_asked = Signal(bytes, str)
    """Delete was pressed on a cell."""
    looked_away = Signal()
    """The user stands on another row now, or chose other ones."""

    def __init__(
        self, look: Look, workspace: Workspace, kind: str, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, workspace, kind, parent)
        self.selection = Selection()
        self.current_head: str | None = None
        """The text of the group on whose head the user stands."""
        self.cell = ""
        """The path of the cell that the user stands in; empty while he stands on the row as a whole."""
        self.hovered = -1
        self.held_rows: frozenset[int] = frozenset()
        """Rows that no longer fit and stay until the user looks away."""
        self.name = name
        self.painting = TablePaint(self)
        self.hands = Hands(self)
        self.setAccessibleName(name)

    # What is shown

    def choose_columns(self, texts: Sequence[str], frozen: int, *, usual: bool) -> None:
        """Show these columns."""
        self.plan.choose(texts, frozen, usual=usual)
        if self.cell and all(each.path != self.cell for each in self.plan.placed):
            self.cell = ""
        self.arrange()

    def show_lines(self, lines: Lines, held: Iterable[int] = (), *, anew: bool = False) -> None:
        """Show other lines; selection, place and what is looked at stay where they can.

        ``anew``: the answer to another question. Then only the row that the user stands on is kept in view.
        """
        old_line = self.current_line()
        eye = self._looked_at
        self.lines = lines
        self.held_rows = frozenset(held)
        moved = False
        if self.current_head is not None and lines.line_of_head(self.current_head) is None:
            self.current_head = None
        if self.current is not None and self.line_of(self.current) is None:
            moved = True
            self._stand_near(old_line or 0)
        dropped = len(self.selection) > 1 and self._drop_gone()
        self.arrange()
        if anew:
            line = self.current_line()
            self.verticalScrollBar().setValue(0)
            if line is not None:
                self.bring_into_view(line)
        else:
            self._look_at(eye)
        self.describe()
        if moved:
            self.chosen.emit(self.current_row())
        if moved or dropped:
            self.selection_changed.emit()

    def _stand_near(self, line: int) -> None:
        """The row that the user stood on is gone: stand on the one that took its place."""
        self.current = self._record_near(line)
        if self.current is None or not self._selected_there():
            self.selection.clear()
            if self.current is not None:
                self.selection.only(self.current)

    def _selected_there(self) -> bool:
        return any(self.line_of(each) is not None for each in self.selection.records)

    def _drop_gone(self) -> bool:
        """Let go of selected records that are deleted; those that a filter or a closed group hides stay."""
        frame = self.scene.frame
        return self.selection.keep({each for each in self.selection.records if frame.row(each) is not None})

    def _record_near(self, line: int) -> bytes | None:
        """The record on a line, or on the next one that has any."""
        last = len(self.lines) - 1
        start = min(max(line, 0), last)
        found = self.lines.next_row(start, 1)
        found = self.lines.next_row(start, -1) if found is None else found
        return None if found is None else self.record_at(found)

    # Where the user stands

    def current_key(self) -> bytes | None:
        """The record that the user stands on."""
        return self.current

    def current_line(self) -> int | None:
        """The line that the user stands on."""
        if self.current_head is not None:
            return self.lines.line_of_head(self.current_head)
        return self.line_of(self.current)

    def current_row(self) -> Row | None:
        """The row that the user stands on."""
        return None if self.current is None else self.row_of(self.current)

    def stand_on_line(self, line: int, *, select: bool = True) -> None:
        """Stand on a line, and bring it into view."""
        head = self.lines.head(line)
        before = (self.current, self.current_head)
        if head is not None:
            self.current_head = head.text
            self.current = None
        else:
            self.current_head = None
            self.current = self.record_at(line)
            if select and self.current is not None:
                self.selection.only(self.current)
        self.bring_into_view(line)
        self._announce(before != (self.current, self.current_head), select)

    def _announce(self, moved: bool, selected: bool) -> None:
        self.describe()
        self.viewport().update()
        if moved:
            self.looked_away.emit()
            self.chosen.emit(self.current_row())
        if selected:
            self.selection_changed.emit()

    def describe(self) -> None:
        """Tell screen readers where the user stands."""
        words = ""
        if self.current_head is not None:
            head = next((each for each in self.lines.heads if each.text == self.current_head), None)
            words = self.head_spoken(head) if head is not None else ""
        elif self.current is not None:
            words = self.spoken(self.current)
            if self.cell:
                words = f"{self.spoken_cell(self.current, self.cell)}, {words}"
        self.setAccessibleDescription(words)

    def head_spoken(self, head: Head) -> str:
        """What a screen reader says of a group."""
        state = tr("closed") if head.folded else tr("open")
        return f"{self.head_text(head)}, {tr_count('%n row', '%n rows', head.count)}, {state}"

    def stand_in(self, path: str) -> None:
        """Stand in a cell of the row; an empty path stands on the row as a whole."""
        self.cell = path
        self.plan.keep(path)
        if path and self.plan.named(path) is None:
            self.arrange()
        self.stand_in_view(path)
        self.describe()
        self.viewport().update()

    def select_key(self, key: bytes) -> bool:
        """Stand on the row of a record; False where it is not among the lines."""
        line = self.line_of(key)
        if line is None:
            return False
        self.stand_on_line(line)
        return True

    def move_by(self, step: int) -> None:
        """Stand on the row so many rows further down; heads of groups are passed over."""
        if not len(self.lines):
            return
        line = self.current_line()
        if line is None:
            target = self.lines.next_row(0, 1)
        else:
            target = line
            for _ in range(abs(step) if abs(step) < len(self.lines) else 0):
                found = self.lines.next_row(target + (1 if step > 0 else -1), 1 if step > 0 else -1)
                if found is None:
                    break
                target = found
            if abs(step) >= len(self.lines):
                end = len(self.lines) - 1 if step > 0 else 0
                target = self.lines.next_row(end, -1 if step > 0 else 1)
        if target is not None:
            self.stand_on_line(target, select=not self.selection.picked)

    # Selection

    def selected_keys(self) -> list[bytes]:
        """The selected records, from top to bottom; those that a filter hides are left out."""
        chosen = self.selection.records
        if len(chosen) <= 1:
            return [each for each in chosen if self.line_of(each) is not None]
        records = self.scene.frame.records
        return [records[row] for row in self.lines.rows() if records[row] in chosen]

    def shown_keys(self) -> list[bytes]:
        """The records of all rows, from top to bottom."""
        records = self.scene.frame.records
        return [records[row] for row in self.lines.rows()]

    def toggle_current(self) -> None:
        """Select the row that the user stands on too, or let it go."""
        if self.current is not None:
            self.selection.pick(self.current)
            self.selected()

    def select_all(self) -> None:
        """Select every row of the answer, those in closed groups too."""
        self.selection.every(self.shown_keys())
        self.selected()

    def selected(self) -> None:
        """The selection is another: draw it and say so."""
        self.viewport().update()
        self.selection_changed.emit()

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        try:
            self.painting.paint(painter, event.rect())
        finally:
            # A painter that outlives its event takes the whole program with it.
            painter.end()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hint = self.hands.hint_at(event.pos())
            QToolTip.showText(event.globalPos(), hint, self.viewport())
            return True
        if event.type() is QEvent.Type.Leave:
            self.hands.hover(QPoint(-1, -1))
        return super().viewportEvent(event)

    def event(self, event: QEvent) -> bool:
        override = event.type() is QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self.hands.wants(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.hands.key(event):
            event.ignore()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Inside of a row the Tab key goes from cell to cell."""
        return False if self.cell else super().focusNextPrevChild(next)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hands.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hands.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.hands.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.hands.double(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def placed(self, path: str) -> Placed | None:
        """The column of a path, where it is shown."""
        return self.plan.named(path)
