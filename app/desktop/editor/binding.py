"""Binds a QTextDocument to a Yjs text, so that each edit of either becomes the same edit of the other.

The Yjs text (the root ``content`` of its document) is a Quill delta that ends in a newline which the window does not
show. Positions are UTF-16 units in Qt, UTF-8 bytes in pycrdt, and code points between them; a ``RichIndex`` of the
text translates, and remembers the attributes of each character as a mark, which the formats of the document carry
too. Between any two calls this holds: document, index and Yjs text say the same.

Only the thread of the document may use a binding.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from pycrdt import Doc, Text, TextEvent, TransactionEvent, UndoManager
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument

from app.desktop.editor.anchors import anchor_of, anchored
from app.desktop.editor.differences import differences
from app.desktop.editor.document_reader import line_mark, read
from app.desktop.editor.document_writer import DocumentWriter, Shift, shown
from app.desktop.editor.formats import Formats
from app.desktop.editor.text_style import MARK, TextStyle
from app.richtext.delta import (
    Attributes,
    Delete,
    Delta,
    Insert,
    Op,
    Retain,
    attribute_change,
    normal_document,
)
from app.richtext.positions import EMBED, utf16_length
from app.richtext.rich_index import Marks, RichIndex
from app.richtext.yjs import apply_change, read_event, read_pieces
from sync.presence import Place
from sync.yitems import read_vector

__all__ = ["ROOT", "Shift", "TextBinding", "shown"]

ROOT: Final = "content"
FIRST_SCREEN: Final = 3_500
"""Code points that are put into the document at once; the rest follows when nothing else is to be done."""
_REST: Final = 4_000
"""Code points of each further part: some milliseconds."""
_OWN: Final = "editor"
"""Origin of the transactions that undo takes back."""
_ENDING: Final = "ending"
"""Origin of the last newline of a text, which undo leaves where it is: others may have written before it."""
_EMPTY_UPDATE: Final = b"\0\0"
_REPLACEMENT: Final = "\ufffd"
_NO_LETTERS: Final = "\n\r\0\u2028\u2029\ufdd0\ufdd1\ufffc\ufffd"
_FIRST_LEFTWARD: Final = "\u0590"
"""The first letter that runs from right to left; lists of such lines have their signs at the right."""
_NOWHERE: Final = (1 << 62, -1)
_APART: Final = 10_000
"""Milliseconds that undo's clock is moved on between two steps that are to be taken back one by one."""


