"""The text of an item: each key is kept at once, and what others write appears while one types."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop.editor.frame import TextFrame
from app.desktop.editor.rich import RichTextEditor
from app.desktop.item.desk import Desk
from app.desktop.translate import tr
from app.desktop.widgets import Size, Text
from app.domain.schema import ISSUE, NOTE
from app.richtext.delta import Delete, Insert, Retain
from app.richtext.editing import insert_embed
from app.richtext.formats import attached_image, reference
from app.store.records import Record
from sync.errors import SitebookError

_NEWS_MS = 40
"""Others' edits are shown together that come within so many milliseconds."""


class ItemText(QWidget):
    """One merging text of one record."""

    files_dropped = Signal(object, object)
    """Emits the QMimeData of files that were pasted or dropped into the text, and what to call with each attachment."""

    brought = Signal()
    """What others wrote is shown now."""

    def __init__(self, desk: Desk, field: str = "text", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._field = field
        self._record: bytes | None = None
        self._typed = False
        self._invitation = tr("Write what is to be seen, done, or known")
        self.editor = RichTextEditor(desk.look, tr("Text"), self._invitation)
        self.editor.left.connect(self.finish)
        self.editor.files_dropped.connect(self._take_files)
        self.editor.title_opened.connect(self._link_title)
        desk.equip(self.editor)
        self._mark = 0
        self._news = QTimer(self, singleShot=True, interval=_NEWS_MS)
        self._news.timeout.connect(self._bring)
        self._problem = Text(desk.look, size=Size.CAPTION, tone="danger", wrap=True, parent=self)
        self._problem.hide()
        self.setFocusProxy(self.editor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(TextFrame(desk.look, self.editor, parent=self))
        layout.addWidget(self._problem)

    @property
    def record(self) -> bytes | None:
        """The record whose text is open."""
        return self._record

    @property
    def field(self) -> str:
        """The field that the text is of."""
        return self._field

    def show_record(self, record: bytes, *, editable: bool) -> None:
        """Open the text of a record."""
        self.finish()
        self._record = record
        self._news.stop()
        source, field = self._desk.source, self._field
        self._mark = source.text_mark()
        self.editor.bind(
            source.text_state(record, field) or b"",
            source.client(),
            lambda update: self._send(record, update),
        )
        self.set_editable(editable)
        self._tell("")

    def set_editable(self, editable: bool) -> None:
        """Let the text be edited, or only read."""
        self.editor.setReadOnly(not editable)
        self.editor.setPlaceholderText(self._invitation if editable else "")

    def apply(self, *, rebuilt: bool) -> None:
        """Bring what others wrote. ``rebuilt``: what was set aside is gone, so the text is opened anew."""
        if self._record is None:
            return
        if rebuilt:
            self.show_record(self._record, editable=not self.editor.isReadOnly())
            return
        if not self._news.isActive():
            self._news.start()

    def _bring(self) -> None:
        """Show what came since: only that, since merging and reading a long text takes time."""
        binding, record, source = self.editor.binding, self._record, self._desk.source
        if binding is None or record is None:
            return
        if binding.holding:
            # A character is being composed.
            self._news.start()
            return
        news = source.text_news(record, self._field, self._mark)
        if news is None:
            return
        self._mark = news.mark
        self.editor.receive(news.update)
        if not binding.reaches(news.reach):
            # Something of it builds on what came earlier and waited then.
            state = source.text_state(record, self._field)
            if state is not None:
                self.editor.receive(state)
        self.brought.emit()

    def finish(self) -> None:
        """The user leaves: what he typed becomes a change."""
        if self._typed:
            self._typed = False
            self._tell(self._desk.leave())

    def close_text(self) -> None:
        """Let go of the text."""
        self.finish()
        self.editor.release()
        self._record = None

    def _take_files(self, data: QMimeData) -> None:
        """Hand files on; the pictures among them are put where the cursor stands now, when they are attached."""
        record, place = self._record, QTextCursor(self.editor.textCursor())
        self.files_dropped.emit(data, lambda attachment: self._put_picture(record, place, attachment))

    def _put_picture(self, record: bytes | None, place: QTextCursor, attachment: bytes) -> None:
        binding = self.editor.binding
        view: Record | None = self._desk.source.get(attachment)
        media = None if view is None else view.value("media_type")
        if record != self._record or binding is None or self.editor.isReadOnly():
            return
        if isinstance(media, str) and media.startswith("image/"):
            at = binding.to_point(place.position())
            edit = insert_embed(self.editor, at, at, attached_image(attachment))
            self.editor.change(edit.change, edit.select)

    def _link_title(self, title: str, start: int, stop: int) -> None:
        """Make a link of a title in brackets: to what is called so, else to a new note."""
        directory = self._desk.context.directory
        record = next((each for kind in (NOTE, ISSUE) for each in directory.called(kind, title)), None)
        if record is None:
            try:
                record, touched = self._desk.source.create(NOTE, {"title": title})
            except SitebookError as error:
                self._tell(str(error))
                return
            self._desk.announce(touched)
        self.editor.change(
            [Retain(start), Insert(reference(record)), Delete(stop - start)], (start + 1, start + 1)
        )
        self.editor.record_opened.emit(record)

    def _send(self, record: bytes, update: bytes) -> None:
        binding = self.editor.binding
        assert binding is not None
        try:
            self._desk.source.draft_text(record, self._field, binding.client, update)
        except SitebookError as error:
            self._tell(str(error))
            return
        self._typed = True
        self._tell("")
        self._desk.typed()

    def _tell(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
