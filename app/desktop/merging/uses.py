"""How many issues name a record: counted on columns in memory, which are read in steps where they are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.desktop.workspace import Workspace
from app.domain.categories import HOLDERS
from app.domain.schema import CATEGORY, FIELD, ISSUE, custom_field_name
from app.query.paths import pointing_fields


class Uses(QObject):
    """Counts of uses. None is told while it is not known; ``ready`` tells when it is."""

    ready = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._reading: set[tuple[str, str]] = set()
        self._known: dict[str, tuple[object, dict[bytes, int]]] = {}

    def every(self, kind: str) -> dict[bytes, int] | None:
        """How many issues name each record of a kind, told at once; an issue counts once for each field."""
        paths = self._paths(kind)
        if not self._is_read(ISSUE, paths):
            return None
        frame = self._workspace.columns.frame(ISSUE)
        columns = [frame.column(path) for path in paths]
        state = len(frame), *((id(each), each.version) for each in columns)
        known = self._known.get(kind)
        if known is not None and known[0] == state:
            return known[1]
        found: dict[bytes, int] = {}
        for column in columns:
            times = np.bincount(column.codes[frame.alive], minlength=len(column.values)).tolist()
            for code, value in enumerate(column.values):
                for record in value if isinstance(value, tuple) else (value,):
                    if isinstance(record, bytes) and times[code]:
                        found[record] = found.get(record, 0) + times[code]
        self._known[kind] = state, found
        return found

    def _paths(self, kind: str) -> list[str]:
        """The fields by which issues name records of a kind."""
        fields = pointing_fields(self._workspace.columns.catalog, ISSUE, kind)
        return [each.text for each in fields if each.field.target == kind]

    def count(self, kind: str, records: Iterable[bytes]) -> int | None:
        """How many records use any of these: issues that name them; for a field, those that have a value."""
        records = list(records)
        if kind == CATEGORY:
            return self._named(records)
        if kind == FIELD:
            return sum(self._filled(each) or 0 for each in records)
        columns = self._workspace.columns
        paths = self._paths(kind)
        if not self._is_read(ISSUE, paths):
            return None
        frame = columns.frame(ISSUE)
        found = np.zeros(frame.size, np.bool_)
        for path in paths:
            column = frame.column(path)
            found[column.rows_of(column.holding(records))] = True
        return int((found & frame.alive).sum())

    def _named(self, records: Sequence[bytes]) -> int | None:
        """How many issues or elements are of these categories."""
        columns = self._workspace.columns
        categories = columns.directory.categories
        total = 0
        for kind, holder in HOLDERS.items():
            entries = [each for record in records if (each := categories.get(record)) is not None]
            if not any(each.of == kind for each in entries):
                continue
            if not self._is_read(kind, [holder]):
                return None
            frame = columns.frame(kind)
            column = frame.column(holder)
            codes = [
                code for code, name in enumerate(column.values) if categories.find(kind, name) in entries
            ]
            total += int((np.isin(column.codes, codes) & frame.alive).sum()) if codes else 0
        return total

    def _filled(self, definition: bytes) -> int | None:
        """How many records have a value in a field."""
        columns = self._workspace.columns
        kind = str(columns.column(FIELD, "of").get(definition) or ISSUE)
        name = custom_field_name(definition)
        if not self._is_read(kind, [name]):
            return None
        frame = columns.frame(kind)
        if columns.catalog.find(kind, name) is None:
            return 0
        return int(((frame.column(name).codes != 0) & frame.alive).sum())

    def _is_read(self, kind: str, paths: Sequence[str]) -> bool:
        columns = self._workspace.columns
        if columns.is_loaded(kind, paths):
            return True
        missing = {(kind, path) for path in paths} - self._reading
        if missing:
            self._reading |= missing
            self._workspace.run_steps(self._read(kind, paths, missing))
        return False

    def _read(self, kind: str, paths: Sequence[str], missing: set[tuple[str, str]]) -> Iterator[None]:
        yield from self._workspace.columns.load_steps(kind, paths)
        self._reading -= missing
        self.ready.emit()
