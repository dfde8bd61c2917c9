"""Where the domain reads a project from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Columns(Protocol):
    """Where field values are read from, one field of all records of a kind at a time."""

    def column(self, kind: str, field: str) -> Mapping[bytes, object]:
        """The shown value of each record that has one; a tuple of values for a field that holds many."""
        ...
