"""What a person does at the heads of a page's columns: order, width, place, groups, what stays, what goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from app.desktop.desk.column_texts import moved, with_width, without
from app.desktop.desk.columns import Placed, find_spec
from app.desktop.desk.order import sorted_by, with_group, with_sort
from app.desktop.translate import tr
from app.query.ast import SortField
from app.workspace.views import read_column

if TYPE_CHECKING:
    from app.desktop.desk.page import DeskPage

_WIDEST = 600
_SAMPLE = 300
"""So many rows are measured when a column is fitted: those on the screen and the next ones."""


class Heading(QObject):
    """Turns what is done at the heads into changes of the page's ``spec``."""

    def __init__(self, page: DeskPage) -> None:
        super().__init__(page)
        self._page = page
        self._table = page.list
        self._menu: QMenu | None = None
        head = self._table.head
        head.sort_asked.connect(self.sort)
        head.move_asked.connect(self.move)
        head.resized.connect(self.resize)
        head.fit_asked.connect(self.fit)
        head.menu_asked.connect(self.show_menu)

    def _typed(self, path: str) -> str:
        spec = find_spec(self._page.workspace.columns, self._page.kind, path)
        return spec.typed or path if spec is not None else path

    def _path(self, typed: str) -> str:
        spec = find_spec(self._page.workspace.columns, self._page.kind, typed)
        return spec.path if spec is not None else typed

    def texts(self) -> tuple[str, ...]:
        """The columns as they stand, or as they will when they are read."""
        return self._page.spec.columns or tuple(self._table.plan.texts())

    def paths(self) -> list[str]:
        """The paths of the columns."""
        return [read_column(each)[0] for each in self.texts()]

    def sort(self, path: str, further: bool) -> None:
        """Sort by a column: up, down, no more."""
        page = self._page
        page.set_filter(sorted_by(page.spec.query, self._typed(path), self._path, further=further))

    def sort_so(self, path: str, descending: bool) -> None:
        """Sort by one column in one direction."""
        page = self._page
        page.set_filter(with_sort(page.spec.query, [SortField(self._typed(path), descending)]))

    def group(self, path: str) -> None:
        """Group by a column; an empty path ends grouping."""
        page = self._page
        page.set_filter(with_group(page.spec.query, self._typed(path) if path else ""))

    def move(self, path: str, before: str) -> None:
        """Put a column before another one, or at the end."""
        self._page.change(columns=moved(self.texts(), path, before))

    def resize(self, path: str, width: int, done: bool) -> None:
        """Give a column another width; it is seen at once and kept when the drag is over."""
        texts = with_width(self.texts(), path, width)
        if done:
            self._page.change(columns=texts)
        else:
            self._table.choose_columns(texts, self._page.spec.frozen, usual=False)

    def fit(self, path: str) -> None:
        """Make a column as wide as its widest value among the rows that are near, and its name."""
        table = self._table
        column = table.plan.named(path)
        if column is None:
            return
        first = max(0, table.verticalScrollBar().value() // table.row_height)
        rows = [row for row in table.lines.codes[first : first + _SAMPLE].tolist() if row >= 0]
        brush = table.scene.brush
        name = 0 if column.headless else brush.width(column.title) + 16
        widest = max([name, *(column.ink.width(row) for row in rows)]) + 2 * table.pad
        width = round(min(widest, _WIDEST) * 13 / brush.metrics.base)
        self._page.change(columns=with_width(self.texts(), path, width))

    def hide(self, path: str) -> None:
        """Show a column no more."""
        spec = self._page.spec
        frozen = len([each for each in self.paths()[: spec.frozen] if each != path])
        self._page.spec = replace(spec, columns=without(self.texts(), path), frozen=frozen)

    def freeze(self, path: str) -> None:
        """Let the columns up to this one stay when scrolling sideways; an empty path lets all scroll."""
        paths = self.paths()
        frozen = paths.index(path) + 1 if path in paths else 0
        self._page.spec = replace(self._page.spec, columns=self.texts(), frozen=frozen)

    def show_menu(self, path: str, at: QPoint) -> None:
        """What can be done with a column."""
        column = self._table.plan.named(path)
        if column is None:
            return
        menu = QMenu(self._table.head)
        menu.setAccessibleName(column.title)
        for action in self.actions(column, menu):
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)
        self._menu = menu
        menu.popup(at)

    def actions(self, column: Placed, owner: QObject) -> list[QAction | None]:
        """The entries of a column's menu; None for a line between them."""
        page = self._page
        path = column.path
        found: list[QAction | None] = []

        def add(words: str, do: object) -> None:
            action = QAction(words, owner)
            action.triggered.connect(do)
            found.append(action)

        if column.sortable:
            add(tr("Sort ascending"), lambda: self.sort_so(path, descending=False))
            add(tr("Sort descending"), lambda: self.sort_so(path, descending=True))
            if page.live.query.group is not None and self._path(page.live.query.group) == path:
                add(tr("Stop grouping"), lambda: self.group(""))
            else:
                add(tr("Group by this"), lambda: self.group(path))
            found.append(None)
            add(tr("Fit the width"), lambda: self.fit(path))
        if column.frozen:
            add(tr("Let all columns scroll"), lambda: self.freeze(""))
        else:
            add(tr("Freeze up to here"), lambda: self.freeze(path))
        add(tr("Hide this column"), lambda: self.hide(path))
        found.append(None)
        add(tr("Choose columns…"), lambda: page.choose_columns(self._table.head))
        if page.spec.columns:
            add(tr("Usual columns"), lambda: page.change(columns=(), frozen=0))
        return found
