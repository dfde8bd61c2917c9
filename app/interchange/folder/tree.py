"""Who stands below whom among the notes that are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self


class Tree:
    """Notes by the one above them. Of a ring that two devices closed the note with the least id stands at the top."""

    def __init__(self, above: Mapping[bytes, bytes]) -> None:
        self._above = dict(above)
        self.cut: set[bytes] = set()
        """Notes that stand at the top because of a ring."""
        over: set[bytes] = set()
        for start in above:
            way: dict[bytes, None] = {}
            here: bytes | None = start
            while here is not None and here not in over and here not in way:
                way[here] = None
                here = above.get(here)
            if here is not None and here in way:
                steps = list(way)
                self.cut.add(min(steps[steps.index(here) :]))
            over.update(way)
        for each in self.cut:
            del self._above[each]

    @classmethod
    def of(cls, there: set[bytes], parents: Mapping[bytes, object]) -> Self:
        """The notes that are ``there``, by what each names as its parent."""
        return cls(
            {
                record: parent
                for record, parent in parents.items()
                if isinstance(parent, bytes) and record in there and parent in there
            }
        )

    def above(self, record: bytes) -> bytes | None:
        """The note right above; None for one at the top."""
        return self._above.get(record)

    def depth(self, record: bytes) -> int:
        """How many notes stand above."""
        count, here = 0, self._above.get(record)
        while here is not None:
            count, here = count + 1, self._above.get(here)
        return count
