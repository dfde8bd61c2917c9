"""What floats over the window: a panel with a soft shadow, closed by Esc, a press elsewhere, or leaving it.

It is a child of the window and no window of its own: nothing steals the focus, and no window manager has a say.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.desktop.widgets import Look

SHADOW = 12
"""How far the shadow reaches beyond the panel, in device-independent pixels."""


class FloatingPanel(QWidget):
    """The panel. ``column`` is the layout of what stands in it; ``friend`` may be pressed without closing it."""

    closed = Signal()

    def __init__(self, look: Look, name: str, window: QWidget, friend: QWidget | None = None) -> None:
        super().__init__(window)
        self._look = look
        self._friend = friend
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(SHADOW + 6, SHADOW + 6, SHADOW + 6, SHADOW + 6)
        self.column.setSpacing(4)
        self.hide()
        look.theme.changed.connect(self.update)

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.isVisible()

    def open_at(self, rect: QRect) -> None:
        """Show the panel itself, without its shadow, at a place of the window."""
        self.setGeometry(rect.adjusted(-SHADOW, -SHADOW, SHADOW, SHADOW))
        if not self.isVisible():
            self.raise_()
            self.show()
            application = QApplication.instance()
            assert isinstance(application, QApplication)
            application.installEventFilter(self)
            application.focusChanged.connect(self._focus_changed)

    def open_below(self, widget: QWidget, width: int, height: int, left: int = 0) -> None:
        """Show it below a widget, or above where there is more room; ``left`` is counted from the widget's."""
        window = self.parentWidget()
        assert window is not None, "what floats was made over a window"
        at = widget.mapTo(window, QPoint(left, widget.height() + 4))
        width = min(width, window.width() - 16)
        below = window.height() - 8 - at.y()
        above = widget.mapTo(window, QPoint(0, 0)).y() - 12
        top = at.y()
        if below < min(height, 160) and above > below:
            height = min(height, above)
            top = above + 8 - height
        else:
            height = min(height, max(below, 80))
        x = max(8, min(at.x(), window.width() - width - 8))
        self.open_at(QRect(x, top, width, height))

    def close_panel(self) -> None:
        """Hide it."""
        if not self.isVisible():
            return
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.removeEventFilter(self)
        application.focusChanged.disconnect(self._focus_changed)
        self.hide()
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            at = event.globalPosition().toPoint()
            if not self._holds(at) and isinstance(watched, QWidget) and watched.window() is self.window():
                self.close_panel()
        elif event.type() is QEvent.Type.Resize and watched is self.parentWidget():
            self.window_resized()
        return False

    def window_resized(self) -> None:
        """The window has another size: what stood below something stands elsewhere now."""
        self.close_panel()

    def _holds(self, at: QPoint) -> bool:
        own = self.rect().adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
        if own.contains(self.mapFromGlobal(at)):
            return True
        friend = self._friend
        return friend is not None and friend.isVisible() and friend.rect().contains(friend.mapFromGlobal(at))

    def _focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        if now is None or now is self._friend or now is self or self.isAncestorOf(now):
            return
        if now.window() is self.window():
            self.close_panel()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        panel = QRectF(self.rect()).adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
        radius = theme.metrics.radius + 2
        shade = QColor(0, 0, 0)
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(SHADOW, 0, -2):
            shade.setAlphaF(0.022 if not theme.tokens.dark else 0.06)
            painter.setBrush(shade)
            painter.drawRoundedRect(panel.adjusted(-step, 2 - step, step, step), radius + step, radius + step)
        painter.setBrush(theme.color("surface"))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawRoundedRect(panel.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
