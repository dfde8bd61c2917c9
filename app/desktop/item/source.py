"""What the item panel needs of an open project, and of the files attached to its records.

``app.store.project.Project`` fulfils ``ItemSource``. Everything here is called on the GUI thread.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.richtext.delta import Delta, Document, Insert
from app.store.links import BackLink
from app.store.records import Conflict, FieldState, HistoryEntry, Record
from app.store.rich_texts import TextNews
from app.store.text_history import TextHistory
from app.store.touched import Touched
from sync.change import WriteId


class ItemSource(Protocol):
    """An open project, on the GUI thread's connection."""

    @property
    def device(self) -> bytes:
        """The key of this device."""

    def get(self, record: bytes, kind: str | None = None) -> Record | None:
        """A record as it stands; None where it is not there."""

    def field(self, record: bytes, name: str, kind: str | None = None) -> FieldState:
        """One field of a record."""

    def records(self, kind: str, *, deleted: bool = False) -> list[bytes]:
        """The ids of a kind, the newest first."""

    def children(self, parent: bytes, kind: str) -> list[bytes]:
        """The ids of the records of a kind below another, the oldest first."""

    def column(self, kind: str, field: str) -> Mapping[bytes, Any]:
        """A field's shown value by record; tuples for fields that hold many."""

    def history(self, record: bytes) -> Sequence[HistoryEntry]:
        """Who wrote what when, the newest first."""

    def plain_text(self, record: bytes, field: str = "text") -> str:
        """A merging text without its closing line break."""

    def text_document(self, record: bytes, name: str = "text") -> list[Insert]:
        """A rich text, with what is being typed; it ends in a newline."""

    def text_history(self, record: bytes, field: str = "text") -> TextHistory | None:
        """The time line of a text, to be read in steps; None where there is no text."""

    def text_mark(self) -> int:
        """How far the texts of this moment go, for ``text_news``."""

    def text_news(self, record: bytes, name: str, after: int) -> TextNews | None:
        """What came to a text after a mark; None for nothing."""

    def change_text(self, record: bytes, name: str, change: Delta) -> Touched:
        """Change a rich text; counts are code points."""

    def links_to(self, record: bytes, limit: int = 500) -> list[BackLink]:
        """The places in texts that point to a record, the newest text first."""

    def unread_comments(self, parent: bytes, own: Collection[bytes] = ()) -> set[bytes]:
        """The comments that others wrote since ``mark_comments_read``; ``own`` are the user's devices."""

    def mark_comments_read(self, parent: bytes) -> None:
        """The user has read all comments that are here."""

    def text_state(self, record: bytes, field: str = "text") -> bytes | None:
        """The merged Yjs state of a text, with what is being typed."""

    def client(self) -> int:
        """A fresh client number for a Yjs document."""

    def create(
        self,
        kind: str,
        fields: Mapping[str, Any],
        *,
        text: str | Document | None = None,
        record: bytes | None = None,
    ) -> tuple[bytes, Touched]:
        """Make a record."""

    def set(self, record: bytes, name: str, value: Any, *, seen: Sequence[WriteId] | None = None) -> Touched:
        """Give a field a value; None clears it."""

    def add(self, record: bytes, name: str, value: Any) -> Touched:
        """Add a member to a field with many."""

    def remove(
        self, record: bytes, name: str, value: Any, *, seen: Sequence[WriteId] | None = None
    ) -> Touched:
        """Take a member out of a field with many."""

    def settle(self, record: bytes, name: str, value: Any = None, *, take: int | None = None) -> Touched:
        """Settle a conflict by one of the values that stand; ``deleted`` takes a bool as ``value``."""

    def conflicts(self) -> Sequence[Conflict]:
        """Every contested field; for ``deleted`` the first entry stands for the record being kept."""

    def restore_text(self, record: bytes, change: bytes, name: str = "text") -> Touched:
        """Make a text again what it was when a change to it had been taken in."""

    def delete(self, record: bytes) -> Touched:
        """Delete a record; it stays in the trash."""

    def restore(self, record: bytes) -> Touched:
        """Take a record back out of the trash."""

    def draft_value(self, record: bytes, name: str, value: Any, seen: Sequence[WriteId]) -> None:
        """Keep what is being typed into a field; ``seen`` is what stood there when typing began."""

    def discard_draft(self, record: bytes, name: str) -> None:
        """Forget what was typed into a field and is not a change yet."""

    def draft_text(self, record: bytes, name: str, client: int, update: bytes) -> None:
        """Keep one update of a text that is being typed."""

    def finish_drafts(self, idle_ms: int | None = None, *, leave: bool = True) -> Touched:
        """Make changes of drafts; without ``leave`` the fields are still being edited."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a change: the person's name, and the name of the device (both may be empty)."""

    person: str
    device: str
    own: bool


class Authors(Protocol):
    """Tells who is behind a device's key."""

    def author(self, device: bytes) -> Author:
        """The person and device of a key; empty names where nothing is known yet."""
