"""Binds a QTextDocument to a Yjs text, so that each edit of either becomes the same edit of the other.

The Yjs text (the root ``content`` of its document) ends in a newline that the window never shows. Positions
are UTF-16 units in Qt and UTF-8 bytes in pycrdt; a ``TextIndex`` of the Yjs text translates. Between any two
calls this holds: what the document holds is ``shown`` of the index, less the hidden newline.

Only the thread of the document may use a binding.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pycrdt import Doc, Text, TextEvent, TransactionEvent, UndoManager
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextCursor, QTextDocument

from app.desktop.editor.differences import differences
from app.richtext.positions import EMBED, TextIndex, utf8_length, utf16_length

ROOT: Final = "content"
_OWN: Final = "editor"
"""Origin of the transactions that undo takes back."""
_EMPTY_UPDATE: Final = b"\0\0"
_REPLACEMENT: Final = "\ufffd"
_SHOWN: Final = str.maketrans(
    {"\r": "\u240d", "\u2029": "\u2424", "\ufdd0": _REPLACEMENT, "\ufdd1": _REPLACEMENT, EMBED: "\ufffc"}
)
"""Characters that Qt takes for the end of a paragraph or cannot hold, and what stands for each."""


class Shift(NamedTuple):
    """An edit of the document, in UTF-16 units: ``added`` in place of ``removed`` at ``position``."""

    position: int
    removed: int
    added: int


def shown(text: str) -> str:
    """Give the text as the window holds it: the same number of UTF-16 units, each line break a newline."""
    return text.translate(_SHOWN)


class TextBinding(QObject):
    """One document bound to one Yjs text. ``send`` gets each local update before the call that made it ends.

    ``client`` is the random 32-bit Yjs client id of this document in this run of the program; ``now_ms`` the
    clock by which typing is grouped into steps of undo.
    """

    showing = Signal()
    """The document is about to be changed by someone else's edit, or by undo."""
    shown_edits = Signal(object, bool)
    """The document was changed: the list of Shift in the order they were made; whether by undo or redo."""
    edited = Signal()
    """The user changed the text."""

    def __init__(
        self,
        document: QTextDocument,
        state: bytes,
        client: int,
        send: Callable[[bytes], None],
        *,
        now_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._send = send
        self.client = client
        self._yjs: Doc[Text] = Doc(client_id=client)
        self._text: Text = self._yjs.get(ROOT, type=Text)
        if state:
            self._yjs.apply_update(state)
        self._index = TextIndex("".join(_piece(part) for part, _ in self._text.diff()))
        self._hidden = self._ends_in_newline()
        self._deltas: list[list[dict[str, Any]]] = []
        self._local = False
        self._remote = False
        self._showing = False
        self._held: list[bytes] | None = None
        self._repair = QTimer(self, singleShot=True, interval=0)
        self._repair.timeout.connect(self._replace_halves)

        document.documentLayout()  # without a layout a document reports no changes
        document.setUndoRedoEnabled(False)
        document.setPlainText(shown(self._index.slice(0, len(self._index) - self._hidden)))
        self._text_subscription = self._text.observe(self._observe_text)
        self._update_subscription = self._yjs.observe(self._observe_update)
        self._undo = UndoManager(scopes=[self._text], capture_timeout_millis=600, timestamp=now_ms)
        self._undo.include_origin(_OWN)
        document.contentsChange.connect(self._contents_changed)

    def text(self) -> str:
        """The whole Yjs text, with its final newline."""
        return str(self._text)

    def state(self) -> bytes:
        """The state of the Yjs document as one update."""
        return self._yjs.get_update()

    def receive(self, update: bytes) -> None:
        """Apply what others wrote: the merged state of all updates held, or updates in order.

        What is known already changes nothing. An update that comes before one that it builds on must come
        again, in a merged state, when that one is there: pycrdt 0.14 drops some that wait inside a document.
        While the user composes a character (see ``hold``) everything waits.
        """
        if self._held is not None:
            self._held.append(update)
            return
        self._remote = True
        try:
            self._yjs.apply_update(update)
        finally:
            self._remote = False
        self._show(by_undo=False)

    def hold(self) -> None:
        """Keep others' updates back: the input method is composing, and its place must not move."""
        if self._held is None:
            self._held = []

    def release(self) -> None:
        """Apply what was kept back."""
        held, self._held = self._held or [], None
        for update in held:
            self.receive(update)

    def can_undo(self) -> bool:
        """Whether there is an edit of one's own to take back."""
        return bool(self._undo.can_undo())

    def can_redo(self) -> bool:
        """Whether an edit of one's own was taken back."""
        return bool(self._undo.can_redo())

    def undo(self) -> None:
        """Take back one's own last edit; what others wrote stays."""
        if self._held is None and self._undo.undo():
            self._show(by_undo=True)
            self.edited.emit()

    def redo(self) -> None:
        """Make one's own edit again that undo took back."""
        if self._held is None and self._undo.redo():
            self._show(by_undo=True)
            self.edited.emit()

    def close(self) -> None:
        """Let go of the document; the binding is of no use afterwards."""
        self.release()
        self._repair.stop()
        self._document.contentsChange.disconnect(self._contents_changed)
        self._text.unobserve(self._text_subscription)
        self._yjs.unobserve(self._update_subscription)

    # The window's edits, into the Yjs text

    def _contents_changed(self, position: int, removed: int, added: int) -> None:
        """Take over an edit of the document. Qt reports formats, composing and repaints as changes too."""
        if self._showing:
            return
        new_length = self._document.characterCount() - 1
        old_length = self._index.utf16_length - self._hidden
        removed = min(removed, old_length - position)
        added = min(added, new_length - position)
        if removed < 0 or added < 0 or new_length - old_length != added - removed:
            position, removed, added = 0, old_length, new_length
        # A character that Qt reports half of is compared whole.
        start = self._index.utf16_to_point(position)
        stop = self._index.utf16_to_point(position + removed, up=True)
        before = position - self._index.point_to_utf16(start)
        after = self._index.point_to_utf16(stop) - position - removed
        old = shown(self._index.slice(start, stop))
        new = self._read(position - before, position + added + after)
        edits = differences(old, new)
        if not edits:
            return
        self._local = True
        try:
            with self._yjs.transaction(origin=_OWN):
                for edit in reversed(edits):
                    self._write(start + edit.position, edit.removed, edit.text)
                if not self._hidden:
                    self._write(len(self._index), 0, "\n")
                    self._hidden = True
        finally:
            self._local = False
        self.edited.emit()

    def _write(self, position: int, removed: int, text: str) -> None:
        first = self._index.point_to_utf8(position)
        if removed:
            del self._text[first : self._index.point_to_utf8(position + removed)]
        if text:
            self._text.insert(first, text)
        self._index.replace(position, position + removed, text)

    def _read(self, start: int, stop: int) -> str:
        """Read the document between two UTF-16 positions; half a character reads as U+FFFD."""
        cursor = QTextCursor(self._document)
        cursor.setPosition(start)
        cursor.setPosition(stop, QTextCursor.MoveMode.KeepAnchor)
        text = cursor.selectedText()
        if utf16_length(text) != stop - start:
            units = "".join(self._document.characterAt(at) for at in range(start, stop))
            text = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            self._repair.start()
        return text.replace("\u2029", "\n")

    def _replace_halves(self) -> None:
        """Put U+FFFD in the document too where it holds half a character."""
        self._showing = True
        cursor = QTextCursor(self._document)
        position = 0
        for character in shown(self._index.slice(0, len(self._index) - self._hidden)):
            if character == _REPLACEMENT and self._document.characterAt(position) != _REPLACEMENT:
                cursor.setPosition(position)
                cursor.setPosition(position + 1, QTextCursor.MoveMode.KeepAnchor)
                cursor.insertText(_REPLACEMENT)
            position += utf16_length(character)
        self._showing = False

    # The Yjs text's edits, into the window

    def _observe_text(self, event: TextEvent) -> None:
        if not self._local:
            self._deltas.append(event.delta)  # type: ignore[attr-defined]

    def _observe_update(self, event: TransactionEvent) -> None:
        if not self._remote and event.update != _EMPTY_UPDATE:
            self._send(event.update)

    def _show(self, *, by_undo: bool) -> None:
        """Make the document's edits that belong to the deltas that were observed."""
        deltas, self._deltas = self._deltas, []
        if not deltas:
            return
        self.showing.emit()
        shifts: list[Shift] = []
        self._showing = True
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        try:
            for delta in deltas:
                self._show_delta(delta, cursor, shifts)
            if not self._hidden and self._ends_in_newline():
                self._edit(cursor, self._index.utf16_length - 1, 1, "", shifts)
                self._hidden = True
        finally:
            cursor.endEditBlock()
            self._showing = False
        self.shown_edits.emit(shifts, by_undo)

    def _show_delta(self, delta: list[dict[str, Any]], cursor: QTextCursor, shifts: list[Shift]) -> None:
        at = 0
        for part in delta:
            if "retain" in part:
                at += int(part["retain"])
                continue
            first = self._index.utf8_to_point(at)
            position = self._index.point_to_utf16(first)
            if "insert" in part:
                text = _piece(part["insert"])
                if self._hidden and first == len(self._index):
                    # Behind the newline that was the last: it becomes one that shows.
                    self._hidden = False
                    self._edit(cursor, position - 1, 0, "\n", shifts)
                self._index.replace(first, first, text)
                self._edit(cursor, position, 0, shown(text), shifts)
                at += utf8_length(text)
            elif "delete" in part:
                last = self._index.utf8_to_point(at + int(part["delete"]))
                removed = self._index.point_to_utf16(last) - position
                if self._hidden and last == len(self._index):
                    self._hidden = False
                    removed -= 1
                self._index.replace(first, last, "")
                self._edit(cursor, position, removed, "", shifts)

    def _edit(self, cursor: QTextCursor, position: int, removed: int, text: str, shifts: list[Shift]) -> None:
        if not removed and not text:
            return
        cursor.setPosition(position)
        if removed:
            cursor.setPosition(position + removed, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        if text:
            cursor.insertText(text)
        shifts.append(Shift(position, removed, utf16_length(text)))

    def _ends_in_newline(self) -> bool:
        length = len(self._index)
        return length > 0 and self._index.slice(length - 1, length) == "\n"


def _piece(part: object) -> str:
    """Give one part of a text as the index holds it: a string, or EMBED for an object."""
    return part if isinstance(part, str) else EMBED
