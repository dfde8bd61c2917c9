"""The theme in use: which tokens and metrics hold now, the palette and fonts made of them.

One ``Theme`` is made at start and handed to whatever paints; ``changed`` says that everything must be painted
again. It follows the desktop's light or dark setting while the user's own setting is *system*.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

from app.desktop.tokens import DARK, LIGHT, METRICS, SUN, Density, Metrics, ThemeName, Tokens

_PREFERRED_FAMILIES = ("Inter", "Inter Variable", "Inter Display")


class Theme(QObject):
    """The tokens and metrics in use, and what follows from them."""

    changed = Signal()

    def __init__(
        self,
        name: ThemeName = ThemeName.SYSTEM,
        density: Density = Density.NORMAL,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._density = density
        self._family = _family()
        self._fonts: dict[tuple[int, int], QFont] = {}
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)

    @property
    def name(self) -> ThemeName:
        """The user's setting."""
        return self._name

    @property
    def density(self) -> Density:
        """The user's setting."""
        return self._density

    @property
    def tokens(self) -> Tokens:
        """The colours that hold now."""
        if self._name is ThemeName.SUN:
            return SUN
        if self._name is ThemeName.LIGHT:
            return LIGHT
        if self._name is ThemeName.DARK:
            return DARK
        return DARK if self._system_is_dark() else LIGHT

    @property
    def metrics(self) -> Metrics:
        """The sizes that hold now."""
        return METRICS[self._density]

    def choose(self, name: ThemeName | None = None, density: Density | None = None) -> None:
        """Change the user's setting; everything is painted again."""
        if name is not None:
            self._name = name
        if density is not None:
            self._density = density
        self._announce()

    def color(self, token: str) -> QColor:
        """The colour of the token with this name (``text``, ``accent``, ...)."""
        return QColor(getattr(self.tokens, token))

    def hover(self) -> QColor:
        """The tint that is laid over what the pointer is on."""
        color = QColor(self.tokens.text)
        color.setAlphaF(self.tokens.hover_alpha)
        return color

    def font(self, size: int | None = None, *, strong: bool = False) -> QFont:
        """The font of ``size`` pixels (the base size if none) with numbers of equal width."""
        pixels = size or self.metrics.base
        weight = self.tokens.weight_strong if strong else self.tokens.weight
        known = self._fonts.get((pixels, weight))
        if known is None:
            known = QFont(self._family) if self._family else QFont()
            known.setPixelSize(pixels)
            known.setWeight(QFont.Weight(weight))
            known.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[pixels, weight] = known
        return QFont(known)

    def caption_font(self, *, strong: bool = False) -> QFont:
        """The font of captions and column heads."""
        return self.font(self.metrics.caption, strong=strong)

    def title_font(self) -> QFont:
        """The font of a page's title."""
        return self.font(self.metrics.title, strong=True)

    def large_font(self) -> QFont:
        """The font of an item's title."""
        return self.font(self.metrics.large, strong=True)

    def palette(self) -> QPalette:
        """Qt's palette for the tokens that hold now."""
        tokens = self.tokens
        palette = QPalette()
        role = QPalette.ColorRole
        for each, color in (
            (role.Window, tokens.background),
            (role.WindowText, tokens.text),
            (role.Base, tokens.surface),
            (role.AlternateBase, tokens.background),
            (role.Text, tokens.text),
            (role.Button, tokens.surface),
            (role.ButtonText, tokens.text),
            (role.BrightText, tokens.danger),
            (role.PlaceholderText, tokens.muted),
            (role.ToolTipBase, tokens.text),
            (role.ToolTipText, tokens.surface),
            (role.Highlight, tokens.selected),
            (role.HighlightedText, tokens.text),
            (role.Accent, tokens.accent),
            (role.Link, tokens.accent),
            (role.LinkVisited, tokens.accent),
            (role.Light, tokens.surface),
            (role.Midlight, tokens.line),
            (role.Mid, tokens.line),
            (role.Dark, tokens.muted),
            (role.Shadow, tokens.line),
        ):
            palette.setColor(each, QColor(color))
        for each in (role.Text, role.WindowText, role.ButtonText, role.HighlightedText):
            palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(tokens.muted))
        return palette

    def _system_is_dark(self) -> bool:
        return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark

    def _scheme_changed(self) -> None:
        if self._name is ThemeName.SYSTEM:
            self._announce()

    def _announce(self) -> None:
        self._fonts.clear()
        self.changed.emit()


def _family() -> str:
    """Inter where it is installed; empty for the system's own font."""
    installed = set(QFontDatabase.families())
    return next((each for each in _PREFERRED_FAMILIES if each in installed), "")
