"""Widgets that fill lines from left to right, as words fill a paragraph.

They are placed by hand and not by a layout written in Python: Qt destroys a layout's items itself, while PySide
knows some of them as Python's, and the one that is later holds what is gone.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget


class Flow(QWidget):
    """Widgets of their own size, with the same gap beside and below them. It is as high as its lines."""

    def __init__(self, gap: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gap = gap
        self._widgets: list[QWidget] = []
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_widgets(self, widgets: Iterable[QWidget]) -> None:
        """Place these, in this order; those that were placed before keep their parent and stand where they were."""
        self._widgets = list(widgets)
        for each in self._widgets:
            if each.parentWidget() is not self:
                hidden = each.isHidden() and each.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
                each.setParent(self)
                each.setVisible(not hidden)
        self._renew()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(width, move=False)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        size = QSize(0, 0)
        for each in self._widgets:
            if not each.isHidden():
                size = size.expandedTo(_size_of(each))
        return size

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            # One of them came, went or wants another size.
            self._renew()
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(self.width(), move=True)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place(self.width(), move=True)

    def _renew(self) -> None:
        self.updateGeometry()
        self._place(self.width(), move=True)

    def _place(self, width: int, *, move: bool) -> int:
        left, top, height = 0, 0, 0
        for each in self._widgets:
            if each.isHidden():
                continue
            size = _size_of(each)
            if left > 0 and left + size.width() > width:
                left, top, height = 0, top + height + self._gap, 0
            if move:
                each.setGeometry(QRect(QPoint(left, top), size))
            left += size.width() + self._gap
            height = max(height, size.height())
        return top + height


def _size_of(widget: QWidget) -> QSize:
    """As layouts of Qt find it."""
    wanted = widget.sizeHint().expandedTo(widget.minimumSizeHint())
    return wanted.boundedTo(widget.maximumSize()).expandedTo(widget.minimumSize())
