"""What can be done with notes in a project's window: days, templates, moves, and what becomes of notes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu, QTextEdit, QWidget

from app.desktop.notes.page import NotesPage
from app.desktop.places import ISSUES, NOTES
from app.desktop.reporter import KIND_PLACES
from app.desktop.translate import tr, tr_count
from app.domain.schema import ISSUE, NOTE
from app.store.operations import Edit
from app.workspace.daily import open_daily
from app.workspace.notes import Spot
from app.workspace.templates import Moment, make_from, person_name, templates
from app.workspace.turning import lines_to_issues, turn, unticked
from sync.errors import SitebookError

if TYPE_CHECKING:
    from app.desktop.project_page import ProjectPage
    from app.store.touched import Touched

_Made = TypeVar("_Made")


class NoteActions:
    """The actions of one project's page."""

    def __init__(self, page: ProjectPage) -> None:
        self._page = page

    @property
    def notes(self) -> NotesPage | None:
        """The page of notes, where it is shown."""
        shown = self._page.list_page
        return shown if isinstance(shown, NotesPage) else None

    def _moment(self) -> Moment:
        workspace = self._page.workspace
        person = person_name(workspace.source, workspace.me)
        return Moment(workspace.now(), workspace.source.name, person)

    def _do(self, make: Callable[[], tuple[_Made, Touched]]) -> _Made | None:
        """Do something that writes; what cannot be done is said. None where it could not."""
        page = self._page
        finish = getattr(page.panel, "finish", None)
        if finish is not None and page.open_record is not None:
            finish()
        try:
            made, touched = make()
        except SitebookError as error:
            page.say(str(error))
            return None
        page.workspace.written(touched)
        return made

    # Making

    def today(self) -> None:
        """Open today's note; it is made where there is none."""
        source, moment = self._page.workspace.source, self._moment()
        note = self._do(lambda: open_daily(source, moment.now.date(), moment))
        if note is not None:
            self._open(NOTES, note)
            text = getattr(self._page.panel, "text", None)
            if isinstance(text, QWidget):
                text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open(self, place: str, record: bytes) -> None:
        if self._page.page != place:
            self._page.show_page(place)
        self._page.open_item(record)

    def new_child(self) -> None:
        """Make a note below the one that the user stands on."""
        notes = self.notes
        current = self._current()
        if notes is None or current is None:
            self._page.create_record(NOTE)
            return
        notes.model.set_closed([current], False)
        self._page.create_record(NOTE, notes.child_fields(current))

    def choose_template(self) -> None:
        """Offer the templates; the one that is chosen becomes a note or an issue."""
        page = self._page
        menu = QMenu(page)
        menu.setAccessibleName(tr("New from template"))
        for kind, title in ((NOTE, tr("Notes")), (ISSUE, tr("Issues"))):
            found = templates(page.workspace.source, kind)
            if found:
                menu.addSection(title)
            for record, name in found:
                menu.addAction(name or tr("Untitled"), partial(self.make_from, record))
        if menu.isEmpty():
            nothing = menu.addAction(tr("No templates yet: tick “Template” in a note or an issue"))
            nothing.setEnabled(False)
        button = page.list_page.action if page.list_page is not None else None
        at = (
            button.mapToGlobal(QPoint(0, button.height() + 4))
            if button is not None
            else page.mapToGlobal(page.rect().center())
        )
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)
        first = next((each for each in menu.actions() if each.isEnabled() and not each.isSeparator()), None)
        if first is not None:
            menu.setActiveAction(first)

    def make_from(self, template: bytes) -> None:
        """Make a note or an issue from a template, and put the cursor into its title."""
        source, moment = self._page.workspace.source, self._moment()
        made = self._do(lambda: make_from(source, template, moment))
        if made is not None:
            kind = source.kind_of(made) or NOTE
            self._open(KIND_PLACES[kind], made)
            self._page.edit_item(made)

    # Where notes stand

    def _current(self) -> bytes | None:
        notes = self.notes
        if notes is None:
            return None
        current = notes.list.current
        return current if current in notes.model.tree else None

    def can_move(self) -> bool:
        """Whether the tree has the keys, and notes to move."""
        notes = self.notes
        return notes is not None and notes.list.hasFocus() and bool(notes.selected_records())

    def shift(self, way: str) -> None:
        """Move what is selected: ``in``, ``out``, ``up`` or ``down``."""
        notes, current = self.notes, self._current()
        if notes is None or current is None:
            return
        tree = notes.model.tree
        chosen = tree.outermost(notes.selected_records() or [current])
        edge = chosen[-1] if way == "down" else chosen[0]
        spots: dict[str, Callable[[bytes], Spot | None]] = {
            "in": tree.indented,
            "out": tree.outdented,
            "up": lambda record: tree.stepped(record, -1),
            "down": lambda record: tree.stepped(record, 1),
        }
        spot = spots[way](edge)
        if spot is not None and notes.model.move(chosen, spot):
            notes.list.landed(chosen, spot)

    def fold(self, *, closed: bool) -> None:
        """Close every note that has others below it, or open them all."""
        notes = self.notes
        if notes is not None:
            notes.model.close_all(closed)

    def pin(self) -> None:
        """Pin the selected notes; where all of them are pinned, unpin them."""
        self._page.notes.pin(self._notes())

    def mark_template(self) -> None:
        """Make templates of the selected notes; where all of them are, make notes of them again."""
        model = self._page.notes
        chosen = self._notes()
        value = None if all(map(model.tree.is_template, chosen)) else True
        model.write({each: [Edit("template", value)] for each in chosen})

    def _notes(self) -> list[bytes]:
        """The notes that are selected, or the one that is open."""
        page = self._page
        frame = page.workspace.columns.frame(NOTE)
        opened = [] if page.open_record is None else [page.open_record]
        return [each for each in page.selected_records() or opened if frame.row(each) is not None]

    def has_notes(self) -> bool:
        """Whether notes are selected, or one is open."""
        return bool(self._notes())

    # What becomes of notes

    def _one(self) -> bytes | None:
        """The one note or issue that is open or selected."""
        page = self._page
        chosen = page.selected_records()
        record = page.open_record or (chosen[0] if len(chosen) == 1 else None)
        if record is None:
            return None
        columns = page.workspace.columns
        there = any(columns.frame(kind).row(record) is not None for kind in (NOTE, ISSUE))
        return record if there else None

    def can_turn(self) -> bool:
        """Whether one note or one issue is open or selected."""
        return self._one() is not None

    def turn(self) -> None:
        """Make an issue of a note, or a note of an issue, and show what was made."""
        record, source = self._one(), self._page.workspace.source
        made = None if record is None else self._do(lambda: turn(source, record))
        if made is None:
            return
        to_issue = source.kind_of(made) == ISSUE
        self._open(ISSUES if to_issue else NOTES, made)
        self._page.tell(
            tr("An issue was made of the note, which is kept and refers to it.")
            if to_issue
            else tr("A note was made of the issue, which is kept and refers to it.")
        )

    def can_split(self) -> bool:
        """Whether the text of what is open has unticked lines."""
        record, source = self._one(), self._page.workspace.source
        return record is not None and bool(unticked(source, source.text_document(record)))

    def split(self) -> None:
        """Make issues of the unticked lines of the text that is open: of the selected ones, else of all."""
        record, source = self._one(), self._page.workspace.source
        if record is None:
            return
        span = self._text_selection() if record == self._page.open_record else None
        issues = self._do(lambda: lines_to_issues(source, record, span))
        if issues:
            made = tr_count("%n issue made", "%n issues made", len(issues))
            # In a text that key takes back what was typed there.
            typing = isinstance(QApplication.focusWidget(), QTextEdit)
            back = tr("Esc, then Ctrl+Z takes it back") if typing else tr("Ctrl+Z takes it back")
            self._page.tell(f"{made}; {back}")

    def _text_selection(self) -> tuple[int, int] | None:
        """What is selected in the text of the item, in code points; None where nothing is."""
        editor = getattr(getattr(self._page.panel, "text", None), "editor", None)
        selection = getattr(editor, "selection", None)
        if selection is None:
            return None
        start, stop = selection()
        return (start, stop) if stop > start else None
