"""Field values in memory, by kind and field, read when first asked for and kept in step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from app.store.touched import Touched

if TYPE_CHECKING:
    from app.store.project import Project

_FEW = 50
"""Up to so many touched records are read one by one; for more, whole columns are read again."""


class ProjectColumns:
    """The columns of one project. Fulfils ``app.domain.fields.Columns``."""

    def __init__(self, source: Project) -> None:
        self._source = source
        self._columns: dict[tuple[str, str], dict[bytes, Any]] = {}
        self._stale: set[tuple[str, str]] = set()
        self._ids: dict[str, list[bytes]] = {}

    def column(self, kind: str, field: str) -> dict[bytes, Any]:
        """The shown value of each record that has one."""
        known = self._columns.get((kind, field))
        if known is None:
            known = dict(self._source.column(kind, field))
            self._columns[kind, field] = known
            self._stale.discard((kind, field))
        return known

    def ids(self, kind: str) -> list[bytes]:
        """The records of a kind that are not deleted, the newest first."""
        known = self._ids.get(kind)
        if known is None:
            known = self._source.records(kind)
            self._ids[kind] = known
        return known

    def load_steps(self, kind: str, fields: Iterable[str]) -> Iterator[None]:
        """Read what is missing or stale, one column a step, so that the window answers between them."""
        self.ids(kind)
        yield
        for field in fields:
            if (kind, field) not in self._columns:
                self.column(kind, field)
                yield
            elif (kind, field) in self._stale:
                self._reload(kind, field)
                yield

    def stale_steps(self) -> Iterator[None]:
        """Read every stale column again, one a step. Until then the values of before are shown."""
        for kind, field in sorted(self._stale):
            self._reload(kind, field)
            yield

    def apply(self, touched: Touched) -> bool:
        """Follow what was touched. False where columns are now stale and ``stale_steps`` must run."""
        appeared = touched.created | touched.visibility
        if len(appeared) > _FEW:
            for kind in {touched.kinds.get(record, "") for record in appeared}:
                self._ids.pop(kind, None)
        else:
            for record in appeared:
                self._place(touched.kinds.get(record, ""), record)
        if len(touched.records) > _FEW:
            for record, fields in touched.records.items():
                kind = touched.kinds.get(record, "")
                self._stale.update(
                    (kind, each) for each in {*fields, "updated"} if (kind, each) in self._columns
                )
            return not self._stale
        for record, fields in touched.records.items():
            kind = touched.kinds.get(record, "")
            if record in appeared:
                fields = {field for known, field in self._columns if known == kind} | fields
            self._refresh(kind, record, fields)
        return True

    def _place(self, kind: str, record: bytes) -> None:
        """Put one record into the ids of its kind, or take it out, as it is now. The newest id is the greatest."""
        known = self._ids.get(kind)
        if known is None:
            return
        view = self._source.get(record, kind)
        position = _position(known, record)
        standing = position < len(known) and known[position] == record
        wanted = view is not None and not view.deleted
        if wanted and not standing:
            self._ids[kind] = [*known[:position], record, *known[position:]]
        elif standing and not wanted:
            self._ids[kind] = [*known[:position], *known[position + 1 :]]

    def _reload(self, kind: str, field: str) -> None:
        """Fill the same dictionary anew: whoever holds it sees the new values."""
        self._stale.discard((kind, field))
        known = self._columns[kind, field]
        fresh = self._source.column(kind, field)
        known.clear()
        known.update(fresh)

    def _refresh(self, kind: str, record: bytes, fields: set[str]) -> None:
        wanted = [each for each in {*fields, "updated"} if (kind, each) in self._columns]
        if not wanted:
            return
        view = self._source.get(record, kind)
        for field in wanted:
            column = self._columns[kind, field]
            if field in ("created", "updated") and view is not None:
                column[record] = getattr(view, field).at
                continue
            state = None if view is None or view.deleted else view.fields.get(field)
            if state is None:
                column.pop(record, None)
                continue
            value = state.values if state.many else state.value
            if value is None or value == ():
                column.pop(record, None)
            else:
                column[record] = value


def _position(ids: list[bytes], record: bytes) -> int:
    """Where a record stands, or belongs, in ids that descend."""
    low, high = 0, len(ids)
    while low < high:
        middle = (low + high) // 2
        if ids[middle] > record:
            low = middle + 1
        else:
            high = middle
    return low
