"""What queries read of a project file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol


class FieldReader(Protocol):
    """One field of one record (``app.store.records.FieldState``)."""

    @property
    def many(self) -> bool:
        """Whether it holds a set."""
        ...

    @property
    def value(self) -> Any:
        """The value that shows."""
        ...

    @property
    def values(self) -> tuple[Any, ...]:
        """The members of a set."""
        ...


class _Stamp(Protocol):
    @property
    def at(self) -> int: ...
    @property
    def device(self) -> bytes: ...


class RecordReader(Protocol):
    """One record (``app.store.records.Record``)."""

    @property
    def deleted(self) -> bool:
        """Whether it was deleted."""
        ...

    @property
    def created(self) -> _Stamp:
        """Who made it, and when."""
        ...

    @property
    def updated(self) -> _Stamp:
        """Who changed it last, and when."""
        ...

    @property
    def fields(self) -> Mapping[str, FieldReader]:
        """The fields in which something stands."""
        ...


class ProjectReader(Protocol):
    """What is read of an open project file (``app.store.project.Project``)."""

    def get(self, record: bytes, kind: str) -> RecordReader | None:
        """One record as it stands."""
        ...

    def field(self, record: bytes, name: str, kind: str) -> FieldReader:
        """One field of one record."""
        ...

    def created(self, kind: str) -> Mapping[bytes, _Stamp]:
        """Who made the records of a kind, and when."""
        ...

    def updated(self, kind: str) -> Mapping[bytes, _Stamp]:
        """Who changed the records of a kind last, and when."""
        ...

    def flagged(self, kind: str, flag: str) -> Collection[bytes]:
        """The records of which one of ``app.query.steps.FLAGS`` holds."""
        ...

    def records(self, kind: str) -> list[bytes]:
        """Ids of a kind, newest first."""
        ...

    def column(self, kind: str, field: str) -> Mapping[bytes, Any]:
        """The shown values of a field; ``created`` and ``updated`` in milliseconds UTC."""
        ...

    def texts(self, kind: str) -> Mapping[bytes, str]:
        """The plain texts."""
        ...

    def plain_text(self, record: bytes) -> str:
        """The plain text of one record."""
        ...
