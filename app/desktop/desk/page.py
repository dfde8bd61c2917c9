"""The page of a desk: tool line, filter, and the answer as a table, a list or whatever layout was added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.desk.answer import LiveAnswer
from app.desktop.desk.bulk_bar import BulkBar
from app.desktop.desk.chooser import ColumnChooser
from app.desktop.desk.columns import find_spec
from app.desktop.desk.edit import CellEdit
from app.desktop.desk.heading import Heading
from app.desktop.desk.paint import sum_text
from app.desktop.desk.showing import Showing
from app.desktop.desk.table import Table
from app.desktop.filter.bar import FilterBar
from app.desktop.filter.field import FilterField
from app.desktop.filter.marks import Mark
from app.desktop.filter.vocabulary import ProjectVocabulary
from app.desktop.lists.cells import Row
from app.desktop.lists.empty import EmptyPlace, EmptyWords
from app.desktop.lists.page import PageWords, brief, nothing_found, still_to_come
from app.desktop.translate import number_text, tr, tr_count
from app.desktop.widgets import Button, ButtonKind, Line, Look, Size, Surface, Text
from app.desktop.workspace import Workspace
from app.domain.schema import FieldType
from app.query.ast import Compare, Flag
from app.query.totals import add_up
from app.workspace.views import ViewSpec


class DeskPage(Surface):
    """The records of one kind. It says what the user stands on; the window decides what to show of it.

    ``spec`` is all that a saved view keeps; the text of its query is the one truth for filter, order and groups.
    """

    row_chosen = Signal(object)
    """Emits the ``Row`` that the user stands on now, or None."""
    row_opened = Signal(object)
    """Emits the ``Row`` that was clicked."""
    row_entered = Signal(object)
    """Emits the ``Row`` on which Enter was pressed."""
    left = Signal()
    """Esc was pressed in the list."""
    action_asked = Signal()
    summary_changed = Signal()
    spec_changed = Signal(object)
    """Emits the ``ViewSpec`` that is shown from now on, whoever changed it."""

    def __init__(
        self,
        look: Look,
        workspace: Workspace,
        kind: str,
        words: PageWords,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, "surface", parent)
        self.look = look
        self.workspace = workspace
        self._words = words
        self._spec = ViewSpec(kind)
        self._loaded = False
        vocabulary = ProjectVocabulary(workspace, kind, self)
        self.filter = FilterField(look, words.filter_hint, completing=vocabulary)
        self.chips = FilterBar(look, self.filter)
        self.list = Table(look, workspace, kind, words.title)
        self.live = LiveAnswer(workspace, kind, eager=True, parent=self)
        self.showing = Showing(self.list, self.live)
        self.heading = Heading(self)
        self.chooser = ColumnChooser(self)
        self.edit = CellEdit(look, self.list)
        self.bulk = BulkBar(look, self.list, self.edit, words.count)
        self._empty = EmptyPlace(look, words.empty)
        self._body = QStackedWidget()
        self._layouts: dict[str, Callable[[DeskPage], QWidget]] = {}
        self._made: dict[str, Any] = {}
        self._build()
        self._connect()

    def _build(self) -> None:
        look, words = self.look, self._words
        metrics = look.theme.metrics
        bar = QHBoxLayout()
        bar.setContentsMargins(metrics.gap_large, 0, metrics.gap_large, 0)
        bar.setSpacing(metrics.gap_medium)
        self._title = Text(look, words.title, size=Size.TITLE)
        bar.addWidget(self._title)
        bar.addWidget(self.filter, 1)
        bar.addWidget(self.chips.button)
        bar.addWidget(self.chips.button)
        self.tools = QHBoxLayout()
        """What changes how the answer is shown stands here."""
        self.tools.setSpacing(metrics.gap_small)
        bar.addLayout(self.tools)
        self.action = Button(
            look, words.action, kind=ButtonKind.PRIMARY, key=words.action_key, icon=words.action_icon
        )
        self.action.setVisible(bool(words.action))
        if words.action_key:
            self.action.setToolTip(f"{words.action} ({words.action_key})")
        bar.addWidget(self.action)
        self._bar = QWidget()
        self._bar.setLayout(bar)
        self._problem = Text(look, size=Size.CAPTION, tone="danger", wrap=True)
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
        layout.addWidget(self.bulk)
        look.theme.changed.connect(self._resize_bar)
        self._resize_bar()
        self.order_tabs()

    def _resize_bar(self) -> None:
        self._bar.setFixedHeight(self.look.theme.metrics.bar - 1)

    def order_tabs(self) -> None:
        """The Tab key follows the eye: filter, tools, button, heads, rows."""
        items = [self.tools.itemAt(at) for at in range(self.tools.count())]
        tools = [widget for item in items if item is not None and (widget := item.widget()) is not None]
        chain = [self.filter, self.chips.button, *tools, self.action, self.list.head, self.list]
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)

    def _connect(self) -> None:
        self.filter.filter_changed.connect(self.set_filter)
        self.filter.left.connect(self._to_list)
        self.chips.left.connect(self._to_list)
        self.list.chosen.connect(self.row_chosen)
        self.list.opened.connect(self.row_opened)
        self.list.entered_row.connect(self.row_entered)
        self.list.left.connect(self.left)
        self.list.selection_changed.connect(self.summary_changed)
        self.showing.shown.connect(self._show_state)
        self.edit.begun.connect(self.showing.holding.hold)
        self.bulk.cleared.connect(self._select_nothing)
        self.action.clicked.connect(lambda _checked=False: self.action_asked.emit())
        self._empty.asked.connect(self._next_step)

    # What it shows

    @property
    def kind(self) -> str:
        """The kind of its records."""
        return self._spec.kind

    @property
    def title(self) -> str:
        """The page's title."""
        return self._title.text()

    def set_title(self, title: str) -> None:
        """Say another title: that of the view that is shown."""
        self._title.setText(title)

    @property
    def spec(self) -> ViewSpec:
        """What is shown and how."""
        return self._spec

    @spec.setter
    def spec(self, spec: ViewSpec) -> None:
        spec = replace(spec, kind=self._spec.kind)
        if spec == self._spec:
            return
        self._spec = spec
        if self.filter.text() != spec.query:
            self.filter.setText(spec.query)
        self._show_layout()
        if self._loaded:
            self.showing.show_spec(spec)
        self.spec_changed.emit(spec)

    def change(self, **parts: object) -> None:
        """Change parts of the ``spec``."""
        self.spec = replace(self._spec, **parts)  # type: ignore[arg-type]

    def add_layout(self, name: str, make: Callable[[DeskPage], QWidget]) -> None:
        """Show what ``make`` gives in place of the table while the spec's layout has this name."""
        self._layouts[name] = make
        self._show_layout()

    def layout_widget(self) -> QWidget:
        """What shows the answer: the table, or what was added for the layout."""
        name = self._spec.layout
        if name not in self._layouts:
            return self.list
        if name not in self._made:
            self._made[name] = self._layouts[name](self)
            self._body.addWidget(self._made[name])
        made: QWidget = self._made[name]
        return made

    @property
    def front(self) -> Any:
        """What shows the answer now, as the window uses it: the ``Table``, or a layout that does the same."""
        return self.layout_widget()

    def _show_layout(self) -> None:
        if self._body.currentWidget() is not self._empty:
            self._body.setCurrentWidget(self.layout_widget())

    def choose_columns(self, below: QWidget) -> None:
        """Offer every column there is, in a list below a button."""
        self.chooser.open(below)

    def load(self) -> None:
        """Read what is needed, in steps, then show it."""
        if self._loaded:
            self.refresh()
            return
        self._loaded = True
        self.showing.show_spec(self._spec)

    def refresh(self) -> None:
        """Answer again; rows, selection and place stay where they can."""
        self.live.refresh()
        self.showing.rebuild()
        self._show_state()

    def set_filter(self, text: str) -> None:
        """Show only what fits ``text``, in its order and groups."""
        self.change(query=text)

    def sort_by(self, path: str) -> None:
        """Sort by a column; in the other direction, then no more, if it is that one already."""
        self.heading.sort(path, further=False)

    def _show_state(self) -> None:
        """Say what is wrong with the query, and what stands there when nothing was found."""
        answer = self.live.answer
        if answer is None:
            return
        self._show_marks()
        self.list.head.set_sorting(self._sorting())
        if len(self.list.lines):
            self._body.setCurrentWidget(self.layout_widget())
        else:
            found_nothing = self.live.query.where is not None and len(self.live.frame) > 0
            self._empty.set_words(nothing_found() if found_nothing else self._empty_words())
            self._body.setCurrentWidget(self._empty)
        self.summary_changed.emit()

    def _sorting(self) -> list[tuple[str, bool]]:
        columns = self.workspace.columns
        found = [
            (find_spec(columns, self.kind, each.field), each.descending) for each in self.live.query.sort
        ]
        return [(spec.path, down) for spec, down in found if spec is not None]

    def _show_marks(self) -> None:
        assert self.live.answer is not None
        errors = [Mark(*each.span, _sentence(each.message)) for each in self.live.answer.errors]
        understood = [
            Mark(*node.span)
            for node in self.live.query.nodes()
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
            metrics = self.look.theme.metrics
            left = self.filter.mapTo(self, QPoint(metrics.gap, 0)).x()
            self._problem.setContentsMargins(left, 0, metrics.gap_large, metrics.gap)

    def _empty_words(self) -> EmptyWords:
        """What stands in a list without entries; a project just joined has not come yet."""
        return self._words.empty if self.workspace.has_come else still_to_come()

    # What is selected

    def keep(self, record: bytes | None) -> None:
        """Keep the row of an open record in the list, whatever the filter says."""
        self.showing.keep(record)
        for layout in self._made.values():
            layout.keep(record)

    def stand_on(self, record: bytes) -> bool:
        """Select the row of a record."""
        return bool(self.front.select_key(record))

    def selected_rows(self) -> list[Row]:
        """All selected rows."""
        return [self.list.row_of(each) for each in self.selected_records()]

    def selected_records(self) -> list[bytes]:
        """The records of all selected rows."""
        return list(self.front.selected_keys())

    def new_fields(self) -> dict[str, object]:
        """What a new record has because of where the user stands: the lane of a board, the day of a calendar."""
        return {} if self.front is self.list else dict(self.front.new_fields())

    def summary(self) -> str:
        """Selection and totals, for the right of the bottom line."""
        answer = self.live.answer
        if answer is None:
            return ""
        chosen = self.front.selection.records
        if len(chosen) > 1:
            words = tr_count("%n selected", "%n selected", len(chosen))
            return _joined(words, self._totals(self._sums_of(chosen)))
        total = self.live.total
        if len(answer.rows) != total:
            words = tr("{shown} of {total} shown").format(
                shown=number_text(len(answer.rows)), total=number_text(total)
            )
        else:
            words = self._words.count(total)
        return _joined(words, self._totals(answer.sums))

    def _sums_of(self, records: Iterable[bytes]) -> dict[str, object]:
        frame = self.live.frame
        rows = [row for row in map(frame.row, records) if row is not None]
        found = {}
        for path in self.live.sums:
            column = frame.column(path)
            found[path] = add_up(column.field, [column.value(row) for row in rows])
        return found

    def _totals(self, sums: Mapping[str, object]) -> str:
        """Each sum, named by its column; a single one of money needs no name."""
        parts = []
        for column in self.list.plan.every():
            text = sum_text(column.spec.field, sums.get(column.path))
            if text:
                money = column.spec.field.shown_as is FieldType.MONEY
                parts.append((column.title, text, money))
        if len(parts) == 1 and parts[0][2]:
            return parts[0][1]
        return " · ".join(f"{title} {text}" for title, text, _ in parts)

    def _select_nothing(self) -> None:
        current = self.list.current
        self.list.selection.clear()
        if current is not None:
            self.list.selection.only(current)
        self.list.selected()
        self.list.setFocus()

    # What happens

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.live.eager = True

    def hideEvent(self, event: QHideEvent) -> None:
        """What nobody sees follows when there is time."""
        super().hideEvent(event)
        self.live.eager = False

    def _next_step(self) -> None:
        if self.live.query.where is not None and len(self.live.frame):
            self.set_filter("")
            self._to_list()
        else:
            self.action_asked.emit()

    def _to_list(self) -> None:
        widget = self.layout_widget()
        widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if widget is self.list and self.list.current_line() is None:
            self.list.move_by(1)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:]
