"""The first start: three ways in."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.desktop.pages.entry import Way
from app.desktop.translate import tr
from app.desktop.widgets import Look, Size, Surface, Text, paint_ring


class _WayButton(QAbstractButton):
    """A way in: icon, name, and what it means. The first is the filled one."""

    def __init__(self, look: Look, icon: str, title: str, text: str, *, filled: bool) -> None:
        super().__init__()
        self._look = look
        self._icon = icon
        self._explanation = text
        self._filled = filled
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(400, self._look.theme.metrics.row * 2 + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        metrics = theme.metrics
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self._filled:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawRoundedRect(rect, metrics.radius, metrics.radius)
        else:
            painter.setPen(QPen(theme.color("line"), 1))
            painter.setBrush(theme.color("surface"))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), metrics.radius, metrics.radius)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.hover())
            painter.drawRoundedRect(rect, metrics.radius, metrics.radius)
        tint = "on_accent" if self._filled else "accent"
        pixmap = self._look.icons.pixmap(self._icon, tint, ratio=self.devicePixelRatioF(), size=24)
        painter.drawPixmap(QPointF(metrics.gap_large, (self.height() - 24) / 2), pixmap)
        left = metrics.gap_large * 2 + 24
        block = round(metrics.base * 3.2)
        top = (self.height() - block) // 2
        space = QRect(left, top, self.width() - left - metrics.gap_large, block)
        painter.setPen(theme.color("on_accent" if self._filled else "text"))
        painter.setFont(theme.font(strong=True))
        painter.drawText(space, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.setPen(theme.color("on_accent" if self._filled else "muted"))
        painter.setFont(theme.font())
        shown = painter.fontMetrics().elidedText(
            self._explanation, Qt.TextElideMode.ElideRight, space.width()
        )
        painter.drawText(space, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, shown)
        if self.hasFocus():
            paint_ring(painter, rect, theme, on_accent=self._filled)


class _Mark(QWidget):
    """The program's sign."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setFixedSize(48, 48)
        look.theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.theme.color("accent"))
        painter.drawRoundedRect(QRectF(self.rect()), 12, 12)
        ratio = self.devicePixelRatioF()
        sign = self._look.icons.pixmap("notebook", "on_accent", ratio=ratio, size=28)
        painter.drawPixmap(QPointF(10, 10), sign)


class WelcomePage(Surface):
    """Three ways in, and what Sitebook is in one sentence."""

    way_chosen = Signal(object)
    """Emits a ``Way``."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "background", parent)
        metrics = look.theme.metrics
        column = QVBoxLayout()
        column.setSpacing(metrics.gap_medium)
        column.addStretch(2)
        column.addWidget(_Mark(look))
        title = Text(look, tr("Sitebook"), size=Size.LARGE)
        lead = Text(
            look,
            tr(
                "Notes and issues for the site. Everything works without a network, "
                "and merges when there is one."
            ),
            tone="muted",
            wrap=True,
        )
        column.addWidget(title)
        column.addWidget(lead)
        column.addSpacing(metrics.gap_medium)
        self.ways = {
            Way.NEW: _WayButton(
                look, "plus-circle", tr("New project"), tr("Start with an empty project"), filled=True
            ),
            Way.JOIN: _WayButton(
                look, "sign-in", tr("Join with a code"), tr("Someone invited you to a project"), filled=False
            ),
            Way.SAMPLE: _WayButton(
                look,
                "buildings",
                tr("Look at the sample"),
                tr("Try everything on a made-up site"),
                filled=False,
            ),
        }
        for way, button in self.ways.items():
            button.clicked.connect(lambda _checked=False, way=way: self.way_chosen.emit(way))
            column.addWidget(button)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.addStretch(1)
        holder = QWidget()
        holder.setFixedWidth(440)
        holder.setLayout(column)
        row.addWidget(holder)
        row.addStretch(1)

    def start(self) -> None:
        """Put the focus on the first way."""
        self.ways[Way.NEW].setFocus(Qt.FocusReason.OtherFocusReason)
