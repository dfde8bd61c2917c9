"""A short list to choose from with the arrow keys, while the cursor stays in the field above it.

What is suggested, found or offered looks the same everywhere: a sign, a name, something muted behind it, a key
or a kind at the right; a heading above a group; below a find, the words around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.desktop.glyphs import paint_avatar, paint_status
from app.desktop.translate import tr
from app.desktop.widgets import Look

_ENTRY = Qt.ItemDataRole.UserRole + 1
_NOWHERE = QModelIndex()
_SIDE = 10
_AVATAR = 18


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to choose.

    ``sign`` says what is painted before the name: ``status``, ``avatar``, ``dot`` or ``icon``; ``mark`` is the
    status's meaning, the dot's hue or the icon's name. ``checked`` has a box before it, unless it is None.
    ``strong`` are the places in ``below``, in characters, of the words that were searched for.
    """

    text: str
    detail: str = ""
    right: str = ""
    sign: str = ""
    mark: str = ""
    checked: bool | None = None
    heading: bool = False
    muted: bool = False
    depth: int = 0
    below: str = ""
    strong: tuple[tuple[int, int], ...] = ()
    data: object = None

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        parts = [self.text, self.detail, self.right, self.below]
        if self.checked is not None:
            parts.append(tr("chosen") if self.checked else tr("not chosen"))
        return ", ".join(part for part in parts if part)


