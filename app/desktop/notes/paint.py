"""Draws the lines of the tree that are seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from app.desktop.desk.brush import CAPTION, STRONG
from app.desktop.desk.inks import fitting
from app.desktop.glyphs import CHIP_GAP
from app.desktop.notes.looks import CHIPS, NoteLook
from app.desktop.notes.model import TreeLine
from app.desktop.translate import number_text, tr, tr_count
from app.desktop.words import record_sync_text

if TYPE_CHECKING:
    from app.desktop.notes.view import NoteView

_DEEPEST = 12
"""From this depth on lines are set in no further: their titles must have room."""
_CHANGED_FROM = 460
"""From this width on, in pixels at the base font, it is said when a note was changed."""
_CHANGED_WIDTH = 104
_LEAST_TITLE = 120
"""So much room a title keeps before tags are left out, in pixels at the base font."""

_MOST_WIDTHS = 4_000
_LONGEST = 500
"""Characters of a title beyond which none is seen."""


class TreePaint:
    """Paints one tree, and knows where in a line everything lies."""

    def __init__(self, view: NoteView) -> None:
        self._view = view
        self.painted: list[bytes] = []
        """The notes of the last pass."""
        self._font: QFontMetrics | None = None
        self._widths: dict[str, int] = {}

    # Where things lie

    @property
    def _indent(self) -> int:
        metrics = self._view.brush.metrics
        return metrics.icon + metrics.gap_small

    def _base(self) -> int:
        return self._view.brush.metrics.gap_medium

    def caret_rect(self, line: TreeLine, top: int) -> QRect:
        """Where the sign lies that opens and closes a line; a press a little beside it counts."""
        left = self._base() + min(line.depth, _DEEPEST) * self._indent
        return QRect(left - 4, top, self._indent + 4, self._view.row_height)

    def title_left(self, line: TreeLine) -> int:
        """Where a title begins."""
        metrics = self._view.brush.metrics
        return (
            self._base()
            + min(line.depth, _DEEPEST) * self._indent
            + self._indent
            + metrics.icon
            + metrics.gap
        )

    def depth_at(self, x: int) -> int:
        """How deep a note would stand whose icon is at a place."""
        return max(0, (x - self._base() - self._indent // 2) // self._indent)

    def _right(self) -> int:
        """Where titles and tags end."""
        brush, width = self._view.brush, self._view.viewport().width()
        scale = brush.metrics.base / 13
        changed = round(_CHANGED_WIDTH * scale) if width >= _CHANGED_FROM * scale else 0
        return width - brush.metrics.gap_medium - 12 - brush.metrics.gap - changed

    def _chips(self, line: TreeLine, look: NoteLook) -> list[tuple[str, QRect]]:
        """The tags that are shown in a line, with where each lies from the line's top."""
        brush = self._view.brush
        metrics = brush.metrics
        left, right = self.title_left(line), self._right()
        least = min(self._width(look.title), round(_LEAST_TITLE * metrics.base / 13))
        room = right - left - least - metrics.gap
        shown = fitting(brush, tuple((each, "muted") for each in look.tags), room, CHIPS)
        need = sum(brush.chip_width(each) + CHIP_GAP for each, _ in shown)
        at = left + min(self._width(look.title), right - left - need - metrics.gap) + metrics.gap
        found = []
        for each, _ in shown:
            width = brush.chip_width(each)
            found.append(
                (each, QRect(at, (self._view.row_height - brush.chip_height) // 2, width, brush.chip_height))
            )
            at += width + CHIP_GAP
        return found

    def _width(self, title: str) -> int:
        """How wide a title is, to the pixel: tags stand right behind it."""
        font = self._view.brush.measures[0]
        if font is not self._font:
            self._font = font
            self._widths.clear()
        width = self._widths.get(title)
        if width is None:
            if len(self._widths) > _MOST_WIDTHS:
                self._widths.clear()
            width = self._widths[title] = font.horizontalAdvance(title[:_LONGEST])
        return width

    def tag_at(self, at: QPoint) -> str:
        """The tag below a place of the viewport; empty where there is none."""
        view = self._view
        number = view.line_at(at.y())
        line = view.model.lines[number] if number is not None else None
        if number is None or line is None or line.record is None:
            return ""
        look = view.looks.of(line.record)
        top = view.line_rect(number).top()
        return next(
            (
                name
                for name, rect in self._chips(line, look)
                if name in look.tags and rect.translated(0, top).contains(at)
            ),
            "",
        )

    # Drawing

    def paint(self, painter: QPainter, rect: QRect) -> None:
        """Draw what lies in a rectangle of the viewport."""
        view = self._view
        brush = view.brush
        brush.begin(view.devicePixelRatioF())
        brush.on_surface = False
        painter.fillRect(rect, brush.color("surface"))
        height, scrolled = view.row_height, view.verticalScrollBar().value()
        first = max(0, (rect.top() + scrolled) // height)
        last = min(len(view.model.lines) - 1, (rect.bottom() + scrolled) // height)
        self.painted = []
        for number in range(first, last + 1):
            line = view.model.lines[number]
            top = number * height - scrolled
            if line.record is None:
                self._head(painter, line, top)
            else:
                self.painted.append(line.record)
                self._note(painter, number, line, line.record, top)
        if view.carrying:
            self._carried(painter)

    def _head(self, painter: QPainter, line: TreeLine, top: int) -> None:
        view = self._view
        brush = view.brush
        metrics, height, width = brush.metrics, view.row_height, view.viewport().width()
        painter.fillRect(0, top, width, height, brush.color("background"))
        painter.fillRect(0, top + height - 1, width, 1, brush.color("line"))
        left = self._base()
        closed = view.model.is_closed(line.group)
        brush.icon(painter, left, top, height - 1, "caret-right" if closed else "caret-down", "muted")
        left += self._indent
        name = view.looks.group(line.group)
        left += brush.text(painter, left, top, width - left - 60, height - 1, name, font=STRONG) + metrics.gap
        count = number_text(view.model.tree.child_count(line.group))
        brush.text(painter, left, top, 80, height - 1, count, "muted")
        if view.current_group == line.group and view.hasFocus():
            self._ring(painter, QRect(0, top, width, height - 1))

    def _note(self, painter: QPainter, number: int, line: TreeLine, record: bytes, top: int) -> None:
        view = self._view
        brush, model = view.brush, view.model
        metrics, height, width = brush.metrics, view.row_height, view.viewport().width()
        chosen = record in view.selection
        if chosen:
            painter.fillRect(0, top, width, height, brush.color("selected"))
        elif number == view.hovered and not view.carrying:
            painter.fillRect(0, top, width, height, brush.hover)
        else:
            brush.on_surface = True
        painter.fillRect(0, top + height - 1, width, 1, brush.color("line"))
        look = view.looks.of(record)
        beside = model.matches is not None and record not in model.matches
        tone = "muted" if look.muted or look.untitled or beside or record in view.carrying.records else "text"
        below = model.tree.has_children(record)
        left = self._base() + min(line.depth, _DEEPEST) * self._indent
        if below if model.matches is None else self._opens(number):
            caret = "caret-right" if model.is_closed(record) else "caret-down"
            brush.icon(painter, left, top, height - 1, caret, "muted")
        left += self._indent
        brush.icon(painter, left, top, height - 1, look.icon, look.tone)
        chips = self._chips(line, look)
        title = self.title_left(line)
        right = self._right()
        room = (chips[0][1].left() - metrics.gap if chips else right) - title
        # The brush adds widths up by character, which makes a little more of them than there is.
        whole = self._width(look.title) <= room
        drawn = max(room, brush.width(look.title)) if whole else room
        brush.text(painter, title, top, drawn, height - 1, look.title, tone)
        for name, rect in chips:
            brush.chip(painter, rect.left(), top, height - 1, name, "muted")
        end = (
            chips[-1][1].right() + metrics.gap
            if chips
            else title + min(room, self._width(look.title)) + metrics.gap
        )
        words = look.beside
        if below and model.is_closed(record):
            count = number_text(model.tree.child_count(record))
            words = f"{count} · {words}" if words else count
        if words and right - end > 24:
            brush.text(painter, end, top, right - end, height - 1, words, "muted", font=CAPTION)
        brush.on_surface = False
        self._end(painter, look, right, top)
        if view.hasFocus() and record == view.current:
            painter.fillRect(0, top, 2, height - 1, brush.color("accent"))

    def _opens(self, number: int) -> bool:
        """Whether what stands below a line is shown: a filter may hide it."""
        lines = self._view.model.lines
        return number + 1 < len(lines) and lines[number + 1].depth > lines[number].depth

    def _end(self, painter: QPainter, look: NoteLook, right: int, top: int) -> None:
        """When it was changed, and where it is."""
        view = self._view
        brush = view.brush
        dot = view.viewport().width() - brush.metrics.gap_medium - 12
        room = dot - brush.metrics.gap - right
        if room > 40:
            brush.text(
                painter, right + 8, top, room - 8, view.row_height - 1, look.changed, "muted", right=True
            )
        brush.dot(painter, dot, top, view.row_height - 1, look.sync)

    def _ring(self, painter: QPainter, rect: QRect) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._view.brush.color("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 4, 4)
        painter.restore()

    def _carried(self, painter: QPainter) -> None:
        """Where carried notes would land, and what is in the hand."""
        view = self._view
        brush = view.brush
        target = view.carrying.target
        if target is not None and target.onto:
            self._ring(painter, view.line_rect(target.line).adjusted(2, 0, -2, -1))
        elif target is not None:
            y = target.line * view.row_height - view.verticalScrollBar().value() - 1
            left = self._base() + min(target.depth, _DEEPEST) * self._indent + self._indent
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(brush.color("accent"), 2))
            painter.setBrush(brush.color("surface"))
            painter.drawLine(left + 6, y, view.viewport().width() - 8, y)
            painter.drawEllipse(QRectF(left, y - 3, 6, 6))
            painter.restore()
        records = view.carrying.records
        words = (
            view.looks.title(records[0])
            if len(records) == 1
            else tr_count("%n note", "%n notes", len(records))
        )
        width = min(brush.width(words), 240) + 24
        box = QRectF(view.carrying.at.x() + 14, view.carrying.at.y() + 10, width, brush.metrics.row - 4)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(brush.color("line"), 1))
        painter.setBrush(brush.color("surface"))
        painter.drawRoundedRect(box, brush.metrics.radius, brush.metrics.radius)
        painter.restore()
        brush.begin()
        brush.text(painter, int(box.left()) + 12, int(box.top()), width - 24, int(box.height()), words)

    def hint_at(self, at: QPoint) -> str:
        """What stands over a line when the pointer rests there."""
        view = self._view
        number = view.line_at(at.y())
        line = view.model.lines[number] if number is not None else None
        if line is None or line.record is None:
            return ""
        look = view.looks.of(line.record)
        right = self._right()
        if at.x() >= view.viewport().width() - view.brush.metrics.gap_medium - 16:
            return record_sync_text(look.sync)
        if at.x() >= right:
            return look.exact
        tag = self.tag_at(at)
        if tag:
            return tr("Show the notes with the tag {tag}").format(tag=tag)
        left = self.title_left(line)
        if at.x() < left:
            return look.hint
        cut = left + self._width(look.title) > right
        more = len(look.tags) > len(self._chips(line, look))
        return "\n".join(
            each for each in (look.title if cut else "", ", ".join(look.tags) if more else "") if each
        )
