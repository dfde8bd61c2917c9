"""Looking for words in the distinct texts of a column: one scan of all of them, folded and joined.

Of the bytes of a word, the one that the texts have least often says where it may stand; the others are compared
there. So a word that stands in every text takes about as long as one that stands in none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from app.domain.names import fold

_GAP = "\0"
_SLICE = 1_000
_BLOCK_BITS = 4
"""The text that a place lies in is known for the first of so many bytes, as a power of two."""
_OVERLAY = 2_000


class Haystack:
    """The texts of the first codes of a column. Those that came later are looked at one by one by the caller."""

    def __init__(self) -> None:
        self._joined = np.empty(0, np.uint8)
        self._starts = np.empty(0, np.int64)
        self._often = np.zeros(256, np.int64)
        """How often each byte stands in the texts."""
        self._blocks = np.empty(0, np.int32)
        """The text at the beginning of each block."""
        self.size = 0
        """How many codes are in it."""

    def is_old(self, values: int) -> bool:
        """Whether so many values came since that it should be made anew."""
        return values - self.size > _OVERLAY

    def fill(self, values: Sequence[object]) -> Iterator[None]:
        """Take in texts, in steps of some milliseconds."""
        parts: list[bytes] = []
        lengths: list[int] = []
        for start in range(0, len(values), _SLICE):
            folded = [_bytes(each) for each in values[start : start + _SLICE]]
            lengths += map(len, folded)
            parts.append(b"".join(folded))
            yield
        joined = np.frombuffer(b"".join(parts), np.uint8)
        yield
        self._often = np.bincount(joined, minlength=256)
        yield
        ends = np.cumsum(np.array(lengths, np.int64))
        # One more start than there are texts: the end of the last.
        self._starts = np.concatenate((np.zeros(1, np.int64), ends))
        blocks = np.arange(0, len(joined), 1 << _BLOCK_BITS)
        self._blocks = (np.searchsorted(self._starts, blocks, side="right") - 1).astype(np.int32)
        self._joined, self.size = joined, len(lengths)

    def find(self, wanted: str) -> npt.NDArray[np.bool_]:
        """Which texts contain folded words, which are not empty."""
        found = np.zeros(self.size, np.bool_)
        found[self._texts_at(self._places(wanted))] = True
        return found

    def _places(self, wanted: str) -> npt.NDArray[np.intp]:
        """Where words stand in the texts."""
        word = wanted.encode("utf-8", "surrogatepass")
        if _GAP in wanted or len(word) > len(self._joined):
            return np.empty(0, np.intp)
        # The last place of a word that still lies within the texts bounds where its bytes are looked for.
        last = len(self._joined) - len(word) + 1
        rarest_first = sorted(range(len(word)), key=lambda at: int(self._often[word[at]]))
        lead = rarest_first[0]
        places = np.flatnonzero(self._joined[lead : lead + last] == word[lead])
        for at in rarest_first[1:]:
            if not len(places):
                break
            places = places[self._joined[places + at] == word[at]]
        return places

    def _texts_at(self, places: npt.NDArray[np.intp]) -> npt.NDArray[np.int32]:
        """The text that each place lies in."""
        texts: npt.NDArray[np.int32] = self._blocks[places >> _BLOCK_BITS]
        late = np.flatnonzero(self._starts[texts + 1] <= places)
        while len(late):
            texts[late] += 1
            late = late[self._starts[texts[late] + 1] <= places[late]]
        return texts


def _bytes(value: object) -> bytes:
    """A text as it is looked through, with the gap that keeps it from the next."""
    text = fold(value).replace(_GAP, " ") if isinstance(value, str) else ""
    return f"{text}{_GAP}".encode("utf-8", "surrogatepass")
