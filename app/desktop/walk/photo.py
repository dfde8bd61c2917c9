"""A small photo that waits for the next issue; a press takes it away."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.desktop.translate import tr
from app.desktop.widgets import Look, paint_ring

_SIDE = 56


class PhotoButton(QAbstractButton):
    """The picture, or an icon until it is read; under the pointer a cross says what a press does."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._picture: QPixmap | None = None
        self.setAccessibleName(tr("Photo {name}: press to leave it out").format(name=name))
        self.setToolTip(f"{name}\n{tr('Press to leave it out')}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        look.theme.changed.connect(self.updateGeometry)

    def show_picture(self, picture: QPixmap) -> None:
        """Show what was read."""
        self._picture = picture
        self.update()

    def sizeHint(self) -> QSize:
        side = round(_SIDE * self._look.theme.metrics.base / 13)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Delete):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rect = QRectF(self.rect())
        path = QPainterPath()
        path.addRoundedRect(rect, theme.metrics.radius, theme.metrics.radius)
        painter.fillPath(path, theme.color("background"))
        icon = theme.metrics.icon + 4
        middle = QRectF(0, 0, icon, icon)
        middle.moveCenter(rect.center())
        ratio = self.devicePixelRatioF()
        if self._picture is not None:
            side = min(self._picture.width(), self._picture.height())
            part = QRectF((self._picture.width() - side) / 2, (self._picture.height() - side) / 2, side, side)
            painter.setClipPath(path)
            painter.drawPixmap(rect, self._picture, part)
            painter.setClipping(False)
        else:
            image = self._look.icons.pixmap("image", "muted", ratio=ratio, size=icon)
            painter.drawPixmap(middle.topLeft(), image)
        if self.underMouse() or self.hasFocus():
            veil = theme.color("text")
            veil.setAlphaF(0.55)
            painter.fillPath(path, veil)
            painter.drawPixmap(
                middle.topLeft(), self._look.icons.pixmap("x", "surface", ratio=ratio, size=icon)
            )
        if self.hasFocus():
            paint_ring(painter, rect, theme)
