"""Fields that are yes or no."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QStyle, QStyleOptionButton, QWidget

from app.desktop.item.desk import Desk
from app.desktop.item.fields.base import FieldEditor
from app.desktop.item.speech import field_title
from app.desktop.widgets import Look, paint_ring
from app.domain.schema import Field


class CheckBox(QAbstractButton):
    """A box to tick, with its ring around it."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        look.theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        side = self._look.theme.metrics.control
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = theme.metrics.icon
        box = QRect(theme.metrics.gap, (self.height() - side) // 2, side, side)
        around = QRectF(box).adjusted(-4, -4, 4, 4)
        if self.underMouse() and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.hover())
            painter.drawRoundedRect(around, theme.metrics.radius, theme.metrics.radius)
        option = QStyleOptionButton()
        option.initFrom(self)
        option.rect = box
        option.state |= QStyle.StateFlag.State_On if self.isChecked() else QStyle.StateFlag.State_Off
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_IndicatorCheckBox, option, painter, self)
        if self.hasFocus():
            paint_ring(painter, around, theme)


class CheckEditor(FieldEditor):
    """A box to tick."""

    def __init__(
        self, desk: Desk, record: bytes, kind: str, field: Field, parent: QWidget | None = None
    ) -> None:
        super().__init__(desk, record, kind, field, parent)
        self.box = CheckBox(desk.look, self)
        self.box.setAccessibleName(field_title(field))
        self.box.setEnabled(field.writable)
        self.box.clicked.connect(self._ticked)
        self.setFocusProxy(self.box)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box)
        layout.addStretch(1)

    def refresh(self) -> None:
        self.box.setChecked(self.value is True)

    def _ticked(self, checked: bool) -> None:
        self.write(checked)
        self.show_state(self.desk.source.field(self.record, self.field.name, self.kind))
