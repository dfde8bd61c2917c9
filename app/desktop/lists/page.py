"""One page of the window's middle: tool line, header, rows, and what stands there when there are none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.filter.bar import FilterBar
from app.desktop.filter.field import FilterField
from app.desktop.filter.vocabulary import ProjectVocabulary
from app.desktop.lists.cells import Row
from app.desktop.lists.empty import EmptyPlace, EmptyWords
from app.desktop.lists.header import HeaderLine
from app.desktop.lists.listing import Filter, Listing
from app.desktop.lists.rows import RowMaker
from app.desktop.lists.view import RowList
from app.desktop.translate import number_text, tr, tr_count
from app.desktop.widgets import Button, ButtonKind, Line, Look, Size, Surface, Text
from app.desktop.workspace import Workspace


def entries_text(count: int) -> str:
    """How many entries there are."""
    return tr_count("%n entry", "%n entries", count)


@dataclass(frozen=True, slots=True)
class PageWords:
    """What a page says. ``action`` is its button; ``action_key`` the key that does the same."""

    title: str
    empty: EmptyWords
    action: str = ""
    action_icon: str = ""
    action_key: str = ""
    filter_hint: str = ""
    primary: bool = True
    count: Callable[[int], str] = entries_text


class ListPage(Surface):
    """A list of the project. It says what the user stands on; the window decides what to show of it."""

    row_chosen = Signal(object)
    """Emits the row that the user stands on now, or None."""
    row_opened = Signal(object)
    """Emits the row that was clicked."""
    row_entered = Signal(object)
    """Emits the row on which Enter was pressed."""
    left = Signal()
    """Esc was pressed in the list."""
    action_asked = Signal()
    summary_changed = Signal()

    def __init__(
        self,
        look: Look,
        workspace: Workspace,
        maker: RowMaker,
        words: PageWords,
        filter_by: Filter | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, "surface", parent)
        self._look = look
        self._workspace = workspace
        self._maker = maker
        self._words = words
        self._listing = Listing(maker, filter_by)
        self._loaded = False
        self._dirty = False
        self.filter: FilterField | None = None
        if filter_by is not None:
            # A list of several kinds is filtered by words alone.
            vocabulary = ProjectVocabulary(workspace, maker.kind, self) if maker.kind else None
            self.filter = FilterField(look, words.filter_hint, completing=vocabulary)
        chips = self.filter is not None and bool(maker.kind)
        self.chips = FilterBar(look, self.filter) if chips and self.filter is not None else None
        self.list = RowList(look, maker.columns, maker.build, words.title)
        self.header = HeaderLine(look, maker.columns, self.list.rows)
        self._empty = EmptyPlace(look, words.empty)
        self._body = QStackedWidget()
        self._build()
        self._connect()

    def _build(self) -> None:
        look, words = self._look, self._words
        title = Text(look, words.title, size=Size.TITLE)
        bar = QHBoxLayout()
        metrics = look.theme.metrics
        bar.setContentsMargins(metrics.gap_large, 0, metrics.gap_large, 0)
        bar.setSpacing(metrics.gap_medium)
        bar.addWidget(title)
        if self.filter is not None:
            bar.addWidget(self.filter, 1)
            if self.chips is not None:
                bar.addWidget(self.chips.button)
        else:
            bar.addStretch(1)
        self.action = Button(
            look,
            words.action,
            kind=ButtonKind.PRIMARY if words.primary else ButtonKind.QUIET,
            key=words.action_key,
            icon=words.action_icon,
        )
        self.action.setVisible(bool(words.action))
        if words.action_key:
            self.action.setToolTip(f"{words.action} ({words.action_key})")
        bar.addWidget(self.action)
        self._bar = QWidget()
        self._bar.setLayout(bar)
        self._problem = Text(look, size=Size.CAPTION, tone="danger", wrap=True)
        self._problem.hide()
        rows = QWidget()
        rows_layout = QVBoxLayout(rows)
        rows_layout.setContentsMargins(0, 0, 0, 0)
        rows_layout.setSpacing(0)
        rows_layout.addWidget(self.header)
        rows_layout.addWidget(self.list, 1)
        self._body.addWidget(rows)
        self._body.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self._problem)
        if self.chips is not None:
            layout.addWidget(self.chips)
        layout.addWidget(Line(look))
        layout.addWidget(self._body, 1)
        look.theme.changed.connect(self._resize_bar)
        self._resize_bar()
        self._order_tabs()

    def _resize_bar(self) -> None:
        self._bar.setFixedHeight(self._look.theme.metrics.bar - 1)

    def _connect(self) -> None:
        if self.filter is not None:
            self.filter.filter_changed.connect(self.set_filter)
            self.filter.left.connect(self._to_list)
        if self.chips is not None:
            self.chips.left.connect(self._to_list)
        self.list.chosen.connect(self.row_chosen)
        self.list.opened.connect(self.row_opened)
        self.list.entered_row.connect(self.row_entered)
        self.list.left.connect(self.left)
        self.list.selection_changed.connect(self.summary_changed)
        self.header.sort_asked.connect(self.sort_by)
        self.action.clicked.connect(lambda _checked=False: self.action_asked.emit())
        self._empty.asked.connect(self._next_step)
        self._workspace.rows_changed.connect(self._rows_changed)
        self._workspace.lists_changed.connect(self._lists_changed)

    # What it shows

    @property
    def kind(self) -> str:
        """The kind of its records; empty for lists of several kinds."""
        return self._maker.kind

    @property
    def title(self) -> str:
        """The page's title."""
        return self._words.title

    def load(self) -> None:
        """Read what the rows need, in steps, then show them."""
        if self._loaded:
            self.refresh()
            return
        if not self._maker.fields:
            self._loaded = True
            self.refresh()
            return

        def steps() -> Iterator[None]:
            yield from self._workspace.columns.load_steps(self._maker.kind, self._maker.fields)
            self._loaded = True
            self.refresh()

        self._workspace.run_steps(steps())

    def refresh(self) -> None:
        """Filter and sort again; rows, selection and place stay where they can."""
        self._dirty = False
        if self._maker.choose_columns():
            # Other columns have other heads, which come last in the order of the Tab key when they are made.
            self.list.rows.set_columns(self._maker.columns)
            self.header.set_columns(self._maker.columns)
            self.list.keys.forget()
            self._order_tabs()
        keys = self._listing.keys()
        if self.filter is not None:
            self.filter.set_marks(self._listing.marks)
        if self.chips is not None:
            self.chips.follow(self._listing.marks)
        field = self.filter
        errors = [
            mark.message
            for mark in self._listing.marks
            if mark.is_error and (field is None or not field.is_being_typed(mark))
        ]
        self._problem.setText(brief(errors[0]) if errors else "")
        self._problem.setToolTip(errors[0] if errors else "")
        self._problem.setVisible(bool(errors))
        if errors:
            self._put_problem_below_filter()
        self.list.set_keys(keys)
        if keys:
            self._body.setCurrentIndex(0)
        else:
            found_nothing = bool(self._listing.text.strip()) and self._listing.total > 0
            self._empty.set_words(nothing_found() if found_nothing else self._empty_words())
            self._body.setCurrentIndex(1)
        self.summary_changed.emit()

    def _put_problem_below_filter(self) -> None:
        """What is wrong with the filter begins where its text does."""
        assert self.filter is not None
        metrics = self._look.theme.metrics
        left = self.filter.mapTo(self, QPoint(metrics.gap, 0)).x()
        self._problem.setContentsMargins(left, 0, metrics.gap_large, metrics.gap)

    def _empty_words(self) -> EmptyWords:
        """What stands in a list without entries; a project just joined has not come yet."""
        return self._words.empty if self._workspace.has_come else still_to_come()

    def _order_tabs(self) -> None:
        """The Tab key follows the eye: filter, button, heads, rows."""
        chain: list[QWidget] = [] if self.filter is None else [self.filter]
        if self.chips is not None:
            chain.append(self.chips.button)
        chain += [self.action, *self.header.heads, self.list]
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)

    def set_filter(self, text: str) -> None:
        """Show only what fits ``text``."""
        self._listing.text = text
        self._listing.sticky = None
        if self.filter is not None and self.filter.text() != text:
            self.filter.setText(text)
        if self._loaded:
            self.refresh()

    def sort_by(self, key: str) -> None:
        """Sort by a column, in the other direction if it is that one already."""
        self._listing.toggle_sort(key)
        self.header.set_sorting(self._listing.sort_key, self._listing.direction)
        self.refresh()

    def keep(self, record: bytes | None) -> None:
        """Keep the row of an open record in the list, whatever the filter says."""
        self._listing.sticky = record

    def stand_on(self, record: bytes) -> bool:
        """Select the row of a record."""
        return self.list.select_key(record)

    def summary(self) -> str:
        """Selection and totals, for the right of the bottom line."""
        if not self._loaded:
            return ""
        selected = self.list.selected_keys()
        shown, total = self.list.keys.keys, self._listing.total
        if len(selected) > 1:
            return tr_count("%n selected", "%n selected", len(selected))
        if len(shown) != total:
            return tr("{shown} of {total} shown").format(
                shown=number_text(len(shown)), total=number_text(total)
            )
        return self._words.count(total)

    @property
    def front(self) -> RowList:
        """What shows the rows, as the window uses it."""
        return self.list

    def selected_rows(self) -> list[Row]:
        """All selected rows."""
        return list(self.list.selected_rows())

    def selected_records(self) -> list[bytes]:
        """The records of all selected rows."""
        return [row.record for row in self.list.selected_rows() if row.record is not None]

    # What happens

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._dirty:
            self.refresh()

    def _rows_changed(self, records: set[bytes]) -> None:
        self.list.keys.forget(records if self._maker.kind else None)

    def _lists_changed(self) -> None:
        if not self._loaded:
            return
        if self.isVisible():
            self.refresh()
        else:
            self._dirty = True

    def _next_step(self) -> None:
        if self._listing.text.strip() and self._listing.total:
            self.set_filter("")
            self._to_list()
        else:
            self.action_asked.emit()

    def _to_list(self) -> None:
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self.list.currentIndex().isValid():
            self.list.move_by(1)


def brief(sentences: str) -> str:
    """The first two sentences: what is wrong and what was probably meant. The hint holds the rest."""
    return " ".join(re.split(r"(?<=[.?!])\s+", sentences)[:2])


def still_to_come() -> EmptyWords:
    """What is said of a project that was joined and has not come from the server yet."""
    return EmptyWords(
        "cloud-arrow-down",
        tr("Waiting for the project"),
        tr("You have joined. Everything appears here as soon as it has come from the server."),
    )


def nothing_found() -> EmptyWords:
    """What is said when a filter fits nothing."""
    return EmptyWords(
        "magnifying-glass",
        tr("Nothing matches"),
        tr("No entry of this list fits the filter."),
        tr("Clear the filter"),
    )
