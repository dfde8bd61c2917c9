"""Icons of the Phosphor family through qtawesome, in the colours of the theme.

Only the one font that is used is loaded: loading all that qtawesome brings costs time at every start.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPixmap

from app.desktop.theme import Theme


class Icons:
    """Makes icons by Phosphor's names (``tray``); remembers them until the theme changes."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._font: Any = None
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
            known = self._make(name, self._theme.color(tint), self._theme.color("line"))
            self._known[name, tint] = known
        return known

    def pixmap(self, name: str, tint: str = "muted", *, ratio: float = 1.0, size: int = 0) -> QPixmap:
        """The icon as a pixmap of ``size`` device-independent pixels for a screen of this ratio."""
        side = size or self._theme.metrics.icon
        key = (name, tint, side, ratio)
        known = self._pixmaps.get(key)
        if known is None:
            icon = self.icon(name, tint)
            known = icon.pixmap(QSize(side, side), ratio, QIcon.Mode.Normal, QIcon.State.Off)
            self._pixmaps[key] = known
        return known

    def _make(self, name: str, color: QColor, disabled: QColor) -> QIcon:
        import qtawesome
        from qtawesome.iconic_font import IconicFont

        if self._font is None:
            directory = str(Path(qtawesome.__file__).parent / "fonts")
            font_file = next(Path(directory).glob("phosphor-[0-9]*.ttf")).name
            charmap = next(Path(directory).glob("phosphor-charmap-*.json")).name
            self._font = IconicFont(("ph", font_file, charmap, directory))
        icon = self._font.icon(f"ph.{name}", color=color, color_disabled=disabled, scale_factor=1.0)
        assert isinstance(icon, QIcon)
        return icon


def icon_size(theme: Theme) -> QSize:
    """The size of every icon of this density."""
    return QSize(theme.metrics.icon, theme.metrics.icon)
