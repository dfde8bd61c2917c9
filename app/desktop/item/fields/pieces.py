"""Values that are more than text, as small pieces: a status with its glyph, people, labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from app.desktop.glyphs import chip_width, paint_avatar, paint_chip, paint_status
from app.desktop.item.desk import Desk
from app.desktop.item.speech import value_text
from app.desktop.theme import Theme
from app.desktop.widgets import Look
from app.domain.references import MISSING
from app.domain.schema import Field, FieldType, Meaning
from app.domain.values import valid

_AVATAR = 20


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a value. ``sign`` says what is painted before the text: ``status``, ``avatar``, ``chip``,
    ``icon`` or nothing; ``mark`` is the status's meaning, the chip's hue or the icon's name.
    """

    text: str
    sign: str = ""
    mark: str = ""
    detail: str = ""
    tone: str = "text"


def pieces_of(desk: Desk, field: Field | None, value: object) -> list[Piece]:
    """The pieces of a field's value; a value of a wrong shape is its text."""
    if value is None or value == ():
        return []
    if field is not None and field.many:
        members = value if isinstance(value, list | tuple) else (value,)
        one = replace(field, many=False)
        pieces = [piece for each in members for piece in pieces_of(desk, one, each)]
        return sorted(pieces, key=lambda piece: piece.text.casefold())
    if field is None or not valid(field, value):
        return [Piece(value_text(desk, field, value))]
    text = value_text(desk, field, value)
    directory = desk.context.directory
    if isinstance(value, bytes):
        if field.type is FieldType.STATUS and value in directory.statuses:
            return [Piece(capital(text), "status", str(directory.statuses[value].meaning))]
        if field.type in (FieldType.PERSON, FieldType.PEOPLE) and value in directory.people:
            return [Piece(text, "avatar", detail=_about(desk, value))]
        if field.type is FieldType.LABELS:
            known = directory.labels.get(value)
            return [Piece(text, "chip", known.color if known else "")]
        if field.type in (FieldType.REFERENCE, FieldType.REFERENCES):
            return [Piece(text, "icon", "link-simple", tone="muted" if text == MISSING else "text")]
    if field.type is FieldType.CHOICES:
        return [Piece(text, "chip")]
    if field.name == "priority" and not field.custom:
        return [Piece(text, "icon", PRIORITY_ICONS.get(str(value), "minus"))]
    return [Piece(text)]


PRIORITY_ICONS = {
    "urgent": "warning-circle",
    "high": "cell-signal-full",
    "medium": "cell-signal-medium",
    "low": "cell-signal-low",
    "none": "minus",
}
"""An icon for each priority, by its stored name."""


def capital(text: str) -> str:
    """The text with a capital at its beginning: statuses and choices are stored in small letters."""
    return text[:1].upper() + text[1:]


def status_meaning(desk: Desk, status: object) -> Meaning | None:
    """What a status value means; None where it is not known here."""
    entry = desk.context.directory.statuses.get(status) if isinstance(status, bytes) else None
    return None if entry is None else entry.meaning


def _about(desk: Desk, person: bytes) -> str:
    """Company and home base of a person, as the item shows them beside the name."""
    parts = (desk.column("person", name).get(person) for name in ("company", "home_base"))
    return " · ".join(part for part in parts if isinstance(part, str) and part)


class PieceLayout:
    """Places pieces in lines of a width and paints them."""

    def __init__(self, look: Look, pieces: Sequence[Piece]) -> None:
        self._look = look
        self.pieces = list(pieces)
        self._placed: tuple[tuple[int, int], list[tuple[Piece, QRect]]] | None = None

    @property
    def _theme(self) -> Theme:
        return self._look.theme

    def line_height(self) -> int:
        """The height of one line, in pixels."""
        return max(_AVATAR + 4, self._theme.metrics.control - 8)

    def _width(self, piece: Piece, room: int) -> int:
        theme = self._theme
        if piece.sign == "chip":
            return min(chip_width(piece.text, theme), room)
        width = QFontMetrics(theme.font()).horizontalAdvance(piece.text) + self._lead(piece)
        if piece.detail:
            width += QFontMetrics(theme.font()).horizontalAdvance(piece.detail) + theme.metrics.gap
        return min(width, room)

    def _lead(self, piece: Piece) -> int:
        gap, icon = self._theme.metrics.gap, self._theme.metrics.icon
        return {"avatar": _AVATAR + gap, "status": icon + gap, "icon": icon + gap}.get(piece.sign, 0)

    def places(self, room: int) -> list[tuple[Piece, QRect]]:
        """Where each piece lies in lines of ``room`` pixels; people have a line each."""
        key = (room, self._theme.metrics.base)
        if self._placed is None or self._placed[0] != key:
            self._placed = key, self._place(room)
        return self._placed[1]

    def _place(self, room: int) -> list[tuple[Piece, QRect]]:
        height, gap = self.line_height(), self._theme.metrics.gap
        left = top = 0
        placed = []
        for piece in self.pieces:
            width = room if piece.detail else self._width(piece, room)
            if left and (left + width > room or piece.sign == "avatar"):
                left, top = 0, top + height
            placed.append((piece, QRect(left, top, width, height)))
            left += width + (gap - 2 if piece.sign == "chip" else gap)
        return placed

    def height(self, room: int) -> int:
        """How high the pieces are in lines of ``room`` pixels."""
        placed = self.places(room)
        return placed[-1][1].bottom() + 1 if placed else self.line_height()

    def natural_width(self) -> int:
        """The width of all pieces beside each other."""
        return sum(self._width(piece, 10_000) + self._theme.metrics.gap for piece in self.pieces)

    def paint(self, painter: QPainter, at: QPoint, room: int) -> None:
        """Paint the pieces with their upper left corner at a point."""
        for piece, rect in self.places(room):
            self._paint_piece(painter, piece, rect.translated(at))

    def _paint_piece(self, painter: QPainter, piece: Piece, rect: QRect) -> None:
        theme = self._theme
        middle = rect.center().y() + 1
        icon = theme.metrics.icon
        if piece.sign == "chip":
            height = QFontMetrics(theme.caption_font()).height() + 6
            paint_chip(
                painter,
                QRect(rect.left(), middle - height // 2, rect.width(), height),
                piece.text,
                piece.mark,
                theme,
            )
            return
        if piece.sign == "avatar":
            box = QRectF(rect.left(), middle - _AVATAR / 2, _AVATAR, _AVATAR)
            paint_avatar(painter, box, piece.text, theme)
        elif piece.sign == "status":
            box = QRectF(rect.left(), middle - icon / 2, icon, icon)
            paint_status(painter, box, piece.mark, theme)
        elif piece.sign == "icon":
            ratio = painter.device().devicePixelRatioF()
            pixmap = self._look.icons.pixmap(piece.mark, "muted", ratio=ratio)
            painter.drawPixmap(QPoint(rect.left(), middle - icon // 2), pixmap)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        measure = QFontMetrics(theme.font())
        painter.setFont(theme.font())
        left = rect.left() + self._lead(piece)
        space = QRect(left, rect.top(), rect.right() + 1 - left, rect.height())
        painter.setPen(theme.color(piece.tone))
        shown = measure.elidedText(piece.text, Qt.TextElideMode.ElideRight, space.width() + 1)
        painter.drawText(space, align, shown)
        if piece.detail:
            space.setLeft(left + measure.horizontalAdvance(shown) + theme.metrics.gap)
            if space.width() > 24:
                painter.setPen(theme.color("muted"))
                painter.drawText(
                    space, align, measure.elidedText(piece.detail, Qt.TextElideMode.ElideRight, space.width())
                )
