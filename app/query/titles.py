"""Finding records by title or number in memory, fast enough for every key.

The folded titles of a kind are one text, a line each, the newest first, so that a search is a scan at the speed
of the machine and stops as soon as enough is found. Titles that change stand beside it until it is made anew.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.domain.names import fold
from app.domain.schema import ISSUE, KINDS
from app.query.matching import BEGINS, CONTAINS, SAME, WORD_BEGINS
from app.store.touched import Touched

_LONGEST = 400
"""So many characters of a title are searched; titles of a megabyte are nobody's to find by their end."""
_AT_ONCE = 2000
_MOST_CHANGED = 300
"""So many changed titles are looked through one by one before the lines are made anew."""
_MOST_LOOKED_AT = 400
_FEW = 8
_SAMPLE = 200_000
_NUMBER = "\x1f#"


class TitleSource(Protocol):
    """Where ids and titles come from (``app.query.frames.Frames``)."""

    def ids(self, kind: str) -> Sequence[bytes]:
        """The records of a kind, the newest first."""
        ...

    def column(self, kind: str, field: str) -> Mapping[bytes, object]:
        """The shown value of each record that has one."""
        ...


@dataclass(frozen=True, slots=True)
class Titled:
    """A record that was found. ``rank``: how well its title fits, one of ``app.query.matching``'s."""

    record: bytes
    kind: str
    title: str
    number: int | None
    rank: int


@dataclass
class _Lines:
    """The titles of one kind."""

    kind: str
    blob: str = "\n"
    starts: array[int] = field(default_factory=lambda: array("l"))
    records: list[bytes] = field(default_factory=list)
    changed: dict[bytes, str | None] = field(default_factory=dict)
    """Lines made since, the newest last: None for what is gone, empty until the line is asked for."""
    late: dict[bytes, str | None] = field(default_factory=dict)
    """What changed while the lines that take this one's place are being made."""


class Titles:
    """The titles of several kinds. What is not loaded yet is found as soon as its steps have run."""

    def __init__(self, source: TitleSource, kinds: Iterable[str]) -> None:
        self._source = source
        self._lines = {kind: _Lines(kind) for kind in kinds}
        self._stale = set(self._lines)

    @property
    def stale(self) -> bool:
        """Whether ``load_steps`` has something to do."""
        return bool(self._stale)

    def load_steps(self) -> Iterator[None]:
        """Read what is missing or has changed much, a few milliseconds a step."""
        while self._stale:
            kind = next(each for each in self._lines if each in self._stale)
            self._stale.discard(kind)
            yield from self._load(kind)

    def _load(self, kind: str) -> Iterator[None]:
        before = self._lines[kind]
        before.late = {}
        heading = KINDS[kind].heading
        records = list(self._source.ids(kind))
        yield
        titles = self._source.column(kind, heading)
        yield
        numbers = self._source.column(kind, "number") if kind == ISSUE else {}
        yield
        made = _Lines(kind, records=records)
        parts: list[str] = ["\n"]
        place = 1
        for begin in range(0, len(records), _AT_ONCE):
            for record in records[begin : begin + _AT_ONCE]:
                line = _line(titles.get(record), numbers.get(record))
                made.starts.append(place)
                parts.append(line)
                place += len(line)
            yield
        made.blob = "".join(parts)
        made.changed = before.late
        self._lines[kind] = made

    def apply(self, touched: Touched) -> bool:
        """Follow what was touched; whether ``load_steps`` should run."""
        appeared = touched.created | touched.visibility
        for record in {*touched.records, *appeared}:
            kind = touched.kinds.get(record, "")
            lines = self._lines.get(kind)
            if lines is None:
                continue
            fields = touched.records.get(record, set())
            if record in appeared or KINDS[kind].heading in fields or "number" in fields:
                for each in (lines.changed, lines.late):
                    each.pop(record, None)
                    each[record] = ""
                if len(lines.changed) > _MOST_CHANGED:
                    self._stale.add(kind)
        return self.stale

    # Finding

    def find(self, typed: str, limit: int = 40, kinds: Iterable[str] = ()) -> list[Titled]:
        """The records whose title has all the words, or whose number begins so, the best first.

        Of equally good ones the newest come first. An empty text finds nothing.
        """
        wanted = " ".join(fold(typed).split())
        if not wanted:
            return []
        found: list[tuple[int, int, bytes, str]] = []
        for order, kind in enumerate(kinds or self._lines):
            lines = self._lines[kind]
            self._renew(lines)
            hits = _numbered(lines, wanted, limit)
            numbered = {record for _, record in hits}
            hits += [each for each in _titled(lines, wanted, limit) if each[1] not in numbered]
            found += [(rank, order, record, kind) for rank, record in hits]
        found.sort(key=lambda each: each[:2])
        return [self._made(*each) for each in found[:limit]]

    def newest(self, kind: str, limit: int) -> list[Titled]:
        """The newest records of a kind."""
        return [self._made(BEGINS, 0, record, kind) for record in self._source.ids(kind)[:limit]]

    def _made(self, rank: int, _order: int, record: bytes, kind: str) -> Titled:
        title = self._source.column(kind, KINDS[kind].heading).get(record)
        number = self._source.column(kind, "number").get(record) if kind == ISSUE else None
        shown = " ".join(title[:_LONGEST].split()) if isinstance(title, str) else ""
        return Titled(record, kind, shown, number if isinstance(number, int) else None, rank)

    def _renew(self, lines: _Lines) -> None:
        """Read the titles that were touched since they were last asked for."""
        waiting = [record for record, line in lines.changed.items() if line == ""]
        if not waiting:
            return
        titles = self._source.column(lines.kind, KINDS[lines.kind].heading)
        numbers = self._source.column(lines.kind, "number") if lines.kind == ISSUE else {}
        ids = self._source.ids(lines.kind)
        there = ids if len(waiting) < _FEW else set(ids)
        for record in waiting:
            line = _line(titles.get(record), numbers.get(record))
            lines.changed[record] = line if record in there else None


