"""Which records have words in their texts: looked up in steps, kept, and corrected when a text changes.

Texts are a hundred times as large as all else, so they are not held in memory: what was found in them is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from app.query.predicates import HasWords, Test
from app.query.project import ProjectReader
from app.query.reading import Reader

_MOST_KEPT = 24


class TextHits:
    """The records of each kind whose text meets a test."""

    def __init__(self, source: ProjectReader, reader: Callable[[], Reader]) -> None:
        self._source = source
        self._reader = reader
        self._found: dict[tuple[str, Test], set[bytes]] = {}
        self._running: list[tuple[str, Test, set[bytes]]] = []

    def known(self, kind: str, test: Test) -> set[bytes] | None:
        """What was found; None where nobody has looked yet."""
        return self._found.get((kind, test))

    def put(self, kind: str, words: str, records: Iterable[bytes]) -> None:
        """Take over what somebody else found: all records of a kind whose text has these words."""
        self._keep(kind, HasWords(words), set(records))

    def _keep(self, kind: str, test: Test, records: set[bytes]) -> None:
        self._found[kind, test] = records
        while len(self._found) > _MOST_KEPT:
            del self._found[next(iter(self._found))]

    def look_steps(self, kind: str, tests: Iterable[Test], every: Collection[bytes]) -> Iterator[None]:
        """Look into all texts of a kind, in steps of some milliseconds. ``every``: the records of the kind."""
        wanted = [
            # Those without a text are not come by.
            (test, {*every} if test(None) else set[bytes]())
            for test in tests
            if self.known(kind, test) is None
        ]
        if not wanted:
            return
        running = [(kind, test, found) for test, found in wanted]
        self._running += running
        try:
            for texts in self._reader().texts(kind):
                for record, text in texts:
                    for test, found in wanted:
                        if test(text or None):
                            found.add(record)
                        else:
                            found.discard(record)
                yield
            for test, found in wanted:
                # What changed while this went on was looked at by ``follow``.
                self._keep(kind, test, found)
        finally:
            for each in running:
                self._running.remove(each)

    def follow(self, kind: str, record: bytes) -> None:
        """A text is another one now."""
        every = [(test, found) for (of, test), found in self._found.items() if of == kind]
        every += [(test, found) for of, test, found in self._running if of == kind]
        if not every:
            return
        text = self._source.plain_text(record) or None
        for test, found in every:
            if test(text):
                found.add(record)
            else:
                found.discard(record)

    def forget(self, kind: str) -> None:
        """Many texts of a kind are others now."""
        self._found = {key: found for key, found in self._found.items() if key[0] != kind}
