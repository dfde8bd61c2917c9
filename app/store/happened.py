"""What each change did to each record, in the order in which changes came to this device: for who follows them.

A change is counted by its number here, not by its author's clock. What a change did is told as its author meant it:
what stood in a field before is what that change took the place of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.richtext.delta import Delete, Insert, Op
from app.richtext.yjs import read_document
from app.store.core import unpack
from app.store.origins import authors
from app.store.plain_texts import plain_of
from app.store.succession import former_devices
from app.store.text_history import Heard
from app.store.texts import document_text
from sync.merge import LiveWrite, shown_first

if TYPE_CHECKING:
    from app.store.core import Core

_WRITES = (
    "SELECT cid, rid, fid, idx, value FROM writes WHERE cid BETWEEN ?1 AND ?2"
    " UNION ALL SELECT cid, rid, fid, idx, value FROM history WHERE cid BETWEEN ?1 AND ?2"
)
_REPLACED = (
    "SELECT p.cid, p.rid, p.fid, h.idx, h.value, t.id, t.clock, d.key FROM replacements p"
    " LEFT JOIN changes t ON t.id = p.target LEFT JOIN history h ON h.rid = p.rid AND h.fid = p.fid"
    " AND h.cid = t.cid AND h.idx = p.idx LEFT JOIN devices d ON d.did = t.did WHERE p.cid BETWEEN ?1 AND ?2"
)


@dataclass(slots=True)
class Written:
    """What a change did to one field: what it put there, and what it took the place of, what showed first."""

    put: list[Any] = field(default_factory=list)
    gone: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Happening:
    """What one change did to one record.

    ``number``: of the change on this device; ``at`` and ``device``: when its author made it, and where; ``texts``: the
    names of the rich texts that it edited.
    """

    number: int
    change: bytes
    at: int
    device: bytes
    kind: str
    record: bytes
    rid: int
    fields: dict[str, Written] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TextEdit:
    """What a change did to a text: characters that it added and removed, and the plain text after it."""

    added: int
    removed: int
    plain: str


def newest_change(core: Core) -> int:
    """The number of the last change that is here."""
    row = core.db.one("SELECT max(cid) FROM changes")
    return 0 if row is None else int(row[0] or 0)


def happened(core: Core, after: int, *, own: bool, most: int = 200) -> tuple[list[Happening], int]:
    """What changes numbered above ``after`` did, in their order, and the number of the last that was looked at.

    At most so many changes are read: where the number is ``after`` there are no more. Without ``own`` what this device
    wrote is left out; what membership set aside always is.
    """
    rows = core.db.all(
        "SELECT c.cid, c.id, c.clock, d.key, c.aside FROM changes c JOIN devices d USING (did) WHERE c.cid > ?"
        " ORDER BY c.cid LIMIT ?",
        (after, most),
    )
    if not rows:
        return [], after
    ours = set() if own else {core.device, *former_devices(core)}
    wrote = authors(core)
    changes = {
        int(cid): (bytes(change), int(clock), wrote.get(bytes(change), bytes(key)))
        for cid, change, clock, key, aside in rows
        if not aside and bytes(key) not in ours
    }
    last = int(rows[-1][0])
    return (_read(core, changes, after + 1, last) if changes else []), last


def _read(core: Core, changes: dict[int, tuple[bytes, int, bytes]], first: int, last: int) -> list[Happening]:
    found: dict[tuple[int, int], Happening] = {}
    places: dict[tuple[int, int], int] = {}

    def at(cid: int, rid: int, place: int) -> Happening:
        happening = found.get((cid, rid))
        if happening is None:
            kind, record = core.numbers.record_id(rid)
            happening = found[cid, rid] = Happening(cid, *changes[cid], kind, record, rid)
        places[cid, rid] = min(place, places.get((cid, rid), place))
        return happening

    def written(happening: Happening, fid: int) -> Written:
        return happening.fields.setdefault(core.numbers.field_name(fid)[1], Written())

    for cid, rid, fid, index, value in sorted(core.db.all(_WRITES, (first, last)), key=lambda row: row[:4]):
        if cid in changes:
            written(at(cid, rid, index), fid).put.append(unpack(value))
    replaced: dict[tuple[int, int, int], list[LiveWrite]] = {}
    for cid, rid, fid, index, value, target, clock, key in core.db.all(_REPLACED, (first, last)):
        if cid in changes:
            each = replaced.setdefault((cid, rid, fid), [])
            if value is not None:
                write = (bytes(target), int(index))
                each.append(LiveWrite(write, unpack(value), bytes(key), int(clock)))
    for (cid, rid, fid), writes in replaced.items():
        # A change may say only what goes: then it has no place of its own among those that put something.
        here = written(at(cid, rid, 1 << 31), fid)
        here.gone = [write.value for write in shown_first(writes)]
    edits = "SELECT DISTINCT cid, rid, fid, min(idx) FROM updates WHERE cid BETWEEN ? AND ? GROUP BY cid, rid, fid"
    for cid, rid, fid, index in core.db.all(edits, (first, last)):
        if cid in changes:
            at(cid, rid, index).texts.append(core.numbers.field_name(fid)[1])
    return [found[key] for key in sorted(found, key=lambda key: (key[0], places[key], key[1]))]


class TextEdits:
    """Tells what changes did to texts; asked for one text in the order of its changes, it reads each update once."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._heard: dict[tuple[int, int], tuple[Heard, int]] = {}

    def of(self, happening: Happening, name: str) -> TextEdit | None:
        """What a change did to a text; None where there is nothing of it."""
        core, rid = self._core, happening.rid
        fid = core.numbers.known_field(happening.kind, name)
        row = core.db.one(
            "SELECT min(uid), max(uid) FROM updates WHERE rid = ? AND fid = ? AND cid = ?",
            (rid, fid, happening.number),
        )
        if fid is None or row is None or row[0] is None:
            return None
        first, past = int(row[0]), int(row[1]) + 1
        heard, upto = self._heard.get((rid, fid), (Heard(), 0))
        if upto > first:
            heard, upto = Heard(), 0
        heard.take(core.texts_store.between(rid, fid, upto, first))
        ended = _ends(heard)
        change = heard.take(core.texts_store.between(rid, fid, first, past))
        ends = _ends(heard)
        self._heard[rid, fid] = heard, past
        # The line end that closes every text shows nowhere.
        return TextEdit(
            _length(change, Insert) - (ends and not ended),
            _length(change, Delete) - (ended and not ends),
            plain_of(read_document(document_text(heard.document)), core.texts_store.values.name_of),
        )


def _ends(heard: Heard) -> bool:
    """Whether a text has a line end at its end."""
    length = len(heard.index)
    return length > 0 and heard.index.slice(length - 1, length) == "\n"


def _length(change: Sequence[Op], sort: type[Insert | Delete]) -> int:
    return sum(op.length for op in change if isinstance(op, sort))
