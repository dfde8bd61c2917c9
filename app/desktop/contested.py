"""The conflicts of a project in memory: read in steps once, then kept true record by record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.domain.schema import FIELD
from app.store.touched import Touched

if TYPE_CHECKING:
    from app.store.project import Project
    from app.store.records import Conflict

_MOST = 40
"""Of more touched records it is not asked one by one which are contested."""


class Contested:
    """Every field with more than one value, by record."""

    def __init__(self, source: Project) -> None:
        self._source = source
        self._found: dict[bytes, tuple[Conflict, ...]] = {}
        self._list: list[Conflict] | None = None
        self.is_read = False
        """Whether all of them are known."""
        self._reading = 0
        self._under_way = False

    def steps(self) -> Iterator[None]:
        """Read all of them, a few at a time; what is known stands until then."""
        self._reading += 1
        reading = self._reading
        self._under_way = True
        found: dict[bytes, tuple[Conflict, ...]] = {}
        for each in self._source.each_conflict():
            found[each.record] = (*found.get(each.record, ()), each)
            yield
            if reading != self._reading:
                return
        self._found, self._list, self.is_read, self._under_way = found, None, True, False

    def all(self) -> Sequence[Conflict]:
        """All of them, in the order of their records. Who cannot wait for the steps has them read at once."""
        if not self.is_read:
            for _ in self.steps():
                pass
        if self._list is None:
            self._list = [each for record in sorted(self._found) for each in self._found[record]]
        return self._list

    def of(self, record: bytes) -> tuple[Conflict, ...]:
        """Those of one record."""
        if not self.is_read:
            self.all()
        return self._found.get(record, ())

    def follow(self, touched: Touched) -> bool:
        """Follow a change; False where all must be read again, by ``steps``: too much changed, or they were at it."""
        if self._under_way:
            return False
        if not self.is_read:
            return True
        records = touched.records.keys() | touched.visibility
        if len(records) > _MOST or FIELD in touched.kinds.values():
            return False
        for record in records:
            found = tuple(self._source.conflicts_of(record))
            if found != self._found.get(record, ()):
                self._list = None
                self._found.pop(record, None)
                if found:
                    self._found[record] = found
        return True
