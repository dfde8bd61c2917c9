"""How one tile of a gallery looks: made once as a picture, so that a frame only puts pictures beside each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap

from app.desktop.file_desk import place_words
from app.desktop.gallery.model import Shot
from app.desktop.item.tiles import kind_icon
from app.desktop.translate import number_text
from app.desktop.widgets import Look
from app.store.file_places import Place


@dataclass(frozen=True, slots=True)
class Looks:
    """What a tile was made of; where it is another now, the tile is made anew."""

    shot: Shot = field(compare=False)
    words: str
    place: Place | None
    side: int
    caption: int
    ratio: float
    picture: int
    """The key of its picture; 0 while there is none."""


def looks_of(
    shot: Shot, place: Place | None, picture: QPixmap | None, side: int, caption: int, ratio: float
) -> Looks:
    """What a tile is to be made of."""
    key = 0 if picture is None else picture.cacheKey()
    return Looks(shot, shot.title or shot.name, place, side, caption, ratio, key)


def make_tile(look: Look, looks: Looks, picture: QPixmap | None) -> QPixmap:
    """The picture with round corners, a sign where the file is not safe or not here, a line of words below."""
    theme, side, ratio = look.theme, looks.side, looks.ratio
    made = QPixmap(round(side * ratio), round((side + looks.caption) * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(theme.color("surface"))
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    box = QRectF(0, 0, side, side)
    path = QPainterPath()
    path.addRoundedRect(box, theme.metrics.radius, theme.metrics.radius)
    if picture is not None:
        painter.setClipPath(path)
        painter.drawPixmap(box, picture, _middle(picture))
        painter.setClipping(False)
    else:
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("background"))
        painter.drawRoundedRect(
            box.adjusted(0.5, 0.5, -0.5, -0.5), theme.metrics.radius, theme.metrics.radius
        )
        _paint_kind(painter, look, looks)
    _paint_place(painter, look, looks)
    painter.setFont(theme.caption_font())
    painter.setPen(theme.color("muted"))
    shown = painter.fontMetrics().elidedText(looks.words, Qt.TextElideMode.ElideRight, side)
    space = QRect(0, side + 2, side, looks.caption - 2)
    painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    painter.end()
    return made


def paint_day(painter: QPainter, look: Look, box: QRect, said: str, count: int) -> None:
    """The head over a day's tiles, with how many there are."""
    theme = look.theme
    said = said[:1].upper() + said[1:]
    painter.setFont(theme.font(strong=True))
    painter.setPen(theme.color("text"))
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, said)
    box.setLeft(box.left() + painter.fontMetrics().horizontalAdvance(said) + theme.metrics.gap)
    painter.setFont(theme.font())
    painter.setPen(theme.color("muted"))
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, number_text(count))


def _middle(picture: QPixmap) -> QRectF:
    side = min(picture.width(), picture.height())
    return QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)


def _paint_kind(painter: QPainter, look: Look, looks: Looks) -> None:
    """What has no picture: an icon, and its name where that is not below."""
    theme, side = look.theme, looks.side
    icon = look.icons.pixmap(kind_icon(looks.shot.media), "muted", ratio=looks.ratio, size=24)
    named = bool(looks.shot.title and looks.shot.name)
    painter.drawPixmap(QPointF(round(side / 2 - 12), round(side / 2 - (24 if named else 12))), icon)
    if named:
        painter.setFont(theme.caption_font())
        painter.setPen(theme.color("text"))
        shown = painter.fontMetrics().elidedText(looks.shot.name, Qt.TextElideMode.ElideMiddle, side - 24)
        painter.drawText(QRectF(12, side / 2 + 6, side - 24, 20), Qt.AlignmentFlag.AlignCenter, shown)


def _paint_place(painter: QPainter, look: Look, looks: Looks) -> None:
    """A sign on what is only here, not here, or in trouble; what is safe has none."""
    place = looks.place
    if place is None or (place.held and not place.only_here and not place.problem):
        return
    theme = look.theme
    side = round(22 * theme.metrics.base / 13)
    sign = QRectF(looks.side - side - 6, looks.side - side - 6, side, side)
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(theme.color("surface"))
    painter.drawEllipse(sign)
    tone = "warning" if place.only_here or place.problem else "text"
    icon = place_words(place)[2]
    if icon == "circle":  # the ring that lists and tiles have for what is only here
        painter.setPen(QPen(theme.color(tone), 2))
        painter.drawEllipse(sign.center(), side * 0.2, side * 0.2)
        return
    size = round(side * 0.68)
    pixmap = look.icons.pixmap(icon, tone, ratio=looks.ratio, size=size)
    painter.drawPixmap(sign.center() - QPointF(size / 2, size / 2), pixmap)
