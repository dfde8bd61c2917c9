"""The line above a table: the names of its columns. A press sorts, a drag moves, the edge resizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
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

from app.desktop.desk.brush import CAPTION
from app.desktop.desk.columns import Placed
from app.desktop.translate import tr
from app.desktop.widgets import paint_ring

if TYPE_CHECKING:
    from app.desktop.desk.line_view import LineView

_GRIP = 5
"""So near an edge, in pixels, a drag resizes."""
_DRAG = 6
_LEAST = 28
_STEP = 16


class TableHead(QWidget):
    """The names of the columns, laid out as the rows are."""

    sort_asked = Signal(str, bool)
    """Emits the path of the column, and whether the other keys are to stay."""
    move_asked = Signal(str, str)
    """Emits the path of a column, and that of the one before which it is to stand (empty: at the end)."""
    resized = Signal(str, int, bool)
    """Emits the path and its width in pixels at the base font, and whether the drag is over."""
    fit_asked = Signal(str)
    menu_asked = Signal(str, QPoint)

    def __init__(self, table: LineView) -> None:
        super().__init__(table)
        self._table = table
        self._sorting: dict[str, tuple[int, bool]] = {}
        self._at = ""
        """The column that the keyboard stands on."""
        self._hovered = ""
        self._pressed: Placed | None = None
        self._press_at = QPoint()
        self._resizing: Placed | None = None
        self._moving = False
        self._drop = -1
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Columns"))
        table.scrolled.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(100, self._table.scene.brush.metrics.header)

    @property
    def heads(self) -> Sequence[Placed]:
        """The columns with a name, from left to right."""
        return [each for each in self._table.plan.placed if each.sortable]

    def set_sorting(self, keys: Sequence[tuple[str, bool]]) -> None:
        """Show by which columns the table is sorted: pairs of path and whether it descends."""
        self._sorting = {path: (place, down) for place, (path, down) in enumerate(keys, 1)}
        self._describe()
        self.update()

    def head_rect(self, path: str) -> QRect:
        """Where the name of a column stands."""
        column = self._table.plan.named(path)
        return QRect() if column is None else QRect(self._left(column), 0, column.width, self.height() - 1)

    def _left(self, column: Placed) -> int:
        return column.left - (0 if column.frozen else self._table.horizontalScrollBar().value())

    def _column_at(self, x: int) -> Placed | None:
        return self._table.plan.at(x, self._table.horizontalScrollBar().value())

    def _edge_at(self, x: int) -> Placed | None:
        """The column whose right edge is near."""
        for each in reversed(self._table.plan.placed):
            if abs(self._left(each) + each.width - x) <= _GRIP and each.sortable:
                return each
        return None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        table = self._table
        brush = table.scene.brush
        brush.begin()
        painter.fillRect(self.rect(), brush.color("surface"))
        scrolled = table.horizontalScrollBar().value()
        moving = [each for each in table.plan.placed if not each.frozen]
        if scrolled:
            painter.save()
            painter.setClipRect(QRect(table.plan.frozen_right, 0, self.width(), self.height()))
        for column in moving:
            self._paint_head(painter, column)
        if scrolled:
            painter.restore()
            brush.begin()
        for column in table.plan.placed:
            if column.frozen:
                self._paint_head(painter, column)
        painter.fillRect(0, self.height() - 1, table.viewport().width(), 1, brush.color("line"))
        if table.plan.frozen_right:
            painter.fillRect(table.plan.frozen_right - 1, 0, 1, self.height(), brush.color("line"))
        if self._drop >= 0:
            painter.fillRect(self._drop - 1, 2, 2, self.height() - 4, brush.color("accent"))

    def _paint_head(self, painter: QPainter, column: Placed) -> None:
        table = self._table
        brush = table.scene.brush
        left = self._left(column)
        if left >= self.width() or left + column.width <= 0 or not column.sortable:
            return
        place, down = self._sorting.get(column.path, (0, False))
        lively = column.path == self._hovered or place
        if column.path == self._hovered and not self._moving:
            painter.fillRect(left, 0, column.width, self.height() - 1, brush.hover)
        mark = 10 if place else 0
        number = str(place) if place and len(self._sorting) > 1 else ""
        mark += brush.width(number, CAPTION) + 2 if number else 0
        room = column.width - 2 * table.pad - (mark + 3 if mark else 0)
        title = "" if column.headless else column.title
        tone = "text" if lively else "muted"
        right = column.ink.right
        height = self.height() - 1
        used = brush.text(painter, left + table.pad, 0, room, height, title, tone, right=right, font=CAPTION)
        if place:
            at = left + column.width - table.pad - mark if right else left + table.pad + used + 3
            at = min(at, left + column.width - mark - 2)
            icon = "caret-down" if down else "caret-up"
            ratio = self.devicePixelRatioF()
            picture = brush.look.icons.pixmap(icon, "text", ratio=ratio, size=10)
            painter.drawPixmap(QPoint(at, (height - 10) // 2), picture)
            if number:
                brush.text(painter, at + 11, 0, 20, height, number, "muted", font=CAPTION)
        if self.hasFocus() and column.path == self._at:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_ring(painter, QRectF(left, 0, column.width, height), brush.look.theme)

    # The pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        at = event.position().toPoint()
        self._press_at = at
        self._resizing = self._edge_at(at.x())
        self._pressed = None if self._resizing is not None else self._column_at(at.x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._resizing is not None:
            self._resize_to(self._resizing, at.x() - self._left(self._resizing), done=False)
        elif self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            if self._moving or abs(at.x() - self._press_at.x()) > _DRAG:
                self._moving = True
                self._drop = self._drop_at(at.x())[1]
                self.update()
        else:
            self._hover(at)

    def _hover(self, at: QPoint) -> None:
        edge = self._edge_at(at.x())
        shape = Qt.CursorShape.SplitHCursor if edge is not None else Qt.CursorShape.ArrowCursor
        if self.cursor().shape() is not shape:
            self.setCursor(shape)
        column = self._column_at(at.x())
        hovered = column.path if column is not None and column.sortable and edge is None else ""
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        resizing, pressed, moving = self._resizing, self._pressed, self._moving
        self._resizing, self._pressed, self._moving, self._drop = None, None, False, -1
        self.update()
        if resizing is not None:
            if at.x() != self._press_at.x():
                self._resize_to(resizing, at.x() - self._left(resizing), done=True)
        elif pressed is not None and moving:
            before = self._drop_at(at.x())[0]
            if before != pressed.path:
                self.move_asked.emit(pressed.path, before)
        elif pressed is not None and pressed.sortable and self._column_at(at.x()) is not None:
            further = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.sort_asked.emit(pressed.path, further)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        edge = self._edge_at(event.position().toPoint().x())
        if edge is not None:
            self.fit_asked.emit(edge.path)
        else:
            # Two quick presses are two presses: up, and down.
            self.mousePressEvent(event)

    def _drop_at(self, x: int) -> tuple[str, int]:
        """Before which column something that is let go here stands, and where that is."""
        for each in self._table.plan.placed:
            left = self._left(each)
            if x < left + each.width // 2:
                return each.path, left
        placed = self._table.plan.placed
        return "", self._left(placed[-1]) + placed[-1].width if placed else 0

    def _resize_to(self, column: Placed, width: int, *, done: bool) -> None:
        scale = self._table.scene.brush.metrics.base / 13
        self.resized.emit(column.path, round(max(_LEAST, width) / scale), done)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = ""
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        column = self._table.plan.named(self._at) if by_key else self._column_at(event.pos().x())
        if column is not None:
            below = QPoint(self._left(column), self.height())
            self.menu_asked.emit(column.path, self.mapToGlobal(below) if by_key else event.globalPos())

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            column = self._column_at(event.pos().x())
            QToolTip.showText(event.globalPos(), column.title if column is not None else "", self)
            return True
        return super().event(event)

    # Keys

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        heads = self.heads
        if heads and all(each.path != self._at for each in heads):
            self._at = heads[0].path
        self._describe()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key))
        column = self._table.plan.named(self._at)
        if column is None:
            super().keyPressEvent(event)
        elif step is not None and modifiers & Qt.KeyboardModifier.AltModifier:
            self._shift(column, step)
        elif step is not None and modifiers & Qt.KeyboardModifier.ControlModifier:
            self._resize_to(column, column.width + step * _STEP, done=True)
        elif step is not None:
            self._step(step)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.sort_asked.emit(column.path, bool(modifiers & Qt.KeyboardModifier.ShiftModifier))
        elif key == Qt.Key.Key_Down:
            self._table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    def _step(self, step: int) -> None:
        paths = [each.path for each in self.heads]
        at = paths.index(self._at) + step if self._at in paths else 0
        if 0 <= at < len(paths):
            self._at = paths[at]
            self._table.stand_in_view(self._at)
            self._describe()
            self.update()

    def _shift(self, column: Placed, step: int) -> None:
        """Move the column one place."""
        paths = [each.path for each in self._table.plan.placed]
        at = paths.index(column.path)
        target = at + (step if step < 0 else 2)
        if 0 <= at + step < len(paths):
            self.move_asked.emit(column.path, paths[target] if target < len(paths) else "")

    def _describe(self) -> None:
        column = self._table.plan.named(self._at)
        if column is None:
            return
        words = tr("Sort by {column}").format(column=column.title)
        place, down = self._sorting.get(column.path, (0, False))
        if place:
            words = f"{words}, {tr('descending') if down else tr('ascending')}"
        self.setAccessibleDescription(words)
