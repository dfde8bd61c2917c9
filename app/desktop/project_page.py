"""The window of one project: side bar, the page in the middle, the item at the right, the bottom line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.aside import bring_back
from app.desktop.desk.page import DeskPage
from app.desktop.importing.dropping import TableDrop
from app.desktop.lists.cells import Row
from app.desktop.merging.panel import merge_selected
from app.desktop.notes.model import NotesModel
from app.desktop.notes.page import NotesPage
from app.desktop.notes.shelf import NoteShelf
from app.desktop.page_set import AnyPage, PageSet
from app.desktop.places import (
    ARCHIVE,
    ATTENTION,
    CONFLICTS,
    DESK_PLACES,
    ISSUES,
    LISTS,
    NOTES,
    SYNC,
    TRASH,
    footer_entries,
    side_entries,
)
from app.desktop.reporter import KIND_PLACES, Reporter, single_shot
from app.desktop.session import SyncPhase, SyncView
from app.desktop.side_bar import SideBar
from app.desktop.status_line import StatusLine
from app.desktop.translate import tr
from app.desktop.views.views import Views
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE

_FOLLOW_MS = 30
_ROOM = 760
_ROOM_WITH_ITEM = 1100


MakePanel = Callable[[Look, Workspace], QWidget]


class ProjectPage(QWidget):
    """One open project on the screen."""

    page_changed = Signal(str)
    closing = Signal()
    """The project is about to be closed or left."""
    switcher_pressed = Signal()
    sync_pressed = Signal()
    export_asked = Signal()
    """What is shown is to be written into a file."""
    table_dropped = Signal(object)
    """Emits the path of a table that was dropped on what is shown: the window takes it in."""
    page_asked = Signal(str)
    """Emits the name of a page that is not a list: the window makes it."""
    command_asked = Signal(str)
    """Emits the name of a command that a button of a page stands for."""
    note_menu_asked = Signal(QPoint)
    """Emits where on the screen the menu of the selected notes is wanted."""

    def __init__(
        self,
        look: Look,
        workspace: Workspace,
        make_panel: MakePanel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self.workspace = workspace
        self._make_panel = make_panel
        self._panel: QWidget | None = None
        self._open_record: bytes | None = None
        self.notes = NotesModel(workspace, self)
        self._set = PageSet(look, workspace, self.notes)
        self._lists: dict[str, AnyPage] = {}
        self._other: QWidget | None = None
        self._page = ""
        self._crowded = False
        self._narrow_by_choice = False
        self.side_bar = SideBar(look, workspace.info.name, side_entries(), footer_entries(), self)
        self.views = Views(look, workspace, self.side_bar, self)
        self.shelf = NoteShelf(look, self.notes)
        self.side_bar.insert(self.shelf, tr("Project"))
        self.notes.changed.connect(lambda: self.side_bar.set_count(NOTES, self.notes.count))
        self.notes.load()
        self.stack = QStackedWidget()
        self.stack.setMinimumWidth(320)
        TableDrop(self.stack).dropped.connect(self.table_dropped)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.stack)
        self.status = StatusLine(look)
        self._build()
        self._summary = single_shot(self, 0, self._show_summary)
        self._follow = single_shot(self, _FOLLOW_MS, self._follow_row)
        self.reporter = Reporter(workspace, self.side_bar, self.status, self)
        self.reporter.counted.connect(self._counted)
        self.show_page(ISSUES)
        QTimer.singleShot(0, self.reporter, self.reporter.count)

    def _build(self) -> None:
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.side_bar)
        middle.addWidget(self.splitter, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(middle, 1)
        layout.addWidget(self.status)
        self.side_bar.page_asked.connect(self.show_page)
        self.views.open_asked.connect(self.show_view)
        self.views.state_changed.connect(lambda: self.views.mark(self._page))
        self.views.left.connect(self._focus_list)
        self.shelf.open_asked.connect(self._open_note)
        self.side_bar.switcher_pressed.connect(self.switcher_pressed)
        self.status.sync_pressed.connect(lambda: self.show_page(SYNC))
        self._look.theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        palette = self.splitter.palette()
        palette.setColor(QPalette.ColorRole.Window, self._look.theme.color("line"))
        self.splitter.setPalette(palette)
        self.splitter.setAutoFillBackground(True)
        self.splitter.setHandleWidth(1)

    def start(self) -> None:
        """Put the focus where work begins."""
        self._focus_list()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_side_bar()

    def _fit_side_bar(self) -> None:
        """Show only the icons of the side bar where list and item need its room."""
        needed = _ROOM_WITH_ITEM if self._open_record is not None else _ROOM
        crowded = self.width() < needed
        if crowded != self._crowded:
            self._crowded = crowded
            self.side_bar.set_narrow(crowded or self._narrow_by_choice)

    def toggle_side_bar(self) -> None:
        """The user wants the side bar the other way."""
        self._narrow_by_choice = not self.side_bar.narrow
        self.side_bar.set_narrow(self._narrow_by_choice)

    # Pages

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return self._page

    @property
    def list_page(self) -> AnyPage | None:
        """The list that is shown, if it is one."""
        return self._lists.get(self._page)

    @property
    def panel(self) -> QWidget | None:
        """The item panel, once it was needed."""
        return self._panel

    @property
    def open_record(self) -> bytes | None:
        """The record in the item panel."""
        return self._open_record

    def show_page(self, name: str) -> None:
        """Show a list; for other pages ask the window."""
        if name not in LISTS:
            self.views.mark(self._page)
            self.page_asked.emit(name)
            return
        self.views.leave(name)
        if name == self._page:
            self._focus_list()
            return
        self._show_list(name)

    def show_view(self, record: bytes) -> None:
        """Show a saved view, on the list of its kind."""
        view = self.views.keeper.find(record)
        if view is None:
            return
        place = DESK_PLACES[view.spec.kind]
        if place != self._page:
            self._show_list(place)
        else:
            self.close_item()
        self.views.keeper.open(view)
        self._focus_list()

    def _show_list(self, name: str) -> None:
        self.close_item()
        page = self._lists.get(name)
        if page is None:
            page = self._set.build(name)
            self._lists[name] = page
            self._connect(page)
            self.stack.addWidget(page)
        self._page = name
        self.views.mark(name)
        self.stack.setCurrentWidget(page)
        self._drop_other()
        page.load()
        self._focus_list()
        self._show_summary()
        self.page_changed.emit(name)

    def show_other(self, name: str, widget: QWidget) -> None:
        """Show a page that is not a list in the middle; ``back`` leads to the list again."""
        self.close_item()
        self._drop_other()
        self._other = widget
        self.stack.addWidget(widget)
        self.stack.setCurrentWidget(widget)
        self._page = name
        self.views.mark(name)
        self.status.set_summary("")
        self.page_changed.emit(name)

    def _drop_other(self) -> None:
        if self._other is not None:
            self.stack.removeWidget(self._other)
            self._other.deleteLater()
            self._other = None

    def _connect(self, page: AnyPage) -> None:
        if isinstance(page, DeskPage):
            self.views.attach(page)
            page.bulk.merge_asked.connect(lambda: merge_selected(page, self.tell))
        if isinstance(page, NotesPage):
            page.menu_asked.connect(self.note_menu_asked)
            page.today_asked.connect(lambda: self.command_asked.emit("today"))
        page.row_chosen.connect(lambda row: self._row_chosen(row) if page is self.list_page else None)
        page.row_opened.connect(self._open_row)
        page.row_entered.connect(self._row_entered)
        page.left.connect(self.step_back)
        page.summary_changed.connect(self._summary.start)
        page.action_asked.connect(self.page_action)

    def _focus_list(self) -> None:
        page = self.list_page
        if page is not None:
            page.front.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._other is not None:
            inner: QWidget | None = self._other.focusWidget()
            front = self._other if inner is None else inner
            front.setFocus(Qt.FocusReason.OtherFocusReason)

    def page_action(self) -> None:
        """Do what the button of the page does."""
        if self._page in (ARCHIVE, TRASH):
            self.restore_selected()
        else:
            kinds = {name: kind for kind, name in KIND_PLACES.items()}
            self.create_record(kinds.get(self._page, ISSUE))

    # The item

    def _row_chosen(self, row: Row | None) -> None:
        if self._open_record is None:
            return
        if row is None or row.record is None:
            self.close_item()
        else:
            # The row is marked in the same frame; the item follows when the user rests on it.
            self._follow.start()

    def _follow_row(self) -> None:
        page = self.list_page
        row = page.front.current_row() if page is not None else None
        if self._open_record is not None and row is not None and row.record is not None:
            self.open_item(row.record)

    def _open_row(self, row: Row) -> None:
        if row.record is not None:
            self.open_item(row.record)

    def _row_entered(self, row: Row) -> None:
        """Enter opens beside the list; Enter again shows the item alone."""
        if row.record is None:
            return
        if self._open_record == row.record:
            self.show_alone(True)
            assert self._panel is not None
            self._panel.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.open_item(row.record)

    def open_item(self, record: bytes) -> None:
        """Show a record beside the list."""
        panel = self._ensure_panel()
        page = self.list_page
        if page is not None:
            page.keep(record)
            row = page.front.current_row()
            if row is None or row.record != record:
                page.stand_on(record)
        if record != self._open_record:
            self._open_record = record
            panel.show_record(record)  # type: ignore[attr-defined]
            self.shelf.set_current(record)
        if not panel.isVisible():
            panel.show()
            self._fit_side_bar()
            self._share_width()

    def enter_item(self) -> None:
        """Put the focus into the item that is shown."""
        if self._panel is not None and self._open_record is not None:
            self._panel.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_note(self, record: bytes) -> None:
        """A note of the side bar is pressed: it opens beside the tree."""
        if self._page != NOTES:
            self.show_page(NOTES)
        self.open_item(record)

    def show_history(self) -> None:
        """Show the history of the text of what is selected, or open."""
        records = self.selected_records()
        record = records[0] if len(records) == 1 else self._open_record
        if record is not None:
            self.open_item(record)
            assert self._panel is not None
            self._panel.show_history()  # type: ignore[attr-defined]

    def write_comment(self, record: bytes) -> None:
        """Show a record with the cursor in the box for a new comment."""
        self.open_item(record)
        assert self._panel is not None
        self._panel.write_comment()  # type: ignore[attr-defined]

    def edit_item(self, record: bytes | None) -> None:
        """Show a record with the cursor in its title."""
        if record is not None:
            self.open_item(record)
            assert self._panel is not None
            self._panel.focus_title()  # type: ignore[attr-defined]

    def _ensure_panel(self) -> QWidget:
        if self._panel is None:
            panel = self._make_panel(self._look, self.workspace)
            panel.closed.connect(self.step_back)  # type: ignore[attr-defined]
            panel.previous_requested.connect(lambda: self.move_by(-1))  # type: ignore[attr-defined]
            panel.next_requested.connect(lambda: self.move_by(1))  # type: ignore[attr-defined]
            panel.record_opened.connect(self.open_item)  # type: ignore[attr-defined]
            panel.setMinimumWidth(320)
            panel.hide()
            self.splitter.addWidget(panel)
            self.splitter.setStretchFactor(0, 3)
            self.splitter.setStretchFactor(1, 2)
            self._panel = panel
        return self._panel

    def _share_width(self) -> None:
        width = self.splitter.width()
        panel = max(360, round((self.width() - self.side_bar.width()) * 0.4))
        self.splitter.setSizes([width - panel, panel])

    def show_alone(self, alone: bool) -> None:
        """Give the item the list's place too, or take it back."""
        self.stack.setVisible(not alone)

    def step_back(self) -> None:
        """One step back: from the item alone to both, from both to the list."""
        if not self.stack.isVisible() and self.isVisible():
            self.show_alone(False)
            self._share_width()
        else:
            self.close_item()
        self._focus_list()

    def close_item(self) -> None:
        """Close the item panel."""
        self.show_alone(False)
        if self._panel is not None and self._open_record is not None:
            self._open_record = None
            self.shelf.set_current(None)
            self._panel.show_record(None)  # type: ignore[attr-defined]
            self._panel.hide()
            self._fit_side_bar()
            page = self.list_page
            if page is not None:
                page.keep(None)

    def move_by(self, step: int) -> None:
        """Stand on another row; an open item follows."""
        page = self.list_page
        if page is not None:
            page.front.move_by(step)

    def create_record(self, kind: str, fields: Mapping[str, Any] | None = None) -> None:
        """Make a record, open it, and put the cursor into its title. Without ``fields`` it has those of the page."""
        name = KIND_PLACES[kind]
        if self._page != name:
            self.show_page(name)
        page = self.list_page
        assert page is not None
        if fields is None:
            fields = page.new_fields() if isinstance(page, DeskPage | NotesPage) else {}
        record = self.workspace.create(kind, fields)
        if record is None:
            return
        page.keep(record)
        page.refresh()
        page.stand_on(record)
        self.open_item(record)
        assert self._panel is not None
        self._panel.focus_title()  # type: ignore[attr-defined]

    def selected_records(self) -> list[bytes]:
        """The records of the selected rows."""
        page = self.list_page
        return page.selected_records() if page is not None else []

    def delete_selected(self) -> None:
        """Move the selected records to the trash; undo brings them back."""
        if self._page in KIND_PLACES.values():
            self.workspace.delete(self.selected_records())

    def restore_selected(self) -> None:
        """Take what is selected out of the trash or the archive."""
        if self._page == ARCHIVE:
            bring_back(self)
        elif self._page == TRASH:
            self.workspace.restore(self.selected_records())

    # The bottom line

    def set_sync(self, view: SyncView) -> None:
        """Follow the sync thread."""
        self.reporter.set_sync(view)

    def say(self, sentence: str) -> None:
        """Tell for a while what could not be done."""
        self.reporter.say(sentence)

    def tell(self, sentence: str) -> None:
        """Tell for a while what was done."""
        self.reporter.tell(sentence)

    def show_line(self, line: QWidget) -> None:
        """Show a line of words over the bottom line until it is deleted."""
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(layout.count() - 1, line)

    def _show_summary(self) -> None:
        page = self.list_page
        self.status.set_summary(page.summary() if page is not None else "")

    def _counted(self) -> None:
        page = self.list_page
        if page is not None and self._page in (CONFLICTS, ATTENTION, TRASH):
            page.refresh()

    def server_changed(self, address: str) -> None:
        """The project has another server, or none."""
        self.workspace.info = replace(self.workspace.info, server=address)
        phase = SyncPhase.OFFLINE if address else SyncPhase.ALONE
        self.set_sync(replace(self.reporter.sync, phase=phase))

    def finish(self) -> None:
        """Write down what is being typed, and rest: the project is about to be closed or left."""
        self.closing.emit()
        page = self.list_page
        if isinstance(page, DeskPage):
            page.edit.accept()
        elif isinstance(page, NotesPage):
            page.finish()
        if self._panel is not None:
            self._panel.show_record(None)  # type: ignore[attr-defined]
        self._summary.stop()
        self._follow.stop()
        self.reporter.stop()
        self.workspace.stop()
