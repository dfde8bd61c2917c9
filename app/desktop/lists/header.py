"""The line above a list: the columns' names, each a button that sorts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QStyle, QWidget

from app.desktop.lists.cells import Column
from app.desktop.lists.delegate import RowDelegate
from app.desktop.translate import tr
from app.desktop.widgets import Look, paint_ring


class _Head(QAbstractButton):
    """One column's name."""

    def __init__(self, look: Look, column: Column, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.column = column
        self.direction = 0
        self.setEnabled(column.sortable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if column.sortable else Qt.FocusPolicy.NoFocus)
        self.setText(column.title if column.show_title else "")
        self.setAccessibleName(tr("Sort by {column}").format(column=column.title))
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_direction(self, direction: int) -> None:
        """1 for ascending, -1 for descending, 0 if the list is sorted by something else."""
        if direction != self.direction:
            self.direction = direction
            words = {1: tr("ascending"), -1: tr("descending"), 0: ""}
            self.setAccessibleDescription(words[direction])
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(40, self._look.theme.metrics.header)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lively = self.isEnabled() and (self.underMouse() or self.direction != 0)
        painter.setPen(theme.color("text" if lively else "muted"))
        painter.setFont(theme.caption_font())
        rect = self.rect()
        arrow = 12 if self.direction else 0
        align = Qt.AlignmentFlag.AlignVCenter
        align |= Qt.AlignmentFlag.AlignRight if self.column.right else Qt.AlignmentFlag.AlignLeft
        space = rect.adjusted(0, 0, -arrow, 0)
        fits = painter.fontMetrics().horizontalAdvance(self.text()) <= space.width()
        shown = self.text() if fits else ""
        painter.drawText(space, align, shown)
        if self.direction:
            width = painter.fontMetrics().horizontalAdvance(shown)
            left = rect.right() - 10 if self.column.right else min(width + 3, rect.right() - 10)
            name = "caret-up" if self.direction > 0 else "caret-down"
            ratio = self.devicePixelRatioF()
            pixmap = self._look.icons.pixmap(name, "text", ratio=ratio, size=10)
            painter.drawPixmap(QPoint(left, rect.center().y() - 5), pixmap)
        if self.hasFocus():
            paint_ring(painter, QRectF(rect), theme)


class HeaderLine(QWidget):
    """The names of the columns, laid out as the rows are."""

    sort_asked = Signal(str)
    """Emits the key of the column."""

    def __init__(
        self, look: Look, columns: tuple[Column, ...], delegate: RowDelegate, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._delegate = delegate
        self._heads: list[_Head] = []
        self._sorting = ("", 1)
        self.set_columns(columns)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def heads(self) -> Sequence[QWidget]:
        """The columns' names, from left to right."""
        return self._heads

    def set_columns(self, columns: tuple[Column, ...]) -> None:
        """Name other columns from now on."""
        for head in self._heads:
            head.hide()
            head.deleteLater()
        self._heads = [_Head(self._look, each, self) for each in columns]
        for head in self._heads:
            head.clicked.connect(lambda _checked=False, head=head: self.sort_asked.emit(head.column.key))
        self.set_sorting(*self._sorting)
        self._arrange()

    def set_sorting(self, key: str, direction: int) -> None:
        """Show by which column, and in which direction (1 or -1), the list is sorted."""
        self._sorting = (key, direction)
        for head in self._heads:
            head.set_direction(direction if head.column.key == key else 0)

    def _restyle(self) -> None:
        self.setFixedHeight(self._look.theme.metrics.header)
        self._arrange()
        self.update()

    def _row_width(self) -> int:
        """How wide a row is: beside it the scroll bar stands."""
        return self.width() - self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)

    def _arrange(self) -> None:
        places = {place.index: place for place in self._delegate.places(self._row_width())}
        for index, head in enumerate(self._heads):
            place = places.get(index)
            head.setVisible(place is not None and bool(head.text()))
            if place is not None:
                head.setGeometry(QRect(place.left, 0, place.width, self.height() - 1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.theme.color("surface"))
        painter.fillRect(0, self.height() - 1, self._row_width(), 1, self._look.theme.color("line"))
