"""What the tables of an import show: the first rows of a file, and the rows that do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.desktop.translate import number_text, tr
from app.desktop.widgets import Look
from app.domain.names import shorten
from app.interchange.csv_read import Problem, Row

_NOWHERE = QModelIndex()
_SHOWN = 200
"""So many characters of a cell are shown; the hint has more."""
_HINT = 1000
_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole


class RowsModel(QAbstractTableModel):
    """The first rows of a file. Cells that cannot be read are marked, with the reason as their hint."""

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._rows: Sequence[Row] = ()
        self._columns: tuple[str, ...] = ()
        self._wrong: dict[tuple[int, str], str] = {}
        self._left_out: set[int] = set()

    def show_rows(self, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
        """Replace everything."""
        self.beginResetModel()
        self._columns, self._rows = columns, rows
        self._wrong, self._left_out = {}, set()
        self.endResetModel()

    def mark(self, problems: Sequence[Problem], left_out: set[int]) -> None:
        """Say which cells are wrong, and of which columns nothing comes."""
        last = self._rows[-1].number if self._rows else 0
        # Problems are in the order of the file, so those of the first rows come first.
        self._wrong = {}
        for each in problems:
            if each.row > last:
                break
            self._wrong[each.row, each.column] = each.message
        self._left_out = left_out
        if self._rows:
            end = self.index(len(self._rows) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), end)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def _reason(self, row: Row, column: str) -> str:
        found = self._wrong.get((row.number, column)) or self._wrong.get((row.number, ""), "")
        return found if found or not self._wrong else self._of_pair(row, column)

    def _of_pair(self, row: Row, column: str) -> str:
        """The reason that is told of two columns that make one field."""
        for (number, name), reason in self._wrong.items():
            if number == row.number and column in name.split(" + "):
                return reason
        return ""

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], self._columns[index.column()]
        cell = row.cells[index.column()]
        reason = self._reason(row, column)
        if role == _Role.DisplayRole:
            return shorten(cell, _SHOWN)
        if role == _Role.ToolTipRole:
            return reason or shorten(cell, _HINT)
        if role == _Role.ForegroundRole:
            tone = "danger" if reason else "muted" if index.column() in self._left_out else "text"
            return self._look.theme.color(tone)
        if role == _Role.DecorationRole and reason:
            return self._look.icons.pixmap("warning-circle", "danger")
        if role == _Role.AccessibleTextRole:
            words = f"{column}: {shorten(cell, _SHOWN)}"
            return tr("{cell}, wrong: {reason}").format(cell=words, reason=reason) if reason else words
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if role != _Role.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return self._columns[section] if section < len(self._columns) else None
        return number_text(self._rows[section].number) if section < len(self._rows) else None


class ProblemsModel(QAbstractTableModel):
    """The rows that do not fit: which, in which column, and why."""

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.problems: Sequence[Problem] = ()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Replace everything."""
        self.beginResetModel()
        self.problems = problems
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.problems)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else 3

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        problem = self.problems[index.row()]
        if role == _Role.DisplayRole:
            return (number_text(problem.row), shorten(problem.column), problem.message)[index.column()]
        if role in (_Role.ToolTipRole, _Role.AccessibleTextRole):
            return problem.text
        if role == _Role.TextAlignmentRole and index.column() == 0:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == _Role.ForegroundRole and index.column() == 0:
            return self._look.theme.color("muted")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _Role.DisplayRole:
            return (tr("Row"), tr("Column"), tr("Why it does not fit"))[section]
        if role == _Role.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section == 0 else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None
