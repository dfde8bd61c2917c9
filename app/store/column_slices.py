"""Reading one field of all records in slices of some milliseconds, undecoded: most values repeat.

A slice is a range of the numbers of records, and one range of the table of writes, which is ordered by field and
record. What shows where several values stand, and the order of the members of a set, are as ``Reading`` has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from app.store.deletion import DISPUTED, THERE
from app.store.origins import authors
from app.store.reading import Reading
from app.store.reading import _first_stamp as first_stamp
from sync.merge import LiveWrite

Slice = tuple[list[int], list[Any]]
"""Numbers of records, and what stands there: the packed value; of sets, a tuple of packed values."""

_STEP = 1_500
_MANY_STEP = 200
"""Where a record has several rows, or rows are joined to others."""
_TEXT_STEP = 150
_THERE = f"r.state IN ({THERE}, {DISPUTED})"
unpack = msgspec.msgpack.Decoder().decode


class ColumnSlices:
    """The columns of one project file."""

    def __init__(self, project: Reading) -> None:
        self._project = project

    def _ranges(self, fid: int | None = None, step: int = _STEP) -> Iterator[tuple[int, int]]:
        """Ranges of records: of all, or of those in which a field was written."""
        db = self._project.db
        row = (
            db.one("SELECT (SELECT min(rid) FROM records), (SELECT max(rid) FROM records)")
            if fid is None
            else db.one(
                # Asked for both at once, SQLite would go through all of them.
                "SELECT (SELECT min(rid) FROM writes WHERE fid = ?1), (SELECT max(rid) FROM writes WHERE fid = ?1)",
                (fid,),
            )
        )
        if row is None or row[0] is None:
            return
        for first in range(int(row[0]), int(row[1]) + 1, step):
            yield first, first + step

    def records(self, kind: str) -> Iterator[list[tuple[bytes, int]]]:
        """(id, number) of the records of a kind that are not deleted."""
        for bounds in self._ranges():
            yield self._project.db.all(
                f"SELECT r.id, r.rid FROM records r WHERE r.rid >= ? AND r.rid < ? AND r.kind = ? AND {_THERE}",  # noqa: S608
                (*bounds, kind),
            )

    def number(self, kind: str, record: bytes) -> int | None:
        """The number of a record."""
        return self._project.numbers.known_record(kind, record)

    def values(self, kind: str, field: str, *, many: bool) -> Iterator[Slice]:
        """The values of a field; deleted records may be among them."""
        fid = self._project.numbers.known_field(kind, field)
        if fid is None:
            return
        for bounds in self._ranges(fid, _MANY_STEP if many else _STEP):
            yield self._members(fid, *bounds) if many else self._single(fid, *bounds)

    def _single(self, fid: int, first: int, stop: int) -> Slice:
        numbers, values, several = self._range(fid, first, stop)
        if not several:
            return numbers, values
        shown = dict(zip(numbers, values, strict=True))
        for each in several:
            shown[each] = msgspec.msgpack.encode(self._project.live(each, fid)[0].value)
        return list(shown), list(shown.values())

    def _members(self, fid: int, first: int, stop: int) -> Slice:
        numbers, values, several = self._range(fid, first, stop)
        found: dict[int, tuple[Any, ...]] = {
            number: (value,) for number, value in zip(numbers, values, strict=True)
        }
        if several:
            found.update(dict.fromkeys(several, ()))
            # Only where there are several does their order matter, which takes a look at each one's change.
            rows = self._project.db.all(
                "SELECT w.rid, w.value FROM json_each(?) n CROSS JOIN writes w ON w.fid = ? AND w.rid = n.value"
                " CROSS JOIN changes c USING (cid) ORDER BY w.rid, c.clock, c.id, w.idx",
                (msgspec.json.encode(sorted(several)).decode(), fid),
            )
            for number, value in rows:
                found[number] = (*found[number], value)
        return list(found), list(found.values())

    def _range(self, fid: int, first: int, stop: int) -> tuple[list[int], list[Any], set[int]]:
        """Numbers and values of a range of records, and the records with several values."""
        rows = self._project.db.all(
            "SELECT rid, value FROM writes WHERE fid = ? AND rid >= ? AND rid < ? ORDER BY rid",
            (fid, first, stop),
        )
        numbers, values = [row[0] for row in rows], [row[1] for row in rows]
        if len(set(numbers)) == len(numbers):
            return numbers, values, set()
        return numbers, values, {each for at, each in enumerate(numbers) if at and numbers[at - 1] == each}

    def stamps(self, kind: str, *, created: bool) -> Iterator[tuple[list[int], list[tuple[int, bytes]]]]:
        """When, in milliseconds, and on which device the records of a kind were made, or changed last."""
        if created:
            yield from self._creations(kind)
            return
        wrote = authors(self._project)
        for bounds in self._ranges(step=_MANY_STEP):
            rows = self._project.db.all(
                "SELECT r.rid, c.clock, d.key, c.id FROM records r JOIN changes c ON c.cid = r.updated"  # noqa: S608
                f" JOIN devices d USING (did) WHERE r.rid >= ? AND r.rid < ? AND r.kind = ? AND {_THERE}",
                (*bounds, kind),
            )
            yield (
                [row[0] for row in rows],
                [(clock, wrote.get(change, key) if wrote else key) for _, clock, key, change in rows],
            )

    def _creations(self, kind: str) -> Iterator[tuple[list[int], list[tuple[int, bytes]]]]:
        fid = self._project.numbers.known_field(kind, "created")
        wrote = authors(self._project)
        for bounds in self._ranges(step=_MANY_STEP):
            rows = self._project.db.all(
                "SELECT w.rid, w.value, c.clock, d.key, c.id, w.idx FROM writes w JOIN changes c USING (cid)"
                " JOIN devices d USING (did) WHERE w.fid = ? AND w.rid >= ? AND w.rid < ? ORDER BY w.rid",
                (fid, *bounds),
            )
            live: dict[int, list[LiveWrite]] = {}
            for number, value, clock, key, change, index in rows:
                write = LiveWrite((change, index), unpack(value), wrote.get(change, key), clock)
                live.setdefault(number, []).append(write)
            stamps = [first_stamp(writes) for writes in live.values()]
            yield list(live), [(stamp.at, stamp.device) for stamp in stamps]

    def texts(self, kind: str, field: str = "text") -> Iterator[list[tuple[bytes, str]]]:
        """(id, plain text) of the records of a kind that are not deleted, a few at a time, the newest first."""
        fid = self._project.numbers.known_field(kind, field)
        if fid is None:
            return
        for first, stop in reversed(list(self._ranges(step=_TEXT_STEP))):
            rows = self._project.db.all(
                "SELECT r.id, t.plain, t.rid FROM texts t JOIN records r USING (rid)"  # noqa: S608
                f" WHERE t.fid = ? AND t.rid >= ? AND t.rid < ? AND r.kind = ? AND {_THERE}",
                (fid, first, stop, kind),
            )
            if rows:
                plain = self._project.texts_store.plain
                yield [(record, plain(rid, fid) if text is None else text) for record, text, rid in rows]
