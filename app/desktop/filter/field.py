"""The quick filter: one line in the language of queries; conditions are tinted, errors underlined.

While it is typed, what can stand at the cursor is offered below it. Nothing that was typed is ever taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QInputMethodEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextCharFormat,
)
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from app.desktop.entries import Entry
from app.desktop.filter.marks import Mark, characters, utf16
from app.desktop.filter.speech import suggestion_entry
from app.desktop.filter.suggestions import SuggestionPopup
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.domain.directory import Context
from app.query.completion import Completer, Suggestion, is_complete
from app.query.cursor import Role, spot_at

_PAUSE_MS = 40
"""How long typing rests before the list follows: not for each of two keys pressed together."""


class Completing(Protocol):
    """Gives what completes the filter now, and what its values are shown with."""

    @property
    def more(self) -> SignalInstance:
        """Emitted when values that had to be read first can be offered."""
        ...

    def __call__(self) -> tuple[Completer, Context]: ...


class FilterField(QLineEdit):
    """The field. ``filter_changed`` follows typing after a short pause; ``left`` is Esc or Enter."""

    filter_changed = Signal(str)
    left = Signal()

    def __init__(
        self,
        look: Look,
        placeholder: str,
        parent: QWidget | None = None,
        *,
        completing: Completing | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._marks: Sequence[Mark] = ()
        self._composing = False
        self._marking = False
        self._completing = completing
        self._popup: SuggestionPopup | None = None
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(tr("Filter"))
        self.setToolTip(tr("Filter (/)"))
        self.setMaxLength(2000)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._announce)
        self.textChanged.connect(self._text_changed)
        self.textEdited.connect(lambda _text: self._suggest())
        if completing is not None:
            completing.more.connect(self._more)
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

    @property
    def completing(self) -> Completing | None:
        """What completes it."""
        return self._completing

    # What was understood

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Tint what was understood and underline what was not."""
        self._marks = marks
        errors = [mark.message for mark in marks if mark.is_error]
        self.setAccessibleDescription(" ".join(errors))
        self._show_marks()

    def is_being_typed(self, mark: Mark) -> bool:
        """Whether something is wrong only because its end is still to come, which is offered right now."""
        if self.popup is None:
            return False
        cursor = characters(self.text(), self.cursorPosition())
        return mark.start <= cursor <= mark.end

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

    def put(self, text: str) -> None:
        """Replace the text by one that was edited elsewhere, and announce it at once."""
        if text != self.text():
            self.setText(text)
            if not self.hasFocus():
                self.home(False)
        self.flush()

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

    # What can stand here

    @property
    def popup(self) -> SuggestionPopup | None:
        """What is offered now, if anything is."""
        return self._popup if self._popup is not None and self._popup.is_open else None

    def _suggest(self, *, asked: bool = False) -> None:
        """Offer what can stand at the cursor. Where a new part begins, only when ``asked`` for."""
        if self._completing is None or self._composing:
            return
        completer, context = self._completing()
        text = self.text()
        cursor = characters(text, self.cursorPosition())
        spot = spot_at(text, cursor)
        found: list[Suggestion] = []
        if spot is not None and (asked or spot.role is not Role.NAME or spot.typed):
            found = completer.at(text, cursor)
        if not found or (is_complete(found) and not asked):
            self._close_popup()
            return
        if self._popup is None:
            self._popup = SuggestionPopup(self._look, self.window(), self)
            self._popup.taken.connect(self._take)
        assert spot is not None
        # Free words are common: what is offered for one is not taken by Enter unless it was chosen.
        chosen = None if spot.role is Role.NAME else 0
        entries = [suggestion_entry(each, context) for each in found]
        left = self._x_of(utf16(text[: spot.span[0]])) - self._look.theme.metrics.gap_large
        self._popup.offer(entries, max(0, left), select=chosen)

    def _more(self) -> None:
        """Offer again what is being typed right now."""
        if self.hasFocus() and self.text() and not self._marking:
            self._suggest()

    def _x_of(self, position: int) -> int:
        """Where a place of the text stands in the field, in pixels."""
        before = self.text()[: characters(self.text(), position)]
        to_cursor = self.text()[: characters(self.text(), self.cursorPosition())]
        measure = self.fontMetrics()
        return (
            self.cursorRect().center().x()
            - measure.horizontalAdvance(to_cursor)
            + measure.horizontalAdvance(before)
        )

    def _close_popup(self) -> None:
        if self._popup is not None:
            self._popup.close_panel()

    def _take(self, entry: Entry) -> None:
        suggestion = entry.data
        assert isinstance(suggestion, Suggestion)
        text = self.text()
        start, end = (utf16(text[:place]) for place in suggestion.span)
        self._close_popup()
        # By selection and insertion, so that undo takes back exactly this.
        self.setSelection(start, end - start) if end > start else self.setCursorPosition(start)
        self.insert(suggestion.text)
        if suggestion.goes_on:
            self._suggest()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._popup_key(event):
            return
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
                self.flush()
            else:
                self.left.emit()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self._close_popup()
            self.flush()
            self.left.emit()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # The Tab key moves the focus before keyPressEvent hears of it.
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Tab and self._popup_key(event):
                return True
        elif isinstance(event, QHelpEvent):
            self._show_hint(event)
            return True
        return super().event(event)

    def _popup_key(self, event: QKeyEvent) -> bool:
        """Keys of the list of suggestions; False for what the field does itself."""
        key = event.key()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        popup = self.popup
        if key == Qt.Key.Key_Space and control:
            self._suggest(asked=True)
            return True
        if popup is None:
            return False
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if key in steps:
            popup.list.step(steps[Qt.Key(key)])
            return True
        if key == Qt.Key.Key_Tab:
            if popup.list.current is None:
                popup.list.step(1)
            return popup.list.take()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return popup.list.take()
        if key == Qt.Key.Key_Escape:
            popup.close_panel()
            return True
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
            popup.close_panel()
        return False

    # Hints

    def _show_hint(self, event: QHelpEvent) -> None:
        """Over what is wrong: why. Elsewhere: what the field is."""
        QToolTip.showText(event.globalPos(), self.hint_at(event.pos()) or self.toolTip(), self)

    def hint_at(self, position: QPoint) -> str:
        """The reason of what is wrong at a point of the field; empty where nothing is."""
        at = characters(self.text(), self.cursorPositionAt(position))
        return "\n".join(
            each.message for each in self._marks if each.is_error and each.start <= at <= each.end
        )

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._completing is not None:
            # What is offered first is read while the first letters are typed.
            self._completing()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._close_popup()
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        """What was typed holds now: the project may be closed before the pause is over."""
        self.flush()
        super().hideEvent(event)

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
