"""Larger actions: many changes with one group, undone as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.richtext.delta import Document
from app.store.core import pack
from app.store.slices import SLICE_SECONDS, Step, Unit, in_slices
from app.store.touched import Touched
from sync.change import Change, Group, Operation
from sync.errors import NotFound, Refused

if TYPE_CHECKING:
    from app.store.operations import Edit, Operations

_TOGETHER = 20
"""Records whose edits are written as one change: a signature, a row and a name for each would cost more than they."""
_LARGE = 1_000
"""Bytes of values of one record from which on its edit is a change of its own."""

_Build = Callable[[Touched], Sequence[Operation]]


@dataclass(slots=True)
class Bulk:
    """A larger action: many changes with one group, undone as one.

    ``commit`` writes all of it or nothing, in one transaction. ``steps`` writes it a few milliseconds at a time,
    for as long as it is asked to go on.
    """

    project: Operations
    group: bytes = b""
    """The action that this is a part of, where others write parts of it before; empty for one of its own."""
    _planned: list[_Build | tuple[bytes, Sequence[Edit]]] = field(default_factory=list)

    def create(
        self,
        kind: str,
        fields: Mapping[str, Any],
        *,
        text: str | Document | None = None,
        record: bytes | None = None,
    ) -> bytes:
        """Plan a new record; its id is known at once."""
        record = record or self.project.new_id()
        self._planned.append(lambda touched: self.project.creation(kind, record, fields, text))
        return record

    def update(self, record: bytes, edits: Sequence[Edit]) -> None:
        """Plan an edit of one record; edits of several records that follow each other become one change."""
        self._planned.append((record, edits))

    def delete(self, record: bytes) -> None:
        """Plan to delete a record with all that is below it."""
        self._planned.append(lambda touched: self.project.deletion(record))

    def restore(self, record: bytes) -> None:
        """Plan to bring a deleted record back."""
        self._planned.append(lambda touched: self.project.restoration(record))

    def step(self, build: _Build) -> None:
        """Plan a change of any operations; they are made when its turn comes."""
        self._planned.append(build)

    def replace_text(self, record: bytes, text: str | Document) -> None:
        """Plan the replacement of a whole text."""
        self._planned.append(lambda touched: self.project.replacement(record, "text", text))

    def __len__(self) -> int:
        """How many edits are planned."""
        return len(self._planned)

    def commit(self, progress: Callable[[int, int], None] | None = None) -> Touched:
        """Write all of it in one transaction: all or nothing."""
        touched = Touched()
        made: list[Change] = []
        done = 0
        with self.project.writing(touched):
            for unit in self._units(made, lenient=False):
                done += unit(touched)
                if progress is not None:
                    progress(done, len(self))
        self.project.remember(made)
        return touched

    def steps(self, seconds: float = SLICE_SECONDS) -> Iterator[Step]:
        """Write it in slices, and tell after each how far it is and what that one touched.

        Whoever asks for no more steps leaves the rest unwritten. What was written is undone as one. What
        somebody deleted meanwhile is passed over.
        """
        made: list[Change] = []
        try:
            yield from self.part_steps(made, seconds)
        finally:
            self.project.remember(made)

    def part_steps(self, made: list[Change], seconds: float = SLICE_SECONDS) -> Iterator[Step]:
        """Write a part of an action of several in slices. Its first change is put into an empty ``made``, which
        whoever makes the action remembers in the end.
        """
        known = bool(made)
        try:
            for step in in_slices(self.project, self._units(made, lenient=True), len(self), seconds):
                known = bool(made)
                yield step
        finally:
            if not known:
                made.clear()  # it was made in a slice that was rolled back

    def _units(self, made: list[Change], *, lenient: bool) -> Iterator[Unit]:
        """The writing of each change; the first one that is made is put into ``made``."""
        group = self.group or self.project.random(16)
        for index, (count, build) in enumerate(self._changes(lenient=lenient)):
            place = Group(group, index, len(self))

            def write(
                touched: Touched, count: int = count, build: _Build = build, place: Group = place
            ) -> int:
                try:
                    operations = build(touched)
                except (NotFound, Refused):
                    if not lenient:
                        raise
                    return count
                change = self.project.append(operations, touched, place)
                if change is not None and not made:
                    made.append(change)
                return count

            yield write

    def _changes(self, *, lenient: bool) -> Iterator[tuple[int, _Build]]:
        """What becomes one change each, with how many of the planned edits it is."""
        batch: dict[bytes, Sequence[Edit]] = {}
        for each in self._planned:
            if isinstance(each, tuple):
                record, edits = each
                if record in batch or len(batch) == _TOGETHER:
                    yield len(batch), self._edits(batch, lenient=lenient)
                    batch = {}
                if sum(len(pack(edit.value)) for edit in edits) < _LARGE:
                    batch[record] = edits
                    continue
                each = self._edits({record: edits}, lenient=lenient)
            if batch:
                yield len(batch), self._edits(batch, lenient=lenient)
                batch = {}
            yield 1, each
        if batch:
            yield len(batch), self._edits(batch, lenient=lenient)

    def _edits(self, batch: Mapping[bytes, Sequence[Edit]], *, lenient: bool) -> _Build:
        def build(touched: Touched) -> Sequence[Operation]:
            operations: list[Operation] = []
            for record, edits in batch.items():
                try:
                    operations.extend(self.project.edits(record, edits))
                except (NotFound, Refused):
                    if not lenient:
                        raise
            return operations

        return build
