"""The history of one text: a time line, what changed in each session, and the way to have it back, whole or in part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.desktop.editor.rich import RichTextEditor
from app.desktop.editor.states import state_of
from app.desktop.editor.surroundings import Surroundings
from app.desktop.history.style import HistoryStyle
from app.desktop.history.time_line import SessionList, TimeSlider
from app.desktop.history.versions import NOTHING, Showing, Versions
from app.desktop.history.words import session_entry, session_name, session_words
from app.desktop.item.desk import Desk
from app.desktop.item.speech import exact
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, ElidedText, IconButton, Line, Size, Surface, Text
from app.richtext.delta import Insert, sliced
from app.richtext.marked import selected
from app.richtext.putting_back import put_back
from app.store.touched import Touched

if TYPE_CHECKING:
    from app.store.text_history import TextSession

_WIDE = 760
"""From this width on, in pixels, the time line stands beside the text."""
_PAUSE_MS = 300
_MOST = (1 << 24) - 1
"""As large as a widget can be."""


class TextHistory(Surface):
    """Shows the history of a text of one record. Esc goes back; single keys do what the buttons say."""

    closed = Signal()
    link_opened = Signal(str)
    record_opened = Signal(bytes)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk.look, "surface", parent)
        look = desk.look
        self._desk = desk
        self._record: bytes | None = None
        self._field = "text"
        self._editable = True
        self._versions: Versions | None = None
        self._turn = 0
        """Counts what was to be shown: what was asked for before is not worked out any more."""
        self._reading = 0
        """Counts, in the same way, how often the history was to be read."""
        self.sessions: Sequence[TextSession] = ()
        self._at = 0
        self._showing = Showing.CHANGES
        self._shown: Sequence[Insert] = ()
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.refresh)
        self.setAccessibleName(tr("History of the text"))
        self.back = IconButton(look, "arrow-left", tr("Back to the item"), key=tr("Esc"))
        self.back.clicked.connect(self.closed)
        self._title = Text(look, tr("History"), strong=True)
        self._of = ElidedText(look, tone="muted")
        self.slider = TimeSlider(look)
        self.slider.valueChanged.connect(self.stand)
        self.only = Text(look, _only_words(), tone="muted", wrap=True)
        """Stands in the place of the slider where there is nothing to choose from."""
        self.only.hide()
        self.list = SessionList(look)
        self.list.stood.connect(lambda row: self.stand(len(self.sessions) - 1 - row))
        self.tabs = {each[0]: self._tab(*each) for each in _tabs()}
        self._who = ElidedText(look, strong=True)
        self._when = Text(look, size=Size.CAPTION, tone="muted")
        self.text = RichTextEditor(look, tr("The text at that time"), "")
        self.text.style_of_text = HistoryStyle(look.theme, self)
        self.text.setReadOnly(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.installEventFilter(self)
        self.text.selection_changed.connect(self._selected)
        self.text.link_opened.connect(self.link_opened)
        self.text.record_opened.connect(self.record_opened)
        self._note = Text(look, size=Size.CAPTION, tone="muted", wrap=True)
        self.put_back = Button(look, tr("Put this back"), key="P")
        self.put_back.setToolTip(tr("Puts the selected words into the text again, where they stood"))
        self.put_back.clicked.connect(self._put_back)
        self.restore = Button(look, tr("Make it this again"), key="M")
        self.restore.clicked.connect(self._restore)
        self._build()

    def _tab(self, showing: Showing, title: str, hint: str, key: str) -> Button:
        button = Button(self._desk.look, title, kind=ButtonKind.PLAIN, key=key)
        button.setToolTip(hint)
        button.setAccessibleDescription(hint)
        button.setCheckable(True)
        button.clicked.connect(lambda _checked=False: self.show_as(showing))
        return button

    def _build(self) -> None:
        metrics = self._desk.look.theme.metrics
        head = QHBoxLayout()
        head.setContentsMargins(metrics.gap, metrics.gap, metrics.gap_large, metrics.gap)
        head.setSpacing(metrics.gap)
        head.addWidget(self.back)
        head.addWidget(self._title)
        head.addWidget(self._of, 1)
        tabs = QHBoxLayout()
        tabs.setSpacing(2)
        for button in self.tabs.values():
            tabs.addWidget(button)
        tabs.addStretch(1)
        said = QHBoxLayout()
        said.setContentsMargins(metrics.gap, 0, metrics.gap, 0)
        said.setSpacing(metrics.gap)
        said.addWidget(self._who)
        said.addWidget(self._when)
        said.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(metrics.gap)
        foot.addStretch(1)
        foot.addWidget(self.put_back)
        foot.addWidget(self.restore)
        holder = Surface(self._desk.look, "surface")
        words = QVBoxLayout(holder)
        words.setContentsMargins(metrics.gap, 0, metrics.gap, 0)
        words.addWidget(self.text)
        words.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(holder)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        reading = QVBoxLayout()
        reading.setContentsMargins(metrics.gap_medium, metrics.gap, metrics.gap_medium, metrics.gap_medium)
        reading.setSpacing(metrics.gap)
        reading.addWidget(self.slider)
        reading.addWidget(self.only)
        reading.addLayout(said)
        reading.addLayout(tabs)
        reading.addWidget(scroll, 1)
        reading.addWidget(self._note)
        reading.addLayout(foot)
        line = QVBoxLayout()
        line.setContentsMargins(metrics.gap_medium, metrics.gap, metrics.gap_medium, metrics.gap)
        line.addWidget(self.list)
        self._rule = Line(self._desk.look)
        self._parts = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._parts.setSpacing(0)
        self._parts.addLayout(reading, 5)
        self._parts.addWidget(self._rule)
        self._parts.addLayout(line, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(Line(self._desk.look))
        layout.addLayout(self._parts, 1)
        self._order_tabs()

    def _order_tabs(self) -> None:
        chain: list[QWidget] = [self.back, self.slider, *self.tabs.values(), self.text]
        chain += [self.put_back, self.restore, self.list]
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._parts.direction() != direction:
            self._parts.setDirection(direction)
        self._fit_parts(wide)

    def _fit_parts(self, wide: bool) -> None:
        self._rule.setMinimumSize(*((1, 0) if wide else (0, 1)))
        self._rule.setMaximumSize(*((1, _MOST) if wide else (_MOST, 1)))
        # A short time line leaves its room to the text.
        self.list.setMaximumHeight(_MOST if wide else min(self.height() // 3, self.list.height_of_all() + 8))

    # What is shown

    @property
    def record(self) -> bytes | None:
        """The record whose text it is."""
        return self._record

    def open(self, record: bytes, field: str, title: str, *, editable: bool) -> None:
        """Show the history of a text, the newest session first. ``title`` says whose text it is."""
        self._record, self._field, self._editable = record, field, editable
        self._of.show_text(title)
        self._versions = None
        self.sessions = ()
        self._showing = Showing.CHANGES
        self._show()
        self._tell(tr("Reading the history"))
        self.refresh()
        (self.slider if self.slider.isEnabled() else self.list).setFocus(Qt.FocusReason.OtherFocusReason)

    def set_surroundings(self, surroundings: Surroundings | None) -> None:
        """Say who knows the names and pictures of what the text points to."""
        self.text.set_surroundings(surroundings)

    def close_text(self) -> None:
        """Let go of the text."""
        self.text.release()
        self._record = None
        self._versions = None
        self._turn += 1
        self._reading += 1
        self._pause.stop()
        self.sessions = ()

    def apply(self, touched: Touched) -> None:
        """Look again, after a moment, where the text changed."""
        names = touched.records.get(self._record or b"")
        if names and self._field in names:
            self._pause.start()

    def refresh(self) -> None:
        """Read on, in steps; the user stays where he stands, or at the newest session if he was there."""
        if self._record is None:
            return
        self._reading += 1
        self._desk.steps(self._read(self._record, self._reading))

    def _read(self, record: bytes, turn: int) -> Iterator[None]:
        history = self._desk.source.text_history(record, self._field)
        if history is not None:
            for _ in history.steps():
                yield
                if turn != self._reading:
                    return
        if turn != self._reading:
            return
        before, newest = self._current(), self._at >= len(self.sessions) - 1
        self._versions = None if history is None else Versions(history)
        self.sessions = () if self._versions is None else self._versions.sessions
        last = len(self.sessions) - 1
        same = (
            []
            if before is None
            else [n for n, each in enumerate(self.sessions) if each.first == before.first]
        )
        self._at = max(0, same[0] if same and not newest else last)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, last))
        self.slider.setValue(self._at)
        self.slider.blockSignals(False)
        if last <= 0 and self.slider.hasFocus():
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self.slider.setEnabled(last > 0)
        self.slider.setVisible(last > 0)
        self.only.setVisible(last == 0)
        self.list.setAccessibleDescription(_only_words() if last == 0 else "")
        self.list.show_entries(
            [session_entry(self._desk, each) for each in reversed(self.sessions)], select=None
        )
        self._fit_parts(self.width() >= _WIDE)
        if self._note.text() == tr("Reading the history"):
            self._tell("")
        self._show()

    def _current(self) -> TextSession | None:
        return self.sessions[self._at] if self._at < len(self.sessions) else None

    def stand(self, at: int) -> None:
        """Go to a session, counted from the oldest."""
        at = max(0, min(at, len(self.sessions) - 1))
        if at != self._at:
            self._at = at
            self._tell("")
            self._show()

    def show_as(self, showing: Showing) -> None:
        """Show what a session changed, what changed since, or the whole text at its end."""
        self._showing = showing
        self._tell("")
        self._show()

    def _show(self) -> None:
        session = self._current()
        for showing, button in self.tabs.items():
            button.setChecked(showing is self._showing)
            button.setEnabled(session is not None)
        if session is None:
            self._shown = NOTHING
            self._who.show_text(tr("Nothing was written here yet"))
            self._when.setText("")
            self._show_text(NOTHING)
            self._offer()
            return
        if self.slider.value() != self._at:
            self.slider.setValue(self._at)
        self.list.stand(len(self.sessions) - 1 - self._at)
        self._who.show_text(session_name(self._desk, session))
        self._when.setText(session_words(self._desk, session))
        self._when.setToolTip(exact(self._desk, session.until))
        self.slider.setAccessibleDescription(f"{session_name(self._desk, session)}, {self._when.text()}")
        self._turn += 1
        self._desk.steps(self._show_session(self._at, self._turn))

    def _show_session(self, at: int, turn: int) -> Iterator[None]:
        """Work out what is shown of a session; whoever goes on before that does not wait for it."""
        if self._versions is None or turn != self._turn:
            return
        steps = self._versions.shown(at, self._showing)
        shown: list[Insert] | None = None
        while shown is None:
            try:
                next(steps)
            except StopIteration as done:
                shown = done.value
            yield
            if turn != self._turn:
                return
        self._shown = shown
        self._show_text(shown)
        self._offer()

    def _show_text(self, document: Sequence[Insert]) -> None:
        """Show a text that is nobody's: nothing that is done to it goes anywhere."""
        self.text.bind(state_of(document), self._desk.source.client(), lambda _update: None)

    def _now(self) -> Sequence[Insert]:
        return NOTHING if self._record is None else self._desk.source.text_document(self._record, self._field)

    # Having it back

    def _offer(self) -> None:
        is_now = self._versions is None or not self.sessions or self._versions.is_now(self._at, self._now())
        self.restore.setEnabled(self._editable and not is_now)
        self._selected()

    def _selected(self) -> None:
        start, stop = (0, 0) if self.text.binding is None else self.text.selection()
        self.put_back.setEnabled(self._editable and start < stop and len(self.sessions) > 1)

    def _put_back(self) -> None:
        record = self._record
        taken = selected(self._shown, *self.text.selection())
        if record is None or taken is None:
            return
        side, start, stop = taken
        versions = self._versions
        assert versions is not None, "a session is shown"
        at = versions.origin(self._at, self._showing, side)
        old = versions.text(at)
        if not sliced(old, start, stop):
            return
        change, _ = put_back(old, self._now(), start, stop, versions.since(at))
        if self._desk.do(lambda: self._desk.source.change_text(record, self._field, change)):
            self.refresh()
            self._tell(tr("The words are in the text again. Undo takes that back."))

    def _restore(self) -> None:
        record, session = self._record, self._current()
        if record is None or session is None:
            return
        if self._desk.do(lambda: self._desk.source.restore_text(record, session.last, self._field)):
            self.refresh()
            self._tell(tr("The text is this again. Undo takes that back."))

    def _tell(self, sentence: str) -> None:
        self._note.setText(sentence)
        self._note.setVisible(bool(sentence))

    # Keys

    def _meaning(self, event: QKeyEvent) -> Callable[[], object] | None:
        key = Qt.Key(event.key())
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        if key == Qt.Key.Key_Escape:
            return self.closed.emit
        if key == Qt.Key.Key_P:
            return self.put_back.click
        if key == Qt.Key.Key_M:
            return self.restore.click
        for showing, _, _, letter in _tabs():
            if event.text().upper() == letter:
                return lambda: self.show_as(showing)
        if QApplication.focusWidget() is not self.text and key in (Qt.Key.Key_J, Qt.Key.Key_K):
            step = -1 if key == Qt.Key.Key_J else 1
            return lambda: self.stand(self._at + step)
        return None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if event.matches(keys.Undo) or event.matches(keys.Redo):
                # The window's: what is shown here is nothing that could be undone.
                event.ignore()
                return True
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        override = event.type() is QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self._meaning(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        call = self._meaning(event)
        if call is None:
            super().keyPressEvent(event)
        else:
            call()


def _only_words() -> str:
    return tr(
        "There is only one version yet: the text as it is now. So there is nothing to put back; the buttons below can"
        " be pressed once somebody writes on."
    )


def _tabs() -> list[tuple[Showing, str, str, str]]:
    """What can be shown, what it is called, what that means, and its key."""
    return [
        (Showing.CHANGES, tr("Changes"), tr("What was written and taken out then"), "C"),
        (Showing.SINCE, tr("Since then"), tr("What was written and taken out since, up to now"), "S"),
        (Showing.WHOLE, tr("Whole text"), tr("The text as it was then"), "W"),
    ]
