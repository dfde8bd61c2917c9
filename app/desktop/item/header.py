"""The line over an item: where it is, its star, the items before and after it, and the way out."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.desktop.glyphs import paint_sync_dot
from app.desktop.item.desk import Desk
from app.desktop.item.speech import value_text
from app.desktop.live.faces import Faces
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Button, ButtonKind, IconButton, Look, Size, Text, paint_ring
from app.desktop.words import record_sync_text
from app.domain.schema import ISSUE, KINDS, LOCATION, Field, FieldType
from app.store.records import Record

_LEFT, _RIGHT = 20, 12
_MIDDLE = 140
_SIDES = _LEFT + _RIGHT + 8
_LOCATION = Field("location", FieldType.LOCATION, "Location", target=LOCATION)


class StarButton(IconButton):
    """A star that is full and amber while it is set."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "star", tr("Star"), parent=parent)
        self.setCheckable(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.isChecked():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self._look.theme.metrics.icon
        pixmap = self._look.icons.pixmap("star-fill", "warning", ratio=self.devicePixelRatioF())
        painter.drawPixmap(QPointF((self.width() - side) / 2, (self.height() - side) / 2), pixmap)
        if self.hasFocus():
            paint_ring(painter, QRectF(self.rect()), self._look.theme)


class SyncBadge(QWidget):
    """A mark and two words while an item is not on the server; nothing when it is."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._state = "synced"
        self._text = Text(look, size=Size.CAPTION, tone="muted", parent=self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, look.theme.metrics.gap, 0)
        layout.addWidget(self._text)
        look.theme.changed.connect(self.update)

    def show_words(self, shown: bool) -> None:
        """Show the words beside the mark, or the mark alone."""
        self._text.setVisible(shown)

    def full_width(self) -> int:
        """How wide mark and words are together; 0 while nothing is shown."""
        if self.isHidden():
            return 0
        layout = self.layout()
        assert layout is not None
        margins = layout.contentsMargins()
        return margins.left() + margins.right() + self._text.sizeHint().width()

    def show_state(self, state: str) -> None:
        """Say where the record is."""
        self._state = state
        self._text.setText(tr("Only here") if state == "pending" else tr("Needs attention"))
        self.setToolTip(record_sync_text(state))
        self.setAccessibleName(record_sync_text(state))
        self.setVisible(state != "synced")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_sync_dot(QPainter(self), QRectF(0, 0, 12, self.height()), self._state, self._look.theme)


class ItemHeader(QWidget):
    """Number and location on the left, buttons on the right."""

    starred = Signal(bool)
    previous_asked = Signal()
    next_asked = Signal()
    close_asked = Signal()
    history_asked = Signal()
    news_asked = Signal()
    """The comments that the user has not seen are wanted."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._words = ""
        self.crumb = Text(desk.look, tone="muted", parent=self)
        self.crumb.setMinimumWidth(40)
        look = desk.look
        self.faces = Faces(look, most=4, what=tr("Looking at this too:"), parent=self)
        self.faces.setContentsMargins(0, 0, 8, 0)
        self.sync = SyncBadge(look, self)
        self.news = Button(look, "", kind=ButtonKind.LINK, parent=self)
        self.news.setToolTip(tr("Goes to the comments that you have not seen"))
        self.news.clicked.connect(self.news_asked)
        self.news.hide()
        self.history = IconButton(
            look, "clock-counter-clockwise", tr("History of the text"), key="H", parent=self
        )
        self.history.clicked.connect(self.history_asked)
        self.star = StarButton(look, self)
        self.star.clicked.connect(self.starred)
        self.up = IconButton(look, "caret-up", tr("Previous"), key="Alt+Up", parent=self)
        self.down = IconButton(look, "caret-down", tr("Next"), key="Alt+Down", parent=self)
        self.close_button = IconButton(look, "x", tr("Close"), key="Esc", parent=self)
        self.up.clicked.connect(self.previous_asked)
        self.down.clicked.connect(self.next_asked)
        self.close_button.clicked.connect(self.close_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_LEFT, 0, _RIGHT, 0)
        layout.setSpacing(0)
        layout.addWidget(self.crumb, 1)
        layout.addSpacing(8)
        layout.addWidget(self.faces, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.sync)
        layout.addWidget(self.news, 0, Qt.AlignmentFlag.AlignVCenter)
        for widget in (self.history, self.star, self.up, self.down, self.close_button):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        desk.look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.setFixedHeight(self._desk.look.theme.metrics.bar - 1)
        self._elide()

    def show_record(self, record: Record) -> None:
        """Show where a record stands."""
        parts = []
        number = record.value("number")
        if record.kind == ISSUE:
            parts.append(f"#{number}" if isinstance(number, int) else tr("#new"))
        else:
            known = KINDS.get(record.kind)
            parts.append(tr(known.title) if known is not None else tr("From a newer version"))
        place = record.value("location")
        if place is not None:
            parts.append(value_text(self._desk, _LOCATION, place))
        self.sync.show_state(str(record.sync))
        self._words = "  ·  ".join(parts)
        self.history.setVisible(known_text(record))
        self.star.setVisible(record.kind == ISSUE)
        self.star.setEnabled(not record.deleted)
        on = record.value("starred") is True
        self.star.setChecked(on)
        self.star.setAccessibleName(tr("Starred") if on else tr("Star"))
        self._elide()

    def show_news(self, count: int) -> None:
        """Say how many comments the user has not seen."""
        self.news.say(tr_count("%n new", "%n new", count))
        self.news.setAccessibleName(tr_count("%n new comment", "%n new comments", count))
        self.news.setVisible(bool(count))
        self._elide()

    def show_faces(self, names: list[str]) -> None:
        """Say who else looks at this item."""
        self.faces.show_names(names)
        self._elide()

    def _elide(self) -> None:
        measure = QFontMetrics(self.crumb.font())
        buttons = (self.faces, self.news, self.history, self.star, self.up, self.down, self.close_button)
        others = sum(each.sizeHint().width() for each in buttons if not each.isHidden())
        room = self.width() - _SIDES - others - self.sync.full_width()
        # Where the item stands says more than the words beside a mark.
        self.sync.show_words(measure.horizontalAdvance(self._words) <= room)
        width = max(40, self.crumb.width())
        # The number stays whole: where there is little room it is all that stands here.
        mode = Qt.TextElideMode.ElideMiddle if width > _MIDDLE else Qt.TextElideMode.ElideRight
        shown = measure.elidedText(self._words, mode, width)
        self.crumb.setText(shown)
        self.crumb.setAccessibleName(self._words)
        self.crumb.setToolTip(self._words if shown != self._words else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()


def known_text(record: Record) -> bool:
    """Whether a record has a text, of which there is a history."""
    known = KINDS.get(record.kind)
    return known is not None and "text" in known.text_fields
