"""Fusion with the window's own frames: flat, rounded, one-pixel lines, a two-pixel ring for focus."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QMenu,
    QProxyStyle,
    QStyle,
    QStyleOption,
    QStyleOptionComplex,
    QStyleOptionMenuItem,
    QStyleOptionSlider,
    QWidget,
)

from app.desktop.theme import Theme

FLAT = "flatField"
"""A field with this dynamic property has no frame until the pointer or the focus is on it."""

BARE = "bareField"
"""A field with this dynamic property has no frame at all: it is the one line of a panel, which has one."""

_SCROLL_BAR = 10


class SitebookStyle(QProxyStyle):
    """Draws what Fusion draws too heavily; everything else is Fusion's."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("Fusion")
        self._theme = theme
        self._primitives = {
            QStyle.PrimitiveElement.PE_FrameFocusRect: self._focus,
            QStyle.PrimitiveElement.PE_PanelLineEdit: self._field,
            QStyle.PrimitiveElement.PE_FrameLineEdit: self._nothing,
            QStyle.PrimitiveElement.PE_PanelButtonCommand: self._button,
            QStyle.PrimitiveElement.PE_PanelButtonTool: self._tool_button,
            QStyle.PrimitiveElement.PE_PanelMenu: self._menu,
            QStyle.PrimitiveElement.PE_FrameMenu: self._nothing,
            QStyle.PrimitiveElement.PE_PanelScrollAreaCorner: self._nothing,
            QStyle.PrimitiveElement.PE_IndicatorCheckBox: self._check_box,
            QStyle.PrimitiveElement.PE_IndicatorRadioButton: self._radio,
        }

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        own = self._primitives.get(element)
        if own is None:
            super().drawPrimitive(element, option, painter, widget)
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        own(option, painter, widget)
        painter.restore()

    def drawControl(
        self,
        element: QStyle.ControlElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if element is QStyle.ControlElement.CE_MenuItem and isinstance(option, QStyleOptionMenuItem):
            plain = QStyleOptionMenuItem(option)
            if option.state & QStyle.StateFlag.State_Selected:
                painter.save()
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._theme.color("selected"))
                radius = self._theme.metrics.radius
                painter.drawRoundedRect(QRectF(option.rect).adjusted(2, 0, -2, 0), radius, radius)
                painter.restore()
                plain.state &= ~QStyle.StateFlag.State_Selected
            super().drawControl(element, plain, painter, widget)
            return
        super().drawControl(element, option, painter, widget)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if control is QStyle.ComplexControl.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            self._scroll_bar(option, painter, widget)
            return
        if control is QStyle.ComplexControl.CC_ComboBox and isinstance(widget, QComboBox):
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._field(option, painter, widget)
            self._arrow(option, painter, widget)
            painter.restore()
            return
        super().drawComplexControl(control, option, painter, widget)

    def pixelMetric(
        self,
        metric: QStyle.PixelMetric,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
    ) -> int:
        kinds = QStyle.PixelMetric
        if metric is kinds.PM_ScrollBarExtent:
            return _SCROLL_BAR
        if metric is kinds.PM_SmallIconSize:
            return self._theme.metrics.icon
        if metric in (kinds.PM_MenuPanelWidth, kinds.PM_SplitterWidth):
            return 1
        if metric in (kinds.PM_MenuHMargin, kinds.PM_MenuVMargin):
            return 4
        return super().pixelMetric(metric, option, widget)

    def sizeFromContents(
        self,
        kind: QStyle.ContentsType,
        option: QStyleOption,
        size: QSize,
        widget: QWidget | None = None,
    ) -> QSize:
        result = super().sizeFromContents(kind, option, size, widget)  # type: ignore[arg-type]
        kinds = QStyle.ContentsType
        if kind is kinds.CT_MenuItem and result.height() > 12:
            return QSize(result.width() + 16, max(result.height(), self._theme.metrics.control - 4))
        if kind in (kinds.CT_LineEdit, kinds.CT_ComboBox, kinds.CT_PushButton, kinds.CT_SpinBox):
            return QSize(result.width(), max(result.height(), self._theme.metrics.control))
        return result

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        returnData: object = None,
    ) -> int:
        hints = QStyle.StyleHint
        if hint is hints.SH_ToolTipLabel_Opacity:
            return 255
        if hint is hints.SH_ScrollBar_LeftClickAbsolutePosition:
            return 1
        return super().styleHint(hint, option, widget)

    # Frames

    def _nothing(self, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
        """Frames that the panel underneath has drawn already."""

    def _focus(self, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
        self.ring(painter, QRectF(option.rect))

    def ring(self, painter: QPainter, rect: QRectF) -> None:
        """The ring of the focus, just inside ``rect``."""
        painter.setPen(QPen(self._theme.color("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = self._theme.metrics.radius
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)

    def _field(self, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
        if widget is not None and widget.property(BARE):
            return
        rect = QRectF(option.rect)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        flat = widget is not None and bool(widget.property(FLAT))
        radius = self._theme.metrics.radius
        if flat and not focused:
            if hovered:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._theme.hover())
                painter.drawRoundedRect(rect, radius, radius)
            return
        ground = self._theme.color("surface")
        if widget is not None:
            ground = widget.palette().color(QPalette.ColorRole.Base)
        pen = QPen(self._theme.color("accent"), 2) if focused else QPen(self._theme.color("line"), 1)
        inset = pen.widthF() / 2
        painter.setPen(pen)
        painter.setBrush(ground)
        painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius, radius)

    def _button(self, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
        rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = self._theme.metrics.radius
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.setBrush(self._theme.color("surface"))
        painter.drawRoundedRect(rect, radius, radius)
        self._tint(option, painter, rect)

    def _tool_button(self, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
        self._tint(option, painter, QRectF(option.rect))

    def _tint(self, option: QStyleOption, painter: QPainter, rect: QRectF) -> None:
        state = option.state
        color = self._theme.hover()
        if state & (QStyle.StateFlag.State_Sunken | QStyle.StateFlag.State_On):
            color.setAlphaF(min(1.0, color.alphaF() * 2.5))
        elif not state & QStyle.StateFlag.State_MouseOver:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(rect, self._theme.metrics.radius, self._theme.metrics.radius)

    def _menu(self, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
        rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.setBrush(self._theme.color("surface"))
        if isinstance(widget, QMenu):
            painter.drawRect(rect)
        else:
            painter.drawRoundedRect(rect, self._theme.metrics.radius, self._theme.metrics.radius)

    def _check_box(self, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
        rect = QRectF(option.rect).adjusted(1, 1, -1, -1)
        checked = self._box_ground(option, painter)
        painter.drawRoundedRect(rect, 4, 4)
        if checked:
            pen = QPen(self._theme.color("on_accent"), 1.8)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            center, side = rect.center(), rect.width()
            painter.drawPolyline(
                [
                    center + QPointF(-side * 0.24, side * 0.02),
                    center + QPointF(-side * 0.06, side * 0.2),
                    center + QPointF(side * 0.26, -side * 0.18),
                ]
            )

    def _radio(self, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
        rect = QRectF(option.rect).adjusted(1, 1, -1, -1)
        checked = self._box_ground(option, painter)
        painter.drawEllipse(rect)
        if checked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("on_accent"))
            painter.drawEllipse(rect.center(), rect.width() * 0.2, rect.height() * 0.2)

    def _box_ground(self, option: QStyleOption, painter: QPainter) -> bool:
        """Take pen and brush of a box that is chosen, or not; gives which."""
        checked = bool(option.state & QStyle.StateFlag.State_On)
        enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        ring = self._theme.color("accent" if checked and enabled else "muted")
        painter.setPen(QPen(ring, 1.5))
        painter.setBrush(ring if checked else self._theme.color("surface"))
        return checked

    def _arrow(self, option: QStyleOptionComplex, painter: QPainter, widget: QWidget) -> None:
        if widget.property(FLAT) and not widget.underMouse() and not widget.hasFocus():
            return
        rect = QRectF(option.rect)
        center = QPointF(rect.right() - 14, rect.center().y())
        pen = QPen(self._theme.color("muted"), 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(
            [center + QPointF(-3.5, -1.5), center + QPointF(0, 2), center + QPointF(3.5, -1.5)]
        )

    def _scroll_bar(self, option: QStyleOptionSlider, painter: QPainter, widget: QWidget | None) -> None:
        """A bare rounded handle; nothing when there is nothing to scroll."""
        if widget is not None:
            painter.fillRect(option.rect, widget.palette().color(QPalette.ColorRole.Base))
        if option.maximum <= option.minimum:
            return
        handle = self.subControlRect(
            QStyle.ComplexControl.CC_ScrollBar,
            option,
            QStyle.SubControl.SC_ScrollBarSlider,
            widget,  # type: ignore[arg-type]
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = QColor(self._theme.tokens.muted)
        active = bool(option.state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Sunken))
        color.setAlphaF(0.75 if active else 0.4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(QRectF(_thinner(handle)), 3, 3)
        painter.restore()


def _thinner(handle: QRect) -> QRect:
    """The handle with a margin across its direction."""
    if handle.width() <= handle.height():
        return handle.adjusted(2, 1, -2, -1)
    return handle.adjusted(1, 2, -1, -2)
