"""Changes put together again from the tables, where the envelope that they came in is here without its body.

What came by a bundle has no body here, nor what was dropped once a confirmed bundle covers it. Where the membership
later sees such an envelope otherwise, its changes have to be taken back, or applied again, all the same. Their bytes
cannot be made again, but what they wrote can; what is taken back is kept in ``changes.data`` from then on, since it
leaves the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from app.store.core import Core, unpack
from sync.change import Add, Change, Delete, Group, Names, Operation, Remove, Set, Text, WriteId, names
from sync.errors import Malformed
from sync.intake import Judged, objection
from sync.membership import Membership

_KEPT: Final = b"rebuilt\0"
_encode = msgspec.msgpack.Encoder().encode
_decode_operations = msgspec.msgpack.Decoder(tuple[Operation, ...]).decode
_decode_names = msgspec.msgpack.Decoder(Names).decode
_Place = tuple[int, int]


class Rebuilder:
    """Puts changes together again, on one connection."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._db = core.db

    def of_envelope(self, eid: int) -> list[Change]:
        """The changes that came in an envelope, in the order in which they were applied."""
        rows = self._db.all(
            "SELECT c.cid, c.id, d.key, c.clock, c.gid, c.data FROM changes c JOIN devices d USING (did)"
            " WHERE c.eid = ? ORDER BY c.cid",
            (eid,),
        )
        found = []
        for cid, name, author, clock, gid, data in rows:
            operations = self._kept(data) if data is not None else self._operations(int(cid), bytes(name))
            group = None if gid is None else Group(bytes(gid), 0, 1)
            found.append(Change(bytes(name), bytes(author), int(clock), group, tuple(operations), b""))
        return found

    def sorted_out(self, judged: Judged, eid: int, membership: Membership) -> Iterator[tuple[Change, str]]:
        """The changes of an envelope, each with the reason why it does not count; empty where it does."""
        for change in self.of_envelope(eid):
            reason = judged.reason
            if judged.role is not None and judged.envelope is not None:
                reason = objection(change, judged.envelope.header.device, judged.role, membership)
            yield change, reason

    def keep(self, change: Change) -> None:
        """Keep what a change says, before it is taken out of the tables. The caller has a transaction open."""
        self._db.run(
            "UPDATE changes SET data = ? WHERE id = ? AND data IS NULL",
            (_KEPT + _encode(change.operations), change.id),
        )

    def _kept(self, data: Any) -> Sequence[Operation]:
        kept = bytes(data)
        if not kept.startswith(_KEPT):
            raise Malformed("A change that is set aside is not here whole.")
        return _decode_operations(kept.removeprefix(_KEPT))

    def _operations(self, cid: int, name: bytes) -> list[Operation]:
        """What the tables hold of a change, each operation at its place.

        A removal leaves no row that tells its place, so removals stand where nothing else does; several on one field
        of a record become one, with the same effect.
        """
        replaced: dict[_Place, list[WriteId]] = {}
        for rid, fid, target, index in self._db.all(
            "SELECT rid, fid, target, idx FROM replacements WHERE cid = ?", (cid,)
        ):
            replaced.setdefault((int(rid), int(fid)), []).append((bytes(target), int(index)))
        placed: dict[int, Operation] = {}
        rows = self._db.all(
            "SELECT idx, rid, fid, value FROM writes WHERE cid = ?1"
            " UNION ALL SELECT idx, rid, fid, value FROM history WHERE cid = ?1 ORDER BY 1",
            (cid,),
        )
        touched: dict[_Place, None] = dict.fromkeys(replaced)
        for index, rid, fid, value in rows:
            place = (int(rid), int(fid))
            touched[place] = None
            taken = names(replaced.pop(place, ()))
            placed[int(index)] = self._write(cid, int(index), place, value, taken)
        for index, rid, fid, update, client in self._db.all(
            "SELECT idx, rid, fid, data, client FROM updates WHERE cid = ?", (cid,)
        ):
            kind, record = self._core.numbers.record_id(int(rid))
            field = self._core.numbers.field_name(int(fid))[1]
            placed[int(index)] = Text(kind, record, field, bytes(update), int(client))
        removals = [self._removal(place, names(taken)) for place, taken in replaced.items()]
        filler = [self._removal(place, ()) for place in list(touched)[:1]]
        found: list[Operation] = []
        for index in range(max(placed, default=-1) + 1):
            operation = placed.get(index)
            if operation is None and (removals or filler):
                operation = removals.pop() if removals else filler[0]
            if operation is None:
                raise Malformed("A change is not here whole.")
            found.append(operation)
        return found + removals

    def _write(self, cid: int, index: int, place: _Place, value: Any, taken: Names) -> Operation:
        kind, record = self._core.numbers.record_id(place[0])
        field = self._core.numbers.field_name(place[1])[1]
        if field == "deleted":
            row = self._db.one("SELECT names FROM covers WHERE cid = ? AND idx = ?", (cid, index))
            if row is not None:
                return Delete(kind, record, _decode_names(row[0]), taken)
        made = Add if self._core.is_many(kind, field) else Set
        return made(kind, record, field, unpack(value), taken)

    def _removal(self, place: _Place, taken: Names) -> Operation:
        kind, record = self._core.numbers.record_id(place[0])
        return Remove(kind, record, self._core.numbers.field_name(place[1])[1], taken)
