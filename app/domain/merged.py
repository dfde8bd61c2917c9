"""Records that became part of another one: whoever names the one means the other.

The record that was merged away lies in the trash and says in ``merged_into`` what it became. References to it
that arrive later, from devices that did not know, are followed from there. A record that is not in the trash
counts as itself, whatever it says: two devices may each have merged one of two records into the other, and
then both are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from app.domain.columns import Columns
from app.domain.shape import MERGEABLE, MERGED_INTO

Entry = TypeVar("Entry")


class Merges:
    """From a record that was merged away to the one that it became."""

    def __init__(self, into: Mapping[bytes, object]) -> None:
        """``into``: what each of them says."""
        self._into = {record: other for record, other in into.items() if isinstance(other, bytes)}

    @classmethod
    def read(cls, columns: Columns, kinds: Iterable[str] = MERGEABLE) -> Merges:
        """Read those of some kinds."""
        into: dict[bytes, object] = {}
        for kind in kinds:
            into.update(columns.column(kind, MERGED_INTO))
        return cls(into)

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._into)

    def resolve(self, record: bytes) -> bytes:
        """What a record is now; itself where it was not merged. In a ring, the same for all that are in it."""
        passed: list[bytes] = []
        while record in self._into:
            if record in passed:
                return min(passed[passed.index(record) :])
            passed.append(record)
            record = self._into[record]
        return record


class Entries(dict[bytes, Entry]):
    """Entries of a directory by record, which are also found by the records that became part of them.

    Going through it gives each entry once.
    """

    def __init__(self, entries: Mapping[bytes, Entry], merges: Merges) -> None:
        super().__init__(entries)
        self._merges = merges

    def __missing__(self, record: bytes) -> Entry:
        """The entry of what the record became. Raises KeyError."""
        other = self._merges.resolve(record)
        if other == record:
            raise KeyError(record)
        return dict.__getitem__(self, other)

    def __contains__(self, record: object) -> bool:
        """Whether there is an entry for it or for what it became."""
        return dict.__contains__(self, record) or (
            isinstance(record, bytes) and dict.__contains__(self, self._merges.resolve(record))
        )

    def get(self, record: bytes, default: Entry | None = None) -> Entry | None:  # type: ignore[override]
        """The entry for it or for what it became."""
        found = dict.get(self, record)
        return dict.get(self, self._merges.resolve(record), default) if found is None else found
