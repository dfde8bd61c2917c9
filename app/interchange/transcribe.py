"""Writing the changes of one project anew as those of another, so that everything in it is the same.

Nobody can sign for others, and every envelope is bound to its project: so whoever imports an export signs all
of its changes himself. Each old change becomes one new one with the same operations in the same places and
the same clock; what it names (the writes that it replaces, or that a deletion had seen) is named anew. One
operation is added that says who wrote the original (``app.store.origins``). Since merging depends on the set
of changes alone, live writes, conflicts, deletions, texts and history come out as they were.

Two things depended on who wrote: equal clocks are told apart by author, so the random part of a new change is
chosen until its id falls into the order of the old ones; and where two devices had inserted text under one
client number, the update that had lost is written empty, or without the beginning that was there already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.schema import PROJECT
from app.interchange.history import StoredChange
from app.store.origins import origin, origin_of
from sync.change import (
    Add,
    Change,
    Delete,
    Names,
    Operation,
    Remove,
    Set,
    Text,
    decode_change,
    each_name,
    encode_change,
    names,
)
from sync.clock import Random
from sync.errors import Malformed
from sync.yitems import without_first
from sync.yupdate import delete_update, neutralise, read_insertion

_Place = tuple[int, str, bytes, str]


@dataclass(frozen=True, slots=True)
class Old:
    """A change of the other project. ``lost``, ``cut`` and ``aside`` as in ``StoredChange``."""

    change: Change
    lost: frozenset[int] = frozenset()
    aside: bool = False
    cut: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def read(cls, stored: StoredChange) -> Old | None:
        """Read a change; None for one that was set aside and holds no text. Raises Malformed, NewerFormat."""
        change = decode_change(stored.data)
        if stored.aside and not any(isinstance(each, Text) for each in change.operations):
            return None
        return cls(change, frozenset(stored.lost), stored.aside, dict(stored.cut))


class Transcriber:
    """Makes the changes of a new project out of those of an old one."""

    def __init__(self, old: Sequence[Old], *, device: bytes, old_project: bytes, project: bytes) -> None:
        """``device``: whoever imports. The record that describes the project goes from one id to the other."""
        self._old = {each.change.id: each for each in old}
        self._device = device
        self._records = {(PROJECT, old_project[:16]): project[:16]}
        self._new: dict[bytes, bytes] = {}
        self._ranks = _ranks(old)

    def changes(self, random: Random) -> Iterator[Change]:
        """The new changes, each after those that it names. Raises Malformed where one names itself."""
        for change in self._ordered():
            made = self._transcribed(self._old[change], random)
            self._new[change] = made.id
            yield made

    def _ordered(self) -> Iterator[bytes]:
        """The ids of the old changes, depth first, without recursion."""
        done: set[bytes] = set()
        for first in self._old:
            path: list[tuple[bytes, Iterator[bytes]]] = []
            on_path: set[bytes] = set()

            def enter(
                change: bytes,
                path: list[tuple[bytes, Iterator[bytes]]] = path,
                on_path: set[bytes] = on_path,
            ) -> None:
                path.append((change, iter(self._named(change))))
                on_path.add(change)

            if first not in done:
                enter(first)
            while path:
                change, named = path[-1]
                following = next((each for each in named if each not in done), None)
                if following is None:
                    path.pop()
                    on_path.discard(change)
                    done.add(change)
                    yield change
                elif following in on_path:
                    raise Malformed("The history of this export names itself; export the project again.")
                else:
                    enter(following)

    def _named(self, change: bytes) -> list[bytes]:
        found: list[bytes] = []
        for operation in self._old[change].change.operations:
            if isinstance(operation, Delete):
                found.extend(each for each, _ in operation.covers)
            if not isinstance(operation, Text):
                found.extend(each for each, _ in operation.replaces)
        return [each for each in found if each in self._old]

    def _transcribed(self, old: Old, random: Random) -> Change:
        operations = [
            self._operation(operation, index in old.lost, old.aside, old.cut.get(index, 0))
            for index, operation in enumerate(old.change.operations)
            if not old.aside or isinstance(operation, Text)
        ]
        mark = [] if origin_of(old.change) else [origin(old.change.author, old.change.id)]
        try:
            return self._encoded(old.change, [*operations, *mark], random)
        except Malformed:
            # A change of nearly the greatest size has no room for who wrote it.
            return self._encoded(old.change, operations, random)

    def _encoded(self, old: Change, operations: Sequence[Operation], random: Random) -> Change:
        rank, count = self._ranks.get(old.id, (0, 1))
        for _ in range(100 * count):
            made = encode_change(self._device, old.clock, operations, random, old.group)
            if int.from_bytes(made.id[:8], "big") * count >> 64 == rank:
                return made
        raise Malformed("Too many people wrote the same field at the same moment; this cannot be imported.")

    def _operation(self, operation: Operation, lost: bool, aside: bool, cut: int) -> Operation:
        record = self._records.get((operation.kind, operation.record), operation.record)
        if isinstance(operation, Text):
            update = operation.update
            if cut:
                update = without_first(update, operation.client, cut)
            if lost:
                update = delete_update(())
            elif aside:
                update = neutralise(update, read_insertion(update, operation.client))
            return Text(operation.kind, record, operation.field, update, operation.client)
        replaces = self._names(operation.replaces)
        if isinstance(operation, Delete):
            return Delete(operation.kind, record, self._names(operation.covers), replaces)
        if isinstance(operation, Remove):
            return Remove(operation.kind, record, operation.field, replaces)
        make = Set if isinstance(operation, Set) else Add
        return make(operation.kind, record, operation.field, operation.value, replaces)

    def _names(self, named: Names) -> Names:
        return names((self._new.get(change, change), index) for change, index in each_name(named))


def _ranks(old: Sequence[Old]) -> dict[bytes, tuple[int, int]]:
    """(rank, count) among the changes of one moment that wrote a field which another of them wrote too."""
    writers: dict[_Place, set[tuple[bytes, bytes]]] = defaultdict(set)
    for each in old:
        change = each.change
        for operation in change.operations:
            if isinstance(operation, Set):
                place = (change.clock, operation.kind, operation.record, operation.field)
                writers[place].add((change.author, change.id))
    tied: dict[int, set[tuple[bytes, bytes]]] = defaultdict(set)
    for (clock, *_), several in writers.items():
        if len(several) > 1:
            tied[clock] |= several
    return {
        change: (rank, len(several))
        for several in tied.values()
        for rank, (_, change) in enumerate(sorted(several))
    }
