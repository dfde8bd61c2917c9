"""Taking back what was done here: a new change that never reverts somebody else's write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from app.store.deletion import DELETED
from app.store.reading import Reading
from app.store.touched import Touched
from sync.change import Add, Change, Delete, Group, Names, Operation, Remove, Set, Text, names


class Undo(Reading):
    """Remembers the actions of this run of the program and takes them back."""

    _undo: list[list[Change]]
    _redo: list[list[Change]]

    def remember(self, changes: Sequence[Change]) -> None:
        """Put an action on the list of what can be undone."""
        if changes:
            self._undo.append(list(changes))
            self._redo.clear()

    def _do(self, build: Callable[[Touched], Sequence[Operation]]) -> Touched:
        touched, change = self.commit(build)
        if change is not None:
            self.remember([change])
        return touched

    def undo(self) -> Touched | None:
        """Take back the last action made here; None where there is none. Never reverts someone else's write."""
        return self._step_back(self._undo, self._redo)

    def redo(self) -> Touched | None:
        """Do again what was taken back last."""
        return self._step_back(self._redo, self._undo)

    def _step_back(self, source: list[list[Change]], target: list[list[Change]]) -> Touched | None:
        if not source:
            return None
        touched = Touched()
        made: list[Change] = []
        action = source[-1]
        with self.writing():
            group = self.random(16)
            for index, change in enumerate(reversed(action)):
                place = Group(group, index, len(action)) if len(action) > 1 else None
                back = self.append(self._inverse(change), touched, place)
                if back is not None:
                    made.append(back)
        source.pop()
        target.append(made)
        return touched

    def _inverse(self, change: Change) -> list[Operation]:
        operations: list[Operation] = []
        for index, operation in enumerate(change.operations):
            if isinstance(operation, Text):
                continue
            kind, record = operation.kind, operation.record
            name = "deleted" if isinstance(operation, Delete) else operation.field
            if name == "created":
                rid = self.numbers.record(kind, record)[0]
                if self.deletions.state_of(rid) != DELETED:
                    return [Delete(kind, record, names(self.deletions.present_below(rid)))]
                return []
            state = self.field(record, name, kind)
            own = (change.id, index)
            if isinstance(operation, Remove):
                operations.extend(self._put_back(operation, state.values))
            elif own in state.seen:
                before = None if isinstance(operation, Add) else self._before(operation, len(state.live) > 1)
                if before is None:
                    operations.append(Remove(kind, record, name, names([own])))
                else:
                    operations.append(self._written(kind, record, name, before, names([own])))
        return operations

    def _before(self, operation: Set | Delete, beside_others: bool) -> Any:
        """The value that a write replaced, or None where the write is just to be withdrawn."""
        if beside_others or not operation.replaces:
            return None
        name = "deleted" if isinstance(operation, Delete) else operation.field
        return self._replaced_value(operation.kind, operation.record, name, operation.replaces)

    def _replaced_value(self, kind: str, record: bytes, name: str, replaced: Names) -> Any:
        named = {(change, index) for change, indexes in replaced for index in indexes}
        entries = [entry for entry in self.replaced(kind, record, name) if entry.id in named]
        return (
            max(entries, key=lambda write: (write.clock, write.author, write.id)).value if entries else None
        )

    def _put_back(self, operation: Remove, present: tuple[Any, ...]) -> Iterable[Operation]:
        kind, record, name = operation.kind, operation.record, operation.field
        named = {(change, index) for change, indexes in operation.replaces for index in indexes}
        values = [entry.value for entry in self.replaced(kind, record, name) if entry.id in named]
        if self.is_many(kind, name):
            return [Add(kind, record, name, value) for value in values if value not in present]
        return [self._written(kind, record, name, value, ()) for value in values[:1] if not present]

    def _written(self, kind: str, record: bytes, name: str, value: Any, replaces: Names) -> Operation:
        """The write of a value. A deletion names anew what there is now, or it would hold for nothing."""
        if name == "deleted" and value is True:
            rid = self.numbers.record(kind, record)[0]
            return Delete(kind, record, names(self.deletions.present_below(rid)), replaces)
        return Set(kind, record, name, value, replaces)
