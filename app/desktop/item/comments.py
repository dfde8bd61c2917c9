"""What people said about an item."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.desktop.editor.frame import TextFrame
from app.desktop.glyphs import paint_avatar
from app.desktop.item.desk import Desk
from app.desktop.item.speech import author_name, exact
from app.desktop.translate import tr
from app.desktop.widgets import Button, Look, Size, Text
from app.desktop.words import moment_text, record_sync_text
from app.domain.schema import COMMENT
from app.store.records import Record
from sync.errors import SitebookError

_AVATAR = 24


class AvatarView(QWidget):
    """A person's initials."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._name = name
        self.setFixedSize(_AVATAR, _AVATAR)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_avatar(QPainter(self), QRectF(self.rect()), self._name, self._look.theme)


class CommentBox(QPlainTextEdit):
    """Where a comment is written. Ctrl+Enter sends it."""

    sent = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setAccessibleName(tr("New comment"))
        self.setPlaceholderText(tr("Write a comment"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.document().contentsChanged.connect(self._fit)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        theme = self._look.theme
        self.setFont(theme.font())
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, theme.color("surface"))
        palette.setColor(QPalette.ColorRole.Text, theme.color("text"))
        self.setPalette(palette)
        self._fit()

    def _fit(self) -> None:
        lines = min(12, max(1, round(self.document().size().height())))
        self.setFixedHeight(round(lines * QFontMetricsF(self.font()).lineSpacing()) + 4)

    def sizeHint(self) -> QSize:
        return QSize(200, self.minimumHeight())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.sent.emit()
        elif event.key() == Qt.Key.Key_Escape and self.toPlainText():
            self.clear()
        else:
            super().keyPressEvent(event)


class Comments(QWidget):
    """The comments, the oldest first, and a box for one's own."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._record: bytes | None = None
        self._shown: list[tuple[bytes, str, str]] = []
        self._unsent: dict[bytes, str] = {}
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(12)
        self.box = CommentBox(desk.look)
        self._frame = TextFrame(desk.look, self.box, line=True, parent=self)
        self.send = Button(desk.look, tr("Comment"), key=tr("Ctrl+Enter"), parent=self)
        self.send.clicked.connect(self._send)
        self.send.hide()
        self.box.sent.connect(self._send)
        self.box.textChanged.connect(self._typed)
        self._problem = Text(desk.look, size=Size.CAPTION, tone="danger", wrap=True, parent=self)
        self._problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.setSpacing(8)
        layout.addLayout(self._lines)
        layout.addWidget(self._frame)
        layout.addWidget(self._problem)
        layout.addWidget(self.send, 0, Qt.AlignmentFlag.AlignRight)

    def show_record(self, record: Record) -> None:
        """Show what was said about a record; a comment that was begun waits until one comes back."""
        if record.id != self._record:
            if self._record is not None:
                self._unsent[self._record] = self.box.toPlainText()
            self._record = record.id
            self.box.setPlainText(self._unsent.pop(record.id, ""))
        self.set_editable(not record.deleted)
        self.refresh()

    def set_editable(self, editable: bool) -> None:
        """Let comments be written, or only read."""
        self.box.setEnabled(editable)
        self._frame.setVisible(editable)
        self.send.setVisible(editable and bool(self.box.toPlainText().strip()))

    def refresh(self) -> None:
        """Show what is new."""
        assert self._record is not None
        source = self._desk.source
        found = []
        for comment in source.children(self._record, COMMENT):
            view = source.get(comment, COMMENT)
            if view is not None and not view.deleted:
                found.append((comment, source.plain_text(comment), view))
        shown = [(comment, text, str(view.sync)) for comment, text, view in found]
        if shown == self._shown:
            return
        self._shown = shown
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for _, text, view in found:
            self._lines.addWidget(self._line(text, view))

    def _line(self, text: str, view: Record) -> QWidget:
        look = self._desk.look
        row = QWidget(self)
        author = self._desk.author(view.created.device)
        name = view.created.name or author_name(author)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Text(look, name, strong=True))
        when = moment_text(view.created.at, self._desk.now())
        said = when if view.sync == "synced" else f"{when} · {record_sync_text(str(view.sync))}"
        at = Text(look, said, size=Size.CAPTION, tone="muted")
        at.setToolTip(exact(self._desk, view.created.at))
        head.addWidget(at, 1)
        body = Text(look, text, wrap=True)
        body.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(head)
        words.addWidget(body)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(AvatarView(look, name, row), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        row.setAccessibleName(tr("{person}, {when}: {text}").format(person=name, when=when, text=text))
        return row

    def _typed(self) -> None:
        self.send.setVisible(bool(self.box.toPlainText().strip()))

    def _send(self) -> None:
        text = self.box.toPlainText().strip()
        if not text or self._record is None:
            return
        try:
            _, touched = self._desk.source.create(COMMENT, {"parent": self._record}, text=text)
        except SitebookError as error:
            self._problem.setText(str(error))
            self._problem.show()
            return
        self._problem.hide()
        self.box.clear()
        self._desk.announce(touched)
        self.refresh()
