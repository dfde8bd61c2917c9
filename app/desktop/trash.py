"""The trash of a project in memory: read in steps once, then kept true record by record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.domain.names import fold
from app.store.touched import Touched

if TYPE_CHECKING:
    from app.store.project import Project
    from app.store.records import Trashed

_MOST = 40
"""Of more touched records it is not asked one by one what became of them."""


class Trash:
    """What was deleted, the last deletion first. It is read when it is first looked at."""

    def __init__(self, source: Project, kinds: Sequence[str]) -> None:
        self._source = source
        self._kinds = kinds
        self._found: dict[bytes, Trashed] = {}
        self._order: list[bytes] | None = []
        self._words: dict[bytes, str] = {}
        self._reading = 0
        self.is_read = False
        """Whether all of it is known."""

    def steps(self) -> Iterator[None]:
        """Read all of it, some at a time."""
        self._reading += 1
        reading = self._reading
        self.is_read = False
        found: dict[bytes, Trashed] = {}
        words: dict[bytes, str] = {}
        for kind in self._kinds:
            for page in self._source.trash_pages(kind):
                found.update((each.record, each) for each in page)
                words.update((each.record, fold(each.title)) for each in page)
                yield
                if reading != self._reading:
                    return
        self._found, self._words, self._order, self.is_read = found, words, None, True

    def follow(self, touched: Touched) -> bool:
        """Follow a change; False where all must be read again, by ``steps``."""
        if not touched.visibility or not self._reading:
            return True
        if len(touched.visibility) > _MOST or not self.is_read:
            return False
        for record in touched.visibility:
            found = self._source.trashed(record)
            self._found.pop(record, None)
            self._words.pop(record, None)
            if found is not None and found.kind in self._kinds:
                self._found[record] = found
                self._words[record] = fold(found.title)
        self._order = None
        return True

    def records(self) -> list[bytes]:
        """The records, as far as they are known, the last deletion first."""
        if self._order is None:
            ordered = sorted(self._found.values(), key=lambda each: (each.at, each.record), reverse=True)
            self._order = [each.record for each in ordered]
        return list(self._order)

    def get(self, record: bytes) -> Trashed | None:
        """What is known of a record."""
        return self._found.get(record)

    def words(self, record: bytes) -> str:
        """The name of a record of the trash, folded for looking."""
        return self._words[record]
