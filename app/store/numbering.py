"""Issue numbers: each device takes them from a block that it reserved, so an issue made offline has its final
number at once.

A claim is a record of kind ``numbers`` whose field ``block`` holds ``[first, count]``. It counts once it came
back from the server and no claim before it, in the server's order, overlaps it; a device that is alone in its
project needs no server. A number is a label: two equal ones (after a restore, or by ill will) do no harm.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.schema import ISSUE, NUMBERS
from app.store.core import Core, unpack
from app.store.deletion import DELETED
from app.store.touched import Touched
from sync.change import Operation, Set

BLOCK = 100
_LOW = 30
_MAX_COUNT = 1_000_000
_MAX_FIRST = 1 << 40


def take(core: Core) -> int | None:
    """Give a number to an issue that is being made; None where none is left.

    The caller has a transaction open.
    """
    number = _next(core)
    if number is None and core.get_meta("alone") == 1:
        _claim(core, BLOCK, confirmed=True)
        number = _next(core)
    return number


def reserve(core: Core, count: int) -> None:
    """Reserve so many numbers at once, where this device is alone in its project and needs to ask nobody.

    Elsewhere nothing happens: ``take`` goes on with what was reserved before. The caller has a transaction open.
    """
    if core.get_meta("alone") == 1:
        _claim(core, min(count, _MAX_COUNT), confirmed=True)


def note_missing(core: Core, operations: Sequence[Operation]) -> None:
    """Remember the issues that a change made without a number. The caller has its transaction open."""
    numbered = {
        each.record for each in operations if each.kind == ISSUE and getattr(each, "field", "") == "number"
    }
    for each in operations:
        made = isinstance(each, Set) and each.kind == ISSUE and each.field == "created"
        if made and each.record not in numbered:
            rid = core.numbers.record(ISSUE, each.record)[0]
            core.db.run("INSERT OR IGNORE INTO local_unnumbered VALUES (?)", (rid,))


def _next(core: Core) -> int | None:
    row = core.db.one(
        "SELECT cid, first + used FROM local_blocks WHERE confirmed = 1 AND used < count ORDER BY first LIMIT 1"
    )
    if row is None:
        return None
    core.db.run("UPDATE local_blocks SET used = used + 1 WHERE cid = ?", (row[0],))
    return int(row[1])


def _claims(core: Core) -> list[tuple[int, int, int, int | None]]:
    """All valid claims: (change number, first, count, place in the server's order or None)."""
    fid = core.numbers.known_field(NUMBERS, "block")
    rows = core.db.all(
        "SELECT w.value, w.cid, e.version FROM writes w JOIN changes c USING (cid) LEFT JOIN envelopes e USING (eid)"
        " WHERE w.fid = ?",
        (fid,),
    )
    found = []
    for data, cid, version in rows:
        value = unpack(data)
        if (
            isinstance(value, list)
            and len(value) == 2
            and all(type(part) is int for part in value)
            and 0 < value[0] < _MAX_FIRST
            and 0 < value[1] <= _MAX_COUNT
        ):
            found.append((int(cid), value[0], value[1], None if version is None else int(version)))
    return found


def _claim(core: Core, count: int, *, confirmed: bool) -> None:
    # The first gap that is large enough: a claim far away, by mistake or ill will, makes no numbers large.
    first = 1
    for start, length in sorted((start, length) for _, start, length, _ in _claims(core)):
        if start >= first + count:
            break
        first = max(first, start + length)
    operations: list[Operation] = [Set(NUMBERS, core.new_id(), "block", [first, count])]
    change = core.append(operations, Touched())
    assert change is not None
    known = core.applier.known(change.id)
    assert known is not None
    core.db.run("INSERT INTO local_blocks VALUES (?, ?, ?, 0, ?)", (known[0], first, count, int(confirmed)))


def claim_if_low(core: Core) -> None:
    """Reserve more numbers where few are left and no claim is on its way. The caller has a transaction open."""
    row = core.db.one(
        "SELECT sum(count - used), min(confirmed) FROM local_blocks WHERE used < count OR confirmed = 0"
    )
    left = int(row[0] or 0) if row is not None else 0
    if row is not None and row[1] == 0:
        return
    unnumbered = core.db.one("SELECT count(*) FROM local_unnumbered")
    wanted = int(unnumbered[0]) if unnumbered is not None else 0
    if left - wanted < _LOW:
        _claim(core, max(BLOCK, wanted - left + BLOCK), confirmed=core.get_meta("alone") == 1)


def confirm(core: Core, pulled_version: int) -> bool:
    """Use claims that came back: everything up to ``pulled_version`` in the server's order is here.

    Returns whether a claim of this device was decided. The caller has a transaction open.
    """
    decided = False
    own = core.db.all(
        "SELECT b.cid, b.first, b.count, e.version FROM local_blocks b JOIN changes c USING (cid)"
        " JOIN envelopes e USING (eid) WHERE b.confirmed = 0 AND e.version <= ?",
        (pulled_version,),
    )
    if own:
        claims = _claims(core)
        for cid, first, count, version in own:
            taken = any(
                other != cid
                and place is not None
                and place < version
                and start < first + count
                and first < start + length
                for other, start, length, place in claims
            )
            if taken:
                core.db.run("DELETE FROM local_blocks WHERE cid = ?", (cid,))
            else:
                core.db.run("UPDATE local_blocks SET confirmed = 1 WHERE cid = ?", (cid,))
            decided = True
    return decided


def number_waiting(core: Core, touched: Touched, limit: int) -> int:
    """Give numbers to up to ``limit`` issues that were made without one. The caller has a transaction open."""
    rows = core.db.all("SELECT rid FROM local_unnumbered ORDER BY rid LIMIT ?", (limit,))
    given = 0
    for (rid,) in rows:
        record = core.db.one("SELECT id, state FROM records WHERE rid = ?", (rid,))
        fid = core.numbers.field(ISSUE, "number")
        has = core.db.one("SELECT 1 FROM writes WHERE fid = ? AND rid = ?", (fid, rid))
        if record is None or has is not None or record[1] == DELETED:
            core.db.run("DELETE FROM local_unnumbered WHERE rid = ?", (rid,))
            continue
        number = _next(core)
        if number is None:
            break
        core.append([Set(ISSUE, bytes(record[0]), "number", number)], touched)
        core.db.run("DELETE FROM local_unnumbered WHERE rid = ?", (rid,))
        given += 1
    return given
