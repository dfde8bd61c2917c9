"""What other texts say about an item: those that link to it, and those that name it without a link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.desktop.item.desk import Desk
from app.desktop.item.link_row import LinkRow
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Size, Text
from app.desktop.workers import Workers
from app.domain.schema import COMMENT, ISSUE, KINDS, NOTE
from app.richtext.linking import linked
from app.store.links import BackLink
from app.store.project import Project
from app.store.records import Record
from app.store.touched import Touched

LINKED_KINDS = frozenset({ISSUE, NOTE})
"""The kinds that texts link to."""
_TEXT_KINDS = frozenset({ISSUE, NOTE, COMMENT})
_FIRST = 5
_FURTHER = 20
_MOST_MENTIONS = 50
_PAUSE_MS = 150
_ICONS = {NOTE: "file-text", COMMENT: "chat-circle"}


class BackLinks(QWidget):
    """Stands under the text. What only names the item is looked for when it is asked for, on a thread of its own."""

    record_opened = Signal(bytes)
    lines_changed = Signal()
    """Other lines stand there: what the Tab key reaches may be another."""

    def __init__(self, desk: Desk, project: Project | None, parent: QWidget | None = None) -> None:
        """``project`` is what is looked through for words; without it only links are shown."""
        super().__init__(parent)
        look = desk.look
        self._desk = desk
        self._project = project
        self._record: Record | None = None
        self._most = _FIRST
        self._told: list[tuple[BackLink, str, str]] = []
        """What the lines show: the places, with titles and signs as they were."""
        self._mentions: Sequence[BackLink] | None = None
        self._workers = Workers(self)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self.refresh)
        self.rows: list[LinkRow] = []
        self.mention_rows: list[LinkRow] = []
        self.head = Text(look, size=Size.CAPTION, tone="muted", strong=True)
        self.head.setContentsMargins(8, 0, 8, 4)
        self.more = Button(look, tr("Show more"), kind=ButtonKind.PLAIN, icon="caret-down")
        self.more.clicked.connect(self._show_more)
        self.fold = Button(
            look, tr("Mentioned without a link"), kind=ButtonKind.PLAIN, icon="caret-right", tone="muted"
        )
        self.fold.clicked.connect(self._unfold)
        self.note = Text(look, tone="muted", wrap=True)
        self.note.setContentsMargins(32, 0, 8, 4)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        self._mention_lines = QVBoxLayout()
        self._mention_lines.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, look.theme.metrics.gap_medium)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addLayout(self._lines)
        layout.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.note)
        layout.addLayout(self._mention_lines)

    # What is shown

    def show_record(self, record: Record) -> None:
        """Show what leads to a record."""
        self._pause.stop()
        if self._record is None or self._record.id != record.id:
            self._most = _FIRST
            self._mentions = None
        self._record = record
        self.refresh()

    def rest(self) -> None:
        """Nothing is shown any more."""
        self._pause.stop()
        self._record = None
        self._mentions = None

    def apply(self, touched: Touched) -> None:
        """Look again, after a moment, where a text or a title changed."""
        changed = (*touched.records, *touched.visibility)
        if self._record is not None and any(touched.kinds.get(each) in _TEXT_KINDS for each in changed):
            self._pause.start()

    def refresh(self) -> None:
        """Show what leads here now."""
        record = self._record
        self.setVisible(record is not None and record.kind in LINKED_KINDS)
        if record is None or record.kind not in LINKED_KINDS:
            return
        found = self._desk.source.links_to(record.id, self._most + 1)
        self.more.setVisible(len(found) > self._most)
        shown = found[: self._most]
        told = [(each, title_of(self._desk, each), sign_of(self._desk, each)) for each in shown]
        if told != self._told:
            self._told = told
            self.rows = self._lay_out(self._lines, self.rows, shown, offered=False)
            self.lines_changed.emit()
        self.head.setText(tr("Linked from"))
        self.head.setVisible(bool(shown))
        self._show_fold()
        if self._mentions is not None:
            self._look()

    def _lay_out(
        self, lines: QVBoxLayout, before: list[LinkRow], links: Sequence[BackLink], *, offered: bool
    ) -> list[LinkRow]:
        focused = next((at for at, row in enumerate(before) if _holds_focus(row)), None)
        for row in before:
            lines.removeWidget(row)
            row.hide()
            row.deleteLater()
        rows = []
        for link in links:
            row = LinkRow(
                self._desk.look,
                sign_of(self._desk, link),
                title_of(self._desk, link),
                link.sentence,
                (link.start, link.stop),
                offered=offered,
                parent=self,
            )
            row.clicked.connect(
                lambda _checked=False, link=link: self.record_opened.emit(link.parent or link.record)
            )
            row.link_asked.connect(lambda link=link: self._link(link))
            lines.addWidget(row)
            row.show()
            rows.append(row)
        if focused is not None:
            near: QWidget = rows[min(focused, len(rows) - 1)] if rows else self.fold
            near.setFocus(Qt.FocusReason.OtherFocusReason)
        return rows

    def _show_more(self) -> None:
        self._most += _FURTHER
        first = len(self.rows)
        self.refresh()
        if first < len(self.rows):
            self.rows[first].setFocus(Qt.FocusReason.OtherFocusReason)

    def stops(self) -> Iterator[QWidget]:
        """What the Tab key reaches, from top to bottom."""
        for row in self.rows:
            yield from row.stops()
        yield self.more
        yield self.fold
        for row in self.mention_rows:
            yield from row.stops()

    # What names the item without a link

    def _show_fold(self) -> None:
        record = self._record
        named = record is not None and bool(record.value(KINDS[record.kind].heading))
        self.fold.setVisible(self._project is not None and named)
        is_open = self._mentions is not None
        self.fold.show_icon("caret-down" if is_open else "caret-right")
        self.fold.setAccessibleDescription(tr("unfolded") if is_open else tr("folded"))
        if not is_open:
            self.note.hide()
            self.mention_rows = self._lay_out(self._mention_lines, self.mention_rows, (), offered=True)

    def _unfold(self) -> None:
        if self._mentions is None:
            self._mentions = ()
            self.note.setText(tr("Looking through the texts"))
            self.note.show()
            self._look()
        else:
            self._mentions = None
        self._show_fold()
        self.lines_changed.emit()

    def _look(self) -> None:
        project, record = self._project, self._record
        if project is None or record is None or self._workers.busy:
            return
        self._workers.run(
            lambda: _mentions(project, record.id), lambda found: self._found(record.id, found), self._tell
        )

    def _found(self, record: bytes, found: Sequence[BackLink]) -> None:
        if self._record is None or self._mentions is None:
            return
        if self._record.id != record:
            self._look()
            return
        self.note.setText(tr("No other text has the title in it."))
        self.note.setVisible(not found)
        if found != self._mentions or len(self.mention_rows) != len(found):
            self._mentions = found
            self.mention_rows = self._lay_out(self._mention_lines, self.mention_rows, found, offered=True)
            self.lines_changed.emit()

    def _tell(self, sentence: str) -> None:
        self.note.setText(sentence)
        self.note.show()

    def _link(self, link: BackLink) -> None:
        """Make the words a link, in the other text: one edit, which undo takes back."""
        record = self._record
        if record is None:
            return
        source = self._desk.source
        title = record.value(KINDS[record.kind].heading)
        words = link.sentence[link.start : link.stop]
        change = linked(
            source.text_document(link.record, link.field),
            link.position,
            words,
            record.id,
            title if isinstance(title, str) else "",
        )
        if change and self._desk.do(lambda: source.change_text(link.record, link.field, change)):
            self.refresh()
        elif not change:
            self._look()

    def stop(self) -> None:
        """The project is about to be closed."""
        self._pause.stop()
        self._workers.wait()


def _mentions(project: Project, record: bytes) -> list[BackLink]:
    """Look through the texts, on a connection of the thread's own."""
    reader = project.second()
    try:
        return reader.unlinked_mentions(record, _MOST_MENTIONS)
    finally:
        reader.close()


def title_of(desk: Desk, link: BackLink) -> str:
    """What the record is called that a text belongs to; of a comment, what it is on."""
    record = desk.source.get(link.parent or link.record)
    if record is None:
        return tr("Untitled")
    heading = record.value(KINDS[record.kind].heading) if record.kind in KINDS else None
    title = (
        heading if isinstance(heading, str) and heading.strip() else desk.made_name(record.kind, record.id)
    )
    number = record.value("number")
    name = " ".join(filter(None, (f"#{number}" if isinstance(number, int) else "", title or tr("Untitled"))))
    return tr("Comment on {title}").format(title=name) if link.kind == COMMENT else name


def sign_of(desk: Desk, link: BackLink) -> str:
    """The sign before a line: an icon, or of an issue the meaning of its status."""
    record = desk.source.get(link.record, link.kind) if link.kind == ISSUE else None
    status = None if record is None else record.value("status")
    entry = desk.context.directory.statuses.get(status) if isinstance(status, bytes) else None
    return _ICONS.get(link.kind, "circle") if entry is None else str(entry.meaning)


def _holds_focus(row: LinkRow) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and (focused is row or row.isAncestorOf(focused))
