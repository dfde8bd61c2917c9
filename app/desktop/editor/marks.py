"""What several tools mark in a text at the same time: finds, misspelt words. Nothing of it is in the text itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QTextEdit

from app.desktop.editor.editing import Editing, widget_of
from app.richtext.context import Range

FINDS: Final = "finds"
SPELLING: Final = "spelling"


class TextMarks:
    """The marks of one editor, in layers. They move along with the text as it is edited."""

    def __init__(self, editor: Editing) -> None:
        widget = widget_of(editor)
        assert isinstance(widget, QTextEdit)
        self._editor = editor
        self._widget = widget
        self._layers: dict[str, list[QTextEdit.ExtraSelection]] = {}

    def show(self, layer: str, marks: Iterable[tuple[Range, QTextCharFormat]]) -> None:
        """Show these marks in place of those that the layer had."""
        made = []
        for (start, stop), form in marks:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = self._editor.cursor_over(start, stop)
            mark.format = form
            made.append(mark)
        if not made and not self._layers.get(layer):
            return
        self._layers[layer] = made
        every = [mark for each in sorted(self._layers) for mark in self._layers[each]]
        self._widget.setExtraSelections(every)
