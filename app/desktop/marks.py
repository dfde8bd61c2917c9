"""Which records wait for the server: read once in steps, then kept true record by record."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.store.project import Project

_PAGE = 500
"""So many records are read at once: in about a millisecond."""
_ASKED = 100
"""So many are asked about at once, which takes as long."""


class Marks:
    """The records with changes that the server does not have."""

    def __init__(self, source: Project) -> None:
        self._source = source
        self.pending: set[bytes] = set()
        """Those that are known to wait."""
        self._unsure: set[bytes] = set()
        """Records that were touched since they were asked about."""
        self._meanwhile: set[bytes] | None = None
        """Records that were touched while all are being read."""

    def touched(self, records: Iterable[bytes]) -> bool:
        """Ask about records that were touched; False where they are many: ``settle_steps`` asks about the rest."""
        self._unsure.update(records)
        if self._meanwhile is not None:
            self._meanwhile.update(self._unsure)
        if len(self._unsure) <= _ASKED:
            for _ in self.settle_steps():
                pass
        return not self._unsure

    def settle_steps(self) -> Iterator[None]:
        """Ask about the records that were touched, some at a time."""
        while self._unsure:
            records = [self._unsure.pop() for _ in range(min(_ASKED, len(self._unsure)))]
            self.pending.difference_update(records)
            self.pending |= self._source.pending_among(records)
            yield

    def read_steps(self) -> Generator[None, None, set[bytes]]:
        """Read all of them, a page a step; gives those that are marked otherwise than before."""
        self._meanwhile = set()
        found: set[bytes] = set()
        for page in self._source.each_pending(_PAGE):
            found.update(page)
            if len(page) == _PAGE:
                yield
        changed = found ^ self.pending
        self.pending = found
        self._unsure |= self._meanwhile
        self._meanwhile = None
        yield from self.settle_steps()
        return changed
