"""Paints texts and small signs quickly: what was measured, cut or painted once is kept as it came out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPixmap

from app.desktop.glyphs import chip_width, paint_avatar, paint_chip, paint_status, paint_sync_dot
from app.desktop.widgets import Look

_MOST_TEXTS = 12_000
_MOST_STAMPS = 600
_OFTEN = 4
"""From so many times on a text is drawn as a picture: making one takes as long as drawing it three times."""
_MOST_PICTURES = 3_000
"""Pictures of texts take about 8 KB each."""
_KERNING = 6
"""Kerning makes a text at most about so many pixels narrower than its characters."""
_ELLIPSIS = "\u2026"
_LAST_SIMPLE = "\u024f"
"""Up to here characters stand beside each other as they are; beyond, scripts join and stack them."""
_TOKENS = (
    "text", "muted", "accent", "danger", "warning", "success", "line", "selected", "surface", "background",
    "caution",
)  # fmt: skip


@dataclass(slots=True)
class _Known:
    """A text that was drawn: what of it fits, how wide that is, and its picture where it comes often."""

    shown: str
    width: int
    exact: int = -1
    drawn: int = 1
    picture: QPixmap | None = None
    tone: str = ""


class Brush:
    """Fonts, colours and kept pictures of one look; shared by all columns of a table."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._texts: dict[tuple[str, int, int], _Known] = {}
        self._ratio = 1.0
        self._pictures = 0
        self._widths: tuple[dict[str, int], ...] = ()
        self._pen, self._font = "", -1
        self._stamps: dict[tuple[object, ...], QPixmap] = {}
        self._chips: dict[str, int] = {}
        self.on_surface = False
        """Whether what is drawn now stands on the plain surface: then texts that come often are kept as pictures."""
        self.restyle()

    def restyle(self) -> None:
        """Begin anew: the theme is another, or the screen is."""
        theme = self.look.theme
        self.metrics = theme.metrics
        self._texts.clear()
        self._pictures = 0
        self._stamps.clear()
        self._chips.clear()
        self.colors = {name: theme.color(name) for name in _TOKENS}
        self.hover = theme.hover()
        self.fonts: tuple[QFont, ...] = (
            theme.font(),
            theme.font(strong=True),
            theme.caption_font(),
        )
        self.measures = tuple(QFontMetrics(font) for font in self.fonts)
        self.heights = tuple((each.height(), each.ascent()) for each in self.measures)
        self._widths = tuple({} for _ in self.fonts)
        self.begin()
        self.chip_height = self.measures[CAPTION].height() + 5

    def color(self, tone: str) -> QColor:
        """The colour of a token."""
        return self.colors[tone]

    def begin(self, ratio: float = 0.0) -> None:
        """A painter comes, or was changed by others: pen and font are not known.

        ``ratio`` is how many pixels of the screen one of ours has, where that may be another now.
        """
        self._pen, self._font = "", -1
        if ratio and ratio != self._ratio:
            self._ratio = ratio
            self._texts.clear()
            self._pictures = 0

    def width(self, text: str, font: int = 0) -> int:
        """How wide a text is, uncut, in pixels.

        Latin text is added up by character, which takes a tenth of shaping it; kerning makes it a pixel less.
        """
        widths = self._widths[font]
        try:
            return sum(map(widths.__getitem__, text))
        except KeyError:
            pass
        if max(text) > _LAST_SIMPLE:
            return self.measures[font].horizontalAdvance(text)
        for character in text:
            if character not in widths:
                widths[character] = self.measures[font].horizontalAdvance(character)
        return sum(map(widths.__getitem__, text))

    def text(
        self,
        painter: QPainter,
        left: int,
        top: int,
        room: int,
        height: int,
        text: str,
        tone: str = "text",
        *,
        right: bool = False,
        font: int = 0,
    ) -> int:
        """One line in the middle of ``height``, cut with an ellipsis to ``room``; gives its width in pixels."""
        if room <= 4 or not text:
            return 0
        if self._pen != tone:
            self._pen = tone
            painter.setPen(self.colors[tone])
        if self._font != font:
            self._font = font
            painter.setFont(self.fonts[font])
        tall, ascent = self.heights[font]
        key = (text, room, font)
        known = self._texts.get(key)
        if known is None:
            # What comes a few times is drawn as it is; only then a picture of it pays.
            shown, width = self._cut(text, room, font)
            if len(self._texts) >= _MOST_TEXTS:
                self._texts.clear()
                self._pictures = 0
            self._texts[key] = _Known(shown, width)
            self._set(painter, tone, font)
            at = left + room - width if right else left
            painter.drawText(at, top + (height - tall) // 2 + ascent, shown)
            return width
        at = left + room - known.width if right else left
        known.drawn += 1
        if known.drawn < _OFTEN:
            self._set(painter, tone, font)
            painter.drawText(at, top + (height - tall) // 2 + ascent, known.shown)
            return known.width
        if not self.on_surface:
            self._set(painter, tone, font)
            painter.drawText(at, top + (height - tall) // 2 + ascent, known.shown)
            return known.width
        picture = known.picture
        if picture is None or known.tone != tone:
            picture = self._picture(known, tone, font)
        painter.drawPixmap(at - 1, top + (height - tall) // 2, picture)
        return known.width

    def _set(self, painter: QPainter, tone: str, font: int) -> None:
        """Take pen and font, where they are not those already."""
        if self._pen != tone:
            self._pen = tone
            painter.setPen(self.colors[tone])
        if self._font != font:
            self._font = font
            painter.setFont(self.fonts[font])

    def _picture(self, known: _Known, tone: str, font: int) -> QPixmap:
        """Make the picture of a text, a pixel wider at each side: some letters lean out.

        It has its ground in it: text that is drawn on nothing comes out heavier than text on a colour.
        """
        if self._pictures >= _MOST_PICTURES:
            for each in self._texts.values():
                each.picture = None
            self._pictures = 0
        tall, ascent = self.heights[font]
        wide = self.measures[font].horizontalAdvance(known.shown) + 3
        picture = QPixmap(math.ceil(wide * self._ratio), math.ceil(tall * self._ratio))
        picture.setDevicePixelRatio(self._ratio)
        picture.fill(self.colors["surface"])
        painter = QPainter(picture)
        try:
            painter.setPen(self.colors[tone])
            painter.setFont(self.fonts[font])
            painter.drawText(1, ascent, known.shown)
        finally:
            painter.end()
        known.picture, known.tone = picture, tone
        self._pictures += 1
        return picture

    def exact(self, text: str, room: int, font: int = 0) -> int:
        """How wide what ``text`` drew is, to the pixel: for what stands right behind it."""
        known = self._texts.get((text, room, font))
        if known is None:
            return min(room, self.width(text, font))
        if known.exact < 0:
            known.exact = self.measures[font].horizontalAdvance(known.shown)
        return known.exact

    def _cut(self, text: str, room: int, font: int) -> tuple[str, int]:
        """What of a text fits, with its width."""
        # A value may be a megabyte in one line: nothing beyond the first thousand characters is ever seen.
        shown = text[:1000].replace("\n", " ").replace("\t", " ")
        width = self.width(shown, font)
        if width <= room and len(text) <= 1000:
            # Right-aligned texts are numbers and days; their widths are exact.
            return shown, width
        if width - room < _KERNING and len(text) <= 1000:
            exact = self.measures[font].horizontalAdvance(shown)
            if exact <= room:
                return shown, exact
        if max(shown) > _LAST_SIMPLE:
            shown = self.measures[font].elidedText(shown, Qt.TextElideMode.ElideRight, room)
            return shown, self.measures[font].horizontalAdvance(shown)
        widths = self._widths[font]
        taken = (
            self.measures[font].horizontalAdvance(_ELLIPSIS) if _ELLIPSIS not in widths else widths[_ELLIPSIS]
        )
        widths[_ELLIPSIS] = taken
        for place, character in enumerate(shown):
            taken += widths[character]
            if taken > room:
                return shown[:place].rstrip() + _ELLIPSIS, taken - widths[character]
        return shown, taken

    # Signs

    def stamp(
        self,
        painter: QPainter,
        left: int,
        top: int,
        width: int,
        height: int,
        key: tuple[object, ...],
        paint: Callable[[QPainter, QRect], None],
    ) -> None:
        """Paint a small sign once, and put the picture of it wherever it is needed again."""
        ratio = painter.device().devicePixelRatioF()
        full = (key, width, height, ratio)
        picture = self._stamps.get(full)
        if picture is None:
            if len(self._stamps) >= _MOST_STAMPS:
                self._stamps.clear()
            picture = QPixmap(round(width * ratio), round(height * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            inner = QPainter(picture)
            paint(inner, QRect(0, 0, width, height))
            inner.end()
            self._stamps[full] = picture
        painter.drawPixmap(left, top, picture)

    def status(self, painter: QPainter, left: int, top: int, height: int, meaning: str) -> int:
        """The round glyph of a status; gives its width."""
        side = self.metrics.icon
        theme = self.look.theme
        self.stamp(
            painter,
            left,
            top + (height - side) // 2,
            side,
            side,
            ("status", meaning),
            lambda p, r: paint_status(p, QRectF(r), meaning, theme),
        )
        return side

    def dot(self, painter: QPainter, left: int, top: int, height: int, state: str) -> None:
        """The dot that says where a record is."""
        theme = self.look.theme
        self.stamp(
            painter,
            left,
            top + (height - 12) // 2,
            12,
            12,
            ("sync", state),
            lambda p, r: paint_sync_dot(p, QRectF(r), state, theme),
        )

    def avatar(self, painter: QPainter, left: int, top: int, height: int, name: str) -> int:
        """A person's initials; gives the width."""
        side = self.avatar_side
        theme = self.look.theme
        self.stamp(
            painter,
            left,
            top + (height - side) // 2,
            side,
            side,
            ("person", name),
            lambda p, r: paint_avatar(p, QRectF(r), name, theme),
        )
        return side

    @property
    def avatar_side(self) -> int:
        """How wide a person's initials are, in pixels."""
        return round(self.metrics.base * 1.4)

    def icon(self, painter: QPainter, left: int, top: int, height: int, name: str, tone: str) -> int:
        """An icon in the colour of a token; gives its width."""
        side = self.metrics.icon
        ratio = painter.device().devicePixelRatioF()
        picture = self.look.icons.pixmap(name, tone, ratio=ratio)
        painter.drawPixmap(QPoint(left, top + (height - side) // 2), picture)
        return side

    def chip_width(self, name: str) -> int:
        """How wide a label is, in pixels."""
        known = self._chips.get(name)
        if known is None:
            if len(self._chips) >= _MOST_TEXTS:
                self._chips.clear()
            known = self._chips[name] = min(chip_width(name, self.look.theme), _CHIP_WIDEST)
        return known

    def chip(self, painter: QPainter, left: int, top: int, height: int, name: str, hue: str) -> int:
        """A label; gives its width."""
        width = self.chip_width(name)
        theme = self.look.theme
        self.stamp(
            painter,
            left,
            top + (height - self.chip_height) // 2,
            width,
            self.chip_height,
            ("chip", name, hue),
            lambda p, r: paint_chip(p, r, name, hue, theme),
        )
        return width


BASE, STRONG, CAPTION = 0, 1, 2
"""The fonts of a brush."""
_CHIP_WIDEST = 140
