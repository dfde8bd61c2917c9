"""The model of a list: keys in order, and the row of each key at once.

Painting asks for one thing a row, the finished ``Row``; it is made when first seen and kept until touched.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.desktop.lists.cells import Row

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
"""The finished ``Row``."""

_MANY = 100
_NOWHERE = QModelIndex()
AnyIndex = QModelIndex | QPersistentModelIndex


class KeyModel(QAbstractListModel):
    """Keys (ids of records) in the order of the list."""

    def __init__(self, build: Callable[[bytes], Row], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._build = build
        self._keys: list[bytes] = []
        self._positions: dict[bytes, int] = {}
        self._rows: dict[bytes, Row] = {}

    @property
    def keys(self) -> Sequence[bytes]:
        """The keys in order."""
        return self._keys

    def position(self, key: bytes) -> int | None:
        """The row of ``key``, in constant time; None where it is not in the list."""
        return self._positions.get(key)

    def row(self, position: int) -> Row:
        """The finished row at a position."""
        key = self._keys[position]
        row = self._rows.get(key)
        if row is None:
            row = self._build(key)
            self._rows[key] = row
        return row

    def set_keys(self, keys: list[bytes]) -> None:
        """Replace the list; the same list again changes nothing."""
        if keys == self._keys:
            return
        self.beginResetModel()
        self._keys = keys
        self._positions = {key: index for index, key in enumerate(keys)}
        self.endResetModel()

    def forget(self, keys: Collection[bytes] | None = None) -> None:
        """Make these rows (all if none are named) anew when they are next seen."""
        if keys is None or len(keys) > _MANY:
            # One signal: the view asks again only for the rows that it shows.
            for key in list(self._rows) if keys is None else self._rows.keys() & keys:
                del self._rows[key]
            if self._keys:
                self.dataChanged.emit(self.index(0), self.index(len(self._keys) - 1))
            return
        for key in keys:
            self._rows.pop(key, None)
            position = self._positions.get(key)
            if position is not None:
                index = self.index(position)
                self.dataChanged.emit(index, index)

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._keys)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == ROW_ROLE:
            return self.row(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.row(index.row()).spoken
        return None
