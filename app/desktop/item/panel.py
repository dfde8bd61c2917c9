"""The item: one record with everything that belongs to it, edited in place and kept as it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.desktop.history.view import TextHistory
from app.desktop.item.activity import Activity
from app.desktop.item.backlinks import BackLinks
from app.desktop.item.comments import Comments
from app.desktop.item.conflict import DeletionBanner, TrashBanner
from app.desktop.item.desk import Desk
from app.desktop.item.files import FileStrip
from app.desktop.item.grid import PropertyGrid
from app.desktop.item.header import ItemHeader, known_text
from app.desktop.item.steps import StepBar
from app.desktop.item.surroundings import ProjectSurroundings
from app.desktop.item.text import ItemText
from app.desktop.item.title import ItemTitle
from app.desktop.opening import open_link
from app.desktop.translate import tr
from app.desktop.widgets import Line, Surface, Text
from app.domain.schema import ATTACHMENT, COMMENT, KINDS, NOTE
from app.store.attachments import Attachments
from app.store.project import Project
from app.store.records import Record
from app.store.touched import Touched
from app.workspace.review import own_devices

_CHILDREN = frozenset({COMMENT, ATTACHMENT})
_ACTIVITY_MS = 150


class ItemPanel(Surface):
    """Shows one record. ``touched`` tells what the user changed here; ``apply_touched`` brings the rest."""

    closed = Signal()
    previous_requested = Signal()
    next_requested = Signal()
    touched = Signal(object)
    """Emits the Touched of each operation."""
    failed = Signal(str)
    """Emits the sentence of an operation that could not be done."""
    shown = Signal(object)
    """Emits the id of the record that is shown now, or None."""
    record_opened = Signal(bytes)
    """Emits the id of another record that the user wants to see."""

    def __init__(
        self,
        desk: Desk,
        attachments: Attachments | None = None,
        project: Project | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(desk.look, "surface", parent)
        self.desk = desk
        self._record: Record | None = None
        self._own: Touched | None = None
        desk.setParent(self)
        desk.touched.connect(self._announce)
        desk.failed.connect(self.failed)
        self.setAccessibleName(tr("Item"))
        self.header = ItemHeader(desk, self)
        self.title = ItemTitle(desk)
        self.steps = None if project is None else StepBar(desk, project)
        self.grid = PropertyGrid(desk)
        self.text = ItemText(desk)
        self.files = FileStrip(desk, attachments)
        self.links = BackLinks(desk, project)
        self.comments = Comments(desk, tuple if project is None else partial(own_devices, project))
        self.activity = Activity(desk)
        self.history: TextHistory | None = None
        """The history of a text, once it was asked for."""
        self.banner: DeletionBanner | TrashBanner | None = None
        self._empty = Text(desk.look, tr("Choose an item to see it here"), tone="muted", parent=self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._scroll = _Scroll(self)
        self._activity_timer = QTimer(self, singleShot=True, interval=_ACTIVITY_MS)
        self._activity_timer.timeout.connect(self._show_activity)
        self._build()
        self.header.close_asked.connect(self.closed)
        self.header.previous_asked.connect(self.previous_requested)
        self.header.next_asked.connect(self.next_requested)
        self.header.starred.connect(self._star)
        self.text.files_dropped.connect(self.files.take)
        self.text.editor.line_moved.connect(self._follow_line)
        self.activity.lines_changed.connect(self._order_tabs)
        self.title.entered.connect(self._title_entered)
        self._surround(ProjectSurroundings(desk, attachments, self))
        self._connect_talk()
        self.setAcceptDrops(True)
        self._show_parts()

    def files_came(self, attachments: Sequence[bytes]) -> None:
        """Files are here now that were not: pictures in texts show them."""
        for attachment in attachments:
            self.surroundings.file_came(attachment)
        self.surroundings.changed.emit()

    def _surround(self, surroundings: ProjectSurroundings) -> None:
        """Let the texts show the names and pictures of what they point to."""
        self.surroundings = surroundings
        self.text.editor.set_surroundings(surroundings)
        self.comments.set_surroundings(surroundings)
        surroundings.changed.connect(self.text.editor.names_changed)
        surroundings.changed.connect(self.comments.names_changed)
        self.text.editor.link_opened.connect(self._follow_link)
        self.text.editor.record_opened.connect(self.record_opened)

    def _connect_talk(self) -> None:
        """What is said about the item, and what leads to it."""
        comments = self.comments
        comments.files_dropped.connect(self.files.take)
        comments.link_opened.connect(self._follow_link)
        comments.lines_changed.connect(self._order_tabs)
        comments.news_changed.connect(self.header.show_news)
        comments.shown_asked.connect(lambda widget: self.desk.later(lambda: self._bring_into_view(widget)))
        comments.history_asked.connect(lambda comment: self.show_history(comment))
        self.header.news_asked.connect(comments.show_news)
        self.header.history_asked.connect(lambda: self.show_history())
        self.links.lines_changed.connect(self._order_tabs)
        for each in (comments, self.links):
            each.record_opened.connect(self.record_opened)

    def _build(self) -> None:
        metrics = self.desk.look.theme.metrics
        self._content = Surface(self.desk.look, "surface")
        column = QVBoxLayout(self._content)
        column.setContentsMargins(metrics.gap_large, metrics.gap_large, metrics.gap_large, metrics.gap_huge)
        column.setSpacing(0)
        self._column = column
        column.addWidget(self.title)
        column.addSpacing(metrics.gap)
        if self.steps is not None:
            column.addWidget(_indented(self.steps, 8))
            column.addSpacing(metrics.gap)
        column.addWidget(_indented(self.grid, 8))
        column.addSpacing(metrics.gap)
        column.addWidget(self.text)
        column.addSpacing(metrics.gap_medium)
        column.addWidget(self.links)
        self._files_holder = _indented(self.files, 8)
        column.addWidget(self._files_holder)
        column.addSpacing(metrics.gap_large)
        column.addWidget(_indented(Line(self.desk.look), 8))
        column.addSpacing(metrics.gap_large)
        column.addWidget(self.comments)
        column.addSpacing(metrics.gap_large)
        column.addWidget(self.activity)
        column.addStretch(1)
        self._scroll.setWidget(self._content)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.header)
        outer.addWidget(Line(self.desk.look))
        outer.addWidget(self._scroll, 1)
        outer.addWidget(self._empty, 1)

    # What is shown

    @property
    def record(self) -> bytes | None:
        """The record that is shown."""
        return None if self._record is None else self._record.id

    def show_record(self, record: bytes | None) -> None:
        """Show a record, or none; what was being typed in the one before is kept."""
        self.finish()
        self._leave_history()
        view = None if record is None else self.desk.source.get(record)
        self._record = view
        self._show_parts()
        if view is None:
            self.grid.clear()
            self.text.close_text()
            self.links.rest()
            self.comments.rest()
            self.shown.emit(None)
            return
        known = KINDS.get(view.kind)
        heading = None if known is None else known.fields.get(known.heading)
        self.header.show_record(view)
        self.title.setVisible(heading is not None)
        self.title.show_record(view, heading)
        self._show_steps(view)
        self.grid.show_record(view)
        has_text = known is not None and "text" in known.text_fields
        self.text.setVisible(has_text)
        if has_text:
            self.text.show_record(view.id, editable=not view.deleted)
        else:
            self.text.close_text()
        self._files_holder.setVisible(view.kind in KINDS[ATTACHMENT].child_of)
        self.files.show_record(view)
        self.links.show_record(view)
        talked_about = view.kind in KINDS[COMMENT].child_of
        self.comments.setVisible(talked_about)
        if talked_about:
            self.comments.show_record(view)
        self._show_banner(view)
        self._activity_timer.stop()
        self._show_activity()
        self._scroll.verticalScrollBar().setValue(0)
        self._order_tabs()
        self.shown.emit(view.id)

    def focus_title(self) -> None:
        """Put the cursor into the title, as after making a record."""
        self._leave_history()
        self.title.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.title.line.selectAll()

    def write_comment(self) -> None:
        """Put the cursor into the box for a new comment, where the record can have any."""
        if self._record is not None and self.comments.isVisibleTo(self._content):
            self._leave_history()
            self.comments.begin()

    def finish(self) -> None:
        """Keep what is being typed as changes."""
        self.title.finish()
        self.grid.finish()
        self.text.finish()
        self.comments.finish()
        self.desk.rest()

    def _show_parts(self) -> None:
        shown = self._record is not None
        self._scroll.setVisible(shown and not self.in_history)
        self.header.setVisible(shown)
        self._empty.setVisible(not shown)

    # The history of its text

    @property
    def in_history(self) -> bool:
        """Whether the history of a text stands in the place of the item."""
        return self.history is not None and self.history.isVisibleTo(self)

    def show_history(self, comment: bytes | None = None) -> None:
        """Show the history of the item's text, or of that of a comment on it."""
        view = self._record
        if view is None or (comment is None and not known_text(view)):
            return
        self.finish()
        if self.history is None:
            self.history = self._make_history()
        title = self.header.crumb.accessibleName()
        self.history.show()
        self._scroll.hide()
        self.history.open(
            comment or view.id,
            "text",
            tr("of a comment") if comment is not None else title,
            editable=not view.deleted,
        )

    def _make_history(self) -> TextHistory:
        made = TextHistory(self.desk)
        made.set_surroundings(self.surroundings)
        made.closed.connect(self._close_history)
        made.link_opened.connect(self._follow_link)
        made.record_opened.connect(self.record_opened)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(layout.count() - 1, made, 1)
        return made

    def _close_history(self) -> None:
        """One step back: to the text, or to the comment whose history it was."""
        shown = None if self.history is None else self.history.record
        self._leave_history()
        card = self.comments.cards.get(shown or b"")
        target = self.text.editor if card is None else card.view
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave_history(self) -> None:
        if self.history is not None and self.in_history:
            self.history.hide()
            self.history.close_text()
            self._show_parts()

    def _show_banner(self, view: Record) -> None:
        if self.banner is not None:
            self.banner.hide()
            self.banner.deleteLater()
            self.banner = None
        if view.deleted:
            trash = TrashBanner(self.desk.look)
            trash.restore_asked.connect(self._restore)
            self.banner = trash
        elif "deleted" in view.conflicts:
            live = next(
                (
                    each.live
                    for each in self.desk.source.conflicts()
                    if each.record == view.id and each.field == "deleted"
                ),
                (),
            )
            if len(live) > 1:
                dispute = DeletionBanner(self.desk, live, self.desk.source.history(view.id))
                dispute.decided.connect(self._decide)
                self.banner = dispute
        if self.banner is not None:
            self._column.insertWidget(0, self.banner)

    def _show_steps(self, view: Record) -> None:
        if self.steps is not None:
            self.steps.show_record(view)

    def _show_activity(self) -> None:
        if self._record is not None:
            self.activity.show_record(self._record)

    def _order_tabs(self) -> None:
        """The order of the Tab key follows the eye."""
        chain: list[QWidget] = [self.title.line, *(self.steps.stops() if self.steps is not None else ())]
        for row in self.grid.rows.values():
            proxy = row.editor.focusProxy()
            chain.append(proxy if isinstance(proxy, QWidget) else row.editor)
            chain += row.editor.further_stops()
        chain += [
            self.grid.more,
            self.text.editor,
            *self.links.stops(),
            *self.files.stops(),
            *self.comments.stops(),
        ]
        header = self.header
        chain += [
            *self.activity.stops(),
            header.news,
            header.star,
            header.up,
            header.down,
            header.close_button,
        ]
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)

    # What changes

    def apply_touched(self, touched: Touched) -> None:
        """Show what changed, and nothing else; what the user is typing is left alone."""
        renamed = self.desk.forget(touched)
        shown = self._record
        if shown is None:
            return
        names = touched.records.get(shown.id)
        visible = shown.id in touched.visibility
        if names is not None or visible or renamed:
            view = self.desk.source.get(shown.id, shown.kind)
            if view is None:
                self.show_record(None)
                self.closed.emit()
                return
            self._record = view
            self.header.show_record(view)
            self.title.apply(view)
            self._show_steps(view)
            self.grid.apply(view, None if renamed or visible else names)
            self._show_banner(view)
            self.text.set_editable(not view.deleted)
            self.comments.set_editable(not view.deleted)
            if names and "text" in names and touched is not self._own:
                self.text.apply(rebuilt=shown.id in touched.texts_rebuilt)
            self.files.show_record(view) if visible else None
            self._activity_timer.start()
        self.links.apply(touched)
        if self.history is not None:
            self.history.apply(touched)
        kinds = set(touched.kinds.values())
        if renamed or touched.visibility:
            self.surroundings.forget()
            self.text.editor.names_changed()
            self.comments.names_changed()
        if kinds & _CHILDREN or renamed:
            if self.comments.isVisibleTo(self._content):
                self.comments.refresh()
            self.files.refresh()

    def columns_moved(self) -> None:
        """What is worked out from other fields, of this item or of others, may be something else now."""
        if self._record is not None:
            self.grid.refresh_derived()
            self.title.follow_made_name()

    def marks_read(self) -> None:
        """Whether the record and its comments are still only on this device may be otherwise now."""
        if self._record is None:
            return
        view = self.desk.source.get(self._record.id, self._record.kind)
        if view is not None and view.sync != self._record.sync:
            self._record = view
            self.header.show_record(view)
        if self.comments.isVisibleTo(self._content):
            self.comments.refresh()

    def _bring_into_view(self, widget: QWidget) -> None:
        if widget.isVisible():
            self._scroll.ensureWidgetVisible(widget, 0, 24)

    def _follow_link(self, address: str) -> None:
        problem = open_link(address)
        if problem:
            self.failed.emit(problem)

    def _title_entered(self) -> None:
        """From a note's title one goes on with its text, from others with the fields."""
        if self._record is not None and self._record.kind == NOTE:
            self.text.editor.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.title.line.focusNextChild()

    def _follow_line(self, moved: int) -> None:
        """Keep the line that the user writes in where it is on the screen."""
        bar = self._scroll.verticalScrollBar()
        value = bar.value()
        if value:
            self.desk.later(lambda: bar.setValue(value + moved))

    def _announce(self, touched: Touched) -> None:
        self._own = touched
        self.touched.emit(touched)

    def _star(self, on: bool) -> None:
        if self._record is not None:
            record = self._record.id
            self.desk.do(lambda: self.desk.source.set(record, "starred", on))

    def _restore(self) -> None:
        if self._record is not None:
            record = self._record.id
            self.desk.do(lambda: self.desk.source.restore(record))

    def _decide(self, delete: bool) -> None:
        if self._record is not None:
            record = self._record.id
            self.desk.do(lambda: self.desk.source.settle(record, "deleted", delete))

    # Keys, drops

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.finish()
            self.closed.emit()
        elif event.matches(QKeySequence.StandardKey.Paste):
            data = QGuiApplication.clipboard().mimeData()
            if self.files.can_take(data):
                self.files.take(data)
        elif alt and event.key() == Qt.Key.Key_Up:
            self.previous_requested.emit()
        elif alt and event.key() == Qt.Key.Key_Down:
            self.next_requested.emit()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.files.can_take(event.mimeData()):
            self.files.add.show_target(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.files.add.show_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.files.add.show_target(False)
        self.files.take(event.mimeData())
        event.acceptProposedAction()


class _Scroll(QScrollArea):
    """Leaves the arrows with Alt to the panel."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()
            return
        super().keyPressEvent(event)


def _indented(widget: QWidget, left: int) -> QWidget:
    """The widget, set in as far as the text in the frames of the fields."""
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(left, 0, left, 0)
    layout.addWidget(widget)
    return holder
