"""What the window needs of an open project: the part of ``app.store``'s ``Project`` that it reads and calls.

Every operation returns what it touched, and the views refresh only that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Touched(Protocol):
    """What an operation or a pull changed."""

    @property
    def records(self) -> Mapping[bytes, set[str]]:
        """Each record that changed, with the names of the fields."""

    @property
    def created(self) -> set[bytes]:
        """Those of the records that are new."""


class Conflicted(Protocol):
    """A field in which two people's values stand side by side."""

    @property
    def record(self) -> bytes:
        """The record."""

    @property
    def kind(self) -> str:
        """The record's kind."""

    @property
    def field(self) -> str:
        """The field's stored name."""


class Attention(Protocol):
    """Something that could not be sent or read, and waits for a person."""

    @property
    def record(self) -> bytes | None:
        """The record that it is about, where it is about one."""

    @property
    def kind(self) -> str:
        """The kind of that record; empty if there is none."""

    @property
    def reason(self) -> str:
        """One sentence that says what happened."""


class Status(Protocol):
    """How much of this project is still only on this device."""

    @property
    def waiting(self) -> int:
        """Changes that the server does not have."""

    @property
    def attention(self) -> int:
        """Things that wait for a person."""

    @property
    def last_success_ms(self) -> int | None:
        """When everything was last in step with the server, in UTC milliseconds."""


class ProjectSource(Protocol):
    """An open project, on the GUI thread's connection."""

    @property
    def id(self) -> bytes:
        """The project's id (32 bytes)."""

    def records(self, kind: str, *, deleted: bool = False) -> list[bytes]:
        """The ids of a kind, the newest first; the deleted ones instead if asked."""

    def column(self, kind: str, field: str) -> Mapping[bytes, Any]:
        """A field's shown value by record; tuples for fields that hold many."""

    def conflicts(self) -> Sequence[Conflicted]:
        """Every field with more than one value."""

    def attention(self) -> Sequence[Attention]:
        """Everything that waits for a person."""

    def pending_records(self) -> set[bytes]:
        """Records with changes that the server does not have."""

    def status(self) -> Status:
        """How much is still only on this device."""

    def create(
        self, kind: str, fields: Mapping[str, Any], *, text: str | None = None, id: bytes | None = None
    ) -> tuple[bytes, Touched]:
        """Make a record; gives its id."""

    def delete(self, record: bytes) -> Touched:
        """Delete a record; it stays in the trash."""

    def restore(self, record: bytes) -> Touched:
        """Take a record back out of the trash."""

    def undo(self) -> Touched | None:
        """Take back one's own last action; None if there is none."""
