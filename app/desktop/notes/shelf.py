"""The notes in the side bar: pinned ones and the top of the tree."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.desktop.notes.looks import NoteLooks
from app.desktop.notes.model import SHELF, NotesModel
from app.desktop.side_bar import Entry, SideScroll, SideSection
from app.desktop.translate import tr
from app.desktop.widgets import Look, Size, font_of, paint_ring
from app.workspace.notes import NOTES, PINNED

_MOST = 5
"""So many notes stand in the side bar; the page has them all."""
_MOST_PINNED = 4
_LEAST = 2
"""So many are always seen; the others scroll where there is no room."""


class _Caption(QAbstractButton):
    """The name of the section; a press opens and closes it."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self._look = look
        self.closed = False
        self.setText(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.updateGeometry)
        look.theme.changed.connect(self.update)

    def set_closed(self, closed: bool) -> None:
        """Say whether the notes are hidden."""
        self.closed = closed
        state = tr("closed") if closed else tr("open")
        self.setAccessibleName(f"{self.text()}, {state}")
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self._look.theme.metrics
        tall = QFontMetrics(font_of(self._look.theme, Size.CAPTION, strong=True)).height()
        return QSize(40, 2 * metrics.gap + tall + metrics.gap // 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        metrics = theme.metrics
        painter = QPainter(self)
        painter.setFont(font_of(theme, Size.CAPTION, strong=True))
        painter.setPen(theme.color("muted"))
        measures = painter.fontMetrics()
        space = QRect(metrics.gap, 2 * metrics.gap, self.width() - 2 * metrics.gap, measures.height())
        painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self.closed or self.underMouse() or self.hasFocus():
            icon = self._look.icons.pixmap(
                "caret-right" if self.closed else "caret-down",
                "muted",
                ratio=self.devicePixelRatioF(),
                size=12,
            )
            left = space.left() + measures.horizontalAdvance(self.text()) + 4
            painter.drawPixmap(QPointF(left, space.center().y() - 5.5), icon)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_ring(painter, space.adjusted(-4, -3, 4, 3).toRectF(), theme)


class NoteEntry(Entry):
    """One note in the side bar."""

    def say(self, icon: str, title: str) -> None:
        """Say what the note says now."""
        self._icon = icon
        self.setText(title)
        self.set_count(0)
        measure = self.fontMetrics()
        metrics = self._look.theme.metrics
        room = self.width() - 3 * metrics.gap - metrics.icon
        self.setToolTip(title if measure.horizontalAdvance(title) > room else "")


class NoteShelf(SideSection):
    """The section of the side bar. It is hidden while there are no notes."""

    open_asked = Signal(bytes)
    """Emits the note that is to be shown."""

    def __init__(self, look: Look, model: NotesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._model = model
        self._looks = NoteLooks(model)
        self._narrow = False
        self._current: bytes | None = None
        self.entries: dict[bytes, NoteEntry] = {}
        self.caption = _Caption(look, tr("Notes"))
        self.caption.clicked.connect(lambda _checked=False: self._fold())
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._scroll = SideScroll(look)
        self._scroll.hold(self._inside)
        outer = QVBoxLayout(self)
        for layout in (self._column, outer):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        outer.addWidget(self.caption)
        outer.addWidget(self._scroll)
        look.theme.changed.connect(self._fit)
        self.setAccessibleName(tr("Notes"))
        model.changed.connect(self.follow)
        model.looks_changed.connect(self.follow)
        self.follow()

    def set_narrow(self, narrow: bool) -> None:
        """In the narrow bar, icons that are all alike would say nothing."""
        self._narrow = narrow
        self.follow()

    def set_current(self, record: bytes | None) -> None:
        """Mark the note that is open."""
        self._current = record
        for each, entry in self.entries.items():
            entry.setChecked(each == record)

    def notes(self) -> list[bytes]:
        """The notes that stand here, from top to bottom."""
        tree = self._model.tree
        pinned = tree.children(PINNED)[:_MOST_PINNED]
        return [*pinned, *tree.children(NOTES)[: _MOST - len(pinned)]]

    def follow(self) -> None:
        """Show the notes there are; what stays keeps its entry, and the focus with it."""
        closed = self._model.is_closed(SHELF)
        notes = self.notes() if self._model.loaded and not self._narrow else []
        self.setVisible(bool(notes))
        self.caption.set_closed(closed)
        shown = [] if closed else notes
        for gone in self.entries.keys() - set(shown):
            entry = self.entries.pop(gone)
            entry.hide()
            entry.deleteLater()
        for place, record in enumerate(shown):
            entry = self.entries.get(record) or self._make(record)
            entry.say(self._looks.sign(record)[0], self._looks.title(record))
            if self._column.indexOf(entry) != place:
                self._column.insertWidget(place, entry)
        for first, second in pairwise([self.caption, *(self.entries[each] for each in shown)]):
            QWidget.setTabOrder(first, second)
        self._fit()
        self.set_current(self._current)

    def _fit(self) -> None:
        """As tall as its notes while there is room; then they scroll."""
        count = len(self.entries)
        row = next(iter(self.entries.values())).sizeHint().height() if self.entries else 0
        self._scroll.fit(min(count, _LEAST) * row, count * row)
        self._scroll.setVisible(count > 0)

    def _make(self, record: bytes) -> NoteEntry:
        entry = NoteEntry(self._look, "file-text", "", self._inside)
        entry.setAutoExclusive(False)
        # Notes scroll; they keep their height.
        entry.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        entry.clicked.connect(partial(self._pressed, record))
        entry.show()
        self.entries[record] = entry
        return entry

    def _pressed(self, record: bytes, _checked: bool = False) -> None:
        self.set_current(self._current)
        self.open_asked.emit(record)

    def _fold(self) -> None:
        self._model.set_closed([SHELF], not self._model.is_closed(SHELF))
        self.follow()
