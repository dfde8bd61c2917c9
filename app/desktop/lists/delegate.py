"""Paints one whole row of a list in one call."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from app.desktop.lists.cells import (
    Cell,
    Column,
    DateCell,
    IconCell,
    Place,
    Row,
    TextCell,
    TitleCell,
    arrange,
)
from app.desktop.lists.model import ROW_ROLE
from app.desktop.widgets import Look

_ONE_LINE = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value
_LEFT = _ONE_LINE | Qt.AlignmentFlag.AlignLeft.value
_RIGHT = _ONE_LINE | Qt.AlignmentFlag.AlignRight.value


class RowDelegate(QStyledItemDelegate):
    """Paints the cells of a ``Row`` into the places of its columns."""

    def __init__(self, look: Look, columns: tuple[Column, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._columns = columns
        self._places: dict[int, list[Place]] = {}
        self._elided: dict[tuple[str, int, bool], tuple[str, int]] = {}
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        theme = self._look.theme
        self._places.clear()
        self._elided.clear()
        self._font = theme.font()
        self._strong = theme.font(strong=True)
        self._measure = {False: QFontMetrics(self._font), True: QFontMetrics(self._strong)}
        self._colors = {
            name: theme.color(name)
            for name in ("text", "muted", "accent", "danger", "warning", "success", "line", "selected")
        }
        self._hover = theme.hover()

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Paint other columns from now on."""
        self._columns = columns
        self._places.clear()

    def places(self, width: int) -> list[Place]:
        """Where the columns lie in a list of ``width`` pixels."""
        known = self._places.get(width)
        if known is None:
            metrics = self._look.theme.metrics
            if len(self._places) > 50:
                self._places.clear()
            known = arrange(self._columns, width, metrics.base / 13, metrics.gap_medium, metrics.gap_medium)
            self._places[width] = known
        return known

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, self._look.theme.metrics.row)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row):
            return
        rect = option.rect
        state = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._colors["selected"])
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, self._hover)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._colors["line"])
        for place in self.places(rect.width()):
            space = QRect(rect.left() + place.left, rect.top(), place.width, rect.height() - 1)
            self._paint_cell(painter, row.cells[place.index], self._columns[place.index], space)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(rect.left(), rect.top(), 2, rect.height() - 1, self._colors["accent"])
        painter.restore()

    def _paint_cell(self, painter: QPainter, cell: Cell, column: Column, space: QRect) -> None:
        theme = self._look.theme
        if isinstance(cell, TitleCell):
            self._text(painter, space, cell.text, cell.tone)
        elif isinstance(cell, TextCell):
            align = _RIGHT if column.right else _LEFT
            self._text(painter, space, cell.text, cell.tone, align=align, strong=cell.strong)
        elif isinstance(cell, IconCell):
            box = _square(space, theme.metrics.icon)
            ratio = painter.device().devicePixelRatioF()
            painter.drawPixmap(box.topLeft(), self._look.icons.pixmap(cell.icon, cell.tone, ratio=ratio))
        elif isinstance(cell, DateCell):
            self._text(painter, space, cell.text, "muted", align=_RIGHT)

    def _text(
        self,
        painter: QPainter,
        space: QRect,
        text: str,
        tone: str,
        *,
        align: int = _LEFT,
        strong: bool = False,
    ) -> int:
        """Draw one line, cut with an ellipsis; gives its width in pixels."""
        if not text or space.width() <= 0:
            return 0
        key = (text, space.width(), strong)
        known = self._elided.get(key)
        if known is None:
            if len(self._elided) > 5000:
                self._elided.clear()
            measure = self._measure[strong]
            cut = measure.elidedText(text, Qt.TextElideMode.ElideRight, space.width())
            known = self._elided[key] = (cut, measure.horizontalAdvance(cut))
        shown, width = known
        painter.setFont(self._strong if strong else self._font)
        painter.setPen(self._colors[tone])
        painter.drawText(space, align, shown)
        return width

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        row = index.data(ROW_ROLE)
        if event.type() != QEvent.Type.ToolTip or not isinstance(row, Row):
            return super().helpEvent(event, view, option, index)
        inside = event.pos().x() - option.rect.left()
        for place in self.places(option.rect.width()):
            if place.left <= inside < place.left + place.width:
                hint = row.cells[place.index].hint
                if hint:
                    QToolTip.showText(event.globalPos(), hint, view)
                    return True
        QToolTip.hideText()
        return True


def _square(space: QRect, side: int) -> QRect:
    """A square of ``side`` pixels in the middle of ``space``."""
    box = QRect(0, 0, side, side)
    box.moveCenter(space.center())
    return box
