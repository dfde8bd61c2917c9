"""The panel that the palette, the switcher and others are made of: a line to type in and a list below it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QFont, QKeyEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from app.desktop.entries import Entry, EntryList
from app.desktop.floating import SHADOW, FloatingPanel
from app.desktop.style import BARE
from app.desktop.widgets import Line, Look, Size, Text

_WIDTH = 640
_HEIGHT = 460
_LEAST = 88
_PAGE = 8


class AskPanel(FloatingPanel):
    """Stands in the upper middle of the window. Subclasses say what is shown and what taking it does."""

    def __init__(
        self, look: Look, name: str, window: QWidget, placeholder: str, *, width: int = _WIDTH, icon: str = ""
    ) -> None:
        super().__init__(look, name, window)
        self._width = width
        self._before: QWidget | None = None
        metrics = look.theme.metrics
        margins = self.column.contentsMargins()
        margins.setTop(margins.top() - 4)
        self.column.setContentsMargins(margins)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(placeholder)
        self.line.setAccessibleName(name)
        self.line.setProperty(BARE, True)
        self.line.installEventFilter(self)
        self._icon = QLabel(self)
        self._icon_name = icon or "magnifying-glass"
        row = QHBoxLayout()
        row.setContentsMargins(metrics.gap, 4, metrics.gap, 4)
        row.setSpacing(metrics.gap)
        row.addWidget(self._icon)
        row.addWidget(self.line, 1)
        self.column.addLayout(row)
        self.column.addWidget(Line(look))
        self.list = EntryList(look, name, self)
        self.list.taken.connect(self.take)
        self.column.addWidget(self.list, 1)
        self.foot = Text(look, size=Size.CAPTION, tone="muted", parent=self)
        self.foot.setContentsMargins(10, 2, 10, 2)
        self.foot.hide()
        self.column.addWidget(self.foot)
        self.line.textChanged.connect(self.typed)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        theme = self._look.theme
        font = QFont(theme.font(theme.metrics.base + 2))
        self.line.setFont(font)
        palette = self.line.palette()
        palette.setColor(QPalette.ColorRole.Base, theme.color("surface"))
        self.line.setPalette(palette)
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(self._look.icons.pixmap(self._icon_name, "muted", ratio=ratio))

    def start(self, text: str = "") -> None:
        """Open it, the cursor in its line; leaving it puts the focus back where it was."""
        focus = self.window().focusWidget()
        self._before = focus if focus is not None and not self.isAncestorOf(focus) else self._before
        if self.line.text() == text:
            self.typed(text)
        else:
            self.line.setText(text)
        self._place()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def _place(self) -> None:
        """Stand in the middle, as high as what is shown needs."""
        window = self.window()
        width = min(self._width, window.width() - 48)
        top = max(32, round(window.height() * 0.12))
        margins = self.column.contentsMargins()
        head = margins.top() + margins.bottom() - 2 * SHADOW + self.line.sizeHint().height() + 8 + 1 + 8
        foot = self.foot.sizeHint().height() + 4 if not self.foot.isHidden() else 0
        wanted = head + self.list.height_of_all() + foot
        height = min(_HEIGHT, max(wanted, _LEAST), window.height() - top - 24)
        self.open_at(QRect((window.width() - width) // 2, top, width, height))

    def window_resized(self) -> None:
        """Stay in the middle."""
        self._place()

    def leave(self) -> None:
        """Close it and give the focus back."""
        before, self._before = self._before, None
        self.close_panel()
        if before is not None and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)

    def typed(self, text: str) -> None:
        """Another text stands in the line."""
        raise NotImplementedError

    def take(self, entry: Entry) -> None:
        """An entry was chosen."""
        raise NotImplementedError

    def show_entries(self, entries: Sequence[Entry], foot: str = "", *, select: int | None = 0) -> None:
        """Show what there is for the text, and a sentence below it."""
        self.list.show_entries(entries, select=select)
        self.foot.setText(foot)
        self.foot.setVisible(bool(foot))
        if self.is_open:
            self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = watched is self.line and event.type() is QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and self.key(event):
            return True
        return super().eventFilter(watched, event)

    def key(self, event: QKeyEvent) -> bool:
        """Do what a key of the line says; False where it is typed."""
        key = event.key()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _PAGE,
            Qt.Key.Key_PageUp: -_PAGE,
        }
        if key in steps:
            self.list.step(steps[Qt.Key(key)])
        elif control and key in (Qt.Key.Key_N, Qt.Key.Key_J, Qt.Key.Key_P):
            self.list.step(-1 if key == Qt.Key.Key_P else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.list.take()
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self.list.step(1 if key == Qt.Key.Key_Tab else -1)
        elif key == Qt.Key.Key_Escape:
            self.leave()
        else:
            return False
        return True
