"""Categories: what issues and elements are of, and which fields and statuses belong to which.

An issue holds the *name* of its category, so that a category needs no definition to be used, and an import or a
device that does not know the definition keeps it. A definition of that name (or with that name among its other
names) adds the rest: fields, statuses, a template for names, a colour. Two definitions of one name, made by two
devices at the same time, count as one until somebody merges them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.columns import Columns
from app.domain.merged import Merges
from app.domain.names import fold
from app.domain.shape import CATEGORY, ELEMENT, ISSUE, Field

HOLDERS: Mapping[str, str] = {ISSUE: "category", ELEMENT: "type"}
"""The field that holds the name of the category, by kind of record."""


@dataclass(frozen=True, slots=True)
class CategoryEntry:
    """A category. ``ids`` are its definitions, its own first; ``rank`` is its place among those of its kind."""

    id: bytes
    name: str
    of: str = ISSUE
    aliases: tuple[str, ...] = ()
    template: str = ""
    color: str = ""
    rank: int = 0
    ids: tuple[bytes, ...] = ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list | tuple) else ()
    return tuple(each for each in listed if isinstance(each, str))


class Categories:
    """The categories of a project, found by name."""

    def __init__(self, entries: Iterable[CategoryEntry], merges: Merges | None = None) -> None:
        """``entries`` in their order; ``merges`` says which definitions became part of others."""
        self._merges = merges or Merges({})
        joined: dict[tuple[str, str], CategoryEntry] = {}
        for each in entries:
            key = (each.of, fold(each.name))
            joined[key] = _joined(joined[key], each) if key in joined else replace(each, ids=(each.id,))
        self.entries: tuple[CategoryEntry, ...] = tuple(
            replace(each, rank=rank) for rank, each in enumerate(joined.values())
        )
        self._by_name: dict[tuple[str, str], CategoryEntry] = {}
        self._by_id = {id: each for each in self.entries for id in each.ids}
        for each in self.entries:
            self._by_name[each.of, fold(each.name)] = each
        for each in self.entries:
            for alias in each.aliases:
                self._by_name.setdefault((each.of, fold(alias)), each)

    @classmethod
    def read(cls, columns: Columns) -> Categories:
        """Read those of a project. Any value may come from another device or a later version."""
        loaded = {
            name: columns.column(CATEGORY, name)
            for name in ("name", "of", "aliases", "template", "color", "order")
        }
        ids = sorted(loaded["name"], key=lambda record: (_text(loaded["order"].get(record)), record))
        entries = [
            CategoryEntry(
                record,
                _text(loaded["name"][record]).strip(),
                _text(loaded["of"].get(record)) or ISSUE,
                _texts(loaded["aliases"].get(record)),
                _text(loaded["template"].get(record)),
                _text(loaded["color"].get(record)),
            )
            for record in ids
        ]
        return cls((each for each in entries if each.name), Merges.read(columns, (CATEGORY,)))

    def find(self, kind: str, name: object) -> CategoryEntry | None:
        """The category of that name, or that had it once; None where it has no definition."""
        return self._by_name.get((kind, fold(name.strip()))) if isinstance(name, str) else None

    def get(self, record: bytes) -> CategoryEntry | None:
        """The category that a definition, or one that became part of it, defines."""
        return self._by_id.get(self._merges.resolve(record))

    def of(self, kind: str) -> list[CategoryEntry]:
        """Those of a kind of record, in their order."""
        return [each for each in self.entries if each.of == kind]

    def belongs(self, scope: Collection[bytes], kind: str, name: object) -> bool:
        """Whether something that belongs to some categories belongs to records of that category.

        To none named, it belongs to all. Definitions that are not here (any more) name nothing.
        """
        known = [each for each in (self.get(id) for id in scope) if each is not None]
        if not known:
            return True
        found = self.find(kind, name)
        return found is not None and any(each.id == found.id for each in known)


def _joined(first: CategoryEntry, second: CategoryEntry) -> CategoryEntry:
    """One category of two definitions of the same name: what the earlier one leaves open, the later one says."""
    return replace(
        first,
        aliases=(*first.aliases, *(each for each in second.aliases if each not in first.aliases)),
        template=first.template or second.template,
        color=first.color or second.color,
        ids=(*first.ids, second.id),
    )


def fields_for(fields: Iterable[Field], categories: Categories, kind: str, name: object) -> list[Field]:
    """Those of some fields that records of a category have."""
    return [each for each in fields if categories.belongs(each.categories, kind, name)]


def category_names(categories: Categories, kind: str, used: Iterable[object]) -> Sequence[str]:
    """The names to choose from: those that are defined, in their order, then those that are just used."""
    names = [each.name for each in categories.of(kind)]
    known = {fold(each) for each in names}
    more = {fold(each): each for each in used if isinstance(each, str) and each.strip()}
    return [
        *names,
        *sorted(name for key, name in more.items() if key not in known and not categories.find(kind, name)),
    ]
