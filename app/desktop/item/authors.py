"""Who is behind the key of a device: read from the project's records of devices and people."""

from __future__ import annotations

from app.desktop.item.source import Author
from app.domain.columns import Columns
from app.domain.schema import DEVICE, PERSON


class ProjectAuthors:
    """Fulfils ``Authors``. The record of a device has the first 16 bytes of its key as its id."""

    def __init__(self, columns: Columns, device: bytes, own_name: str = "") -> None:
        self._columns = columns
        self._device = device
        self._own_name = own_name

    def author(self, device: bytes) -> Author:
        """The person and device of a key; empty names where nothing is known yet."""
        record = device[:16]
        name = self._columns.column(DEVICE, "name").get(record)
        member = self._columns.column(DEVICE, "member").get(record)
        person = "" if member is None else self._person(member)
        own = device == self._device
        if own and not person:
            person = self._own_name
        return Author(person, name if isinstance(name, str) else "", own)

    def _person(self, member: object) -> str:
        names = self._columns.column(PERSON, "name")
        for record, value in self._columns.column(PERSON, "member").items():
            if value == member:
                name = names.get(record)
                return name if isinstance(name, str) else ""
        return ""
