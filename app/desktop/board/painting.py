"""Paints the cards of a board and the heads of its lanes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from app.desktop.board.cards import Face, wrap
from app.desktop.board.lanes import Lane
from app.desktop.board.photos import Photos
from app.desktop.desk.brush import CAPTION, STRONG, Brush
from app.desktop.translate import number_text
from app.desktop.widgets import Look, paint_ring

_MOST_WRAPPED = 4_000
_PEOPLE = 3
_FADED = 0.4


@dataclass(frozen=True, slots=True)
class CardState:
    """How a card stands there."""

    selected: bool = False
    current: bool = False
    hovered: bool = False
    carried: bool = False
    lifted: bool = False


class CardPainter:
    """Sizes and paints cards; what was measured is kept until the theme changes."""

    def __init__(self, look: Look, brush: Brush, photos: Photos) -> None:
        self._look = look
        self._brush = brush
        self._photos = photos
        self._lines: dict[tuple[str, int], tuple[str, ...]] = {}
        self.restyle()

    def restyle(self) -> None:
        """The theme or the size of text is another one."""
        metrics = self._look.theme.metrics
        scale = metrics.base / 13
        self._lines.clear()
        self.width = round(272 * scale)
        self.gap = metrics.gap
        self.margin = metrics.gap_large
        self.head = metrics.control + metrics.gap
        self._side = metrics.gap_medium
        self._top = metrics.gap_medium - 2
        self._photo = round(56 * scale)
        self._row = max(round(metrics.base * 1.4), metrics.icon)
        self._line = self._brush.measures[0].height() + 2

    # Cards

    def _wrapped(self, face: Face) -> tuple[str, ...]:
        room = self.width - 2 * self._side - (self._photo + self.gap if face.photo else 0)
        key = (face.title, room)
        known = self._lines.get(key)
        if known is None:
            if len(self._lines) >= _MOST_WRAPPED:
                self._lines.clear()
            known = self._lines[key] = wrap(face.title, self._brush.fonts[0], room)
        return known

    def height(self, face: Face) -> int:
        """How tall a card is, in pixels."""
        lines = len(self._wrapped(face)) * self._line
        body = max(lines, self._photo if face.photo else 0)
        foot = self._brush.chip_height + self.gap if face.chips or face.more or face.due else 0
        return self._top + self._row + self._brush.metrics.gap_small + body + foot + self._top

    def paint(self, painter: QPainter, box: QRect, face: Face, state: CardState) -> None:
        """Paint a card into ``box``."""
        brush, theme = self._brush, self._look.theme
        brush.begin()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state.carried:
            painter.setOpacity(_FADED)
        body = ("card", state.selected, state.hovered)
        # Round corners are slow to paint; cards of one height and state share a picture of theirs.
        brush.stamp(
            painter,
            box.left(),
            box.top(),
            box.width(),
            box.height(),
            body,
            lambda p, r: self._paint_body(p, r, state),
        )
        self._paint_top(painter, box, face)
        top = box.top() + self._top + self._row + brush.metrics.gap_small
        left, room = box.left() + self._side, self.width - 2 * self._side
        if face.photo:
            self._paint_photo(
                painter,
                QRect(box.right() - self._side - self._photo + 1, top, self._photo, self._photo),
                face,
            )
            room -= self._photo + self.gap
        lines = self._wrapped(face)
        for line in lines:
            brush.text(painter, left, top, room + 4, self._line, line, "muted" if face.untitled else "text")
            top += self._line
        if face.chips or face.more or face.due:
            self._paint_foot(painter, box, face)
        if state.current:
            paint_ring(painter, QRectF(box), theme)
        painter.setOpacity(1)

    def _paint_body(self, painter: QPainter, box: QRect, state: CardState) -> None:
        brush, radius = self._brush, self._look.theme.metrics.radius
        rect = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(brush.color("accent" if state.selected else "line"), 1))
        painter.setBrush(brush.color("selected" if state.selected else "surface"))
        painter.drawRoundedRect(rect, radius, radius)
        if state.hovered and not state.selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(brush.hover)
            painter.drawRoundedRect(rect, radius, radius)

    def _paint_top(self, painter: QPainter, box: QRect, face: Face) -> None:
        brush = self._brush
        top, height = box.top() + self._top, self._row
        left, right = box.left() + self._side, box.right() - self._side + 1
        if face.conflict:
            left += brush.icon(painter, left, top, height, "git-merge", "warning") + 6
        elif face.meaning:
            left += brush.status(painter, left, top, height, face.meaning) + 6
        brush.dot(painter, right - 10, top, height, face.sync)
        right -= 18
        people = face.people[:_PEOPLE]
        side = brush.avatar_side
        for name in reversed(people):
            right -= side
            brush.avatar(painter, right, top, height, name)
            right += 5 if name is not people[0] else 0
        further = len(face.people) - len(people)
        if further > 0:
            words = f"+{further}"
            right -= brush.width(words, CAPTION) + 4
            brush.text(painter, right, top, 40, height, words, "muted", font=CAPTION)
        brush.text(painter, left, top, right - left - 6, height, face.number, "muted", font=CAPTION)

    def _paint_photo(self, painter: QPainter, box: QRect, face: Face) -> None:
        assert face.photo is not None
        brush = self._brush
        path = QPainterPath()
        path.addRoundedRect(QRectF(box), 4, 4)
        picture = self._photos.picture(face.photo)
        if picture is None:
            painter.fillPath(path, brush.color("background"))
            icon = self._look.icons.pixmap("image", "muted", ratio=painter.device().devicePixelRatioF())
            side = brush.metrics.icon
            painter.drawPixmap(box.center() - QPoint(side // 2, side // 2), icon)
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
        painter.drawPixmap(box, picture, _middle(picture))
        painter.restore()
        brush.begin()

    def _paint_foot(self, painter: QPainter, box: QRect, face: Face) -> None:
        """The due date, then labels as far as they fit."""
        brush = self._brush
        height = brush.chip_height
        top = box.bottom() - self._top - height + 1
        left, right = box.left() + self._side, box.right() - self._side + 1
        if face.due:
            tone = "danger" if face.overdue else "muted"
            side = brush.metrics.icon - 2
            ratio = painter.device().devicePixelRatioF()
            name = "warning-circle" if face.overdue else "calendar-blank"
            sign = self._look.icons.pixmap(name, tone, ratio=ratio, size=side)
            painter.drawPixmap(left, top + (height - side) // 2, sign)
            left += side + 4
            left += brush.text(painter, left, top, right - left, height, face.due, tone, font=CAPTION)
            left += self.gap
        more = face.more
        for place, (name, hue) in enumerate(face.chips):
            left_out = len(face.chips) - place - 1 + face.more
            reserve = brush.chip_width(f"+{left_out}") + 4 if left_out else 0
            if left + brush.chip_width(name) + reserve > right:
                more += len(face.chips) - place
                break
            left += brush.chip(painter, left, top, height, name, hue) + 4
        if more and left + brush.chip_width(f"+{more}") <= right:
            brush.chip(painter, left, top, height, f"+{more}", "")

    def picture(self, faces: list[Face], ratio: float) -> QPixmap:
        """What is carried while cards are dragged: the first one, and how many there are."""
        margin = 10
        height = self.height(faces[0])
        size = QSize(self.width + 2 * margin, height + 2 * margin)
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRect(margin, margin - 2, self.width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(5):
            painter.setBrush(QColor(0, 0, 0, 9))
            reach = 5 - step
            painter.drawRoundedRect(QRectF(box).adjusted(-reach, -reach + 2, reach, reach + 2), 8, 8)
        self.paint(painter, box, faces[0], CardState(lifted=True))
        if len(faces) > 1:
            self._paint_badge(painter, box, number_text(len(faces)))
        painter.end()
        return picture

    def _paint_badge(self, painter: QPainter, box: QRect, words: str) -> None:
        brush = self._brush
        height = brush.chip_height
        width = max(height, brush.width(words, CAPTION) + 12)
        place = QRectF(box.right() - width + 6, box.top() - 6, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brush.color("accent"))
        painter.drawRoundedRect(place, height / 2, height / 2)
        painter.setPen(self._look.theme.color("on_accent"))
        painter.setFont(brush.fonts[CAPTION])
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    # Heads

    def paint_head(
        self, painter: QPainter, box: QRect, lane: Lane, count: int, total: str, *, target: bool
    ) -> None:
        """The name of a lane, how many cards it has, and what they add up to."""
        brush = self._brush
        left, height = box.left() + 4, box.height()
        if lane.meaning:
            left += brush.status(painter, left, box.top(), height, lane.meaning) + 6
        elif lane.person:
            left += brush.avatar(painter, left, box.top(), height, lane.person) + 6
        elif lane.hue:
            side = 8
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._look.theme.tokens.named(lane.hue)))
            painter.drawEllipse(left, box.top() + (height - side) // 2, side, side)
            left += side + 6
        brush.begin()
        right = box.right() - brush.metrics.control + 1
        if total:
            width = brush.width(total, CAPTION)
            right -= width
            brush.text(painter, right, box.top(), width + 4, height, total, "muted", font=CAPTION)
            right -= self.gap
        words = number_text(count)
        room = right - left - brush.width(words) - 8
        tone = "accent" if target else "text"
        left += brush.text(painter, left, box.top(), room, height, lane.title, tone, font=STRONG) + 8
        brush.text(painter, left, box.top(), right - left + 6, height, words, "muted")


def _middle(picture: QPixmap) -> QRect:
    """The square in the middle of a picture, in its own pixels."""
    size = picture.size()
    side = min(size.width(), size.height())
    return QRect((size.width() - side) // 2, (size.height() - side) // 2, side, side)
