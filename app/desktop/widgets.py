"""The few controls that every page is made of: texts, buttons, lines, fields with their error."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.desktop.icons import Icons
from app.desktop.theme import Theme
from app.desktop.translate import tr


@dataclass(frozen=True, slots=True)
class Look:
    """What everything that paints is given."""

    theme: Theme
    icons: Icons


class Size(StrEnum):
    """The sizes of text."""

    BASE = "base"
    CAPTION = "caption"
    TITLE = "title"
    LARGE = "large"


def font_of(theme: Theme, size: Size, *, strong: bool = False) -> QFont:
    """The theme's font of a size."""
    if size is Size.CAPTION:
        return theme.caption_font(strong=strong)
    if size is Size.TITLE:
        return theme.title_font()
    if size is Size.LARGE:
        return theme.large_font()
    return theme.font(strong=strong)


class Text(QLabel):
    """A line or paragraph in the theme's font and in the colour of one token."""

    def __init__(
        self,
        look: Look,
        text: str = "",
        *,
        size: Size = Size.BASE,
        tone: str = "text",
        strong: bool = False,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = look.theme
        self._size = size
        self._tone = tone
        self._strong = strong
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def set_tone(self, tone: str) -> None:
        """Change the token of the colour."""
        if tone != self._tone:
            self._tone = tone
            self._restyle()

    def _restyle(self) -> None:
        self.setFont(font_of(self._theme, self._size, strong=self._strong))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, self._theme.color(self._tone))
        self.setPalette(palette)


class ElidedText(Text):
    """A line that gives way to what stands beside it: where there is no room it is shortened, and whole in its hint."""

    def __init__(
        self, look: Look, *, tone: str = "text", strong: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, tone=tone, strong=strong, parent=parent)
        self._whole = ""
        self.setMinimumWidth(24)

    def show_text(self, text: str) -> None:
        """Show a text."""
        self._whole = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self._elide()

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self._whole) + 1
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")


class ButtonKind(StrEnum):
    """How much a button says: one PRIMARY a screen, the others QUIET; LINK and
    PLAIN have no body.
    """

    PRIMARY = "primary"
    QUIET = "quiet"
    LINK = "link"
    PLAIN = "plain"


_NOT_ENTER = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class Button(QAbstractButton):
    """A button with an optional icon and the key that does the same."""

    def __init__(
        self,
        look: Look,
        text: str,
        *,
        kind: ButtonKind = ButtonKind.QUIET,
        icon: str = "",
        key: str = "",
        tone: str = "text",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._kind = kind
        self._icon_name = icon
        self._key = key
        self._tone = tone
        self._sign_tone = "muted"
        self.setText(text)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.updateGeometry)
        look.theme.changed.connect(self.update)

    def say(self, text: str, key: str = "") -> None:
        """Change its words and the key beside them."""
        self._key = key
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def show_icon(self, icon: str) -> None:
        """Show another icon beside the words."""
        self._icon_name = icon
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, as the space bar does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & _NOT_ENTER:
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def _font(self) -> QFont:
        return self._look.theme.font(strong=self._kind in (ButtonKind.PRIMARY, ButtonKind.LINK))

    def sizeHint(self) -> QSize:
        metrics = self._look.theme.metrics
        side = metrics.gap_medium if self._kind in (ButtonKind.PRIMARY, ButtonKind.QUIET) else metrics.gap
        measure = QFontMetrics(self._font())
        width = measure.horizontalAdvance(self.text()) + 2 * side
        if self._icon_name:
            width += metrics.icon + (metrics.gap if self.text() else 0)
        if self._key:
            width += measure.horizontalAdvance(self._key) + metrics.gap
        body = self._kind in (ButtonKind.PRIMARY, ButtonKind.QUIET)
        height = metrics.control if body else max(24, metrics.control - 8)
        return QSize(max(width, height), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        metrics = theme.metrics
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        ink = self._paint_ground(painter, rect)
        if not self.isEnabled():
            ink.setAlphaF(0.5)
        side = metrics.gap_medium if self._kind in (ButtonKind.PRIMARY, ButtonKind.QUIET) else metrics.gap
        left = side
        if self._icon_name:
            tint = {ButtonKind.PRIMARY: "on_accent", ButtonKind.LINK: "accent"}.get(self._kind, self._tone)
            if not self.text():
                tint, left = self._sign_tone, (self.width() - metrics.icon) // 2
            pixmap = self._look.icons.pixmap(self._icon_name, tint, ratio=self.devicePixelRatioF())
            painter.drawPixmap(QPointF(left, (self.height() - metrics.icon) / 2), pixmap)
            left += metrics.icon + metrics.gap
        painter.setFont(self._font())
        painter.setPen(ink)
        space = QRect(left, 0, self.width() - left - side, self.height())
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(space, align, self.text())
        if self._key:
            ink.setAlphaF(0.72)
            painter.setPen(ink)
            painter.setFont(theme.font())
            painter.drawText(space, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._key)

    def _paint_ground(self, painter: QPainter, rect: QRectF) -> QColor:
        """The button's body and ring; gives the colour of what stands on it."""
        theme = self._look.theme
        radius = theme.metrics.radius
        hovered = self.underMouse() and self.isEnabled()
        painter.setPen(Qt.PenStyle.NoPen)
        ink = theme.color(self._tone)
        if self._kind is ButtonKind.PRIMARY:
            painter.setBrush(theme.color("accent"))
            painter.drawRoundedRect(rect, radius, radius)
            ink = theme.color("on_accent")
        elif self._kind is ButtonKind.QUIET and self.text():
            painter.setPen(QPen(theme.color("line"), 1))
            painter.setBrush(theme.color("surface"))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            painter.setPen(Qt.PenStyle.NoPen)
        elif self._kind is ButtonKind.LINK:
            ink = theme.color("accent")
        if hovered or self.isDown() or self.isChecked():
            tint = QColor(ink) if self._kind is ButtonKind.PRIMARY else theme.hover()
            strength = 2.5 if self.isDown() or self.isChecked() else 1.0
            base = 0.08 if self._kind is ButtonKind.PRIMARY else theme.tokens.hover_alpha
            tint.setAlphaF(base * strength)
            painter.setBrush(tint)
            painter.drawRoundedRect(rect, radius, radius)
        if self.hasFocus():
            paint_ring(painter, rect, theme, on_accent=self._kind is ButtonKind.PRIMARY)
        return ink


def paint_ring(painter: QPainter, rect: QRectF, theme: Theme, *, on_accent: bool = False) -> None:
    """The two-pixel ring of the focus, just inside ``rect``; on a filled button a gap sets it off."""
    radius = theme.metrics.radius
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if on_accent:
        painter.setPen(QPen(theme.color("on_accent"), 1.5))
        painter.drawRoundedRect(rect.adjusted(2.75, 2.75, -2.75, -2.75), radius - 2, radius - 2)
        return
    painter.setPen(QPen(theme.color("accent"), 2))
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)


