"""Small painted signs: the circle of a status, a person's initials, the dot of sync, a label."""

from __future__ import annotations

import zlib

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from app.desktop.theme import Theme
from app.desktop.tokens import AVATAR_GROUNDS, AVATAR_TEXT

_PROGRESS = {"open": 0.0, "progress": 0.5, "review": 0.75, "done": 1.0}
_STATUS_TOKENS = {"open": "accent", "progress": "warning", "review": "warning", "done": "success"}
CHIP_GAP = 4


def status_color(theme: Theme, meaning: str) -> QColor:
    """The colour of a status's circle; its shape says the same."""
    return theme.color(_STATUS_TOKENS.get(meaning, "muted"))


def paint_status(painter: QPainter, rect: QRectF, meaning: str, theme: Theme) -> None:
    """A round progress glyph: empty, half, three quarters, full with a tick; crossed out for void."""
    color = status_color(theme, meaning)
    side = min(rect.width(), rect.height())
    box = QRectF(0, 0, side - 3, side - 3)
    box.moveCenter(rect.center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(color, max(1.5, side / 11))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    center = box.center()
    radius = box.width() / 2
    if meaning == "done":
        painter.setBrush(color)
        painter.drawEllipse(box)
        painter.setPen(QPen(theme.color("surface"), pen.widthF(), c=pen.capStyle(), j=pen.joinStyle()))
        painter.drawPolyline(
            [
                center + QPointF(-radius * 0.42, radius * 0.05),
                center + QPointF(-radius * 0.1, radius * 0.38),
                center + QPointF(radius * 0.45, -radius * 0.32),
            ]
        )
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(box)
        share = _PROGRESS.get(meaning, -1.0)
        if share > 0:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            inner = box.adjusted(2, 2, -2, -2)
            painter.drawPie(inner, 90 * 16, -round(share * 360 * 16))
        elif share < 0:
            reach = radius * 0.35
            painter.drawLine(center + QPointF(-reach, -reach), center + QPointF(reach, reach))
            painter.drawLine(center + QPointF(-reach, reach), center + QPointF(reach, -reach))
    painter.restore()


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = [each for each in name.split() if each[0].isalnum()]
    if not words:
        return "?"
    if len(words) == 1:
        return words[0][:2].upper()
    return (words[0][0] + words[-1][0]).upper()


def avatar_ground(name: str) -> QColor:
    """The ground under a person's initials: the same on every device."""
    return QColor(AVATAR_GROUNDS[zlib.crc32(name.encode()) % len(AVATAR_GROUNDS)])


def paint_avatar(painter: QPainter, rect: QRectF, name: str, theme: Theme, *, square: bool = False) -> None:
    """A person's initials on a disc; on a rounded square for a project."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    if square:
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(rect, 4, 4)
        painter.setPen(theme.color("on_accent"))
    else:
        painter.setBrush(avatar_ground(name))
        painter.drawEllipse(rect)
        painter.setPen(QColor(AVATAR_TEXT))
    painter.setFont(theme.font(max(8, round(rect.height() * 0.45)), strong=True))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, initials(name))
    painter.restore()


def paint_sync_dot(painter: QPainter, rect: QRectF, sync: str, theme: Theme) -> None:
    """Where a record is, by shape and colour: a ring (only here), a dot (on the server), a mark (trouble)."""
    side = 7.0
    box = QRectF(0, 0, side, side)
    box.moveCenter(rect.center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if sync == "attention":
        painter.setPen(theme.color("danger"))
        painter.setFont(theme.font(strong=True))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "!")
    elif sync == "pending":
        painter.setPen(QPen(theme.color("warning"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5))
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("success"))
        painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()


def chip_width(text: str, theme: Theme) -> int:
    """How wide ``paint_chip`` draws ``text``, in pixels."""
    dot = 0 if text.startswith("+") else 11
    return QFontMetrics(theme.caption_font()).horizontalAdvance(text) + dot + 16


def paint_chip(painter: QPainter, rect: QRect, text: str, hue: str, theme: Theme) -> None:
    """A label: a dot in its hue and its name in a thin outline; ``+n`` has no dot."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(theme.color("surface"))
    box = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    left = rect.left() + 8
    if not text.startswith("+"):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.tokens.named(hue)))
        painter.drawEllipse(QRectF(left, box.center().y() - 3, 6, 6))
        left += 11
    painter.setPen(theme.color("muted"))
    painter.setFont(theme.caption_font())
    space = rect.adjusted(left - rect.left(), 0, -6, 0)
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, space.width() + 2)
    painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    painter.restore()
