"""A quiet table of texts that are only read."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.desktop.widgets import Look


class _Cell(QStyledItemDelegate):
    """Paints a cell: a sign where the model gives one, the text, a line below."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._look.theme
        metrics = theme.metrics
        rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("selected"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("line"))
        room = rect.adjusted(metrics.gap, 0, -metrics.gap, -1)
        icon = index.data(Qt.ItemDataRole.DecorationRole)
        if icon is not None:
            painter.drawPixmap(room.left(), room.center().y() - metrics.icon // 2 + 1, icon)
            room.setLeft(room.left() + metrics.icon + metrics.gap_small)
        align = index.data(Qt.ItemDataRole.TextAlignmentRole)
        painter.setFont(theme.font())
        painter.setPen(index.data(Qt.ItemDataRole.ForegroundRole) or theme.color("text"))
        _draw_text(painter, room, str(index.data() or ""), align)


class _Header(QHeaderView):
    """Names of columns, or numbers of rows, in small muted letters."""

    def __init__(self, look: Look, orientation: Qt.Orientation, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        self._look = look

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        theme = self._look.theme
        painter.fillRect(rect, theme.color("surface"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("line"))
        model, role = self.model(), Qt.ItemDataRole
        words = str(model.headerData(logicalIndex, self.orientation(), role.DisplayRole) or "")
        align = model.headerData(logicalIndex, self.orientation(), role.TextAlignmentRole)
        if align is None and self.orientation() is Qt.Orientation.Vertical:
            align = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(theme.caption_font())
        painter.setPen(theme.color("muted"))
        gap = theme.metrics.gap
        _draw_text(painter, rect.adjusted(gap, 0, -gap, -1), words, align)


def _draw_text(painter: QPainter, room: QRect, text: str, align: int | None) -> None:
    text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    usual = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    painter.drawText(room, usual if align is None else int(align), text)


class CellTable(QTableView):
    """Rows of one height with thin lines between them, moved through with the arrow keys."""

    def __init__(
        self, look: Look, model: QAbstractTableModel, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self.setModel(model)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self._cells = _Cell(look, self)
        self.setItemDelegate(self._cells)
        # Held here too: of an object that is only handed on, Python's part would go.
        self._heads = (
            _Header(look, Qt.Orientation.Horizontal, self),
            _Header(look, Qt.Orientation.Vertical, self),
        )
        self.setHorizontalHeader(self._heads[0])
        self.setVerticalHeader(self._heads[1])
        for header in self._heads:
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        theme = self._look.theme
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Highlight, theme.color("selected"))
        palette.setColor(QPalette.ColorRole.HighlightedText, theme.color("text"))
        self.setPalette(palette)
        self.setFont(theme.font())
        self.verticalHeader().setMinimumSectionSize(theme.metrics.row - 4)
        self.verticalHeader().setDefaultSectionSize(theme.metrics.row - 4)
        self.horizontalHeader().setFixedHeight(theme.metrics.header)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()  # the page's
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters find nothing here."""