class EntryModel(QAbstractListModel):
    """The entries that are shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def show(self, entries: Sequence[Entry]) -> None:
        """Replace all entries."""
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()

    def change(self, row: int, entry: Entry) -> None:
        """Replace one."""
        self.entries[row] = entry
        self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if not index.isValid() or index.row() >= len(self.entries):
            return None
        entry = self.entries[index.row()]
        if role == _ENTRY:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        return entry.spoken if role == Qt.ItemDataRole.AccessibleTextRole else None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        heading = index.isValid() and self.entries[index.row()].heading
        return (
            Qt.ItemFlag.NoItemFlags if heading else Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        )


class _Painter(QStyledItemDelegate):
    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        entry = index.data(_ENTRY)
        return QSize(80, entry_height(self._look, entry))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry = index.data(_ENTRY)
        if not isinstance(entry, Entry):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._look.theme
        rect = option.rect
        if entry.heading:
            painter.setFont(theme.caption_font(strong=True))
            painter.setPen(theme.color("muted"))
            align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
            painter.drawText(rect.adjusted(_SIDE, 0, -_SIDE, -4), align, entry.text)
            painter.restore()
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selected"))
            painter.drawRoundedRect(QRectF(rect), theme.metrics.radius, theme.metrics.radius)
        line = QRect(
            rect.left(), rect.top(), rect.width(), theme.metrics.row if entry.below else rect.height()
        )
        left = self._paint_lead(painter, entry, line)
        self._paint_words(painter, entry, line, left)
        if entry.below:
            below = QRect(left, line.bottom() - 4, rect.right() - _SIDE - left, rect.bottom() - line.bottom())
            self._paint_below(painter, entry, below)
        painter.restore()

    def _paint_lead(self, painter: QPainter, entry: Entry, rect: QRect) -> int:
        """Box and sign; gives where the words begin."""
        theme = self._look.theme
        icon = theme.metrics.icon
        middle = rect.center().y() + 1
        left = rect.left() + _SIDE + entry.depth * 16
        if entry.checked is not None:
            box = QRectF(left, middle - icon / 2, icon, icon).adjusted(1, 1, -1, -1)
            painter.setPen(QPen(theme.color("accent" if entry.checked else "muted"), 1.5))
            painter.setBrush(theme.color("accent" if entry.checked else "surface"))
            painter.drawRoundedRect(box, 4, 4)
            if entry.checked:
                painter.setPen(QPen(theme.color("on_accent"), 1.8))
                center, side = box.center(), box.width()
                points = ((-0.24, 0.02), (-0.06, 0.2), (0.26, -0.18))
                painter.drawPolyline([center + QPointF(side * x, side * y) for x, y in points])
            left += icon + theme.metrics.gap
        ratio = painter.device().devicePixelRatioF()
        if entry.sign == "status":
            paint_status(painter, QRectF(left, middle - icon / 2, icon, icon), entry.mark, theme)
        elif entry.sign == "avatar":
            paint_avatar(painter, QRectF(left - 1, middle - _AVATAR / 2, _AVATAR, _AVATAR), entry.text, theme)
        elif entry.sign == "dot":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.tokens.named(entry.mark))
            painter.drawEllipse(QRectF(left + icon / 2 - 4, middle - 4, 8, 8))
        elif entry.sign == "icon":
            pixmap = self._look.icons.pixmap(entry.mark, "muted", ratio=ratio)
            painter.drawPixmap(QPointF(left, middle - icon / 2), pixmap)
        else:
            return left
        return left + icon + theme.metrics.gap

    def _paint_words(self, painter: QPainter, entry: Entry, rect: QRect, left: int) -> None:
        theme = self._look.theme
        align = Qt.AlignmentFlag.AlignVCenter
        right = rect.right() - _SIDE
        caption = QFontMetrics(theme.caption_font())
        if entry.right:
            width = min(caption.horizontalAdvance(entry.right), (right - left) // 2)
            painter.setFont(theme.caption_font())
            painter.setPen(theme.color("muted"))
            space = QRect(right - width, rect.top(), width + 1, rect.height())
            shown = caption.elidedText(entry.right, Qt.TextElideMode.ElideRight, width + 1)
            painter.drawText(space, align | Qt.AlignmentFlag.AlignRight, shown)
            right -= width + theme.metrics.gap_medium
        measure = QFontMetrics(theme.font())
        painter.setFont(theme.font())
        painter.setPen(theme.color("muted" if entry.muted else "text"))
        room = right - left
        shown = measure.elidedText(entry.text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(left, rect.top(), room, rect.height()), align, shown)
        left += measure.horizontalAdvance(shown) + theme.metrics.gap
        if entry.detail and right - left > 24:
            painter.setPen(theme.color("muted"))
            shown = measure.elidedText(entry.detail, Qt.TextElideMode.ElideRight, right - left)
            painter.drawText(QRect(left, rect.top(), right - left, rect.height()), align, shown)

    def _paint_below(self, painter: QPainter, entry: Entry, rect: QRect) -> None:
        """The words around a find, those that were searched for strong and in the colour of text."""
        theme = self._look.theme
        left = rect.left()
        align = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        for text, strong in _runs(entry.below, entry.strong):
            font: QFont = theme.font(theme.metrics.base - 1, strong=strong)
            measure = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(theme.color("text" if strong else "muted"))
            shown = measure.elidedText(text, Qt.TextElideMode.ElideRight, rect.right() - left)
            painter.drawText(QRect(left, rect.top(), rect.right() - left + 1, rect.height()), align, shown)
            left += measure.horizontalAdvance(shown)
            if shown != text:
                return


def _runs(text: str, strong: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    runs: list[tuple[str, bool]] = []
    place = 0
    for start, end in strong:
        if place < start:
            runs.append((text[place:start], False))
        runs.append((text[max(start, place) : end], True))
        place = max(place, end)
    runs.append((text[place:], False))
    return [run for run in runs if run[0]]


def entry_height(look: Look, entry: Entry) -> int:
    """How high an entry is, in device-independent pixels."""
    metrics = look.theme.metrics
    row = max(metrics.row - 2, 26)
    if entry.heading:
        return max(24, metrics.caption + 14)
    return metrics.row + metrics.base + 6 if entry.below else row


class EntryList(QListView):
    """The list. It never has the focus: the field above it passes the arrow keys on by ``step``."""

    taken = Signal(object)
    """Emits the Entry that was clicked or taken."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._model = EntryModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_Painter(look, self))
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, self._look.theme.color("surface"))
        self.setPalette(palette)
        self.scheduleDelayedItemsLayout()

    @property
    def entries(self) -> list[Entry]:
        """What is shown, headings included."""
        return self._model.entries

    def show_entries(self, entries: Sequence[Entry], *, select: int | None = 0) -> None:
        """Show entries; the one to be selected is counted without headings, None selects nothing."""
        self._model.show(entries)
        self.scrollToTop()
        if select is None:
            return
        rows = [row for row, entry in enumerate(entries) if not entry.heading]
        if rows:
            self.setCurrentIndex(self._model.index(rows[min(select, len(rows) - 1)]))
            if select == 0:
                self.scrollToTop()

    def select_data(self, data: object) -> bool:
        """Select the entry with this ``data``; False where there is none."""
        for row, entry in enumerate(self.entries):
            if not entry.heading and entry.data == data:
                self.setCurrentIndex(self._model.index(row))
                return True
        return False

    @property
    def current(self) -> Entry | None:
        """The entry that is selected."""
        index = self.currentIndex()
        return self.entries[index.row()] if index.isValid() and index.row() < len(self.entries) else None

    def step(self, count: int) -> None:
        """Select the entry so many further down, headings not counted; from an end to the other."""
        rows = [row for row, entry in enumerate(self.entries) if not entry.heading]
        if not rows:
            return
        index = self.currentIndex()
        if index.isValid() and index.row() in rows:
            place = rows.index(index.row())
            target = (
                (place + count) % len(rows) if abs(count) == 1 else min(max(place + count, 0), len(rows) - 1)
            )
        else:
            target = 0 if count > 0 else len(rows) - 1
        self.setCurrentIndex(self._model.index(rows[target]))
        if rows[target] <= 1:
            self.scrollToTop()

    def take(self) -> bool:
        """Take what is selected; False where nothing is."""
        entry = self.current
        if entry is None or entry.heading:
            return False
        self.taken.emit(entry)
        return True

    def height_of_all(self) -> int:
        """How high all entries are together."""
        return sum(entry_height(self._look, entry) for entry in self.entries)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and not self.entries[index.row()].heading:
            self.setCurrentIndex(index)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() is Qt.MouseButton.LeftButton:
            self.setCurrentIndex(index)
            self.take()
