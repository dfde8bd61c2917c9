"""Which records have words in their texts: looked up in steps, kept, and corrected when a text changes.

Texts are a hundred times as large as all else, so they are not held in memory: what was found in them is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.query.column import Mask
from app.query.frame import Frame
from app.query.pace import Pace
from app.query.predicates import HasWords, Test
from app.query.project import ProjectReader
from app.query.reading import Reader

_MOST_KEPT = 24
_PART = 200
"""So many records are looked up between two looks at the clock."""


class Hits:
    """Records whose text meets a test, and their rows."""

    def __init__(self, records: set[bytes]) -> None:
        self.records = records
        self.moved: set[bytes] = set()
        """Records whose text changed since their rows were looked up."""
        self._rows: Mask | None = None

    def rows(self, frame: Frame) -> Mask:
        """Which rows they are; of what is deleted, either may be said."""
        for _ in self.row_steps(frame):
            pass
        assert self._rows is not None
        if len(self._rows) < frame.size:
            self._rows = np.concatenate((self._rows, np.zeros(frame.size - len(self._rows), np.bool_)))
        for record in self.moved:
            row = frame.any_row(record)
            if row is not None:
                self._rows[row] = record in self.records
        self.moved.clear()
        return self._rows.copy()

    def row_steps(self, frame: Frame) -> Iterator[None]:
        """Look up their rows, in steps."""
        if self._rows is not None:
            return
        rows: list[int] = []
        pace = Pace()
        every = list(self.records)
        for start in range(0, len(every), _PART):
            found = map(frame.any_row, every[start : start + _PART])
            rows += [row for row in found if row is not None]
            if pace.due():
                yield
        known = np.zeros(frame.size, np.bool_)
        known[rows] = True
        self._rows = known


class TextHits:
    """The records of each kind whose text meets a test."""

    def __init__(self, source: ProjectReader, reader: Callable[[], Reader]) -> None:
        self._source = source
        self._reader = reader
        self._found: dict[tuple[str, Test], Hits] = {}
        self._running: list[_Look] = []

    def known(self, kind: str, test: Test) -> Hits | None:
        """What was found; None where nobody has looked yet."""
        return self._found.get((kind, test))

    def _keep(self, kind: str, test: Test, records: set[bytes]) -> None:
        self._found[kind, test] = Hits(records)
        while len(self._found) > _MOST_KEPT:
            del self._found[next(iter(self._found))]

    def look_steps(self, kind: str, tests: Iterable[Test], every: Collection[bytes]) -> Iterator[None]:
        """Look for what is not known yet, in steps of some milliseconds. ``every``: the records of the kind.

        The index of words is asked where there is one; else, and for other tests, all texts are read.
        """
        looks = [_Look(kind, test) for test in tests if self.known(kind, test) is None]
        if not looks:
            return
        self._running += looks
        try:
            unread = []
            for look in looks:
                found = None
                if isinstance(look.test, HasWords):
                    found = yield from self._reader().with_words(kind, look.test.words)
                if found is None:
                    # Those without a text are not come by.
                    look.found = {*every} if look.test(None) else set()
                    unread.append(look)
                else:
                    self._finish(look, found)
            if unread:
                yield from self._read(kind, unread)
        finally:
            self._running = [each for each in self._running if each not in looks]

    def _read(self, kind: str, looks: Sequence[_Look]) -> Iterator[None]:
        for texts in self._reader().texts(kind):
            for record, text in texts:
                for look in looks:
                    _sort_in(record, text or None, look.test, look.found)
            yield
        for look in looks:
            self._finish(look, look.found)

    def _finish(self, look: _Look, found: set[bytes]) -> None:
        """Keep what was found, with what has changed since it was begun."""
        if look.void:
            return
        for record in look.moved:
            _sort_in(record, self._source.plain_text(record) or None, look.test, found)
        self._running.remove(look)
        self._keep(look.kind, look.test, found)

    def follow(self, kind: str, record: bytes) -> None:
        """A text is another one now."""
        for look in self._running:
            if look.kind == kind:
                look.moved.add(record)
        every = [(test, found) for (of, test), found in self._found.items() if of == kind]
        if every:
            text = self._source.plain_text(record) or None
            for test, hits in every:
                _sort_in(record, text, test, hits.records)
                hits.moved.add(record)

    def forget(self, kind: str) -> None:
        """Many texts of a kind are others now."""
        self._found = {key: found for key, found in self._found.items() if key[0] != kind}
        for look in self._running:
            look.void = look.void or look.kind == kind


@dataclass(eq=False)
class _Look:
    """A search that is going on. ``moved``: records whose text changed meanwhile; ``void``: too many did."""

    kind: str
    test: Test
    found: set[bytes] = field(default_factory=set)
    moved: set[bytes] = field(default_factory=set)
    void: bool = False


def _sort_in(record: bytes, text: str | None, test: Test, found: set[bytes]) -> None:
    if test(text):
        found.add(record)
    else:
        found.discard(record)
