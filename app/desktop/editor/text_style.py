"""How a rich text looks: from attributes to Qt's formats. Each format carries the mark that it was made for.

A character's look depends on its own attributes and on those of its line (a header is larger, code is spaced
evenly). What is drawn around the lines (bullets, boxes, bars) is in ``decorations``.
"""

from __future__ import annotations

from typing import Any, Final
from unicodedata import bidirectional

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QTextBlockFormat,
    QTextCharFormat,
    QTextFormat,
)

from app.desktop.theme import Theme
from app.desktop.tokens import mix
from app.richtext.context import is_code
from app.richtext.delta import PLAIN, Attributes, Embed
from app.richtext.formats import (
    BOLD,
    CODE,
    HEADER,
    HIGHLIGHT,
    INDENT,
    ITALIC,
    LINK,
    LIST,
    MOST_HEADER,
    MOST_INDENT,
    QUOTE,
    STRIKE,
    UNDERLINE,
)

MARK: Final = QTextFormat.Property.UserProperty.value + 1
"""Property of a format: the mark (``app.richtext.rich_index``) that it stands for."""
EMBED: Final = MARK + 1
"""Property of a character's format: the embedded object, as JSON."""
OBJECT_TYPE: Final = QTextFormat.ObjectTypes.UserObject.value + 1
"""The type of object that ``objects`` draws."""

LINE_HEIGHT: Final = 145
"""Distance of the lines, in percent of the font's own."""
STEP: Final = 24
"""Pixels by which a level of a list is set in."""
_QUOTE_STEP: Final = 14
_CODE_STEP: Final = 12
_LOOKED_AT: Final = 200
"""Characters of a line in which a direction is looked for."""


def header_level(line: Attributes) -> int:
    """The level of a header, 1 to 6; 0 for any other line."""
    level = line.get(HEADER)
    return level if isinstance(level, int) and 0 < level <= MOST_HEADER else 0


def indent_level(line: Attributes) -> int:
    """How many levels a line is set in, within bounds whatever somebody wrote."""
    level = line.get(INDENT)
    return max(0, min(level, MOST_INDENT)) if isinstance(level, int) else 0


def runs_rightward(text: str) -> bool:
    """Whether a line runs from left to right: by its first letter that has a direction, as Qt does."""
    if text.isascii():
        return True
    strong = next(
        (sense for each in text[:_LOOKED_AT] if (sense := bidirectional(each)) in ("L", "R", "AL")), "L"
    )
    return strong == "L"


class TextStyle(QObject):
    """Makes the formats of one theme, each once. ``changed`` says that all of them are others now."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        theme.changed.connect(self.changed)

    def depends_on_line(self, line: Attributes) -> bool:
        """Whether characters look otherwise in this line than in plain text."""
        return bool(header_level(line)) or is_code(line)

    def font(self, attributes: Attributes, line: Attributes) -> QFont:
        """The font of characters."""
        metrics = self.theme.metrics
        level = header_level(line)
        sizes = (metrics.base, metrics.large, metrics.title + 2, metrics.title)
        size = sizes[level] if level < len(sizes) else metrics.base
        font = self.theme.font(size, strong=bool(level or attributes.get(BOLD)))
        if attributes.get(CODE) or is_code(line):
            font.setFamily(self._fixed)
            font.setFixedPitch(True)
            font.setStyleHint(QFont.StyleHint.Monospace)
            font.setPixelSize(max(9, size - 1))
        font.setItalic(bool(attributes.get(ITALIC)))
        font.setUnderline(bool(attributes.get(UNDERLINE)))
        font.setStrikeOut(bool(attributes.get(STRIKE)))
        return font

    def char(
        self, attributes: Attributes, line: Attributes, mark: int, embed: Embed | None
    ) -> QTextCharFormat:
        """The format of characters, or of an embedded object."""
        theme = self.theme
        found = QTextCharFormat()
        found.setFont(self.font(attributes, line))
        found.setForeground(theme.color("accent" if attributes.get(LINK) else "text"))
        if attributes.get(HIGHLIGHT):
            found.setBackground(self.highlight())
        elif attributes.get(CODE) and not is_code(line):
            found.setBackground(self.code_ground())
        if attributes.get(LINK) and theme.tokens.name == "sun":
            found.setFontUnderline(True)
        found.setProperty(MARK, mark)
        if embed is not None:
            found.setObjectType(OBJECT_TYPE)
            found.setProperty(EMBED, msgspec.json.encode(_plain(embed)).decode())
        return found

    def block(self, line: Attributes, mark: int, *, rightward: bool = True) -> QTextBlockFormat:
        """The format of a line; not ``rightward`` where its words run from right to left."""
        found = QTextBlockFormat()
        level = header_level(line)
        code = is_code(line)
        # A distance and no proportion: a picture would get its share of it too.
        share = (130 if level or code else LINE_HEIGHT) / 100 - 1
        distance = QFontMetricsF(self.font(PLAIN, line)).lineSpacing() * share
        found.setLineHeight(distance, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        left = STEP * (indent_level(line) + bool(line.get(LIST)))
        if line.get(QUOTE):
            left += _QUOTE_STEP
        if code:
            left += _CODE_STEP
            found.setRightMargin(_CODE_STEP)
        if left and rightward:
            found.setLeftMargin(left)
        elif left:
            found.setRightMargin(left)
        if level:
            found.setTopMargin(12 if level == 1 else 8)
            found.setBottomMargin(2)
            found.setHeadingLevel(level)
        elif line.get(LIST):
            found.setTopMargin(1)
            found.setBottomMargin(1)
        found.setProperty(MARK, mark)
        return found

    def highlight(self) -> QColor:
        """The ground of highlighted text."""
        tokens = self.theme.tokens
        return QColor(mix("#FFD43B", tokens.surface, 0.28 if tokens.dark else 0.45))

    def code_ground(self) -> QColor:
        """The ground of code."""
        tokens = self.theme.tokens
        return QColor(mix(tokens.text, tokens.surface, 0.08 if tokens.dark else 0.05))


def _plain(value: Any) -> Any:
    return {name: _plain(each) for name, each in value.items()} if hasattr(value, "items") else value
