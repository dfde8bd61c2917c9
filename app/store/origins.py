"""Who wrote what an import brought along.

A project that is imported is founded anew, and its changes are signed by whoever imports it: nobody can sign
for others. So each of its changes carries one operation more, its last, which names the original: it sets the
field ``by`` of a record of kind ``origin``, whose id is the first half of the original's id, to ``[device key of
the author, id of the original change]``. Merging goes by the new author, the same on every device; what people
are shown goes by the original one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from app.store.records import Stamp
from sync.change import Change, Set
from sync.merge import LiveWrite

if TYPE_CHECKING:
    from app.store.core import Core

ORIGIN = "origin"
_BY = "by"
_decode = msgspec.msgpack.Decoder().decode


def origin(device: bytes, change: bytes) -> Set:
    """The operation that names the author and the id of an original change."""
    return Set(ORIGIN, change[:16], _BY, [device, change])


def origin_of(change: Change) -> tuple[bytes, bytes] | None:
    """(device key, id) of the original that a change brings along; None for one that was made here."""
    last = change.operations[-1]
    if isinstance(last, Set) and last.kind == ORIGIN and last.field == _BY:
        return _read(last.value)
    return None


def _read(value: Any) -> tuple[bytes, bytes] | None:
    if isinstance(value, list) and [type(part) for part in value] == [bytes, bytes]:
        device, change = value
        if len(device) == len(change) == 32:
            return device, change
    return None


def _field(core: Core) -> int | None:
    return core.numbers.known_field(ORIGIN, _BY)


def authors(core: Core) -> dict[bytes, bytes]:
    """The original author's device by change, for all changes that an import brought along."""
    fid = _field(core)
    if fid is None:
        return {}
    rows = core.db.all(
        "SELECT c.id, w.value FROM writes w JOIN changes c USING (cid) WHERE w.fid = ?", (fid,)
    )
    read = {bytes(change): _read(_decode(value)) for change, value in rows}
    return {change: found[0] for change, found in read.items() if found is not None}


def author(core: Core, change: bytes) -> bytes | None:
    """The original author's device of one change; None where it was made here."""
    fid = _field(core)
    if fid is None:
        return None
    row = core.db.one(
        "SELECT w.value FROM changes c JOIN writes w USING (cid) WHERE c.id = ? AND +w.fid = ?", (change, fid)
    )
    found = None if row is None else _read(_decode(row[0]))
    return None if found is None else found[0]


def credited(core: Core, writes: tuple[LiveWrite, ...]) -> tuple[LiveWrite, ...]:
    """Writes, in the order given, with their original authors."""
    if _field(core) is None:
        return writes
    return tuple(write._replace(author=author(core, write.id[0]) or write.author) for write in writes)


def credited_stamp(core: Core, stamp: Stamp, change: bytes | None) -> Stamp:
    """When and by whom a change was made, by its original author."""
    found = None if change is None else author(core, change)
    return stamp if found is None else replace(stamp, device=found)
