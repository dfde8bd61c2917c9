"""The quick filter: one line in the language of queries; conditions are tinted, errors underlined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextCharFormat,
)
from PySide6.QtWidgets import QLineEdit, QWidget

from app.desktop.translate import tr
from app.desktop.widgets import Look

_PAUSE_MS = 40
"""How long typing rests before the list follows: not for each of two keys pressed together."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of the text, in characters: a condition that was understood, or an error with its sentence."""

    start: int
    end: int
    message: str = ""

    @property
    def is_error(self) -> bool:
        """Whether this part was not understood."""
        return bool(self.message)


class FilterField(QLineEdit):
    """The field. ``filter_changed`` follows typing after a short pause; ``left`` is Esc or Enter."""

    filter_changed = Signal(str)
    left = Signal()

    def __init__(self, look: Look, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._marks: Sequence[Mark] = ()
        self._composing = False
        self._marking = False
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(tr("Filter"))
        self.setToolTip(tr("Filter (/)"))
        self.setMaxLength(2000)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._announce)
        self.textChanged.connect(self._text_changed)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        metrics = self._look.theme.metrics
        self.setFixedHeight(metrics.control)
        self.setFont(self._look.theme.font())
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, self._look.theme.color("background"))
        self.setPalette(palette)
        self.setTextMargins(metrics.gap - 2, 0, metrics.gap_huge, 0)
        self._show_marks()

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Tint what was understood and underline what was not."""
        self._marks = marks
        errors = [mark.message for mark in marks if mark.is_error]
        self.setAccessibleDescription(" ".join(errors))
        self._show_marks()

    def _text_changed(self) -> None:
        if not self._marking:
            self._pause.start()
            self.update()

    def _announce(self) -> None:
        self.filter_changed.emit(self.text())

    def flush(self) -> None:
        """Announce what was typed now, without the pause."""
        if self._pause.isActive():
            self._pause.stop()
            self._announce()

    def _show_marks(self) -> None:
        """Formats of a line edit go in as those of an input method with nothing composed."""
        if self._composing:
            return
        cursor = self.cursorPosition()
        attributes = []
        text = self.text()
        for mark in self._marks:
            if mark.end > len(text):
                continue
            form = QTextCharFormat()
            if mark.is_error:
                form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
                form.setUnderlineColor(self._look.theme.color("danger"))
            else:
                form.setBackground(self._look.theme.color("selected"))
            start = utf16(text[: mark.start])
            length = utf16(text[mark.start : mark.end])
            attributes.append(
                QInputMethodEvent.Attribute(
                    QInputMethodEvent.AttributeType.TextFormat, start - cursor, length, form
                )
            )
        self._marking = True
        QCoreApplication.sendEvent(self, QInputMethodEvent("", attributes))
        self._marking = False

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if not self._marking:
            self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
                self.flush()
            else:
                self.left.emit()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.flush()
            self.left.emit()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            errors = [mark.message for mark in self._marks if mark.is_error]
            self.setToolTip("\n".join(errors) or tr("Filter (/)"))
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self.text():
            return
        theme = self._look.theme
        painter = QPainter(self)
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font())
        space = QRect(self.width() - theme.metrics.gap_huge, 0, theme.metrics.gap_large, self.height())
        painter.drawText(space, Qt.AlignmentFlag.AlignCenter, "/")


def utf16(text: str) -> int:
    """How many UTF-16 units, which Qt counts in, a text has."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
