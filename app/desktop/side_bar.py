"""The side bar: which project, what to look at in it with live counts, and the settings."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.desktop.glyphs import paint_avatar
from app.desktop.translate import number_text, tr
from app.desktop.widgets import Line, Look, Size, Surface, Text, paint_ring

_LEAST_HEIGHT = 26
_NARROW = 56


class Entry(QAbstractButton):
    """An entry of the bar: icon, name, count."""

    def __init__(self, look: Look, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._icon = icon
        self._count = 0
        self._tone = "muted"
        self.narrow = False
        self.setText(name)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        look.theme.changed.connect(self.updateGeometry)
        look.theme.changed.connect(self.update)
        self.set_count(0)

    def set_count(self, count: int, tone: str = "muted") -> None:
        """Show how many there are; 0 shows nothing."""
        self._count = count
        self._tone = tone
        self.setAccessibleName(f"{self.text()}, {number_text(count)}" if count else self.text())
        self.setToolTip(self.accessibleName() if self.narrow else "")
        self.update()

    def set_narrow(self, narrow: bool) -> None:
        """Show only the icon."""
        self.narrow = narrow
        self.set_count(self._count, self._tone)

    def sizeHint(self) -> QSize:
        metrics = self._look.theme.metrics
        return QSize(40, max(30, metrics.row - 2))

    def minimumSizeHint(self) -> QSize:
        """Large rows give way on a low screen, so that the window never reaches beyond it."""
        return QSize(40, _LEAST_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        metrics = theme.metrics
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(theme.color("selected"))
            painter.drawRoundedRect(rect, metrics.radius, metrics.radius)
        elif self.underMouse():
            painter.setBrush(theme.hover())
            painter.drawRoundedRect(rect, metrics.radius, metrics.radius)
        tone = "accent" if self.isChecked() else "muted"
        pixmap = self._look.icons.pixmap(self._icon, tone, ratio=self.devicePixelRatioF())
        left = (self.width() - metrics.icon) / 2 if self.narrow else metrics.gap
        painter.drawPixmap(QPointF(left, (self.height() - metrics.icon) / 2), pixmap)
        if not self.narrow:
            self._paint_words(painter)
        elif self._count and self._tone != "muted":
            painter.setBrush(theme.color(self._tone))
            painter.drawEllipse(QPointF(self.width() - 12, 9), 3.5, 3.5)
        if self.hasFocus():
            paint_ring(painter, rect, theme)

    def _reserve(self) -> int:
        """How much room, in pixels, something else needs before the count."""
        return 0

    def _paint_words(self, painter: QPainter) -> None:
        theme = self._look.theme
        metrics = theme.metrics
        count = number_text(self._count) if self._count else ""
        left = metrics.gap + metrics.icon + metrics.gap
        space = self.rect().adjusted(left, 0, -metrics.gap, 0)
        painter.setFont(theme.font(strong=self._tone != "muted"))
        painter.setPen(theme.color(self._tone))
        painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, count)
        taken = painter.fontMetrics().horizontalAdvance(count) + (metrics.gap if count else 0)
        painter.setFont(theme.font(strong=self.isChecked()))
        painter.setPen(theme.color("text"))
        room = space.adjusted(0, 0, -taken - self._reserve(), 0)
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class _Switcher(QAbstractButton):
    """The project's initials and name; opens the project menu."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.narrow = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.update)
        self.set_name(name)

    def set_name(self, name: str) -> None:
        """The project is called something else now."""
        self.setText(name)
        self.setAccessibleName(tr("Project {name}").format(name=name))
        self.setToolTip(name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(40, self._look.theme.metrics.control + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        metrics = theme.metrics
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self.underMouse() or self.isDown():
            tint = QColor(theme.hover())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tint)
            painter.drawRoundedRect(rect, metrics.radius, metrics.radius)
        side = metrics.gap_huge - 3
        left = (self.width() - side) / 2 if self.narrow else metrics.gap - 1
        box = QRectF(left, (self.height() - side) / 2, side, side)
        paint_avatar(painter, box, self.text(), theme, square=True)
        if not self.narrow:
            painter.setFont(theme.font(strong=True))
            painter.setPen(theme.color("text"))
            start = int(left + side + metrics.gap)
            space = QRect(start, 0, self.width() - start - metrics.gap_huge - 2, self.height())
            shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, space.width())
            painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
            caret = self._look.icons.pixmap("caret-down", "muted", ratio=self.devicePixelRatioF(), size=12)
            painter.drawPixmap(QPointF(self.width() - 20, (self.height() - 12) / 2), caret)
        if self.hasFocus():
            paint_ring(painter, rect, theme)


