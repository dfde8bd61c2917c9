"""The order of all records of a kind by rank, kept while records and ranks change."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from app.query.frame import Frame, Rows
from app.workspace.ranks import natural_rank, rank_of

_AT_ONCE = 2_000
_ID = 16


class RankOrder:
    """The rows of a frame by the key of their records' rank, then by id."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._places: list[bytes] = []
        self._ranked: dict[bytes, str] = {}
        self.rows: Rows = np.empty(0, np.int32)
        """All rows that are there, in order."""

    def load(self, ranks: Mapping[bytes, object]) -> Iterator[None]:
        """Read all of it, in steps of a few milliseconds."""
        ids = self._frame.ids
        places: list[bytes] = []
        ranked = {record: rank_of(stored, record) for record, stored in ranks.items()}
        yield
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            places += [_place(ranked.get(record) or natural_rank(record), record) for record in part]
            yield
        places.sort()
        yield
        rows = np.empty(len(places), np.int32)
        for start in range(0, len(places), _AT_ONCE):
            part = places[start : start + _AT_ONCE]
            found = [row for place in part if (row := self._frame.any_row(place[-_ID:])) is not None]
            rows[start : start + len(part)] = found
            yield
        self._places, self._ranked, self.rows = places, ranked, rows

    def follow(self, came: Iterable[bytes], gone: Iterable[bytes], ranks: Mapping[bytes, object]) -> None:
        """Records came and went; ``ranks`` are the stored ranks of those that came or have another now."""
        for record in gone:
            self._take(record)
        for record in came:
            self._take(record)
            self._put(record, ranks.get(record))
        for record, stored in ranks.items():
            if self._take(record):
                self._put(record, stored)

    def _take(self, record: bytes) -> bool:
        place = _place(self.key(record), record)
        at = bisect_left(self._places, place)
        if at == len(self._places) or self._places[at] != place:
            return False
        del self._places[at]
        self.rows = np.delete(self.rows, at)
        self._ranked.pop(record, None)
        return True

    def _put(self, record: bytes, stored: object) -> None:
        row = self._frame.row(record)
        if row is None:
            return
        if stored is not None:
            self._ranked[record] = rank_of(stored, record)
        place = _place(self.key(record), record)
        at = bisect_left(self._places, place)
        self._places.insert(at, place)
        self.rows = np.insert(self.rows, at, row)

    def key(self, record: bytes) -> str:
        """The key of a record."""
        return self._ranked.get(record) or natural_rank(record)

    def arranged(self, rows: Rows) -> Rows:
        """Some rows, in this order."""
        wanted = np.zeros(self._frame.size, np.bool_)
        wanted[rows] = True
        arranged: Rows = self.rows[wanted[self.rows]]
        return arranged


def _place(key: str, record: bytes) -> bytes:
    """Sorts by key, then by id: the space between is less than every digit of a key."""
    return key.encode() + b" " + record
