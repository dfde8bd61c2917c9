"""The line that a walk is typed into: Enter makes the issue, and phrases are offered below while one types."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from app.desktop.entries import Entry, EntryList
from app.desktop.floating import SHADOW, FloatingPanel
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.domain.walk import Phrase

_MOST_WIDE = 560


class WalkLine(QLineEdit):
    """The line. Up brings back what was written last; Down goes through the phrases."""

    entered = Signal(object, bool)
    """Emits the Phrase to make an issue of, and whether everything else is repeated from the last one too."""
    dropped = Signal(object)
    """Emits the QMimeData of a picture, or of files, that was pasted or dropped."""
    left = Signal()

    def __init__(
        self,
        look: Look,
        offers: Callable[[str], Sequence[Phrase]],
        earlier: Callable[[], Sequence[str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._offers = offers
        self._earlier = earlier
        self._place = -1
        """Which of the earlier titles stands in the line; -1 none."""
        self._panel: FloatingPanel | None = None
        self._list: EntryList | None = None
        self.setAccessibleName(tr("What is wrong here?"))
        self.setPlaceholderText(tr("What is wrong here?"))
        self.setMaxLength(2_000)
        self.setAcceptDrops(True)
        self.textEdited.connect(self._typed)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        metrics = self._look.theme.metrics
        self.setFont(self._look.theme.title_font())
        self.setMinimumHeight(metrics.control + metrics.gap_large)
        self.setTextMargins(metrics.gap, 0, metrics.gap, 0)

    # Phrases

    @property
    def offering(self) -> bool:
        """Whether phrases stand below the line."""
        return self._panel is not None and self._panel.is_open

    def _typed(self, text: str) -> None:
        self._place = -1
        self._offer(self._offers(text))

    def _offer(self, phrases: Sequence[Phrase]) -> None:
        if not phrases:
            self._close()
            return
        panel, entries = self._ensure_panel()
        entries.show_entries(
            [
                Entry(
                    each.text,
                    detail=each.category,
                    right=tr("Template") if each.template is not None else "",
                    sign="icon",
                    mark="copy" if each.template is not None else "quotes",
                    data=each,
                )
                for each in phrases
            ],
            select=None,
        )
        entries.clearSelection()
        entries.setCurrentIndex(entries.model().index(-1, 0))
        height = entries.height_of_all() + 2 * 6 + 2
        panel.open_below(self, min(self.width(), _MOST_WIDE), height)

    def _ensure_panel(self) -> tuple[FloatingPanel, EntryList]:
        if self._panel is None or self._list is None:
            self._panel = FloatingPanel(self._look, tr("Phrases"), self.window(), friend=self)
            self._list = EntryList(self._look, tr("Phrases"))
            self._list.taken.connect(lambda entry: self._take(entry.data))
            self._panel.column.addWidget(self._list)
            assert self._panel.column.contentsMargins().left() >= SHADOW
        return self._panel, self._list

    def _close(self) -> None:
        if self._panel is not None:
            self._panel.close_panel()

    def _take(self, phrase: Phrase) -> None:
        """Make the issue of a phrase at once: it was chosen."""
        self._close()
        self.entered.emit(phrase, False)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.matches(QKeySequence.StandardKey.Paste) and _files(QGuiApplication.clipboard().mimeData()):
            self.dropped.emit(QGuiApplication.clipboard().mimeData())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter(again=control)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._step(1 if key == Qt.Key.Key_Down else -1):
            return
        elif key == Qt.Key.Key_Tab and self.offering and self._list is not None:
            self._complete()
        elif key == Qt.Key.Key_Escape:
            self._escape()
        else:
            super().keyPressEvent(event)

    def _enter(self, *, again: bool) -> None:
        chosen = self._list.current if self.offering and self._list is not None else None
        if chosen is not None and isinstance(chosen.data, Phrase):
            self._take(chosen.data)
            return
        self._close()
        self.entered.emit(Phrase(" ".join(self.text().split())), again)

    def _step(self, count: int) -> bool:
        """Go through the phrases, or, where there are none, through what was written before."""
        if self.offering and self._list is not None:
            if self._list.current is None and count < 0:
                self._close()
            else:
                self._list.step(count)
            return True
        earlier = self._earlier()
        place = self._place - count
        if not -1 <= place < len(earlier) or (self._place == -1 and self.text()):
            return False
        self._place = place
        self.setText(earlier[place] if place >= 0 else "")
        return True

    def _complete(self) -> None:
        """Put a phrase into the line, to be changed before it is entered."""
        assert self._list is not None
        if self._list.current is None:
            self._list.step(1)
        entry = self._list.current
        if entry is not None and isinstance(entry.data, Phrase):
            self.setText(entry.data.text)
        self._close()

    def _escape(self) -> None:
        if self.offering:
            self._close()
        elif self.text():
            self.clear()
        else:
            self.left.emit()

    def event(self, event: QEvent) -> bool:
        # Tab would leave the line before a key press arrives.
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Tab and self.offering:
            self.keyPressEvent(event)
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._close()

    def begin(self) -> None:
        """Empty the line for the next issue."""
        self.clear()
        self._place = -1
        self._close()

    # Pictures

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _files(event.mimeData()):
            event.acceptProposedAction()
        else:
            super().dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if _files(event.mimeData()):
            event.acceptProposedAction()
            self.dropped.emit(event.mimeData())
        else:
            super().dropEvent(event)


def _files(data: QMimeData) -> bool:
    return data.hasImage() or any(url.isLocalFile() for url in data.urls())
