"""A list of records as chips: the tray of those without a day, and all records of one day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.desktop.board.cards import Faces
from app.desktop.calendar.chips import ChipPainter, ChipState
from app.desktop.widgets import Look

_RECORD = Qt.ItemDataRole.UserRole + 1
_NOWHERE = QModelIndex()
_BATCH = 400


class _Records(QAbstractListModel):
    def __init__(self, faces: Faces, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._faces = faces
        self.records: list[bytes] = []

    def show(self, records: Sequence[bytes]) -> None:
        self.beginResetModel()
        self.records = list(records)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.records)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if not index.isValid() or index.row() >= len(self.records):
            return None
        record = self.records[index.row()]
        if role == _RECORD:
            return record
        if role == Qt.ItemDataRole.DisplayRole:
            return self._faces.face(record).title
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self._faces.face(record).spoken
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, look: Look, faces: Faces, painter: ChipPainter, parent: RecordList) -> None:
        super().__init__(parent)
        self._look = look
        self._faces = faces
        self._painter = painter
        self._list = parent

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(60, self._look.theme.metrics.row)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        record = index.data(_RECORD)
        if record is None:
            return
        state = option.state
        shown = ChipState(
            selected=bool(state & QStyle.StateFlag.State_Selected),
            hovered=bool(state & QStyle.StateFlag.State_MouseOver),
            current=bool(state & QStyle.StateFlag.State_HasFocus),
            carried=record in self._list.carried,
        )
        self._painter.paint(painter, option.rect.adjusted(4, 1, -4, -1), self._faces.face(record), shown)


class RecordList(QListView):
    """Records one below the other; the model holds ids, and only what is seen is ever made into a face."""

    pressed_record = Signal(object, object)
    """Emits (record, point on the screen) when the button goes down on a record."""
    pulled = Signal(object)
    """Emits the point on the screen while the button is down."""
    released = Signal(object)
    """Emits the point on the screen when the button goes up."""
    entered_record = Signal(object)
    """Emits the record on which Enter was pressed."""
    left = Signal()
    """Esc was pressed."""

    def __init__(
        self, look: Look, faces: Faces, painter: ChipPainter, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self.carried: Sequence[bytes] = ()
        self._model = _Records(faces, self)
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(look, faces, painter, self))
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        # Thousands may have no day: those that are seen are laid out at once, the others in quiet moments.
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(_BATCH)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, self._look.theme.color("surface"))
        self.setPalette(palette)
        self.scheduleDelayedItemsLayout()

    @property
    def records(self) -> Sequence[bytes]:
        """What is shown."""
        return self._model.records

    def show_records(self, records: Sequence[bytes]) -> None:
        """Show these; the current one and the place in the list stay where they can."""
        if list(records) == self._model.records:
            self.viewport().update()
            return
        current, scrolled = self.current_record(), self.verticalScrollBar().value()
        self._model.show(records)
        if current in self._model.records:
            self.setCurrentIndex(self._model.index(self._model.records.index(current)))
        self.verticalScrollBar().setValue(scrolled)

    def current_record(self) -> bytes | None:
        """The record that the user stands on."""
        index = self.currentIndex()
        return self._model.records[index.row()] if index.isValid() else None

    def stand_on(self, record: bytes) -> bool:
        """Stand on a record; False where it is not here."""
        if record not in self._model.records:
            return False
        self.setCurrentIndex(self._model.index(self._model.records.index(record)))
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.pressed_record.emit(index.data(_RECORD), event.globalPosition().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            # The list would begin a selection by rubber band or scroll along; here the record is carried.
            self.pulled.emit(event.globalPosition().toPoint())
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.released.emit(event.globalPosition().toPoint())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        record = self.current_record()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if record is not None:
                self.entered_record.emit(record)
            return
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are keys of commands here, not the beginnings of titles."""
