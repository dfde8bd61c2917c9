"""The carets in one text: the user's for the others, and the others' on the screen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer

from app.desktop.editor.carets import Caret as ShownCaret
from app.desktop.editor.rich import RichTextEditor
from app.desktop.item.text import ItemText
from app.desktop.live.here import Here
from sync.presence import Caret

MOST: Final = 12
"""Most carets of others in one text."""
_SAY_MS = 100
_FOLLOW_MS = 30


class Writing(QObject):
    """Stands between the text of an item and presence."""

    def __init__(self, text: ItemText, here: Here) -> None:
        super().__init__(text)
        self._text = text
        self._here = here
        self._say = QTimer(self, singleShot=True, interval=_SAY_MS)
        self._say.timeout.connect(self._tell)
        self._follow = QTimer(self, singleShot=True, interval=_FOLLOW_MS)
        self._follow.timeout.connect(self._show)
        self._places: dict[bytes, int] = {}
        self._editor.selection_changed.connect(self._moved)
        self._editor.edited.connect(self._moved)
        self._editor.edited.connect(self._brought)
        self._editor.left.connect(self._moved)
        here.wanted.connect(self._moved)
        here.moved.connect(self._show)
        here.changed.connect(self._show)
        text.brought.connect(self._brought)

    @property
    def _editor(self) -> RichTextEditor:
        return self._text.editor

    def opened(self) -> None:
        """Another text was opened."""
        self._places.clear()
        self._show()
        self._moved()

    def _moved(self) -> None:
        if self._here.is_seen and not self._say.isActive():
            self._say.start()

    def _tell(self) -> None:
        """Say where the user writes."""
        record, binding = self._text.record, self._editor.binding
        if record is None:
            return
        caret = None
        if self._editor.hasFocus() and binding is not None and binding.is_true and not binding.holding:
            cursor = self._editor.textCursor()
            head = binding.anchor(cursor.position())
            anchor = head if not cursor.hasSelection() else binding.anchor(cursor.anchor())
            caret = Caret(self._text.field, head, anchor)
        self._here.write_at(record, caret)

    def _brought(self) -> None:
        """What others wrote is in the text now: so may be the character that a caret stands behind."""
        if self._here.people and not self._follow.isActive():
            self._follow.start()

    def _show(self) -> None:
        """Show where others write."""
        record, binding = self._text.record, self._editor.binding
        writing = [] if record is None else self._here.writing(record, self._text.field)
        if not writing or binding is None:
            self._places.clear()
            if any(True for _ in self._editor.carets):
                self._editor.show_carets([])
            return
        if not binding.is_true or binding.holding:
            self._follow.start()
            return
        places, carets = {}, []
        found = binding.anchored([caret.head for _, caret in writing[:MOST]])
        for (someone, _), place in zip(writing, found, strict=False):
            # Where the character has not come yet, the caret stays where it was.
            at = self._places.get(someone.device) if place is None else place
            if at is not None:
                places[someone.device] = at
                carets.append(ShownCaret(at, someone.name, someone.color))
        self._places = places
        self._editor.show_carets(carets)
