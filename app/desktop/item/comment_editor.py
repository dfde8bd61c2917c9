"""Where a comment is written, or written anew: an editor over a small text of its own until it is sent."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop.editor.frame import TextFrame
from app.desktop.editor.rich import RichTextEditor
from app.desktop.editor.states import state_of
from app.desktop.item.desk import Desk
from app.domain.schema import ATTACHMENT
from app.richtext.delta import Document, Insert
from app.richtext.editing import insert_embed
from app.richtext.formats import attached_image
from app.richtext.quoting import appended, trimmed

_EMPTY = (Insert("\n"),)


class CommentEditor(QWidget):
    """Ctrl+Enter sends what is written, Esc gives it up; nothing is kept elsewhere before that."""

    sent = Signal()
    given_up = Signal()
    changed = Signal()
    files_dropped = Signal(object, object)
    """Emits the QMimeData of files that were pasted or dropped here, and what to call with each attachment."""

    def __init__(self, desk: Desk, name: str, invitation: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._updates: list[bytes] = []
        self.box = RichTextEditor(desk.look, name, invitation)
        self.box.set_least_lines(1)
        desk.equip(self.box)
        self.frame = TextFrame(desk.look, self.box, line=True, parent=self)
        self.box.installEventFilter(self)
        self.box.edited.connect(self.changed)
        self.box.files_dropped.connect(self._take_files)
        self.setFocusProxy(self.box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)

    # What is written

    def write(self, document: Document = ()) -> None:
        """Begin a text of its own, with what is given in it."""
        self.open(state_of(document or _EMPTY))

    def open(self, state: bytes) -> None:
        """Edit a text from its Yjs state; ``updates`` has what is done to it."""
        self._updates = []
        self.box.bind(state, self._desk.source.client(), self._updates.append)
        self.changed.emit()

    def receive(self, state: bytes) -> None:
        """Bring what others did to the text meanwhile."""
        self.box.receive(state)

    def close_text(self) -> None:
        """Let go of the text."""
        self.box.release()
        self._updates = []

    @property
    def updates(self) -> list[bytes]:
        """What was done to the text here, as Yjs updates."""
        return self._updates

    @property
    def client(self) -> int:
        """The number under which the updates insert."""
        binding = self.box.binding
        assert binding is not None, "a text is open"
        client: int = binding.client
        return client

    def document(self) -> list[Insert]:
        """What is written, without blank lines around it; empty for nothing."""
        return trimmed(self.box.slice(0, self.box.length()))

    def append(self, document: Document) -> None:
        """Write more at the end, with the cursor behind it."""
        change = appended(self.box.slice(0, self.box.length()), document)
        end = self.box.length() - 1 + sum(op.length for op in change if isinstance(op, Insert))
        self.box.change(change, (end, end))

    def _take_files(self, data: QMimeData) -> None:
        """Hand files on; the pictures among them are put where the cursor stands now, when they are attached."""
        binding, place = self.box.binding, QTextCursor(self.box.textCursor())

        def put(attachment: bytes) -> None:
            view = self._desk.source.get(attachment, ATTACHMENT)
            media = None if view is None else view.value("media_type")
            if binding is None or self.box.binding is not binding or not isinstance(media, str):
                return
            if media.startswith("image/"):
                at = binding.to_point(place.position())
                edit = insert_embed(self.box, at, at, attached_image(attachment))
                self.box.change(edit.change, edit.select)

        self.files_dropped.emit(data, put)

    # Keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            control = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and control == Qt.KeyboardModifier.ControlModifier:
                self.sent.emit()
                return True
            if event.key() == Qt.Key.Key_Escape and not control and (self._updates or self.document()):
                self.given_up.emit()
                return True
        return super().eventFilter(watched, event)
