"""The page on which one looks through what is new, one issue after the other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.entries import Entry, EntryList
from app.desktop.item.desk import Desk
from app.desktop.item.speech import field_title
from app.desktop.item.steps import StepBar
from app.desktop.keyed_page import STEPS, KeyedPage
from app.desktop.lists.empty import EmptyPlace, EmptyWords
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Button, Line, Look, Size, Text
from app.desktop.words import moment_text
from app.desktop.workers import Workers
from app.desktop.workspace import Workspace
from app.domain.closing import Action
from app.domain.schema import ISSUE
from app.store.project import Project
from app.store.touched import Touched
from app.store.watching import News
from app.workspace.review import Queue, looked_through, read_queue

_MOST_NAMES = 3


class ReviewPage(KeyedPage):
    """A list of what there is to look through; the item stands beside it."""

    left = Signal()
    record_asked = Signal(bytes)
    """Emits the issue that is looked at now."""
    record_left = Signal()
    """There is nothing to look at any more."""
    entered = Signal()
    """The user wants to go into the item."""

    def __init__(
        self,
        look: Look,
        desk: Desk,
        workspace: Workspace,
        project: Project,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, tr("Review"), parent)
        self._look = look
        self._desk = desk
        self._workspace = workspace
        self._project = project
        self._queue: Queue | None = None
        self._left: list[bytes] = []
        """What is still to be looked at, in order."""
        self._looked = 0
        self._current: bytes | None = None
        self._news: dict[bytes, News] = {}
        self._entries: dict[bytes, Entry] = {}
        """The entries as they were made; one is made anew when its issue changes."""
        self._workers = Workers(self)
        self.count = Text(look, tone="muted")
        self.steps = StepBar(desk, project)
        self.next = Button(look, tr("Looked at"), icon="check", key="N")
        self.list = EntryList(look, tr("What there is to look through"))
        self.words = EmptyPlace(look, EmptyWords("eye", tr("Looking what is new …"), ""))
        self._build()
        self.steps.taken.connect(self._taken)
        self.next.clicked.connect(lambda _checked=False: self.pass_on())
        self.list.taken.connect(lambda entry: self._open(entry.data))
        workspace.touched.connect(self._follow)
        workspace.stopping.connect(self.stop)

    def _build(self) -> None:
        metrics = self._look.theme.metrics
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(metrics.gap_large, metrics.gap_medium, metrics.gap_large, metrics.gap_medium)
        head.setSpacing(metrics.gap)
        head.addWidget(Text(self._look, tr("Review"), size=Size.TITLE, strong=True))
        head.addWidget(self.count)
        head.addStretch(1)
        head.addWidget(self.next)
        column.addLayout(head)
        column.addWidget(Line(self._look))
        steps = QHBoxLayout()
        steps.setContentsMargins(metrics.gap_large, metrics.gap, metrics.gap_large, metrics.gap)
        steps.addWidget(self.steps)
        column.addLayout(steps)
        inner = QHBoxLayout()
        inner.setContentsMargins(metrics.gap, 0, metrics.gap, metrics.gap)
        inner.addWidget(self.list)
        column.addLayout(inner, 1)
        column.addWidget(self.words, 1)
        self._show()

    def start(self) -> None:
        """Read what is new, and open the first."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        project = self._project

        def work() -> Queue:
            own = project.second()
            try:
                return read_queue(own)
            finally:
                own.close()

        self._workers.run(work, self._came, self._say)

    def stop(self) -> None:
        """The project is about to be closed."""
        self._workers.wait()

    def _came(self, queue: Queue) -> None:
        self._queue = queue
        self._news = {each.record: each for each in queue.news}
        self._left = queue.records
        self._show()
        self._looked = 0
        self._open(self._left[0] if self._left else None)

    # One after the other

    def _open(self, record: bytes | None) -> None:
        self._current = record
        view = None if record is None else self._project.get(record, ISSUE)
        if view is None or view.deleted:
            self.steps.hide()
            if record is None:
                self.record_left.emit()
            else:
                self._pass(record)
                return
        else:
            self.steps.show_record(view)
            self.record_asked.emit(view.id)
        self._mark()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def pass_on(self) -> None:
        """The issue was looked at: on to the next."""
        if self._current is not None:
            self._pass(self._current)

    def _taken(self, _action: Action) -> None:
        self.pass_on()

    def _pass(self, record: bytes) -> None:
        place = self._left.index(record)
        del self._left[place]
        self._looked += 1
        assert self._queue is not None
        looked_through(self._project, self._queue, self._left)
        self._show()
        self._open(self._left[min(place, len(self._left) - 1)] if self._left else None)

    def step(self, count: int) -> None:
        """Look at another one, without having done with this."""
        if self._current in self._left:
            place = self._left.index(self._current) + count
            if 0 <= place < len(self._left):
                self._open(self._left[place])

    def _follow(self, touched: Touched) -> None:
        """What was decided in the item, or elsewhere, needs no word here any more."""
        if self._queue is None or self._current is None:
            return
        for record in touched.records:
            self._entries.pop(record, None)
        if self._current in touched.records:
            QTimer.singleShot(0, self, self._refresh)

    def _refresh(self) -> None:
        """The issue changed: where it was decided in the item itself, the next one opens."""
        current, queue = self._current, self._queue
        view = None if current is None else self._project.get(current, ISSUE)
        if view is None or queue is None:
            return
        self.steps.show_record(view)
        if view.id in queue.waiting and Action.SEND_BACK not in self.steps.buttons:
            self.pass_on()
        else:
            self._show()

    # What is shown

    def _show(self) -> None:
        """Show what is left."""
        queue = self._queue
        asked = set() if queue is None else set(queue.waiting)
        waiting = [record for record in self._left if record in asked]
        fresh = [record for record in self._left if record not in asked]
        entries: list[Entry] = []
        for title, records in ((tr("Waiting for your word"), waiting), (tr("New since you looked"), fresh)):
            if records:
                entries.append(Entry(title, heading=True))
                entries += [self._entry(record) for record in records]
        self.list.setVisible(bool(entries))
        self.list.show_entries(entries, select=None)
        self.count.setText(tr_count("%n to look at", "%n to look at", len(self._left)) if self._left else "")
        if queue is not None:
            self.words.setVisible(not entries)
            self._say(self._end_words())
        self._mark()

    def _mark(self) -> None:
        """Mark what is looked at now."""
        if self._current is not None:
            self.list.select_data(self._current)
        self.next.setEnabled(self._current is not None)

    def _entry(self, record: bytes) -> Entry:
        known = self._entries.get(record)
        if known is None:
            known = self._entries[record] = self._made(record, self._news.get(record))
        return known

    def _say(self, sentence: str) -> None:
        title = tr("Nothing new") if not self._looked else tr("All looked at")
        self.words.set_words(EmptyWords("check-circle", title, sentence))

    def _end_words(self) -> str:
        if self._looked:
            looked = tr_count("%n issue looked at.", "%n issues looked at.", self._looked)
            return looked + " " + tr("What others do from now on stands here next time.")
        return tr("What others make or change, and what is resolved and waits for you, stands here.")

    def _made(self, record: bytes, news: News | None) -> Entry:
        columns, directory = self._workspace.columns, self._workspace.directory
        title = columns.column(ISSUE, "title").get(record)
        number = columns.column(ISSUE, "number").get(record)
        status = columns.column(ISSUE, "status").get(record)
        known = directory.statuses.get(status) if isinstance(status, bytes) else None
        return Entry(
            (title if isinstance(title, str) else "")
            or self._workspace.made_name(ISSUE, record)
            or tr("Untitled"),
            right=f"#{number}" if isinstance(number, int) else "",
            sign="status",
            mark=str(known.meaning) if known is not None else "open",
            below="" if news is None else self._what(news),
            data=record,
        )

    def _what(self, news: News) -> str:
        author = self._desk.author(news.device)
        who = author.person or author.device or tr("Somebody")
        when = moment_text(news.at, self._desk.now())
        if news.new:
            return tr("{who} made this · {when}").format(who=who, when=when)
        fields = self._desk.fields(ISSUE)
        names = []
        for name in sorted(news.fields - {"created", "deleted"}):
            found = None if fields is None else fields.find(name)
            names.append(field_title(found) if found is not None else name)
        if news.comments:
            names.append(tr_count("%n comment", "%n comments", len(news.comments)))
        more = len(names) - _MOST_NAMES
        said = ", ".join(names[:_MOST_NAMES]) + (f" +{more}" if more > 0 else "")
        return f"{who}: {said} · {when}"

    # Keys

    def meaning(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What a key means here."""
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        key = Qt.Key(event.key())
        if key in STEPS:
            return lambda: self.step(STEPS[key])
        if key in (Qt.Key.Key_N, Qt.Key.Key_Space):
            return self.pass_on
        if key == Qt.Key.Key_A:
            return lambda: self._take(Action.CLOSE)
        if key == Qt.Key.Key_S:
            return lambda: self._take(Action.SEND_BACK)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.entered.emit
        return self.left.emit if key == Qt.Key.Key_Escape else None

    def _take(self, action: Action) -> None:
        if action in self.steps.buttons and self.steps.isVisible():
            self.steps.take(action)
