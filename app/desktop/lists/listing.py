"""Which rows a list shows and in which order: filter, sorting, and what stays because it is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.desktop.filter.marks import Mark
from app.desktop.lists.rows import RowMaker


@dataclass(frozen=True, slots=True)
class Found:
    """What a filter gives: the keys that pass, in the filter's own order where ``ordered``, and its marks."""

    keys: Sequence[bytes]
    ordered: bool = False
    marks: tuple[Mark, ...] = ()


Filter = Callable[[str, str, Sequence[bytes]], Found]
"""Takes the text, the kind and all keys."""


class Listing:
    """The order of one list. ``sticky`` is shown whatever the filter says, so that what is open stays."""

    def __init__(self, maker: RowMaker, filter_by: Filter | None) -> None:
        self._maker = maker
        self._filter_by = filter_by
        self.text = ""
        self.sort_key = ""
        self.direction = 1
        self.sticky: bytes | None = None
        self.total = 0
        self.marks: tuple[Mark, ...] = ()

    def toggle_sort(self, key: str) -> None:
        """Sort by a column; again for the other direction; a third time for the list's own order."""
        if key != self.sort_key:
            self.sort_key, self.direction = key, 1
        elif self.direction == 1:
            self.direction = -1
        else:
            self.sort_key, self.direction = "", 1

    def keys(self) -> list[bytes]:
        """The keys to show, in order."""
        every = self._maker.keys()
        self.total = len(every)
        shown: Sequence[bytes] = every
        self.marks = ()
        ordered = False
        if self._filter_by is not None and self.text.strip():
            found = self._filter_by(self.text, self._maker.kind, every)
            shown, ordered, self.marks = found.keys, found.ordered, found.marks
            if self.sticky is not None and self.sticky not in set(shown) and self.sticky in set(every):
                shown = [self.sticky, *shown]
        if ordered and not self.sort_key:
            return list(shown)
        if not self.sort_key:
            return _in_order(every, shown) if shown is not every else list(every)
        return self._sorted(shown)

    def _sorted(self, keys: Iterable[bytes]) -> list[bytes]:
        """By the column's values; equal ones stay in the list's own order, those without one stand last."""
        values = self._maker.sort_values(self.sort_key)
        keys = list(keys)
        valued = [key for key in keys if key in values]
        without = [key for key in keys if key not in values]
        valued.sort(key=values.__getitem__, reverse=self.direction < 0)
        return valued + without


def _in_order(every: Sequence[bytes], shown: Sequence[bytes]) -> list[bytes]:
    """``shown`` in the order of ``every``."""
    wanted = set(shown)
    return [key for key in every if key in wanted]
