"""What must hold in the end, computed a second time from nothing but the set of changes.

Nothing here shares code with the store: live writes, history, texts and deletions are worked out by the
rules as the design states them, so that a mistake in the store is not repeated by its judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from pycrdt import Doc, merge_updates
from pycrdt import Text as YText

from app.store.project import Project
from sync.change import Add, Change, Delete, Remove, Set, Text, WriteId, each_name
from sync.yupdate import neutralise, read_insertion

Place = tuple[str, bytes, str]
"""(kind, record, field)"""
_THERE, _DELETED, _DISPUTED = 0, 1, 2
_pack = msgspec.msgpack.Encoder().encode


class CheckError(AssertionError):
    """Something that must always be true is not."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write: its packed value, its author and the author's clock."""

    value: bytes
    author: bytes
    clock: int


@dataclass(slots=True)
class State:
    """A project as it must look, or as a replica has it."""

    live: dict[tuple[Place, WriteId], Write] = field(default_factory=dict)
    replaced: dict[tuple[Place, WriteId], Write] = field(default_factory=dict)
    texts: dict[Place, str] = field(default_factory=dict)
    records: dict[tuple[str, bytes], int] = field(default_factory=dict)
    applied: set[bytes] = field(default_factory=set)
    aside: set[bytes] = field(default_factory=set)
    members: dict[str, Any] = field(default_factory=dict)

    def compare(self, other: State, mine: str, theirs: str) -> None:
        """Raise CheckError where two differ, and say in what."""
        for part in State.__slots__:
            one, two = getattr(self, part), getattr(other, part)
            if one != two:
                raise CheckError(f"{part} differ between {mine} and {theirs}: {_difference(one, two)}")


def _difference(one: Any, two: Any) -> str:
    if isinstance(one, set):
        return f"only here {_short(sorted(one - two)[:3])}, only there {_short(sorted(two - one)[:3])}"
    keys = sorted((key for key in {*one, *two} if one.get(key) != two.get(key)), key=repr)
    parts = [f"{_short(key)}: {_short(one.get(key))} / {_short(two.get(key))}" for key in keys[:4]]
    return f"{len(keys)} of {len(one)} and {len(two)}: " + "; ".join(parts)


