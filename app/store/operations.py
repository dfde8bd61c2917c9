"""What a person can do to a project. Each operation is one change in one durable transaction, and returns what
it touched. ``seen`` is what stood in the field when the person began; without it, what stands there now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.categories import Categories
from app.domain.closing import first_status, statuses_for
from app.domain.directory import read_statuses
from app.domain.schema import ISSUE, KINDS, MERGED_INTO, STATUS, Meaning
from app.richtext.delta import Document
from app.store import numbering
from app.store.bulk import Bulk
from app.store.text_edits import TextEdits
from app.store.touched import Touched
from sync.change import Add, Change, Delete, Group, Operation, Remove, Set, WriteId, names
from sync.errors import NotFound, Refused

__all__ = ["Bulk", "Edit", "Operations"]

_COVERS_PER_OPERATION = 4_000
_COVERS_PER_CHANGE = 20_000


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of an edit of several fields: ``do`` is ``set``, ``add`` or ``remove``."""

    field: str
    value: Any
    do: str = "set"
    seen: Sequence[WriteId] | None = None


class Operations(TextEdits):
    """The writing side of a project."""

    def append(
        self, operations: Sequence[Operation], touched: Touched, group: Group | None = None
    ) -> Change | None:
        """Make a change of operations and apply it; the caller has the transaction open."""
        change = super().append(operations, touched, group)
        if change is not None:
            numbering.note_missing(self, operations)
        return change

    def create(
        self,
        kind: str,
        fields: Mapping[str, Any],
        *,
        text: str | Document | None = None,
        record: bytes | None = None,
    ) -> tuple[bytes, Touched]:
        """Make a record. Fields with many values take a sequence; an issue gets its status and number."""
        record = record or self.new_id()
        return record, self._do(lambda touched: self.creation(kind, record, fields, text))

    def creation(
        self, kind: str, record: bytes, fields: Mapping[str, Any], text: str | Document | None
    ) -> list[Operation]:
        """The operations that make a record."""
        known = KINDS[kind]
        operations: list[Operation] = [Set(kind, record, "created", fields.get("created"))]
        given = dict(fields)
        given.pop("created", None)
        if kind == ISSUE:
            if given.get("status") is None:
                given["status"] = self.default_status(given.get("category"))
            if given.get("number") is None:
                given["number"] = numbering.take(self)
        for name, value in given.items():
            if value is None:
                continue
            if self.is_many(kind, name):
                operations.extend(Add(kind, record, name, member) for member in _members(value))
            else:
                operations.append(Set(kind, record, name, value))
        for name in known.text_fields:
            operations.extend(self.first_text(kind, record, name, text or ""))
            text = None
        return operations

    def default_status(self, category: object = None) -> bytes | None:
        """The first status, by its order, that means open and that issues of a category (or of none) have."""
        meanings = self.column(STATUS, "meaning")
        orders = self.column(STATUS, "order")
        if self.column(STATUS, "categories"):
            every = statuses_for(read_statuses(self).values(), Categories.read(self), category)
            first = first_status(
                [each for each in every if meanings.get(each.id) == Meaning.OPEN], Meaning.OPEN
            )
            return None if first is None else first.id
        found = sorted(
            (str(orders.get(each, "")), each) for each, is_ in meanings.items() if is_ == Meaning.OPEN
        )
        return found[0][1] if found else None

    def set(self, record: bytes, name: str, value: Any, *, seen: Sequence[WriteId] | None = None) -> Touched:
        """Give a field a value; None clears it."""
        return self.update(record, [Edit(name, value, "set", seen)])

    def add(self, record: bytes, name: str, value: Any) -> Touched:
        """Add a member to a field with many."""
        return self.update(record, [Edit(name, value, "add")])

    def remove(
        self, record: bytes, name: str, value: Any, *, seen: Sequence[WriteId] | None = None
    ) -> Touched:
        """Take a member out of a field with many."""
        return self.update(record, [Edit(name, value, "remove", seen)])

    def update(self, record: bytes, edits: Sequence[Edit]) -> Touched:
        """Edit several fields of one record as one change."""
        return self._do(lambda touched: self.edits(record, edits))

    def edits(self, record: bytes, edits: Sequence[Edit], *, even_deleted: bool = False) -> list[Operation]:
        """The operations of an edit; what is so already needs none. A later edit of the same field wins."""
        kind = self._existing(record) if even_deleted else self._editable(record)
        operations: list[Operation] = []
        last = {edit.field: index for index, edit in enumerate(edits) if edit.do == "set"}
        for index, edit in enumerate(edits):
            if index < last.get(edit.field, -1):
                continue
            state = self.field(record, edit.field, kind)
            seen = state.seen if edit.seen is None else tuple(edit.seen)
            if edit.do == "add":
                if edit.value not in state.values:
                    operations.append(Add(kind, record, edit.field, edit.value))
            elif edit.do == "remove":
                standing = [
                    w.id for w in state.live if w.value == edit.value and (edit.seen is None or w.id in seen)
                ]
                if standing:
                    operations.append(Remove(kind, record, edit.field, names(standing)))
            elif self.is_many(kind, edit.field):
                operations.extend(self._set_members(kind, record, edit.field, _members(edit.value), seen))
            elif edit.value is None:
                if seen:
                    operations.append(Remove(kind, record, edit.field, names(seen)))
            elif not (len(state.live) == 1 and state.value == edit.value and state.seen == tuple(seen)):
                operations.append(Set(kind, record, edit.field, edit.value, names(seen)))
        return operations

    def _set_members(
        self, kind: str, record: bytes, name: str, wanted: Sequence[Any], seen: Sequence[WriteId]
    ) -> list[Operation]:
        state = self.field(record, name, kind)
        gone = [write.id for write in state.live if write.value not in wanted and write.id in set(seen)]
        operations: list[Operation] = [Remove(kind, record, name, names(gone))] if gone else []
        present = state.values
        return operations + [Add(kind, record, name, each) for each in wanted if each not in present]

    def delete(self, record: bytes) -> Touched:
        """Delete a record with all that is below it, as far as it stands here now."""
        kind = self._editable(record)
        rid = self.numbers.record(kind, record)[0]
        made: list[Change] = []
        touched = Touched()
        with self.writing(touched):
            covers = names(self.deletions.present_below(rid))
            replaces = names(self.field(record, "deleted", kind).seen)
            parts = [
                covers[at : at + _COVERS_PER_CHANGE] for at in range(0, len(covers), _COVERS_PER_CHANGE)
            ] or [()]
            group = self.random(16)
            for index, part in enumerate(parts):
                operations = [
                    Delete(
                        kind,
                        record,
                        part[at : at + _COVERS_PER_OPERATION],
                        replaces if not (index or at) else (),
                    )
                    for at in range(0, max(len(part), 1), _COVERS_PER_OPERATION)
                ]
                place = Group(group, index, len(parts)) if len(parts) > 1 else None
                change = self.append(operations, touched, place)
                assert change is not None
                made.append(change)
        self.remember(made)
        return touched

    def deletion(self, record: bytes) -> list[Operation]:
        """The operations that delete a record with all that is below it, as it stands now."""
        kind = self._editable(record)
        covers = names(self.deletions.present_below(self.numbers.record(kind, record)[0]))
        replaces = names(self.field(record, "deleted", kind).seen)
        return [
            Delete(kind, record, covers[at : at + _COVERS_PER_OPERATION], () if at else replaces)
            for at in range(0, max(len(covers), 1), _COVERS_PER_OPERATION)
        ]

    def restore(self, record: bytes) -> Touched:
        """Bring a deleted record back."""
        return self._do(lambda touched: self.restoration(record))

    def restoration(self, record: bytes) -> list[Operation]:
        """The operations that bring a deleted record back."""
        kind = self._existing(record)
        state = self.field(record, "deleted", kind)
        if not any(write.value is True for write in state.live):
            raise Refused("This is not deleted, so there is nothing to restore.")
        merged = self.field(record, MERGED_INTO, kind)
        apart = [Remove(kind, record, MERGED_INTO, names(merged.seen))] if merged.live else []
        return [Set(kind, record, "deleted", False, names(state.seen)), *apart]

    def restore_value(self, record: bytes, name: str, write: WriteId) -> Touched:
        """Put an old value back as a new change; in a field with many it is added. Raises NotFound."""
        kind = self._editable(record)
        values = [each.value for each in self.replaced(kind, record, name) if each.id == write]
        values += [each.value for each in self.field(record, name, kind).live if each.id == write]
        if not values or name in ("created", "deleted"):
            raise NotFound("There is no such old value to put back.")
        return (
            self.add(record, name, values[0])
            if self.is_many(kind, name)
            else self.set(record, name, values[0])
        )

    def restore_text(self, record: bytes, change: bytes, name: str = "text") -> Touched:
        """Make a text again what it was when a change to it had been taken in, as a new change, with its formats."""
        before = self.text_at(record, name, change)
        return self._do(lambda touched: self.replacement(record, name, before))

    def settle(self, record: bytes, name: str, value: Any = None, *, take: int | None = None) -> Touched:
        """Settle a conflict with a value, or with one of those that stand: 0 is the one that shows.

        For the field ``deleted`` the value is a bool: False keeps the record, True deletes it.
        """
        kind = self._existing(record)
        if name == "deleted":
            if take is not None:
                value = take > 0
            return self.delete(record) if value else self.restore(record)
        state = self.field(record, name, kind)
        if take is not None:
            if not 0 <= take < len(state.live):
                raise NotFound(
                    f"There are {len(state.live)} values to take here; count from 0, the one that shows."
                )
            value = state.live[take].value
        if value is None:
            return self._do(
                lambda touched: [Remove(kind, record, name, names(state.seen))] if state.seen else []
            )
        return self._do(lambda touched: [Set(kind, record, name, value, names(state.seen))])


def _members(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)