@dataclass(frozen=True, slots=True)
class SideEntry:
    """One entry: the page that it shows, its icon and name. An entry without icon is a caption."""

    page: str
    icon: str
    name: str


class SideSection(QWidget):
    """A part of the bar that looks after its own entries."""

    def set_narrow(self, narrow: bool) -> None:
        """Show only icons, or icons and names."""


class SideScroll(QScrollArea):
    """As tall as what it holds, and less tall where there is no room."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._wanted = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        """The ground of the scroll bar is the bar's."""
        palette = self.verticalScrollBar().palette()
        palette.setColor(QPalette.ColorRole.Base, self._look.theme.color("background"))
        self.verticalScrollBar().setPalette(palette)

    def hold(self, inside: QWidget) -> None:
        """Show a column of entries on the bar's own ground."""
        self.setWidget(inside)
        self.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)

    def fit(self, least: int, most: int) -> None:
        """Be between ``least`` and ``most`` pixels tall."""
        self._wanted = most
        self.setMinimumHeight(least)
        self.setMaximumHeight(most)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(40, self._wanted)


class SideBar(Surface):
    """The bar. It holds no state of the project: counts are set from outside."""

    page_asked = Signal(str)
    switcher_pressed = Signal()
    narrowed = Signal()
    """It shows only icons now, or names again."""

    def __init__(
        self,
        look: Look,
        project: str,
        entries: tuple[SideEntry, ...],
        footer: tuple[SideEntry, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, "background", parent)
        self._look = look
        self._narrow = False
        self._entries: dict[str, Entry] = {}
        self._captions: list[Text] = []
        self._sections: list[SideSection] = []
        self.switcher = _Switcher(look, project)
        self.switcher.clicked.connect(lambda _checked=False: self.switcher_pressed.emit())
        self.setAccessibleName(tr("Side bar"))
        column = self._column = QVBoxLayout()
        gap = look.theme.metrics.gap
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(0)
        column.addWidget(self.switcher)
        column.addSpacing(gap)
        for entry in entries:
            self._add(column, entry)
        column.addStretch(1)
        for entry in footer:
            self._add(column, entry)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(column, 1)
        row.addWidget(Line(look, vertical=True))
        self.set_narrow(False)

    def _add(self, column: QVBoxLayout, entry: SideEntry) -> None:
        if not entry.icon:
            caption = Text(self._look, entry.name, size=Size.CAPTION, tone="muted", strong=True)
            gap = self._look.theme.metrics.gap
            caption.setContentsMargins(gap, 2 * gap, 0, gap // 2)
            self._captions.append(caption)
            column.addWidget(caption)
            return
        button = Entry(self._look, entry.icon, entry.name, self)
        button.clicked.connect(lambda _checked=False: self._clicked(entry.page))
        self._entries[entry.page] = button
        column.addWidget(button)

    def insert(self, section: SideSection, before: str) -> None:
        """Put a section of its own above the caption with this name."""
        caption = next(each for each in self._captions if each.text() == before)
        self._sections.append(section)
        self._column.insertWidget(self._column.indexOf(caption), section)
        section.set_narrow(self._narrow)

    def put_under_name(self, widget: QWidget) -> None:
        """Put a small widget under the project's name."""
        self._column.insertWidget(1, widget)

    def _clicked(self, page: str) -> None:
        self._entries[page].setChecked(True)
        self.page_asked.emit(page)

    def set_page(self, page: str) -> None:
        """Mark the entry of the page that is shown."""
        for name, entry in self._entries.items():
            entry.setChecked(name == page)

    def set_count(self, page: str, count: int, tone: str = "muted") -> None:
        """Show how many a page holds."""
        self._entries[page].set_count(count, tone)

    def set_shown(self, page: str, shown: bool) -> None:
        """Hide or show an entry."""
        self._entries[page].setVisible(shown)

    @property
    def narrow(self) -> bool:
        """Whether only icons are shown."""
        return self._narrow

    def set_narrow(self, narrow: bool) -> None:
        """Show only icons, or icons and names."""
        self._narrow = narrow
        self.switcher.narrow = narrow
        for entry in self._entries.values():
            entry.set_narrow(narrow)
        for caption in self._captions:
            caption.setVisible(not narrow)
        for section in self._sections:
            section.set_narrow(narrow)
        self.setFixedWidth(_NARROW if narrow else self._look.theme.metrics.side_bar)
        self.narrowed.emit()
        self.update()
