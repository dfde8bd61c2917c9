"""The names of a project, read from columns that follow it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property

from app.domain.categories import HOLDERS
from app.domain.columns import Columns
from app.domain.directory import ProjectDirectory
from app.domain.names import fold
from app.domain.schema import CATEGORY, ELEMENT, ISSUE, KINDS, LABEL, LOCATION, NOTE, PERSON, STATUS

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
        self,
        columns: Columns,
        numbered: Callable[[int], Sequence[bytes]],
        called: Callable[[str, str], Sequence[bytes]],
        me: bytes | None = None,
    ) -> None:
        """``numbered`` gives the issues of a number, ``called`` the records of a kind by their folded name."""
        super().__init__(columns, me)
        self._look_up = numbered
        self._find = called

    def forget(self, kinds: Collection[str]) -> None:
        """Read the names of some kinds anew when they are asked for."""
        for kind in kinds:
            self.__dict__.pop(_KEPT.get(kind, ""), None)

    def forget_merges(self) -> None:
        """Read anew what was merged into what."""
        self.__dict__.pop("merges", None)
        self.forget(_KEPT)

    def headings(self, kind: str) -> Mapping[bytes, str]:
        """The titles or names of all records of a kind that have one, as they are now."""
        return _Headings(self.columns.column(kind, KINDS[kind].heading))

    def called(self, kind: str, name: str) -> Sequence[bytes]:
        """The records of a kind whose title or name is this one, ignoring case and accents."""
        wanted = fold(name.strip())
        return self._find(kind, wanted) if wanted else ()

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


class _Headings(Mapping[bytes, str]):
    """A column of titles or names; one of a wrong shape is empty."""

    def __init__(self, column: Mapping[bytes, object]) -> None:
        self._column = column

    def __getitem__(self, record: bytes) -> str:
        found = self._column[record]
        return found if isinstance(found, str) else ""

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._column)

    def __len__(self) -> int:
        return len(self._column)


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
