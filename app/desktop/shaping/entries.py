"""The list of what a project is described with: chosen with keys or mouse, several at once, moved by drag or keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.desktop.glyphs import paint_status
from app.desktop.widgets import Look, paint_ring

_ENTRY = Qt.ItemDataRole.UserRole + 1
_NOWHERE = QModelIndex()
_INDENT = 18


@dataclass(frozen=True, slots=True)
class ShapeEntry:
    """One line. ``sign`` is ``status``, ``hue`` or ``icon``, ``mark`` the meaning, the hue's or the icon's name.

    ``right`` stands muted at its end; ``depth`` indents a part below its whole.
    """

    record: bytes
    name: str
    detail: str = ""
    right: str = ""
    sign: str = "icon"
    mark: str = ""
    depth: int = 0

    @property
    def spoken(self) -> str:
        """The line for a screen reader."""
        return ", ".join(part for part in (self.name, self.detail, self.right) if part)


class _Model(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[ShapeEntry] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == _ENTRY:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return entry.spoken
        return None

    def show(self, entries: Sequence[ShapeEntry]) -> None:
        """Replace what is shown; the rows are kept where they are the same."""
        if [each.record for each in entries] == [each.record for each in self.entries]:
            self.entries = list(entries)
            if entries:
                self.dataChanged.emit(self.index(0), self.index(len(entries) - 1))
            return
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()


class _Delegate(QStyledItemDelegate):
    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, self._look.theme.metrics.row + 4)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry = index.data(_ENTRY)
        if not isinstance(entry, ShapeEntry):
            return
        theme = self._look.theme
        metrics = theme.metrics
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect.adjusted(metrics.gap, 1, -metrics.gap, -1)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selected"))
            painter.drawRoundedRect(rect, metrics.radius, metrics.radius)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.hover())
            painter.drawRoundedRect(rect, metrics.radius, metrics.radius)
        if option.state & QStyle.StateFlag.State_HasFocus:
            paint_ring(painter, QRectF(rect), theme)
        left = rect.left() + metrics.gap + entry.depth * _INDENT
        box = QRectF(left, rect.center().y() + 0.5 - metrics.icon / 2, metrics.icon, metrics.icon)
        self._paint_sign(painter, entry, box)
        left += metrics.icon + metrics.gap
        right = rect.right() - metrics.gap
        caption = QFontMetrics(theme.caption_font())
        align = Qt.AlignmentFlag.AlignVCenter
        if entry.right:
            width = caption.horizontalAdvance(entry.right)
            painter.setFont(theme.caption_font())
            painter.setPen(theme.color("muted"))
            painter.drawText(QRect(right - width, rect.top(), width + 1, rect.height()), align, entry.right)
            right -= width + metrics.gap_medium
        measure = QFontMetrics(theme.font())
        name = measure.elidedText(entry.name, Qt.TextElideMode.ElideRight, max(0, right - left))
        painter.setFont(theme.font())
        painter.setPen(theme.color("text"))
        painter.drawText(QRect(left, rect.top(), right - left, rect.height()), align, name)
        left += measure.horizontalAdvance(name) + metrics.gap
        if entry.detail and right - left > 40:
            detail = measure.elidedText(entry.detail, Qt.TextElideMode.ElideRight, right - left)
            painter.setPen(theme.color("muted"))
            painter.drawText(QRect(left, rect.top(), right - left, rect.height()), align, detail)
        painter.restore()

    def _paint_sign(self, painter: QPainter, entry: ShapeEntry, box: QRectF) -> None:
        theme = self._look.theme
        if entry.sign == "status":
            paint_status(painter, box, entry.mark, theme)
        elif entry.sign == "hue":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.tokens.named(entry.mark)))
            painter.drawEllipse(QRectF(box.center().x() - 4.5, box.center().y() - 4.5, 9, 9))
        else:
            ratio = painter.device().devicePixelRatioF()
            pixmap = self._look.icons.pixmap(entry.mark, "muted", ratio=ratio)
            painter.drawPixmap(box.topLeft().toPoint(), pixmap)


class ShapeList(QListView):
    """Arrows choose, Shift and Ctrl several; Alt with the arrows moves; Enter goes to the details."""

    chosen = Signal()
    """Something else is chosen."""
    entered = Signal()
    moved = Signal(int, int)
    """Emits the row that is moved and the row that it is to be in."""
    leaned = Signal(int)
    """Alt and an arrow to the side: emits 1 for further in, -1 for further out."""
    delete_asked = Signal()
    left = Signal()

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.movable = True
        self._pressed: QPoint | None = None
        self._drop: int | None = None
        self._entries = _Model(self)
        self._restoring = False
        self.setModel(self._entries)
        self.setItemDelegate(_Delegate(look, self))
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().selectionChanged.connect(lambda *_: self._selection_changed())
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, self._look.theme.color("surface"))
        self.setPalette(palette)
        self.scheduleDelayedItemsLayout()

    @property
    def entries(self) -> list[ShapeEntry]:
        """What is shown."""
        return self._entries.entries

    def show_entries(self, entries: Sequence[ShapeEntry]) -> None:
        """Show these; what was chosen stays so where it is still there."""
        before = self.chosen_records()
        place = self.currentIndex().row()
        self._restoring = True
        self._entries.show(entries)
        rows = [row for row, each in enumerate(entries) if each.record in set(before)]
        if not rows and entries:
            rows = [min(max(place, 0), len(entries) - 1)]
        if [self.entries[row].record for row in rows] != self.chosen_records():
            self._select(rows)
        self._restoring = False
        if self.chosen_records() != before:
            self.chosen.emit()

    def _select(self, rows: Sequence[int]) -> None:
        model = self.selectionModel()
        model.clearSelection()
        for row in rows:
            model.select(self._entries.index(row), QItemSelectionModel.SelectionFlag.Select)
        if rows:
            model.setCurrentIndex(self._entries.index(rows[0]), QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(self._entries.index(rows[0]))

    def _selection_changed(self) -> None:
        if not self._restoring:
            self.chosen.emit()

    def chosen_records(self) -> list[bytes]:
        """The records of the chosen lines, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self.entries[row].record for row in rows if row < len(self.entries)]

    def choose(self, record: bytes) -> None:
        """Choose one line."""
        row = next((row for row, each in enumerate(self.entries) if each.record == record), None)
        if row is not None:
            self._select([row])

    def choose_several(self, records: Sequence[bytes]) -> None:
        """Choose some lines, as Ctrl and a press on each would."""
        self._select([row for row, each in enumerate(self.entries) if each.record in set(records)])

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        row = self.currentIndex().row()
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.movable:
                to = row + (1 if key == Qt.Key.Key_Down else -1)
                if row >= 0 and 0 <= to < len(self.entries):
                    self.moved.emit(row, to)
            elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and row >= 0:
                self.leaned.emit(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_asked.emit()
        elif key == Qt.Key.Key_Escape:
            if len(self.chosen_records()) > 1 and row >= 0:
                self._select([row])
                self.chosen.emit()
            else:
                self.left.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are the window's."""

    # Dragging

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        self._pressed = at if event.button() == Qt.MouseButton.LeftButton else None
        if not self.indexAt(at).isValid():
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
            return
        if not self.movable or (at - self._pressed).manhattanLength() < QApplication.startDragDistance():
            return
        self._drop = self._gap_at(at.y())
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        drop, self._drop = self._drop, None
        self.viewport().update()
        if drop is not None and pressed is not None:
            row = self.indexAt(pressed).row()
            to = drop if drop <= row else drop - 1
            if row >= 0 and to != row:
                self.moved.emit(row, to)
            return
        super().mouseReleaseEvent(event)

    def _gap_at(self, y: int) -> int:
        """The gap between two lines that is nearest: 0 is before the first."""
        for row in range(len(self.entries)):
            if y < self.visualRect(self._entries.index(row)).center().y():
                return row
        return len(self.entries)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drop is None or not self.entries:
            return
        last = self._drop == len(self.entries)
        rect = self.visualRect(self._entries.index(self._drop - 1 if last else self._drop))
        y = rect.bottom() if last else rect.top()
        painter = QPainter(self.viewport())
        gap = self._look.theme.metrics.gap
        painter.setPen(QPen(self._look.theme.color("accent"), 2))
        painter.drawLine(rect.left() + gap, y, rect.right() - gap, y)
