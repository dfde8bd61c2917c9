"""What readers of a project get: plain values, detached from the file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sync.change import WriteId
from sync.merge import LiveWrite, is_conflicted


class SyncMark(StrEnum):
    """Where the work on one record is."""

    PENDING = "pending"
    SYNCED = "synced"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who did something (a device key; or a name, where it was imported) and when (ms since 1970, UTC)."""

    at: int
    device: bytes
    name: str = ""


@dataclass(frozen=True, slots=True)
class FieldState:
    """One field of one record: its live writes, the one that shows first.

    ``many`` tells a set, whose members are all live values, from a register, where all but the first are
    conflicts.
    """

    name: str
    live: tuple[LiveWrite, ...]
    many: bool = False

    @property
    def value(self) -> Any:
        """The value that shows; None where the field is empty."""
        return self.live[0].value if self.live else None

    @property
    def values(self) -> tuple[Any, ...]:
        """The members of a set, each once, oldest first."""
        found: list[Any] = []
        for write in sorted(self.live, key=lambda write: (write.clock, write.id)):
            if write.value is not None and write.value not in found:
                found.append(write.value)
        return tuple(found)

    @property
    def seen(self) -> tuple[WriteId, ...]:
        """The writes that stand here now: what a write begun now replaces."""
        return tuple(write.id for write in self.live)

    @property
    def conflicted(self) -> bool:
        """Whether writes that did not know of each other gave different values."""
        return not self.many and is_conflicted(self.live)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stands: fields by stored name, without its rich texts."""

    id: bytes
    kind: str
    fields: dict[str, FieldState]
    deleted: bool
    created: Stamp
    updated: Stamp
    sync: SyncMark
    conflicts: tuple[str, ...]

    def value(self, name: str) -> Any:
        """The value that shows in a field, or None."""
        state = self.fields.get(name)
        return None if state is None else state.value

    def values(self, name: str) -> tuple[Any, ...]:
        """The members of a field with many values."""
        state = self.fields.get(name)
        return () if state is None else state.values

    def seen(self, name: str) -> tuple[WriteId, ...]:
        """The writes that stand in a field."""
        state = self.fields.get(name)
        return () if state is None else state.seen


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field where two people wrote without having seen each other. ``live`` begins with what shows.

    For the field ``deleted`` the first entry stands for the record being kept and the others for deletions.
    """

    record: bytes
    kind: str
    field: str
    live: tuple[LiveWrite, ...]


class Deed(StrEnum):
    """What a write did."""

    CREATED = "created"
    SET = "set"
    CLEARED = "cleared"
    ADDED = "added"
    REMOVED = "removed"
    DELETED = "deleted"
    RESTORED = "restored"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One write, live or replaced, one withdrawal, or one edit of a text (``value`` is None and ``text`` set).

    ``old``: what stood there before, in a field with one value; what went, of a withdrawal. (``change``,
    ``index``) is the name of the write; of a withdrawal, which is none, the index is negative.
    """

    at: int
    device: bytes
    change: bytes
    field: str
    value: Any
    live: bool
    text: bool = False
    deed: Deed = Deed.SET
    old: Any = None
    index: int = 0


@dataclass(frozen=True, slots=True)
class Trashed:
    """A deleted record: its kind, heading, and who deleted it when."""

    record: bytes
    kind: str
    title: str
    at: int
    device: bytes


BUNDLE_ITEM = b"bundle"
"""How the ``hash`` of an item begins that is about a bundle; the bundle's own follows."""


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """An envelope that the server refused, or that came in and cannot be used. ``records``: what it touches."""

    hash: bytes
    own: bool
    reason: str
    received_ms: int
    records: tuple[bytes, ...]
    file: bool = False
    """It is the file of an attachment (``records`` holds it) that the server does not take."""


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """What the bottom line tells: changes only on this device, things refused, things that wait."""

    waiting: int
    attention: int
    held: int
    last_success_ms: int | None
    files: int = 0
    """Files that are only on this device, as far as it knows; those that the server refused count in ``attention``."""
