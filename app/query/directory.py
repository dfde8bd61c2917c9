"""The names of a project, read from columns that follow it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property

from app.domain.categories import HOLDERS
from app.domain.columns import Columns
from app.domain.directory import ProjectDirectory
from app.domain.schema import CATEGORY, ELEMENT, ISSUE, LABEL, LOCATION, NOTE, PERSON, STATUS

_KEPT = {
    PERSON: "people",
    STATUS: "statuses",
    LABEL: "labels",
    LOCATION: "locations",
    CATEGORY: "categories",
}
_TITLES = ((ELEMENT, "name"), (NOTE, "title"), (ISSUE, "title"), (CATEGORY, "name"))


class LiveDirectory(ProjectDirectory):
    """A directory that stays: what it keeps of a kind is forgotten when that kind changed, numbers and titles
    are looked up as they are now.
    """

    def __init__(
        self, columns: Columns, numbered: Callable[[int], Sequence[bytes]], me: bytes | None = None
    ) -> None:
        """``numbered`` gives the issues of a number."""
        super().__init__(columns, me)
        self._look_up = numbered

    def forget(self, kinds: Collection[str]) -> None:
        """Read the names of some kinds anew when they are asked for."""
        for kind in kinds:
            self.__dict__.pop(_KEPT.get(kind, ""), None)
            self._headings.pop(kind, None)
            self._called.pop(kind, None)

    def forget_merges(self) -> None:
        """Read anew what was merged into what."""
        self.__dict__.pop("merges", None)
        self.forget(_KEPT)

    def numbered(self, number: int) -> Sequence[bytes]:
        """The issues of a number."""
        return self._look_up(number)

    def category(self, record: bytes) -> str:
        """The category of an issue or an element, as it is now."""
        found = (self.columns.column(kind, name).get(record) for kind, name in HOLDERS.items())
        return next((name for name in found if isinstance(name, str)), "")

    def _title(self, record: bytes) -> str | None:
        return self._titles.get(record)

    @cached_property
    def _titles(self) -> _Titles:
        return _Titles([self.columns.column(kind, name) for kind, name in _TITLES])


class _Titles:
    """The titles of records of several kinds."""

    def __init__(self, columns: Sequence[Mapping[bytes, object]]) -> None:
        self._columns = columns

    def get(self, record: bytes) -> str | None:
        """The title of a record."""
        for column in self._columns:
            found = column.get(record)
            if isinstance(found, str):
                return found
        return None
