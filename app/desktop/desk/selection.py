"""Which records are selected, and which one the user stands on. Ids, so that it outlives every change."""

from __future__ import annotations

from collections.abc import Iterable


class Selection:
    """A set of records with the place that shift extends from."""

    def __init__(self) -> None:
        self.records: set[bytes] = set()
        self.anchor: bytes | None = None
        self.picked = False
        """Whether the records were picked one by one with a key: then going on leaves them selected."""
        self._base: set[bytes] = set()

    def __len__(self) -> int:
        return len(self.records)

    def __contains__(self, record: bytes) -> bool:
        return record in self.records

    def clear(self) -> None:
        """Select nothing."""
        self.records, self.anchor, self._base, self.picked = set(), None, set(), False

    def only(self, record: bytes) -> None:
        """Select one record and no other."""
        self.records, self.anchor, self._base, self.picked = {record}, record, set(), False

    def pick(self, record: bytes) -> None:
        """Select one record more, or one less, by a key. The one that is selected because the user stands on
        it is picked by the first press; where none is left, it is selected as before.
        """
        if self.picked or self.records != {record}:
            self.toggle(record)
        if self.records:
            self.picked = True
        else:
            self.only(record)

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
            self._base, self.picked = set(), False

    def every(self, records: Iterable[bytes]) -> None:
        """Select all of these."""
        self.records = set(records)
        self._base, self.picked = set(), False

    def keep(self, there: Iterable[bytes]) -> bool:
        """Let go what is there no more; whether anything was."""
        gone = self.records.difference(there)
        self.records -= gone
        self._base -= gone
        return bool(gone)
