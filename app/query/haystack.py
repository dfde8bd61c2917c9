"""Looking for words in the distinct texts of a column: one scan of all of them, folded and joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from app.domain.names import fold

_GAP = "\0"
_SLICE = 3_000
_COMMON = 6_000
"""So many hits are looked up one by one; beyond, each text is asked."""
_OVERLAY = 2_000


class Haystack:
    """The texts of the first codes of a column. Those that came later are looked at one by one by the caller."""

    def __init__(self) -> None:
        self._joined = ""
        self._starts = np.empty(0, np.int64)
        self.size = 0
        """How many codes are in it."""

    def is_old(self, values: int) -> bool:
        """Whether so many values came since that it should be made anew."""
        return values - self.size > _OVERLAY

    def fill(self, values: Sequence[object]) -> Iterator[None]:
        """Take in texts, in steps of some milliseconds."""
        folded: list[str] = []
        for start in range(0, len(values), _SLICE):
            folded += [
                (fold(each) if isinstance(each, str) else "").replace(_GAP, " ")
                for each in values[start : start + _SLICE]
            ]
            yield
        lengths = np.fromiter(map(len, folded), np.int64, len(folded)) + 1
        self._starts = np.cumsum(lengths) - lengths
        self._joined = _GAP.join(folded)
        self.size = len(folded)

    def find(self, wanted: str) -> npt.NDArray[np.bool_]:
        """Which texts contain folded words, which are not empty."""
        found = np.zeros(self.size, np.bool_)
        joined, find = self._joined, self._joined.find
        if _GAP in wanted:
            return found
        hits: list[int] = []
        place = find(wanted)
        while place >= 0:
            hits.append(place)
            if len(hits) > _COMMON:
                return np.fromiter((wanted in each for each in joined.split(_GAP)), np.bool_, self.size)
            place = find(wanted, place + 1)
        found[np.searchsorted(self._starts, hits, side="right") - 1] = True
        return found