class IconButton(Button):
    """A button that is only an icon; its name is for the hint and the screen reader."""

    def __init__(
        self, look: Look, icon: str, name: str, *, key: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(look, "", kind=ButtonKind.PLAIN, icon=icon, parent=parent)
        self._hint_key = key
        self.set_icon(icon, name)

    def set_icon(self, icon: str, name: str) -> None:
        """Show another icon, with another name."""
        self._icon_name = icon
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({self._hint_key})" if self._hint_key else name)
        self.update()

    def set_active(self, active: bool) -> None:
        """Show that what the button chooses is chosen."""
        self._sign_tone = "accent" if active else "muted"
        self.setAccessibleDescription(tr("In use") if active else "")
        self.update()

    def sizeHint(self) -> QSize:
        side = self._look.theme.metrics.control
        return QSize(side, side)


class Line(QWidget):
    """A line of one pixel at low contrast, across its layout."""

    def __init__(self, look: Look, *, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = look.theme
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)
        look.theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.color("line"))


class Surface(QWidget):
    """A widget filled with the colour of one token."""

    def __init__(self, look: Look, token: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = look.theme
        self._token = token
        self.setAutoFillBackground(True)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, self._theme.color(self._token))
        self.setPalette(palette)


class FormField(QWidget):
    """A text field with its name above it and, where something is wrong, one sentence below it."""

    def __init__(
        self,
        look: Look,
        name: str,
        *,
        hint: str = "",
        secret: bool = False,
        placeholder: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.edit = QLineEdit(self)
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setTextMargins(look.theme.metrics.gap - 2, 0, look.theme.metrics.gap - 2, 0)
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        label = Text(look, name, strong=True)
        label.setBuddy(self.edit)
        self._note = Text(look, hint, size=Size.CAPTION, tone="muted", wrap=True)
        self._hint = hint
        self._note.setVisible(bool(hint))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(look.theme.metrics.gap_small)
        layout.addWidget(label)
        layout.addWidget(self.edit)
        layout.addWidget(self._note)
        self.edit.textEdited.connect(lambda _text: self.set_error(""))

    def text(self) -> str:
        """What was entered, without the spaces around it."""
        return self.edit.text().strip()

    def set_error(self, sentence: str) -> None:
        """Show what is wrong in place of the hint; empty takes it away."""
        self._note.setText(sentence or self._hint)
        self._note.set_tone("danger" if sentence else "muted")
        self._note.setVisible(bool(sentence or self._hint))
        self.edit.setAccessibleDescription(sentence or self._hint)
