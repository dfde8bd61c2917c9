"""The changes of a project as they were written: from the outbox, and out of the sealed envelopes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

from app.store.project import Project
from sync.change import change_id
from sync.envelope import open_changes, parse
from sync.epochs import KeyRing
from sync.errors import Damaged, SitebookError

_OPEN_AT_ONCE = 8


class StoredChange(NamedTuple):
    """One change. ``lost``: which of its text updates do not count, since others took their characters.

    ``cut``: of which text updates how many of the first units do not count, since they were there already.
    """

    id: bytes
    data: bytes
    aside: bool
    lost: tuple[int, ...]
    cut: tuple[tuple[int, int], ...] = ()


def stored_changes(project: Project, keys: KeyRing) -> Iterator[StoredChange]:
    """All changes that were applied or set aside, in the order in which they came. Raises Damaged."""
    opened: OrderedDict[int, dict[bytes, bytes]] = OrderedDict()
    lost: dict[int, list[int]] = {}
    cut: dict[int, list[tuple[int, int]]] = {}
    sql = "SELECT cid, idx, lost FROM updates WHERE lost <> 0 ORDER BY cid, idx"
    for cid, index, units in project.db.all(sql):
        if units > 0:
            lost.setdefault(int(cid), []).append(int(index))
        else:
            cut.setdefault(int(cid), []).append((int(index), -int(units)))
    rows = project.db.connection.execute("SELECT cid, id, eid, aside, data FROM changes ORDER BY cid")
    for cid, change, eid, aside, data in rows:
        if data is None:
            data = _sealed(project, keys, eid, opened).get(bytes(change))
        if data is None or change_id(bytes(data)) != bytes(change):
            raise Damaged("A change is missing from the history of this project; see `sitebook doctor`.")
        parts = tuple(lost.get(int(cid), ())), tuple(cut.get(int(cid), ()))
        yield StoredChange(bytes(change), bytes(data), bool(aside), *parts)


def _sealed(
    project: Project, keys: KeyRing, eid: int | None, opened: OrderedDict[int, dict[bytes, bytes]]
) -> dict[bytes, bytes]:
    """The changes of an envelope by their ids. Neighbours come in the same few."""
    if eid is None:
        return {}
    if eid not in opened:
        row = project.db.one("SELECT wire FROM envelopes WHERE eid = ?", (eid,))
        try:
            envelope = parse(bytes(row[0])) if row is not None else None
            key = None
            if envelope is not None:
                key = keys.get(envelope.header.compartment, envelope.header.epoch)
            if envelope is None or key is None:
                return {}
            opened[eid] = {change_id(data): data for data in open_changes(envelope, key).changes}
        except SitebookError as error:
            raise Damaged("An envelope of this project cannot be opened; see `sitebook doctor`.") from error
        if len(opened) > _OPEN_AT_ONCE:
            opened.popitem(last=False)
    return opened[eid]
