"""Icons of the Phosphor family, in the colours of the theme: glyphs of the font that qtawesome brings.

Of qtawesome only the font's files are used. Its icons are painted by an engine written in Python, and PySide lets
Python's cyclic collection free such an engine before the icon that still holds it: the icon's end is then a crash.
Icons made here hold pixmaps and nothing of Python's.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPixmap

from app.desktop.theme import Theme

_GLYPH: Final = 0.875
"""How high a glyph is set in an icon, which leaves room for the font's bearings."""
_RATIOS: Final = (1.0, 2.0)
"""The screens that every icon has pixmaps for, beside those that are there."""


class Icons:
    """Makes icons by Phosphor's names (``tray``); remembers them until the theme changes."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._family = ""
        self._characters: dict[str, str] = {}
        self._known: dict[tuple[str, str], QIcon] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        theme.changed.connect(self._forget)

    def _forget(self) -> None:
        self._known.clear()
        self._pixmaps.clear()

    def icon(self, name: str, tint: str = "muted") -> QIcon:
        """The icon ``name`` in the colour of the token ``tint`` (disabled ones in the colour of lines)."""
        known = self._known.get((name, tint))
        if known is None:
            known = self._known[name, tint] = self._make(name, tint)
        return known

    def pixmap(self, name: str, tint: str = "muted", *, ratio: float = 1.0, size: int = 0) -> QPixmap:
        """The icon as a pixmap of ``size`` device-independent pixels for a screen of this ratio."""
        side = size or self._theme.metrics.icon
        key = (name, tint, side, ratio)
        known = self._pixmaps.get(key)
        if known is None:
            known = self._pixmaps[key] = self._draw(name, self._theme.color(tint), side, ratio)
        return known

    @property
    def names(self) -> Collection[str]:
        """The names of all icons of the family."""
        if not self._family:
            self._load()
        return self._characters.keys()

    def _make(self, name: str, tint: str) -> QIcon:
        icon = QIcon()
        modes = QIcon.Mode
        side = self._theme.metrics.icon
        for ratio in _ratios():
            # What a mode has no pixmap for, the style would tint after its own taste.
            for mode in (modes.Normal, modes.Active, modes.Selected):
                icon.addPixmap(self.pixmap(name, tint, ratio=ratio), mode)
            icon.addPixmap(self._draw(name, self._theme.color("line"), side, ratio), modes.Disabled)
        return icon

    def _draw(self, name: str, color: QColor, side: int, ratio: float) -> QPixmap:
        if not self._family:
            self._load()
        # Looked up before anything is painted: a name that the family does not have is a mistake of ours.
        character = self._characters[name]
        pixels = int(side * ratio + 0.5)
        pixmap = QPixmap(pixels, pixels)
        pixmap.fill(Qt.GlobalColor.transparent)
        font = QFont(self._family)
        font.setPixelSize(round(_GLYPH * pixels))
        painter = QPainter(pixmap)
        try:
            painter.setFont(font)
            painter.setPen(color)
            painter.drawText(QRect(0, 0, pixels, pixels), Qt.AlignmentFlag.AlignCenter.value, character)
        finally:
            painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def _load(self) -> None:
        # Found and not imported: the package would load much that is not used here.
        spec = find_spec("qtawesome")
        assert spec is not None
        assert spec.origin is not None
        folder = Path(spec.origin).parent / "fonts"
        font = QFontDatabase.addApplicationFont(str(next(folder.glob("phosphor-[0-9]*.ttf"))))
        characters = json.loads(next(folder.glob("phosphor-charmap-*.json")).read_text(encoding="utf-8"))
        self._characters = {name: chr(int(code, 16)) for name, code in characters.items()}
        self._family = QFontDatabase.applicationFontFamilies(font)[0]


def _ratios() -> Iterable[float]:
    """Of the screens that are there, and of usual ones that may come."""
    return sorted({*_RATIOS, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())})


def icon_size(theme: Theme) -> QSize:
    """The size of every icon of this density."""
    return QSize(theme.metrics.icon, theme.metrics.icon)
