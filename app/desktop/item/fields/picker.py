"""The list of choices that floats over a field: search, arrow keys, Enter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.desktop.item.fields.options import Option, OptionSource
from app.desktop.item.fields.pieces import Piece, PieceLayout
from app.desktop.translate import tr
from app.desktop.widgets import Look, Size, Text

_OPTION = Qt.ItemDataRole.UserRole + 1
_NOWHERE = QModelIndex()
_WIDTH = 300
_LINES = 9
_INDENT = 16


class OptionModel(QAbstractListModel):
    """The options that the search leaves."""

    def __init__(self, chosen: Callable[[object], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.options: list[Option] = []
        self.chosen = chosen

    def show(self, options: list[Option]) -> None:
        """Replace the options."""
        self.beginResetModel()
        self.options = options
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.options)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if not index.isValid():
            return None
        option = self.options[index.row()]
        if role == _OPTION:
            return option
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            text = option.piece.text
            return tr("{name}, chosen").format(name=text) if self.chosen(option.value) else text
        return None


class _OptionDelegate(QStyledItemDelegate):
    def __init__(self, look: Look, model: OptionModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, self._look.theme.metrics.row)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        found = index.data(_OPTION)
        if not isinstance(found, Option):
            return
        theme = self._look.theme
        metrics = theme.metrics
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selected"))
            painter.drawRoundedRect(rect.adjusted(4, 0, -4, 0), metrics.radius, metrics.radius)
        pieces = PieceLayout(self._look, [found.piece])
        left = rect.left() + metrics.gap_medium + found.depth * _INDENT
        room = rect.width() - (left - rect.left()) - 36
        top = rect.top() + (rect.height() - pieces.line_height()) // 2
        pieces.paint(painter, QPoint(left, top), room)
        if self._model.chosen(found.value) and not found.make:
            ratio = painter.device().devicePixelRatioF()
            check = self._look.icons.pixmap("check", "accent", ratio=ratio, size=16)
            painter.drawPixmap(QPoint(rect.right() - 28, rect.center().y() - 7), check)
        painter.restore()


class Picker(QFrame):
    """Floats below a field until one option is chosen, or, with ``several``, until Esc or a press outside.

    ``clear`` names the choice of nothing; ``none_yet`` is said where there is nothing to choose from.
    """

    picked = Signal(object)
    """Emits the Option."""
    closed = Signal()

    def __init__(
        self,
        look: Look,
        name: str,
        source: OptionSource,
        chosen: Callable[[object], bool],
        *,
        several: bool = False,
        clear: str = "",
        none_yet: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._look = look
        self._source = source
        self._several = several
        self._clear = clear
        self._none_yet = none_yet
        self.setAccessibleName(name)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(tr("Search"))
        self.search.setAccessibleName(tr("Search: {field}").format(field=name))
        self.search.setFont(look.theme.font())
        self.search.setTextMargins(5, 0, 5, 0)
        self.model = OptionModel(chosen, self)
        self.list = QListView(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_OptionDelegate(look, self.model, self.list))
        self.list.setAccessibleName(name)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.nothing = Text(look, size=Size.CAPTION, tone="muted", parent=self)
        """What is said in place of the choices where there are none."""
        self.nothing.setContentsMargins(8, 4, 8, 8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        layout.addWidget(self.nothing)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.list.clicked.connect(self._clicked)
        self.list.entered.connect(self.list.setCurrentIndex)

    def open(self, below: QWidget, typed: str = "") -> None:
        """Show the choices below a field, the search begun with what was typed."""
        self.search.setText(typed)
        if not typed:
            self._filter("")
        self._place(below)
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def renew(self, source: OptionSource, clear: str) -> None:
        """Offer other choices from now on: one was made."""
        self._source = source
        self._clear = clear

    def _place(self, below: QWidget) -> None:
        metrics = self._look.theme.metrics
        width = max(_WIDTH, min(below.width(), 420))
        height = metrics.control + metrics.row * min(_LINES, max(1, len(self.model.options))) + 24
        self.resize(width, height)
        screen: QRect = below.screen().availableGeometry()
        at = below.mapToGlobal(QPoint(0, below.height() + 2))
        if at.y() + height > screen.bottom():
            at = below.mapToGlobal(QPoint(0, -height - 2))
        left = min(at.x(), screen.right() - width - 4)
        self.move(max(screen.left() + 4, left), max(screen.top() + 4, at.y()))

    def _filter(self, text: str) -> None:
        options = self._source(text)
        if self._clear and not text:
            options = [Option(None, Piece(self._clear, "icon", "x", tone="muted"), ""), *options]
        self.model.show(options)
        self.list.setVisible(bool(options))
        self.nothing.setText(tr("Nothing found") if text or not self._none_yet else self._none_yet)
        self.nothing.setVisible(not options)
        first = 1 if self._clear and not text and len(options) > 1 else 0
        row = first
        if not self._several and not text:
            row = next((at for at, each in enumerate(options) if self._stands(each)), first)
        if options:
            self.list.setCurrentIndex(self.model.index(row))

    def _stands(self, option: Option) -> bool:
        return option.value is not None and self.model.chosen(option.value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._search_key(event)
        return super().eventFilter(watched, event)

    def _search_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _LINES,
            Qt.Key.Key_PageUp: -_LINES,
        }
        if key in steps:
            row = self.list.currentIndex().row() + steps[Qt.Key(key)]
            row = min(max(row, 0), self.model.rowCount() - 1)
            self.list.setCurrentIndex(self.model.index(row))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._pick(self.list.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self.close()
        else:
            return False
        return True

    def _clicked(self, index: QModelIndex) -> None:
        self._pick(index)

    def _pick(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        option = self.model.options[index.row()]
        if not self._several or option.value is None:
            self.close()
            self.picked.emit(option)
            return
        self.picked.emit(option)
        self.search.clear()
        self.list.viewport().update()

    def closeEvent(self, event: Any) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("surface"))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
