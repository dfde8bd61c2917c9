"""Draws what is embedded in a text: links to records, people, pictures, lines across.

Nothing is loaded from an address: only attachments of the project show as pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPyTextObject,
    QTextDocument,
    QTextFormat,
)

from app.desktop.editor.surroundings import Surroundings
from app.desktop.editor.text_style import EMBED
from app.desktop.theme import Theme
from app.desktop.translate import tr
from app.richtext.formats import ATTACHMENT_SCHEME, DIVIDER, IMAGE, MENTION, REF, record_of

_LEAST_WIDTH = 80.0
_PICTURE = QSizeF(480, 360)
"""The most room that a picture takes, in pixels."""
_NO_PICTURE = QSizeF(240, 56)
_LONGEST = 200
"""Characters of a name that are shown."""


class TextObjects(QPyTextObject):
    """Draws the objects of one document. ``room`` tells the width of a line."""

    def __init__(
        self,
        theme: Theme,
        document: QTextDocument,
        room: Callable[[], float],
        surroundings: Surroundings | None,
    ) -> None:
        super().__init__(document)
        self._theme = theme
        self._room = room
        self.surroundings = surroundings

    def intrinsicSize(self, doc: QTextDocument, posInDocument: int, format: QTextFormat) -> QSizeF:
        embed = _embed(format)
        metrics = QFontMetricsF(_font(format))
        room = max(_LEAST_WIDTH, self._room() - _left(doc, posInDocument))
        if DIVIDER in embed:
            return QSizeF(room - 1, metrics.ascent())
        if IMAGE in embed:
            return self._picture_size(embed, room)
        padding = 8.0 if MENTION in embed else 0.0
        width = metrics.horizontalAdvance(self.words(embed)) + padding
        # A row that holds nothing else is nearly as high as one of words.
        return QSizeF(min(width, room - 1), metrics.ascent() + metrics.descent() / 2)

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        doc: QTextDocument,
        posInDocument: int,
        format: QTextFormat,
    ) -> None:
        embed, rect = _embed(format), QRectF(rect)
        painter.save()
        if DIVIDER in embed:
            painter.setPen(QPen(self._theme.color("line"), 1))
            y = round(rect.center().y()) + 0.5
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
        elif IMAGE in embed:
            self._draw_picture(painter, rect, embed)
        else:
            self._draw_words(painter, rect, embed, _font(format))
        painter.restore()

    # Words

    def words(self, embed: dict[str, Any]) -> str:
        """What an object says."""
        found = record_of(embed)
        named = None if found is None or self.surroundings is None else self.surroundings.named(found[1])
        if IMAGE in embed:
            return tr("Picture")
        if DIVIDER in embed:
            return ""
        if named is None:
            return tr("Not here") if found is not None else tr("Something of a newer version")
        if MENTION in embed:
            return "@" + named.text[:_LONGEST]
        value = embed.get(REF)
        own = value.get("text") if isinstance(value, dict) else None
        return (own if isinstance(own, str) and own else named.text)[:_LONGEST]

    def _draw_words(self, painter: QPainter, rect: QRectF, embed: dict[str, Any], font: QFont) -> None:
        theme = self._theme
        found = record_of(embed)
        named = None if found is None or self.surroundings is None else self.surroundings.named(found[1])
        metrics = QFontMetricsF(font)
        left = rect.left()
        if MENTION in embed:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(rect.left() + 0.5, rect.top() - 1, rect.width() - 1, metrics.height() + 1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selected"))
            painter.drawRoundedRect(box, 4, 4)
            left += 4
        whole = named is not None and not named.gone
        font.setStrikeOut(font.strikeOut() or (named is not None and named.gone))
        font.setItalic(font.italic() or named is None)
        painter.setFont(font)
        painter.setPen(theme.color("accent" if whole else "muted"))
        room = rect.width() - 2 * (left - rect.left())
        shown = metrics.elidedText(self.words(embed), Qt.TextElideMode.ElideRight, room + 1)
        painter.drawText(QPointF(left, rect.bottom()), shown)

    # Pictures

    def _picture_size(self, embed: dict[str, Any], room: float) -> QSizeF:
        picture = self._picture(embed)
        most = QSizeF(min(_PICTURE.width(), room - 1), _PICTURE.height())
        if picture is None:
            return QSizeF(min(_NO_PICTURE.width(), most.width()), _NO_PICTURE.height())
        size = picture.deviceIndependentSize()
        if size.width() > most.width() or size.height() > most.height():
            size.scale(most, Qt.AspectRatioMode.KeepAspectRatio)
        return QSizeF(max(1.0, size.width()), max(1.0, size.height()))

    def _picture(self, embed: dict[str, Any]) -> Any:
        found = record_of(embed)
        return None if found is None or self.surroundings is None else self.surroundings.picture(found[1])

    def _draw_picture(self, painter: QPainter, rect: QRectF, embed: dict[str, Any]) -> None:
        theme = self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        radius = theme.metrics.radius
        picture = self._picture(embed)
        if picture is not None:
            path = QPainterPath()
            path.addRoundedRect(rect, radius, radius)
            painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
            painter.drawPixmap(rect, picture, QRectF(picture.rect()))
            return
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("background"))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.caption_font())
        inner = rect.adjusted(8, 4, -8, -4)
        words = painter.fontMetrics().elidedText(
            self._picture_words(embed), Qt.TextElideMode.ElideMiddle, round(inner.width())
        )
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, words)

    def _picture_words(self, embed: dict[str, Any]) -> str:
        found = record_of(embed)
        if found is not None and self.surroundings is not None:
            return self.surroundings.picture_words(found[1])
        value = embed.get(IMAGE)
        if isinstance(value, str) and not value.startswith(ATTACHMENT_SCHEME):
            return tr("Picture from elsewhere, not loaded")
        return tr("Picture")


def _embed(format: QTextFormat) -> dict[str, Any]:
    text = format.property(EMBED)
    found = msgspec.json.decode(text.encode()) if isinstance(text, str) and text else {}
    return found if isinstance(found, dict) else {}


def _font(format: QTextFormat) -> QFont:
    return QFont(format.toCharFormat().font())


def _left(document: QTextDocument, position: int) -> float:
    block = document.findBlock(position).blockFormat()
    return block.leftMargin() + block.rightMargin()
