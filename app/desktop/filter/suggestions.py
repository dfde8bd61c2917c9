"""The list of suggestions below the filter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.desktop.entries import Entry, EntryList
from app.desktop.floating import FloatingPanel
from app.desktop.translate import tr
from app.desktop.widgets import Look

_WIDTH = 340
_MOST_SHOWN = 9


class SuggestionPopup(FloatingPanel):
    """Floats below a field, which keeps the focus and passes its keys on."""

    taken = Signal(object)
    """Emits the Entry that was chosen."""

    def __init__(self, look: Look, window: QWidget, below: QWidget) -> None:
        super().__init__(look, tr("Suggestions"), window, below)
        self._below = below
        self.list = EntryList(look, tr("Suggestions"), self)
        self.list.taken.connect(self.taken)
        self.column.addWidget(self.list)

    def offer(self, entries: Sequence[Entry], left: int, *, select: int | None) -> None:
        """Show entries, ``left`` pixels from the field's left; ``select`` is the one that Enter takes."""
        self.list.show_entries(entries, select=select)
        row = max(self._look.theme.metrics.row - 2, 26)
        height = min(self.list.height_of_all(), _MOST_SHOWN * row) + 12
        self.open_below(self._below, _WIDTH, height, left)
