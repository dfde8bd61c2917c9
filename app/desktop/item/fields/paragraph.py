"""Fields of several lines, typed in place: as high as what stands in them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from app.desktop.editor.frame import TextFrame
from app.desktop.item.desk import Desk
from app.desktop.item.fields.base import FieldEditor
from app.desktop.item.fields.typing import Typing
from app.desktop.item.speech import field_title
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.domain.schema import Field
from app.domain.values import parse, to_text
from sync.errors import SitebookError


class Paragraphs(QPlainTextEdit):
    """Plain text that is as high as its lines."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().contentsChanged.connect(self.fit)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        theme = self._look.theme
        self.setFont(self._type())
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, theme.color("surface"))
        palette.setColor(QPalette.ColorRole.Text, theme.color("text"))
        self.setPalette(palette)
        self.fit()

    def _type(self) -> QFont:
        """The font, as the theme has it."""
        return self._look.theme.font()

    def fit(self) -> None:
        """Be as high as the text."""
        lines = max(1, round(self.document().size().height()))
        self.setFixedHeight(round(lines * self.fontMetrics().lineSpacing()) + 1)

    def sizeHint(self) -> QSize:
        return QSize(160, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()


class ParagraphEditor(FieldEditor):
    """Enter breaks the line, Tab or Ctrl+Enter leaves, Esc restores."""

    def __init__(
        self, desk: Desk, record: bytes, kind: str, field: Field, parent: QWidget | None = None
    ) -> None:
        super().__init__(desk, record, kind, field, parent)
        self._typing = Typing(desk, record, field.name)
        self._loading = False
        self.text = Paragraphs(desk.look, self)
        self.text.setAccessibleName(field_title(field))
        self.text.setPlaceholderText(tr("Add") if field.writable else "")
        self.text.setReadOnly(not field.writable)
        self.text.textChanged.connect(self._changed)
        self.text.installEventFilter(self)
        self.setFocusProxy(self.text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(TextFrame(desk.look, self.text, parent=self))

    def move_to(self, record: bytes) -> None:
        super().move_to(record)
        self._typing = Typing(self.desk, record, self.field.name)

    def editing(self) -> bool:
        return self._typing.begun

    def refresh(self) -> None:
        if not self.editing():
            self._load(to_text(self.field, self.value, self.desk.context))

    def _load(self, text: str) -> None:
        if text != self.text.toPlainText():
            self._loading = True
            self.text.setPlainText(text)
            self._loading = False

    def _changed(self) -> None:
        if self._loading:
            return
        if not self._typing.begun:
            self._typing.begin(self.state)
        try:
            value = parse(self.field, self.text.toPlainText(), self.desk.context)
        except SitebookError as error:
            self.problem.emit(str(error))
            return
        self.problem.emit(self._typing.put(value))

    def finish(self) -> None:
        if not self._typing.begun:
            return
        changed = self._typing.changed
        self.problem.emit(self._typing.finish())
        if changed:
            self.state = self.desk.source.field(self.record, self.field.name, self.kind)
        self.refresh()

    def cancel(self) -> bool:
        if not self._typing.cancel():
            return False
        original = self._typing.original
        self._load(to_text(self.field, original, self.desk.context))
        self.problem.emit("")
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self.text:
            return super().eventFilter(watched, event)
        if isinstance(event, QFocusEvent):
            if event.type() is QEvent.Type.FocusIn and self.field.writable and not self._typing.begun:
                self._typing.begin(self.state)
            elif (
                event.type() is QEvent.Type.FocusOut and event.reason() is not Qt.FocusReason.PopupFocusReason
            ):
                self.finish()
        elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                return self.cancel()
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.text.focusNextChild()
                return True
        return super().eventFilter(watched, event)
