"""One saved view in the side bar: opened by a press, renamed in place, dragged to another place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QSizePolicy, QWidget

from app.desktop.side_bar import Entry
from app.desktop.translate import number_text, tr
from app.desktop.widgets import Look
from app.workspace.views import BOARD, CALENDAR, LIST, TABLE, SavedView

LAYOUT_ICONS = {TABLE: "table", BOARD: "columns", CALENDAR: "calendar-blank", LIST: "list-bullets"}
_LONGEST_NAME = 200
_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class NameEdit(QLineEdit):
    """Where a name is typed in place. Enter takes it, Esc leaves it; leaving it takes it where there is one."""

    taken = Signal(str)
    dropped = Signal()

    def __init__(self, look: Look, name: str, parent: QWidget) -> None:
        super().__init__(name, parent)
        self.setMaxLength(_LONGEST_NAME)
        self.setAccessibleName(tr("Name of the view"))
        self.setPlaceholderText(tr("Name of the view"))
        self.setFont(look.theme.font())
        self.setTextMargins(2, 0, 2, 0)
        self._done = False
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish(take=True)
        elif event.key() == Qt.Key.Key_Escape:
            self._finish(take=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._finish(take=True)

    def _finish(self, *, take: bool) -> None:
        if self._done:
            return
        self._done = True
        name = " ".join(self.text().split())
        if take and name:
            self.taken.emit(name)
        else:
            self.dropped.emit()


class ViewEntry(Entry):
    """An entry of the side bar for one view."""

    opened = Signal(bytes)
    menu_asked = Signal(bytes, QPoint)
    """Emits the view and a point on the screen."""
    rename_asked = Signal(bytes)
    delete_asked = Signal(bytes)
    pulled = Signal(bytes, QPoint)
    """Emits the view that is dragged, and the point on the screen."""
    dropped = Signal(bytes, QPoint)
    step_asked = Signal(bytes, int)
    """Emits the view that a key moves up (-1) or down (1)."""
    focus_asked = Signal(bytes, int)

    def __init__(self, look: Look, view: SavedView, parent: QWidget | None = None) -> None:
        # The entry says its count as soon as it is made, and with it whose view it is.
        self.view = view
        self._counted = 0
        super().__init__(look, LAYOUT_ICONS[view.spec.layout], view.name, parent)
        self._changed = False
        self._start: QPoint | None = None
        self._dragging = False
        self.name_edit: NameEdit | None = None
        self.setAutoExclusive(False)
        # Views scroll; they keep their height.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.show_view(view)

    def show_view(self, view: SavedView) -> None:
        """Say what the view says now."""
        self.view = view
        self._icon = LAYOUT_ICONS[view.spec.layout]
        self.setText(view.name or tr("Untitled"))
        self.set_count(self._counted)

    def set_count(self, count: int, tone: str = "muted") -> None:
        """Show how many there are, also none: a view that finds nothing says so."""
        self._counted = count
        super().set_count(count, tone)
        if self.view.owner is not None:
            name = tr("{view}, only for me, {count}")
            self.setAccessibleName(name.format(view=self.text(), count=number_text(count)))

    def show_changed(self, changed: bool) -> None:
        """Mark that what is shown differs from what the view says."""
        if changed != self._changed:
            self._changed = changed
            self.setAccessibleDescription(tr("Changed") if changed else "")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._changed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            left = self.width() / 2 + 8 if self.narrow else theme.metrics.gap + theme.metrics.icon
            painter.drawEllipse(QPointF(left, self.height() / 2 - 7), 3, 3)
        if self.view.owner is not None and not self.narrow and self.name_edit is None:
            side = 12
            words = number_text(self._counted) if self._counted else ""
            painter.setFont(theme.font())
            taken = painter.fontMetrics().horizontalAdvance(words) + (4 if words else 0)
            right = self.width() - theme.metrics.gap - taken
            lock = self._look.icons.pixmap("lock-simple", "muted", ratio=self.devicePixelRatioF(), size=side)
            painter.drawPixmap(QPointF(right - side, (self.height() - side) / 2), lock)

    def _reserve(self) -> int:
        """The lock of a private view stands before the count."""
        return 16 if self.view.owner is not None else 0

    def begin_rename(self) -> NameEdit:
        """Let the name be typed."""
        edit = self.name_edit = NameEdit(self._look, self.view.name, self)
        metrics = self._look.theme.metrics
        left = metrics.gap + metrics.icon + 2
        edit.setGeometry(QRect(left, 1, self.width() - left - 2, self.height() - 2))
        edit.taken.connect(lambda _name: self._end_rename())
        edit.dropped.connect(self._end_rename)
        edit.show()
        edit.setFocus(Qt.FocusReason.OtherFocusReason)
        return edit

    def _end_rename(self) -> None:
        edit, self.name_edit = self.name_edit, None
        if edit is not None:
            had = edit.hasFocus()
            edit.hide()
            edit.deleteLater()
            if had:
                self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._start, self._dragging = event.globalPosition().toPoint(), False
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._start is None:
            return
        at = event.globalPosition().toPoint()
        far = (at - self._start).manhattanLength() >= QApplication.startDragDistance()
        if self._dragging or far:
            self._dragging = True
            self.pulled.emit(self.view.id, at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._start is None:
            return
        self._start = None
        if self._dragging:
            self._dragging = False
            self.dropped.emit(self.view.id, event.globalPosition().toPoint())
        elif self.rect().contains(event.position().toPoint()):
            self.opened.emit(self.view.id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.rename_asked.emit(self.view.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_asked.emit(self.view.id, event.globalPos())

    def event(self, event: QEvent) -> bool:
        """Delete is about the view here, and not about what is selected in the list."""
        override = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if isinstance(event, QKeyEvent) and override and event.key() in _DELETE:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(key), 0)
        carry = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if step and modifiers == carry:
            self.step_asked.emit(self.view.id, step)
        elif step and not modifiers:
            self.focus_asked.emit(self.view.id, step)
        elif key == Qt.Key.Key_F2:
            self.rename_asked.emit(self.view.id)
        elif key in _DELETE:
            self.delete_asked.emit(self.view.id)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self.view.id)
        else:
            event.ignore()
