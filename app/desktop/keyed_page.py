"""A page with single keys of its own, which go before the same keys of lists while it has the focus."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.desktop.widgets import Look, Surface

STEPS = {Qt.Key.Key_J: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_K: -1, Qt.Key.Key_Up: -1}
"""The keys that go to another line, and by how many."""


class KeyedPage(Surface):
    """Subclasses say what a key means."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(look, "surface", parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def meaning(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What to call for a key; None where it means nothing here."""
        return None

    def event(self, event: QEvent) -> bool:
        override = event.type() is QEvent.Type.ShortcutOverride and self.hasFocus()
        if override and isinstance(event, QKeyEvent) and self.meaning(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        call = self.meaning(event)
        if call is None:
            super().keyPressEvent(event)
        else:
            call()