class TextBinding(QObject):
    """One document bound to one Yjs text. ``send`` gets each local update before the call that made it ends.

    ``client`` is the random 32-bit Yjs client id of this document in this run of the program; ``now_ms`` the
    clock by which typing is grouped into steps of undo. ``before_building`` is told the length of the text before any
    of it is laid out.
    """

    showing = Signal()
    """The document is about to be changed by someone else's edit, or by undo."""
    shown_edits = Signal(object, bool)
    """The document was changed: the list of Shift in the order they were made; whether by undo or redo."""
    edited = Signal()
    """The user changed the text."""
    lines_changed = Signal()
    """Lines came, went, or have other formats: what stands beside them may be otherwise."""
    built = Signal()
    """The whole of a long text is in the document now."""

    def __init__(
        self,
        document: QTextDocument,
        state: bytes,
        client: int,
        send: Callable[[bytes], None],
        style: TextStyle,
        *,
        now_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000,
        before_building: Callable[[int], None] = lambda length: None,
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
        self.marks = Marks()
        self._index = RichIndex(read_pieces(self._text), self.marks)
        self._formats = Formats(style, self.marks)
        self._heard: list[list[Op]] = []
        self._remote = False
        self._showing = False
        self._held: list[bytes] | None = None
        self._now_ms = now_ms
        self._moved_ms = 0
        self._reader = QTextCursor(document)
        self._repair = QTimer(self, singleShot=True, interval=0)
        self._repair.timeout.connect(self._mend)
        self._halves = False
        self._unstyled = _NOWHERE
        self._rest = QTimer(self, interval=0)
        self._rest.timeout.connect(self._build_rest)

        document.documentLayout()  # without a layout a document reports no changes
        document.setUndoRedoEnabled(False)
        document.clear()
        before_building(len(self._index))
        self._writer = DocumentWriter(document, self._index, self._formats)
        self._writer.build(FIRST_SCREEN)
        if not self._writer.complete:
            self._rest.start()
        self._update_subscription = self._yjs.observe(self._observe_update)
        self._undo = UndoManager(
            scopes=[self._text], capture_timeout_millis=600, timestamp=lambda: self._now_ms() + self._moved_ms
        )
        self._undo.include_origin(_OWN)
        document.contentsChange.connect(self._contents_changed)
        style.changed.connect(self._restyle)
        self._style = style

    # What the text is. Positions are code points.

    def text(self) -> str:
        """The whole Yjs text, with its final newline; EMBED in place of each embedded object."""
        return str(self._index)

    @property
    def length(self) -> int:
        """Code points of the text, its final newline included."""
        return len(self._index)

    def document(self) -> list[Insert]:
        """The whole text as a document."""
        return normal_document(self.slice(0, len(self._index)))

    def slice(self, start: int, stop: int) -> list[Insert]:
        """What stands between two positions."""
        return self._index.pieces(start, stop)

    def text_between(self, start: int, stop: int) -> str:
        """The text between two positions; EMBED in place of each embedded object."""
        return self._index.slice(start, stop)

    def attributes_between(self, start: int, stop: int) -> tuple[list[Attributes], list[Attributes]]:
        """The different attributes of the characters between two positions, and of the lines that they are in."""
        pairs = set(zip(self._index.slice(start, stop), self._index.signs(start, stop), strict=True))
        letters = {ord(sign) for character, sign in pairs if character != "\n"}
        lines = {ord(sign) for character, sign in pairs if character == "\n"}
        attributes = self.marks.attributes
        return [attributes(each) for each in letters], [
            *(attributes(each) for each in lines),
            self.line_attributes(stop),
        ]

    def line_span(self, position: int) -> tuple[int, int]:
        """The beginning of the line that a position is in, and the place behind its newline."""
        return self._index.line_start(position), min(self._index.line_end(position) + 1, len(self._index))

    def line_attributes(self, position: int) -> Attributes:
        """The attributes of the line that a position is in."""
        end = self._index.line_end(position)
        return self.marks.attributes(self._index.mark_at(end) if end < len(self._index) else 0)

    def attributes_at(self, position: int) -> Attributes:
        """The attributes of the character at a position."""
        return self.marks.attributes(self._index.mark_at(position))

    def attributes_of(self, form: QTextCharFormat) -> Attributes:
        """The attributes that a format of this document stands for."""
        return self.marks.attributes(form.intProperty(MARK))

    def letter_format(self, attributes: Attributes, position: int) -> QTextCharFormat:
        """The format of letters with some attributes in the line of a position."""
        line = self.marks.number(self.line_attributes(position))
        return self._formats.char(self.marks.number(attributes), line)

    def has_objects(self) -> bool:
        """Whether anything is embedded in the text."""
        return EMBED in str(self._index)

    def to_utf16(self, position: int) -> int:
        """A position in the document, from one in code points."""
        return min(self._index.point_to_utf16(position), self._writer.utf16_length)

    def to_point(self, position: int) -> int:
        """A position in code points, from one in the document."""
        return self._index.utf16_to_point(position)

    def anchor(self, position: int) -> Place | None:
        """A position in the document as a place that stays right while others write."""
        return anchor_of(self._text, self._index, position)

    def anchored(self, places: Sequence[Place | None]) -> list[int | None]:
        """The positions of places in the document; None for those that are not here yet."""
        known, last = read_vector(self._yjs.get_state()), self._writer.utf16_length
        found = [anchored(self._text, self._index, known, place) for place in places]
        return [None if place is None else min(place, last) for place in found]

    def state(self) -> bytes:
        """The state of the Yjs document as one update."""
        return self._yjs.get_update()

    @property
    def is_true(self) -> bool:
        """Whether the document is as long as it is known to be: not while Qt is in the middle of an edit."""
        return self._document.characterCount() - 1 == self._writer.utf16_length

    @property
    def complete(self) -> bool:
        """Whether the whole text is in the document."""
        return self._writer.complete

    def finish_building(self) -> None:
        """Put all that is missing into the document now."""
        while not self._writer.complete:
            self._build_rest()

    def _build_rest(self) -> None:
        with self._writing():
            self._writer.build(_REST)
        if self._writer.complete:
            self._rest.stop()
            self.built.emit()

    # Edits

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
            with self._hearing():
                self._yjs.apply_update(update)
        finally:
            self._remote = False
        self._show(by_undo=False)

    def reaches(self, clocks: Mapping[int, int]) -> bool:
        """Whether everything up to these clocks, by client number, is in the text: nothing of it still waits."""
        known = read_vector(self._yjs.get_state())
        return all(known.get(client, 0) >= clock for client, clock in clocks.items())

    def change(self, delta: Delta) -> None:
        """Make an edit of one's own, counted in code points; undo takes it back alone. Raises ValueError."""
        if not delta:
            return
        self.step()
        self.close_last_line()
        try:
            with self._hearing(), self._yjs.transaction(origin=_OWN):
                apply_change(self._text, delta, self._index)
        finally:
            # What has reached the text is shown, whatever became of the rest.
            self._show(by_undo=False)
        self.step()
        self.edited.emit()

    def close_last_line(self) -> None:
        """Give the text its last newline where it has none: rules of editing count on it, and undo leaves it."""
        writer, index = self._writer, self._index
        if writer.hidden or not writer.complete:
            return
        line = line_mark(self._document.lastBlock())
        with self._yjs.transaction(origin=_ENDING):
            self._text.insert(index.utf8_length, "\n", dict(self.marks.attributes(line)))
        index.put(len(index), len(index), "\n", chr(line))
        writer.built += 1
        writer.hidden = True

    def step(self) -> None:
        """What is edited from now on is taken back by itself."""
        self._moved_ms += _APART

    def join(self) -> None:
        """What is edited right now is taken back together with the change before."""
        self._moved_ms -= _APART

    def hold(self) -> None:
        """Keep others' updates back: the input method is composing, and its place must not move."""
        if self._held is None:
            self._held = []

    @property
    def holding(self) -> bool:
        """Whether others' updates are kept back now."""
        return self._held is not None

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
        self._go_back(self._undo.undo)

    def redo(self) -> None:
        """Make one's own edit again that undo took back."""
        self._go_back(self._undo.redo)

    def _go_back(self, go: Callable[[], bool]) -> None:
        if self._held is not None:
            return
        with self._hearing():
            done = go()
        if done:
            self._show(by_undo=True)
            self.edited.emit()

    def close(self) -> None:
        """Let go of the document; the binding is of no use afterwards."""
        self.release()
        self._repair.stop()
        self._rest.stop()
        self._style.changed.disconnect(self._restyle)
        self._document.contentsChange.disconnect(self._contents_changed)
        self._yjs.unobserve(self._update_subscription)

    # The window's edits, into the Yjs text

    def _contents_changed(self, position: int, removed: int, added: int) -> None:
        """Take over an edit of the document. Qt reports formats, composing and repaints as changes too."""
        if self._showing:
            return
        index, writer = self._index, self._writer
        new_length = self._document.characterCount() - 1
        old_length = writer.utf16_length
        if new_length - old_length == added - removed and self._take_letters(position, removed, added):
            return
        removed = min(removed, old_length - position)
        added = min(added, new_length - position)
        if removed < 0 or added < 0 or new_length - old_length != added - removed:
            position, removed, added = 0, old_length, new_length
        # A character that Qt reports half of is compared whole.
        start = index.utf16_to_point(position)
        before = position - index.point_to_utf16(start)
        stop, after = start, 0
        if removed or before:
            stop = index.utf16_to_point(position + removed, up=True)
            after = index.point_to_utf16(stop) - position - removed
        text, signs, halved, astray = read(
            self._document, position - before, position + added + after, self.marks
        )
        old = shown(index.slice(start, stop))
        ops: Delta = _changes(start, old, index.signs(start, stop), text, signs, index)
        broken = removed == added or "\n" in old or "\n" in text
        if broken:
            ops = [*ops, *self._line_change(ops, stop, position + added + after)]
        if not ops:
            return
        with self._yjs.transaction(origin=_OWN):
            apply_change(self._text, ops, self._index)
        self._follow(ops)
        self.close_last_line()
        turned = not text.isascii() and bool(self.line_attributes(start))
        if broken or astray or halved or turned:
            self._halves |= halved
            self._restyle_later(start, start + len(text))
        if broken:
            self.lines_changed.emit()
        self.edited.emit()

    def _take_letters(self, position: int, removed: int, added: int) -> bool:
        """Take over a letter that was typed, or letters that were deleted; whether it was as simple as that.

        The same as what follows does for any edit, in a tenth of the time: only where each character is one UTF-16
        unit, and no line and no object has to do with it.
        """
        index, writer = self._index, self._writer
        if index.utf16_length != len(index) or not writer.hidden:
            return False
        if added == 1 and not removed:
            letter = self._document.characterAt(position)
            if letter in _NO_LETTERS or "\ud800" <= letter <= "\udfff":
                return False
            cursor = self._reader
            cursor.setPosition(position + 1)
            mark = cursor.charFormat().intProperty(MARK)
            if self.marks.embed(mark) is not None:
                return False
            with self._yjs.transaction(origin=_OWN):
                self._text.insert(index.point_to_utf8(position), letter, self._said(position, mark))
            index.type(position, letter, mark)
            writer.built += 1
            if letter >= _FIRST_LEFTWARD and self.line_attributes(position):
                self._restyle_later(position, position)
        elif removed and not added and "\n" not in index.slice(position, position + removed):
            with self._yjs.transaction(origin=_OWN):
                del self._text[index.point_to_utf8(position) : index.point_to_utf8(position + removed)]
            index.put(position, position + removed, "", "")
            writer.built -= removed
        else:
            return False
        self.edited.emit()
        return True

    def _said(self, position: int, mark: int) -> dict[str, Any] | None:
        """The attributes to give a letter; None where it takes them over from the letter before it.

        Yjs finds a place much faster where it need not know which attributes hold there.
        """
        index = self._index
        if position and index.mark_at(position - 1) == mark and index.slice(position - 1, position) != "\n":
            return None
        return dict(self.marks.attributes(mark))

    def _line_change(self, ops: Delta, stop: int, end: int) -> list[Op]:
        """The change of attributes of the newline behind an edit that broke lines, joined them, or formatted them."""
        index = self._index
        if stop >= len(index):
            return []
        newline = index.line_end(stop)
        if newline >= len(index):
            return []
        is_, becomes = index.mark_at(newline), line_mark(self._document.findBlock(end))
        change = attribute_change(self.marks.attributes(is_), self.marks.attributes(becomes))
        if not change:
            return []
        over = sum(op.length for op in ops if not isinstance(op, Insert))
        return [Retain(newline - over), Retain(1, change)]

    def _follow(self, ops: Sequence[Op]) -> None:
        """Bring the index up to date with an edit that the document shows already."""
        index, writer = self._index, self._writer
        at = 0
        for op in ops:
            if isinstance(op, Insert):
                text = op.content if isinstance(op.content, str) else EMBED
                index.put(at, at, text, chr(index.mark_of(op)) * len(text))
                writer.built += len(text)
                at += len(text)
            elif isinstance(op, Delete):
                index.put(at, at + op.length, "", "")
                writer.built -= op.length
            else:
                if op.attributes:
                    index.change_marks(at, at + op.length, op.attributes)
                at += op.length

    def _restyle_later(self, start: int, stop: int) -> None:
        """Give lines their formats anew when this edit is over: Qt is in the middle of it."""
        self._unstyled = (min(start, self._unstyled[0]), max(stop, self._unstyled[1]))
        self._repair.start()

    def _mend(self) -> None:
        """Put U+FFFD where the document holds half a character, and right formats on lines that were joined."""
        with self._writing():
            if self._halves:
                self._halves = False
                self._replace_halves()
            self._writer.restyle(*self._unstyled)
            self._unstyled = _NOWHERE

    def _replace_halves(self) -> None:
        cursor = QTextCursor(self._document)
        position = 0
        for character in shown(self._index.slice(0, len(self._index) - self._writer.hidden)):
            if character == _REPLACEMENT and self._document.characterAt(position) != _REPLACEMENT:
                cursor.setPosition(position)
                cursor.setPosition(position + 1, QTextCursor.MoveMode.KeepAnchor)
                cursor.insertText(_REPLACEMENT)
            position += utf16_length(character)

    # The Yjs text's edits, into the window

    @contextmanager
    def _hearing(self) -> Iterator[None]:
        """Hear what changes in the Yjs text: an observer costs more than the edit, so there is none while typing."""
        subscription = self._text.observe(self._observe_text)
        try:
            yield
        finally:
            self._text.unobserve(subscription)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._showing = True
        try:
            yield
        finally:
            self._showing = False

    def _observe_text(self, event: TextEvent) -> None:
        self._heard.append(read_event(event.delta))  # type: ignore[attr-defined]

    def _observe_update(self, event: TransactionEvent) -> None:
        if not self._remote and event.update != _EMPTY_UPDATE:
            self._send(event.update)

    def _show(self, *, by_undo: bool) -> None:
        """Make the document's edits that belong to what was heard."""
        heard, self._heard = self._heard, []
        if not heard:
            return
        self.showing.emit()
        shifts: list[Shift] = []
        self._writer.shifts = shifts
        with self._writing():
            for ops in heard:
                self._writer.apply(ops)
        if self._writer.take_line_changes():
            self.lines_changed.emit()
        self.shown_edits.emit(shifts, by_undo)

    def _restyle(self) -> None:
        self._formats.forget()
        with self._writing():
            self._writer.restyle()


def _changes(start: int, old: str, old_signs: str, new: str, new_signs: str, index: RichIndex) -> list[Op]:
    """The operations from the beginning of the text that turn one stretch at ``start`` into another."""
    if old == new and old_signs == new_signs:
        return []
    found: list[Op] = [Retain(start)] if start else []
    at = new_at = 0
    edits = [(edit.position, edit.removed, edit.text) for edit in differences(old, new)]
    for position, removed, text in [*edits, (len(old), 0, "")]:
        kept = position - at
        _restyled(found, old_signs[at:position], new_signs[new_at : new_at + kept], index)
        new_at += kept
        if text:
            found.extend(index.pieces_of(text, new_signs[new_at : new_at + len(text)]))
            new_at += len(text)
        if removed:
            found.append(Delete(removed))
        at = position + removed
    return found


def _restyled(found: list[Op], old: str, new: str, index: RichIndex) -> None:
    """Go over text that stays, with the attributes that are others now."""
    if old == new:
        if old:
            found.append(Retain(len(old)))
        return
    at = 0
    marks = index.marks
    while at < len(old):
        pair = old[at], new[at]
        end = at + 1
        while end < len(old) and (old[end], new[end]) == pair:
            end += 1
        change = attribute_change(marks.attributes(ord(pair[0])), marks.attributes(ord(pair[1])))
        found.append(Retain(end - at, change))
        at = end
