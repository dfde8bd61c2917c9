"""The pages Inbox and My work: what concerns the user in all projects, one line each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.desktop.entries import Entry, EntryList
from app.desktop.inbox.reader import Concern, InboxReader
from app.desktop.inbox.words import Line, inbox_entries, work_entries
from app.desktop.keyed_page import STEPS, KeyedPage
from app.desktop.lists.empty import EmptyPlace, EmptyWords
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Button, Look, Size, Text
from app.desktop.widgets import Line as Rule
from app.workspace.inbox import Told, done, snooze, tell_again

_MORNING = time(8)


class ConcernPage(KeyedPage):
    """A list of what concerns the user. ``work`` shows one's own work, else the inbox, where lines can be done."""

    left = Signal()
    asked = Signal(object)
    """Emits the Line that is to be opened."""

    def __init__(
        self,
        look: Look,
        reader: InboxReader,
        now: Callable[[], datetime],
        *,
        work: bool,
        parent: QWidget | None = None,
    ) -> None:
        title = tr("My work") if work else tr("Inbox")
        super().__init__(look, title, parent)
        self._look = look
        self._reader = reader
        self._now = now
        self._work = work
        self._gone: list[Line] = []
        """What was put away last, for taking it back."""
        self.list = EntryList(look, title)
        self.count = Text(look, tone="muted")
        self.words = EmptyPlace(look, self._empty_words())
        self.problem = Text(look, tone="danger", wrap=True)
        self.done = Button(look, tr("Done"), icon="check", key="E")
        self.later = Button(look, tr("Later"), icon="clock", key="H")
        self._build(title)
        self.list.taken.connect(lambda entry: self.asked.emit(entry.data))
        self.done.clicked.connect(lambda _checked=False: self.finish_line())
        self.later.clicked.connect(lambda _checked=False: self.ask_when())
        reader.read.connect(self._show)
        reader.failed.connect(self._tell)
        self._show(reader.concerns)

    def _build(self, title: str) -> None:
        metrics = self._look.theme.metrics
        head = QHBoxLayout()
        head.setContentsMargins(metrics.gap_large, metrics.gap_medium, metrics.gap_large, metrics.gap_medium)
        head.setSpacing(metrics.gap)
        head.addWidget(Text(self._look, title, size=Size.TITLE, strong=True))
        head.addWidget(self.count)
        head.addStretch(1)
        for button in (self.done, self.later):
            button.setVisible(not self._work)
            head.addWidget(button)
        inner = QHBoxLayout()
        inner.setContentsMargins(metrics.gap, metrics.gap, metrics.gap, metrics.gap)
        inner.addWidget(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(Rule(self._look))
        column.addWidget(self.problem)
        self.problem.hide()
        column.addLayout(inner, 1)
        column.addWidget(self.words, 1)

    def start(self) -> None:
        """Read anew."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._reader.refresh()

    def _show(self, concerns: list[Concern]) -> None:
        now = self._now()
        entries = work_entries(concerns, now.date()) if self._work else inbox_entries(concerns, now)
        standing = self._line()
        rows = [entry for entry in entries if not entry.heading]
        place = 0
        if standing is not None:
            same = [at for at, entry in enumerate(rows) if _same(entry, standing)]
            place = same[0] if same else self._place()
        self._show_entries(entries, place)

    def _show_entries(self, entries: list[Entry], place: int) -> None:
        count = sum(not entry.heading for entry in entries)
        self.list.show_entries(entries, select=min(place, count - 1) if count else None)
        self.list.setVisible(bool(count))
        self.words.setVisible(not count)
        self.count.setText(tr_count("%n item", "%n items", count) if count else "")
        self.done.setEnabled(bool(count))
        self.later.setEnabled(bool(count))

    def _empty_words(self) -> EmptyWords:
        if self._work:
            return EmptyWords(
                "check-circle",
                tr("Nothing to do"),
                tr("Open issues that are assigned to you stand here, the overdue first."),
            )
        return EmptyWords(
            "tray",
            tr("All read"),
            tr(
                "What others do to issues that are yours, or that you watch or are mentioned in, stands here."
            ),
        )

    def _line(self) -> Line | None:
        entry = self.list.current
        return entry.data if entry is not None and isinstance(entry.data, Line) else None

    def _place(self) -> int:
        """Which of the lines is selected, headings not counted."""
        at = self.list.currentIndex().row()
        return sum(not entry.heading for entry in self.list.entries[:at])

    def _tell(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    # Putting away

    def finish_line(self) -> None:
        """The line needs nothing more."""
        self._put_away(
            lambda line: self._reader.do(line.project, lambda project: done(project, [_told(line)]))
        )

    def ask_when(self) -> None:
        """Ask until when the line is to rest."""
        if self._work or self._line() is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for title, until in self._times():
            action = QAction(title, menu)
            action.triggered.connect(lambda _checked=False, until=until: self.rest(until))
            menu.addAction(action)
        menu.popup(self.later.mapToGlobal(QPoint(0, self.later.height() + 2)))

    def _times(self) -> list[tuple[str, datetime]]:
        now = self._now()
        tomorrow = datetime.combine(now.date() + timedelta(days=1), _MORNING, now.tzinfo)
        monday = tomorrow + timedelta(days=(7 - tomorrow.weekday()) % 7 or 7)
        return [
            (tr("In 3 hours"), now + timedelta(hours=3)),
            (tr("Tomorrow morning"), tomorrow),
            (tr("Next Monday"), monday),
        ]

    def rest(self, until: datetime) -> None:
        """Let the line rest until then, or until something more happens."""
        ms = int(until.timestamp() * 1000)
        self._put_away(
            lambda line: self._reader.do(line.project, lambda project: snooze(project, [_told(line)], ms))
        )

    def _put_away(self, call: Callable[[Line], None]) -> None:
        line = self._line()
        if line is None or line.told is None:
            return
        place = self._place()
        call(line)
        self._gone.append(line)
        left = [entry for entry in self.list.entries if entry.data != line]
        self._show_entries(_without_bare_headings(left), place)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def take_back(self) -> None:
        """The line that was put away last stands here again."""
        if self._gone:
            line = self._gone.pop()
            self._reader.do(line.project, lambda project: tell_again(project, [_told(line)]))

    # Keys

    def meaning(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What a key means here."""
        key = Qt.Key(event.key())
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if control and key == Qt.Key.Key_Z and self._gone:
            return self.take_back
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        if key in STEPS:
            return lambda: self.list.step(STEPS[key])
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.list.take
        if key == Qt.Key.Key_Escape:
            return self.left.emit
        if self._work:
            return None
        return {Qt.Key.Key_E: self.finish_line, Qt.Key.Key_H: self.ask_when}.get(key)


def _told(line: Line) -> Told:
    assert line.told is not None, "only lines of the inbox are put away"
    return line.told


def _same(entry: Entry, line: Line) -> bool:
    data = entry.data
    return isinstance(data, Line) and (data.project, data.record) == (line.project, line.record)


def _without_bare_headings(entries: list[Entry]) -> list[Entry]:
    """A heading stays only where something stands below it."""
    below = [*entries[1:], Entry("", heading=True)] if entries else []
    return [
        entry
        for entry, follower in zip(entries, below, strict=True)
        if not (entry.heading and follower.heading)
    ]