def _short(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex() if len(value) <= 16 else value.hex()[:12] + "…"
    if isinstance(value, Write):
        return f"({msgspec.msgpack.decode(value.value)!r} by {value.author.hex()[:6]} at {value.clock})"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(_short(each) for each in value) + ")"
    return repr(value)


def expected(changes: Iterable[Change], aside: Iterable[Change]) -> State:
    """Work out the state that a set of changes must lead to; those ``aside`` leave nothing that shows."""
    state = State()
    writes: dict[tuple[Place, WriteId], Write] = {}
    named: set[tuple[Place, WriteId]] = set()
    covers: dict[WriteId, set[WriteId]] = {}
    updates: dict[Place, list[_Piece]] = {}
    typed: dict[tuple[str, bytes], set[WriteId]] = {}
    for change in changes:
        state.applied.add(change.id)
        for index, operation in enumerate(change.operations):
            kind, record = operation.kind, operation.record
            state.records[kind, record] = _THERE
            name = "deleted" if isinstance(operation, Delete) else operation.field
            place, write = (kind, record, name), (change.id, index)
            if isinstance(operation, Text):
                updates.setdefault(place, []).append(_Piece(operation, change, index, aside=False))
                typed.setdefault((kind, record), set()).add(write)
                continue
            named.update((place, each) for each in each_name(operation.replaces))
            if isinstance(operation, Delete):
                covers[write] = set(each_name(operation.covers))
            if not isinstance(operation, Remove):
                value = operation.value if isinstance(operation, Set | Add) else True
                writes[place, write] = Write(_pack(value), change.author, change.clock)
    for change in aside:
        state.aside.add(change.id)
        for index, operation in enumerate(change.operations):
            if isinstance(operation, Text):
                # Others may have typed behind these characters: they are there, and deleted.
                place = (operation.kind, operation.record, operation.field)
                if place in updates:
                    updates[place].append(_Piece(operation, change, index, aside=True))
    state.live = {key: write for key, write in writes.items() if key not in named}
    state.replaced = {key: write for key, write in writes.items() if key in named}
    for place, pieces in updates.items():
        state.texts[place] = _text(_elected(pieces)).removesuffix("\n")
    _judge_deletions(state, covers, typed)
    return state


class _Piece:
    """One text update and where it came from."""

    def __init__(self, operation: Text, change: Change, index: int, *, aside: bool) -> None:
        read = read_insertion(operation.update, operation.client)
        inserts = [(span.clock, span.clock + span.length) for span in read.inserts]
        self.client, self.author = operation.client, change.author
        self.first = min((start for start, _ in inserts), default=0)
        self.past = max((end for _, end in inserts), default=0)
        self.rank = (self.first, change.id, index)
        self.update = neutralise(operation.update, read) if aside else operation.update


def _elected(pieces: list[_Piece]) -> list[bytes]:
    """Of updates that claim the same characters (a cloned device's) one counts: the same one everywhere."""
    counted: list[bytes] = []
    ends: dict[int, int] = {}
    owners: dict[int, bytes] = {}
    for piece in sorted(pieces, key=lambda piece: piece.rank):
        if piece.past > piece.first:
            owner = owners.setdefault(piece.client, piece.author)
            if owner != piece.author or piece.first < ends.get(piece.client, 0):
                continue
            ends[piece.client] = piece.past
        counted.append(piece.update)
    return counted


def _text(pieces: list[bytes]) -> str:
    document: Doc[Any] = Doc()
    text = document.get("content", type=YText)
    document.apply_update(merge_updates(*sorted(pieces)))
    return str(text)


def _judge_deletions(
    state: State, covers: Mapping[WriteId, set[WriteId]], typed: Mapping[tuple[str, bytes], set[WriteId]]
) -> None:
    """A record is deleted where its live deletions name all that is in it and below it."""
    true = _pack(True)
    deletes: dict[tuple[str, bytes], set[WriteId]] = {}
    present: dict[tuple[str, bytes], set[WriteId]] = {key: set(ids) for key, ids in typed.items()}
    parents: dict[tuple[str, bytes], tuple[tuple[int, bytes, WriteId], bytes]] = {}
    for ((kind, record, name), write), found in state.live.items():
        if name == "deleted" and found.value == true:
            deletes.setdefault((kind, record), set()).add(write)
        elif (kind, name) != ("issue", "number"):
            present.setdefault((kind, record), set()).add(write)
        if name == "parent":
            candidate = ((found.clock, found.author, write), found.value)
            parents[kind, record] = max(parents.get((kind, record), candidate), candidate)
    by_id = {record: (kind, record) for kind, record in sorted(state.records, reverse=True)}
    above: dict[tuple[str, bytes], tuple[str, bytes]] = {}
    below: dict[tuple[str, bytes], list[tuple[str, bytes]]] = {}
    for key, (_, packed) in parents.items():
        parent = by_id.get(msgspec.msgpack.decode(packed))
        if parent is not None:
            above[key] = parent
            below.setdefault(parent, []).append(key)

    def own(key: tuple[str, bytes]) -> int:
        if key not in deletes:
            return _THERE
        covered = set().union(*(covers.get(write, set()) for write in deletes[key]))
        family, waiting = {key}, [key]
        while waiting:
            fresh = [each for each in below.get(waiting.pop(), ()) if each not in family]
            family.update(fresh)
            waiting.extend(fresh)
        held = all(present.get(each, set()) <= covered for each in family)
        return _DELETED if held else _DISPUTED

    verdicts = {key: own(key) for key in state.records}
    for key in state.records:
        line, at = {key}, key
        state.records[key] = verdicts[key]
        while at in above and above[at] not in line:
            at = above[at]
            line.add(at)
            if verdicts[at] == _DELETED:
                state.records[key] = _DELETED


_WRITES = (
    "SELECT f.kind, r.id, f.name, c.id, w.idx, w.value, d.key, c.clock FROM {} w JOIN fields f USING (fid)"
    " JOIN records r USING (rid) JOIN changes c USING (cid) JOIN devices d USING (did)"
)


def replica(project: Project, members: dict[str, Any]) -> State:
    """Read the state of one replica, from its tables and through the text that people see."""
    state = State(members=members)
    for part, table in ((state.live, "writes"), (state.replaced, "history")):
        for kind, record, name, change, index, value, author, clock in project.db.all(_WRITES.format(table)):
            part[(kind, record, name), (change, index)] = Write(value, author, clock)
    for kind, record, name in project.db.all(
        "SELECT DISTINCT f.kind, r.id, f.name FROM updates u JOIN fields f USING (fid) JOIN records r USING (rid)"
        " JOIN changes c USING (cid) WHERE c.aside = 0"
    ):
        state.texts[kind, record, name] = project.plain_text(record, name)
    for kind, record, verdict in project.db.all("SELECT kind, id, state FROM records WHERE state <> 3"):
        state.records[kind, record] = verdict
    for change, aside in project.db.all("SELECT id, aside FROM changes"):
        (state.aside if aside else state.applied).add(change)
    return state