def _line(title: object, number: object) -> str:
    text = fold(title[:_LONGEST]).replace("\n", " ").replace("\r", " ") if isinstance(title, str) else ""
    return f"{text}{_NUMBER}{number}\n" if isinstance(number, int) else f"{text}\n"


def _numbered(lines: _Lines, wanted: str, limit: int) -> list[tuple[int, bytes]]:
    digits = wanted.removeprefix("#")
    if not digits.isdecimal():
        return []
    # Two devices may have given one number twice.
    exact = list(_hits(lines, f"{_NUMBER}{digits}\n", 4))
    begun = [each for each in _hits(lines, f"{_NUMBER}{digits}", limit) if each not in exact]
    return [(SAME, each) for each in exact] + [(BEGINS, each) for each in begun]


def _titled(lines: _Lines, wanted: str, limit: int) -> list[tuple[int, bytes]]:
    found = [(BEGINS, each) for each in _hits(lines, f"\n{wanted}", limit)]
    known = {each for _, each in found}
    words = wanted.split()
    if len(words) > 1:
        phrase = [each for each in _hits(lines, wanted, limit) if each not in known]
        found += [(WORD_BEGINS, each) for each in phrase]
        known.update(phrase)
    if len(found) >= limit:
        return found
    # The rarest word leads, so that few lines are looked at.
    lead = min(words, key=lambda word: lines.blob.count(word, 0, _SAMPLE)) if len(words) > 1 else wanted
    spaced = f" {wanted}"
    inside: list[bytes] = []
    looked_at = 0
    for record, line in _lines_with(lines, lead):
        looked_at += 1
        if record in known or not all(word in line for word in words):
            continue
        known.add(record)
        if len(words) == 1 and spaced in line:
            found.append((WORD_BEGINS, record))
        else:
            inside.append(record)
        if len(found) + len(inside) >= (_MOST_LOOKED_AT if len(words) == 1 else limit):
            break
    return [*found, *((CONTAINS, each) for each in inside)]


def _hits(lines: _Lines, text: str, limit: int) -> Iterator[bytes]:
    for count, (record, _) in enumerate(_lines_with(lines, text)):
        if count == limit:
            return
        yield record


def _lines_with(lines: _Lines, text: str) -> Iterator[tuple[bytes, str]]:
    """The records whose lines have a text in them, with their lines, the newest first."""
    for record, line in reversed(lines.changed.items()):
        if line is not None and text in f"\n{line}":
            yield record, line
    blob, starts, changed = lines.blob, lines.starts, lines.changed
    place = blob.find(text)
    while place >= 0:
        begin = place + 1 if text[0] == "\n" else place
        row = bisect_right(starts, begin) - 1
        end = blob.find("\n", begin)
        record = lines.records[row]
        if record not in changed:
            yield record, blob[starts[row] : end]
        place = blob.find(text, max(end, place + 1))
