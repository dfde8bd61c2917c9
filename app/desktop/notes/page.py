"""The page of notes: the filter and the tree, as a list of the project's window."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.filter.bar import FilterBar
from app.desktop.filter.field import FilterField
from app.desktop.filter.marks import Mark
from app.desktop.filter.vocabulary import ProjectVocabulary
from app.desktop.lists.cells import Row
from app.desktop.lists.empty import EmptyPlace, EmptyWords
from app.desktop.lists.page import PageWords, brief, nothing_found, still_to_come
from app.desktop.notes.model import NotesModel
from app.desktop.notes.view import NoteView
from app.desktop.translate import number_text, tr, tr_count
from app.desktop.widgets import Button, ButtonKind, IconButton, Line, Look, Size, Surface, Text
from app.domain.schema import NOTE
from app.query.ast import And, Compare, Flag, Literal, Node, Op
from app.query.chips import added
from app.store.operations import Edit
from app.workspace.notes import NOTES, Spot

_TAGS = ("tag", "tags")


class NotesPage(Surface):
    """All notes of the project. It says what the user stands on; the window decides what to show of it."""

    row_chosen = Signal(object)
    """Emits the ``Row`` that the user stands on now, or None."""
    row_opened = Signal(object)
    """Emits the ``Row`` that was clicked."""
    row_entered = Signal(object)
    """Emits the ``Row`` on which Enter was pressed."""
    left = Signal()
    """Esc was pressed in the tree."""
    action_asked = Signal()
    summary_changed = Signal()
    menu_asked = Signal(QPoint)
    """Emits where on the screen the menu of what is selected is wanted."""
    today_asked = Signal()
    """Today's note is wanted."""

    def __init__(
        self, look: Look, model: NotesModel, words: PageWords, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, "surface", parent)
        self._look = look
        self._words = words
        self.model = model
        self._workspace = model.workspace
        self.filter = FilterField(
            look, words.filter_hint, completing=ProjectVocabulary(self._workspace, NOTE, self)
        )
        self.chips = FilterBar(look, self.filter)
        self.list = NoteView(look, model, words.title)
        self.today = IconButton(look, "calendar-blank", tr("Today's note"), key="Shift+D")
        self.action = Button(look, words.action, kind=ButtonKind.PRIMARY, key=words.action_key)
        self._problem = Text(look, size=Size.CAPTION, tone="danger", wrap=True)
        self._empty = EmptyPlace(look, words.empty)
        self._body = QStackedWidget()
        self._build()
        self._connect()

    def _build(self) -> None:
        look, metrics = self._look, self._look.theme.metrics
        bar = QHBoxLayout()
        bar.setContentsMargins(metrics.gap_large, 0, metrics.gap_large, 0)
        bar.setSpacing(metrics.gap_medium)
        bar.addWidget(Text(look, self._words.title, size=Size.TITLE))
        bar.addWidget(self.filter, 1)
        bar.addWidget(self.chips.button)
        bar.addWidget(self.today)
        bar.addWidget(self.action)
        self.action.setToolTip(f"{self._words.action} ({self._words.action_key})")
        self._bar = QWidget()
        self._bar.setLayout(bar)
        self._problem.hide()
        self._body.addWidget(self.list)
        self._body.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self._problem)
        layout.addWidget(self.chips)
        layout.addWidget(Line(look))
        layout.addWidget(self._body, 1)
        look.theme.changed.connect(self._resize_bar)
        self._resize_bar()
        chain = [self.filter, self.chips.button, self.today, self.action, self.list]
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)

    def _resize_bar(self) -> None:
        self._bar.setFixedHeight(self._look.theme.metrics.bar - 1)

    def _connect(self) -> None:
        self.filter.filter_changed.connect(self.set_filter)
        self.filter.left.connect(self._to_list)
        self.chips.left.connect(self._to_list)
        self.list.chosen.connect(self.row_chosen)
        self.list.opened.connect(self.row_opened)
        self.list.entered_row.connect(self.row_entered)
        self.list.left.connect(self.left)
        self.list.selection_changed.connect(self.summary_changed)
        self.list.tag_pressed.connect(self.filter_by_tag)
        self.list.renamed.connect(self._rename)
        self.list.menu_asked.connect(self.menu_asked)
        self.model.changed.connect(self._show_state)
        self.today.clicked.connect(lambda _checked=False: self.today_asked.emit())
        self.action.clicked.connect(lambda _checked=False: self.action_asked.emit())
        self._empty.asked.connect(self._next_step)

    # What it shows

    @property
    def kind(self) -> str:
        """The kind of its records."""
        return NOTE

    @property
    def title(self) -> str:
        """The page's title."""
        return self._words.title

    def load(self) -> None:
        """Read the notes, in steps, then show them."""
        if self.model.loaded:
            self._show_state()
        else:
            self.model.load()

    def refresh(self) -> None:
        """Lay the lines out again; selection and place stay where they can."""
        self.model.rebuild()

    def set_filter(self, text: str) -> None:
        """Show only what fits ``text``, with what stands above it."""
        if self.filter.text() != text:
            self.filter.setText(text)
        self.model.ask(text)

    def filter_by_tag(self, tag: str) -> None:
        """Show only the notes with a tag, beside what is asked already."""
        condition = Compare("tag", Op.HAS, (Literal(tag),)).to_text()
        self.set_filter(added(self.filter.text(), condition))

    def _show_state(self) -> None:
        """Say what is wrong with the filter, and what stands there when nothing was found."""
        if not self.model.loaded:
            return
        self._show_marks()
        if self.model.lines:
            self._body.setCurrentWidget(self.list)
        else:
            found_nothing = bool(self.model.text.strip()) and self.model.tree.size > 0
            self._empty.set_words(nothing_found() if found_nothing else self._empty_words())
            self._body.setCurrentWidget(self._empty)
        self.summary_changed.emit()

    def _show_marks(self) -> None:
        answer = self.model.live.answer if self.model.text.strip() else None
        errors = [Mark(*each.span, _sentence(each.message)) for each in answer.errors] if answer else []
        nodes = self.model.live.query.nodes() if answer else ()
        understood = [
            Mark(*node.span)
            for node in nodes
            if isinstance(node, Compare | Flag)
            and not any(node.span[0] < mark.end and mark.start < node.span[1] for mark in errors)
        ]
        self.filter.set_marks([*understood, *errors])
        self.chips.follow((*understood, *errors))
        # What is still being typed is completed below the field, and is no mistake yet.
        wrong = [mark for mark in errors if not self.filter.is_being_typed(mark)]
        first = wrong[0].message if wrong else ""
        self._problem.setText(brief(first))
        self._problem.setToolTip(first)
        self._problem.setVisible(bool(wrong))
        if wrong:
            metrics = self._look.theme.metrics
            left = self.filter.mapTo(self, QPoint(metrics.gap, 0)).x()
            self._problem.setContentsMargins(left, 0, metrics.gap_large, metrics.gap)

    def _empty_words(self) -> EmptyWords:
        return self._words.empty if self._workspace.has_come else still_to_come()

    def keep(self, record: bytes | None) -> None:
        """Keep the line of an open note, whatever the filter says."""
        self.model.keep(record)

    def stand_on(self, record: bytes) -> bool:
        """Select the line of a note."""
        return self.list.select_key(record)

    def summary(self) -> str:
        """Selection and totals, for the right of the bottom line."""
        if not self.model.loaded:
            return ""
        chosen = self.list.selected_keys()
        if len(chosen) > 1:
            return tr_count("%n selected", "%n selected", len(chosen))
        found, total = self.model.found, self.model.count
        if found != total:
            return tr("{shown} of {total} shown").format(shown=number_text(found), total=number_text(total))
        return self._words.count(total)

    @property
    def front(self) -> NoteView:
        """What shows the notes, as the window uses it."""
        return self.list

    def selected_rows(self) -> list[Row]:
        """All selected notes."""
        return self.list.selected_rows()

    def selected_records(self) -> list[bytes]:
        """The selected notes."""
        return self.list.selected_keys()

    # Making and naming

    def new_fields(self) -> dict[str, Any]:
        """What a new note has because of where the user stands: its place, and the tags that are filtered by."""
        current = self.list.current
        tree = self.model.tree
        fields: dict[str, Any] = {"tags": self._filtered_tags()}
        if current is None or current not in tree or tree.is_template(current):
            return fields
        if tree.parent(current) is not None or tree.group(current) == NOTES:
            return fields | self._at(tree.spot_of(current))
        return fields

    def child_fields(self, parent: bytes) -> dict[str, Any]:
        """What a new note has that stands last below another."""
        return {"tags": self._filtered_tags(), **self._at(Spot(self.model.tree.group(parent), parent))}

    def _at(self, spot: Spot) -> dict[str, Any]:
        rank, moved = self.model.tree.rank_at(spot)
        if moved:
            # Two notes of one order stand where it goes: they make room first.
            self.model.write({record: [Edit("order", order)] for record, order in moved.items()})
        return {"parent": spot.parent, "order": rank}

    def _filtered_tags(self) -> list[str]:
        """The tags of the filter, where it asks for nothing but these together."""
        where = self.model.live.query.where if self.model.text.strip() else None
        parts: tuple[Node, ...] = where.parts if isinstance(where, And) else () if where is None else (where,)
        return [
            each.values[0].text
            for each in parts
            if isinstance(each, Compare)
            and each.field in _TAGS
            and len(each.values) == 1
            and isinstance(each.values[0], Literal)
        ]

    def rename(self) -> bool:
        """Let the title of the note that the user stands on be typed in its line."""
        return self.list.rename()

    def _rename(self, record: bytes, title: str) -> None:
        self.model.write({record: [Edit("title", title or None)]})

    def finish(self) -> None:
        """Take what is being typed."""
        self.list.finish()

    # What happens

    def _next_step(self) -> None:
        if self.model.text.strip() and self.model.tree.size:
            self.set_filter("")
            self._to_list()
        else:
            self.action_asked.emit()

    def _to_list(self) -> None:
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:]
