"""The list itself: rows over a ``KeyModel``, the keyboard, and a selection that outlives refreshes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from app.desktop.lists.cells import Column, Row
from app.desktop.lists.delegate import RowDelegate
from app.desktop.lists.model import KeyModel
from app.desktop.widgets import Look


class RowList(QTableView):
    """A list of rows. ``chosen`` says which row the user stands on; ``opened`` that he wants to see it."""

    chosen = Signal(object)
    """Emits the current ``Row``, or None."""
    opened = Signal(object)
    """Emits the ``Row`` that was clicked or on which Enter was pressed, with whether it was Enter."""
    entered_row = Signal(object)
    """Emits the ``Row`` on which Enter was pressed."""
    left = Signal()
    """Esc was pressed."""
    selection_changed = Signal()

    def __init__(
        self,
        look: Look,
        columns: tuple[Column, ...],
        build: Callable[[bytes], Row],
        name: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._refilling = False
        self.keys = KeyModel(build, self)
        self.rows = RowDelegate(look, columns, self)
        self.setModel(self.keys)
        self.setItemDelegate(self.rows)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # A table of one column: its rows have one height, so nothing is done row by row for 40,000 of them.
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # Always there, so that rows and header keep their places; it paints nothing while nothing scrolls.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, self._look.theme.color("surface"))
        self.setPalette(palette)
        self.setFont(self._look.theme.font())
        row = self._look.theme.metrics.row
        self.verticalHeader().setMinimumSectionSize(row)
        self.verticalHeader().setDefaultSectionSize(row)
        self.verticalScrollBar().setSingleStep(row)

    def current_key(self) -> bytes | None:
        """The key of the row that the user stands on."""
        index = self.currentIndex()
        return self.keys.keys[index.row()] if index.isValid() else None

    def current_row(self) -> Row | None:
        """The row that the user stands on."""
        index = self.currentIndex()
        return self.keys.row(index.row()) if index.isValid() else None

    def selected_keys(self) -> list[bytes]:
        """The keys of all selected rows, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self.keys.keys[row] for row in rows]

    def select_key(self, key: bytes) -> bool:
        """Stand on the row of ``key``; False where it is not in the list."""
        position = self.keys.position(key)
        if position is None:
            return False
        self.setCurrentIndex(self.keys.index(position))
        return True

    def set_keys(self, keys: list[bytes]) -> None:
        """Replace the rows; selection, current row and the place on the screen stay where they can."""
        if keys == self.keys.keys:
            return
        selected = self.selected_keys()
        current = self.current_key()
        position = self.currentIndex().row()
        offset = self._offset_of(current)
        scrolled = self.verticalScrollBar().value()
        self._refilling = True
        self.keys.set_keys(keys)
        self.updateGeometries()
        selection = QItemSelection()
        for key in selected:
            place = self.keys.position(key)
            if place is not None:
                index = self.keys.index(place)
                selection.select(index, index)
        model = self.selectionModel()
        model.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        target = self.keys.position(current) if current is not None else None
        if target is None and current is not None and keys:
            target = min(max(position, 0), len(keys) - 1)
            gone = True
        else:
            gone = False
        if target is not None:
            flag = QItemSelectionModel.SelectionFlag
            model.setCurrentIndex(
                self.keys.index(target),
                flag.ClearAndSelect if gone and selection.isEmpty() else flag.NoUpdate,
            )
            row = self._look.theme.metrics.row
            scrolled = target * row - offset if offset is not None and not gone else scrolled
        self.verticalScrollBar().setValue(scrolled)
        self._refilling = False
        if gone or (target is None and current is not None):
            self.chosen.emit(self.current_row())
        self.selection_changed.emit()

    def _offset_of(self, key: bytes | None) -> int | None:
        """How far below the top of the viewport the row of ``key`` stands; None where it is not seen."""
        position = self.keys.position(key) if key is not None else None
        if position is None:
            return None
        top = position * self._look.theme.metrics.row - self.verticalScrollBar().value()
        return top if 0 <= top < self.viewport().height() else None

    def move_by(self, step: int) -> None:
        """Stand on the row ``step`` further down."""
        count = len(self.keys.keys)
        if not count:
            return
        index = self.currentIndex()
        target = min(max(index.row() + step, 0), count - 1) if index.isValid() else 0
        self.setCurrentIndex(self.keys.index(target))

    def toggle_current(self) -> None:
        """Select the row that the user stands on too, or let it go."""
        index = self.currentIndex()
        if index.isValid():
            self.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Toggle)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            row = self.current_row()
            if row is not None:
                self.entered_row.emit(row)
            return
        if key == Qt.Key.Key_Escape:
            self.left.emit()
            return
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            event.ignore()
            return
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End) and not event.modifiers():
            self.move_by(len(self.keys.keys) * (1 if key == Qt.Key.Key_End else -1))
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are keys of commands here, not the beginnings of rows."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        index = self.indexAt(event.position().toPoint())
        if plain and event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self.opened.emit(self.keys.row(index.row()))

    def _current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if not self._refilling:
            self.chosen.emit(self.current_row())

    def _selection_changed(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        if not self._refilling:
            self.selection_changed.emit()

    def selected_rows(self) -> Sequence[Row]:
        """All selected rows, from top to bottom."""
        return [self.keys.row(index.row()) for index in sorted(self.selectionModel().selectedIndexes())]
