"""What takes a change of this device back, read from the file as it stands now.

Only what this device wrote goes: a write that still stands gives way to what stood before it, where nobody else
wrote beside it; what was taken away comes back, where nothing stands there now; and a record made here is
deleted only while nobody else has written to it. What was put back by taking a later change back stands for
what it was put back for, so a field goes back through all its values, one step at a time.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable

from app.store.core import unpack
from app.store.deletion import DELETED
from app.store.reading import Reading
from sync.change import Add, Delete, Operation, Remove, Set, Text, WriteId, names
from sync.merge import LiveWrite, shown_first

_DELETED = "deleted"
_CREATED = "created"

_Place = tuple[int, int]
"""(record, field), by their numbers."""


class Undone:
    """Which change each change that took something back took back, by their numbers: 16 bytes each."""

    def __init__(self) -> None:
        self._later = array("q")
        self._earlier = array("q")

    def note(self, later: int, earlier: int) -> None:
        """Remember one; later ones have larger numbers."""
        self._later.append(later)
        self._earlier.append(earlier)

    def get(self, later: int) -> int | None:
        """What a change took back; None for one that did something new."""
        at = bisect_left(self._later, later)
        return self._earlier[at] if at < len(self._later) and self._later[at] == later else None

    def since(self, cid: int) -> set[int]:
        """All that was done and taken back again after a change, with what took it back."""
        at = bisect_left(self._later, cid)
        return {*self._later[at:], *(each for each in self._earlier[at:] if each > cid)}


class Inverse:
    """Takes changes back, one after the other. ``kept`` counts what was left because others wrote to it."""

    def __init__(self, core: Reading, undone: Undone) -> None:
        self._core = core
        self._db = core.db
        self._undone = undone
        self.kept = 0

    def of(self, cid: int) -> list[Operation]:
        """The operations that take a change back."""
        row = self._db.one("SELECT id FROM changes WHERE cid = ?", (cid,))
        assert row is not None
        own = bytes(row[0])
        wrote = {
            (int(rid), int(fid))
            for rid, fid in self._db.all(
                "SELECT rid, fid FROM writes WHERE cid = ?1 UNION SELECT rid, fid FROM history WHERE cid = ?1",
                (cid,),
            )
        }
        taken: dict[_Place, list[WriteId]] = {}
        for rid, fid, target, index in self._db.all(
            "SELECT rid, fid, target, idx FROM replacements WHERE cid = ?", (cid,)
        ):
            taken.setdefault((int(rid), int(fid)), []).append((bytes(target), int(index)))
        made = {rid for rid, fid in wrote if self._name(fid)[1] == _CREATED}
        operations = [operation for rid in sorted(made) for operation in self._unmake(rid)]
        for place in sorted(wrote | taken.keys()):
            if place[0] not in made:
                operations.extend(self._unwrite(place, own, taken.get(place, []), place in wrote))
        for rid, fid in self._core.texts_store.of_change(cid):
            if rid not in made:
                operations.extend(self._untype(rid, fid, cid))
        return operations

    def _name(self, fid: int) -> tuple[str, str]:
        return self._core.numbers.field_name(fid)

    def _id(self, rid: int) -> tuple[str, bytes]:
        row = self._db.one("SELECT kind, id FROM records WHERE rid = ?", (rid,))
        assert row is not None
        return str(row[0]), bytes(row[1])

    def _unmake(self, rid: int) -> list[Operation]:
        if self._core.deletions.state_of(rid) == DELETED:
            return []
        present = self._core.deletions.present_below(rid)
        if self._by_others(present):
            self.kept += 1
            return []
        return [Delete(*self._id(rid), names(present))]

    def _by_others(self, writes: Iterable[WriteId]) -> bool:
        own = self._core.numbers.device(self._core.device)
        return any(
            self._db.one("SELECT 1 FROM changes WHERE id = ? AND did <> ?", (change, own)) is not None
            for change in {change for change, _ in writes}
        )

    def _unwrite(self, place: _Place, own: bytes, taken: list[WriteId], wrote: bool) -> list[Operation]:
        rid, fid = place
        name = self._name(fid)[1]
        live = self._core.live(rid, fid)
        mine = [write for write in live if self._is_of(write, own, place)]
        if wrote and not mine:
            return []
        if name == _DELETED:
            return self._undelete(place, mine, taken)
        if self._core.deletions.state_of(rid) == DELETED:
            self.kept += 1
            return []
        kind, record = self._id(rid)
        named = names(write.id for write in mine)
        before = [write.value for write in self._replaced(taken, place)]
        if self._core.is_many(kind, name):
            found: list[Operation] = [Remove(kind, record, name, named)] if mine else []
            there = [write.value for write in live if write not in mine]
            for value in before:
                if value not in there:
                    there.append(value)
                    found.append(Add(kind, record, name, value))
            return found
        if mine:
            if before and len(live) == len(mine):
                return [Set(kind, record, name, before[0], named)]
            return [Remove(kind, record, name, named)]
        return [Set(kind, record, name, before[0])] if before and not live else []

    def _undelete(self, place: _Place, mine: list[LiveWrite], taken: list[WriteId]) -> list[Operation]:
        """Take a deletion back, or a restoration: of that only while nobody has written to the record since."""
        rid = place[0]
        kind, record = self._id(rid)
        named = names(write.id for write in mine)
        if any(write.value is True for write in mine):
            return [Remove(kind, record, _DELETED, named)]
        if self._core.deletions.state_of(rid) == DELETED or not any(
            write.value is True for write in self._replaced(taken, place)
        ):
            return []
        deletions = self._core.deletions
        present = deletions.present_below(rid)
        seen = deletions.covered_by(taken)
        if self._by_others(write for write in present if write not in seen):
            self.kept += 1
            return []
        return [Delete(kind, record, names(present), named)]

    def _is_of(self, write: LiveWrite, own: bytes, place: _Place) -> bool:
        """Whether a write is of the change ``own``, or was put back for one that is."""
        while write.id[0] != own:
            row = self._db.one("SELECT cid FROM changes WHERE id = ?", (write.id[0],))
            undone = None if row is None else self._undone.get(int(row[0]))
            if undone is None:
                return False
            named = [
                (bytes(target), int(index))
                for target, index in self._db.all(
                    "SELECT target, idx FROM replacements WHERE cid = ? AND rid = ? AND fid = ?",
                    (undone, *place),
                )
            ]
            earlier = [each for each in self._replaced(named, place) if each.value == write.value]
            if not earlier:
                return False
            write = earlier[0]
        return True

    def _replaced(self, writes: list[WriteId], place: _Place) -> list[LiveWrite]:
        """Replaced writes with their values, the latest first."""
        rid, fid = place
        found = []
        for change, index in writes:
            row = self._db.one(
                "SELECT h.value, d.key, c.clock FROM changes c JOIN history h ON h.cid = c.cid"
                " JOIN devices d USING (did) WHERE c.id = ? AND h.rid = ? AND h.fid = ? AND h.idx = ?",
                (change, rid, fid, index),
            )
            if row is not None:
                found.append(LiveWrite((change, index), unpack(row[0]), bytes(row[1]), int(row[2])))
        return list(shown_first(found))

    def _untype(self, rid: int, fid: int, cid: int) -> list[Operation]:
        if self._core.deletions.state_of(rid) == DELETED:
            self.kept += 1
            return []
        client = self._core.client()
        kind, record = self._id(rid)
        together = {cid, *self._undone.since(cid)}
        update = self._core.texts_store.taking_back(rid, fid, together, client)
        return [] if update is None else [Text(kind, record, self._name(fid)[1], update, client)]
