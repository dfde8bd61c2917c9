"""Which records are selected, and which one the user stands on. Ids, so that it outlives every change."""

from __future__ import annotations

from collections.abc import Iterable


class Selection:
    """A set of records with the place that shift extends from."""

    def __init__(self) -> None:
        self.records: set[bytes] = set()
        self.anchor: bytes | None = None
        self._base: set[bytes] = set()

    def __len__(self) -> int:
        return len(self.records)

    def __contains__(self, record: bytes) -> bool:
        return record in self.records

    def clear(self) -> None:
        """Select nothing."""
        self.records, self.anchor, self._base = set(), None, set()

    def only(self, record: bytes) -> None:
        """Select one record and no other."""
        self.records, self.anchor, self._base = {record}, record, set()

    def toggle(self, record: bytes) -> None:
        """Select one record more, or one less; shift extends from it."""
        if record in self.records:
            self.records.discard(record)
        else:
            self.records.add(record)
        self.anchor = record
        self._base = set(self.records)

    def extend(self, records: Iterable[bytes], *, add: bool = False) -> None:
        """Select what lies between the anchor and the place; ``add`` keeps what was selected before."""
        self.records = {*self._base, *records} if add else set(records)
        if not add:
            self._base = set()

    def every(self, records: Iterable[bytes]) -> None:
        """Select all of these."""
        self.records = set(records)
        self._base = set()

    def keep(self, there: Iterable[bytes]) -> bool:
        """Let go what is there no more; whether anything was."""
        gone = self.records.difference(there)
        self.records -= gone
        self._base -= gone
        return bool(gone)
