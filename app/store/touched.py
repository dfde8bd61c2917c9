"""What an operation or a received page changed: the views refresh only that."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Touched:
    """Record ids with the names of the fields that changed in them, by kind.

    A field ``text`` in the set means that the rich text of that name changed. ``created`` holds the records
    that were not there before; ``visibility`` those that were deleted or came back; ``texts_rebuilt`` those
    with a text in which an open editor has to load the state anew instead of merging on top.
    """

    records: dict[bytes, set[str]] = field(default_factory=dict)
    kinds: dict[bytes, str] = field(default_factory=dict)
    created: set[bytes] = field(default_factory=set)
    visibility: set[bytes] = field(default_factory=set)
    texts_rebuilt: set[bytes] = field(default_factory=set)
    membership: bool = False
    conflicts: int = 0

    def note(self, kind: str, record: bytes, name: str) -> None:
        """Remember that one field of one record changed."""
        fields = self.records.get(record)
        if fields is None:
            self.records[record] = {name}
            self.kinds[record] = kind
        else:
            fields.add(name)

    def merge(self, other: Touched) -> None:
        """Add what another step touched."""
        for record, names in other.records.items():
            self.records.setdefault(record, set()).update(names)
        self.kinds.update(other.kinds)
        self.created |= other.created
        self.visibility |= other.visibility
        self.texts_rebuilt |= other.texts_rebuilt
        self.membership = self.membership or other.membership
        self.conflicts += other.conflicts

    def __bool__(self) -> bool:
        """Tell whether anything changed."""
        return bool(self.records or self.membership or self.visibility)
