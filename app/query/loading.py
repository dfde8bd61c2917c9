"""Reading columns into memory, in steps that leave the window time to answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from app.domain.directory import Context
from app.domain.fields import FieldSet
from app.domain.merged import Merges
from app.domain.names import fold
from app.domain.schema import (
    CATEGORY,
    ELEMENT,
    ISSUE,
    KINDS,
    LABEL,
    LOCATION,
    MERGED_INTO,
    NOTE,
    PERSON,
    STATUS,
    Field,
    FieldType,
)
from app.domain.values import sort_key
from app.query.column import Column
from app.query.directory import LiveDirectory
from app.query.formulas import CopyNode, FormulaNode
from app.query.frame import ColumnView, Frame
from app.query.masks import meeting
from app.query.needs import Need
from app.query.nodes import MappedNode, Node, PlaceNode, ReverseNode, StoredNode
from app.query.paths import PLACES, Catalog, ColumnSpec, Path, pointing_fields
from app.query.predicates import Equals
from app.query.project import ProjectReader
from app.query.ranking import Key
from app.query.reading import Reader, SlicedReader, WholeReader
from app.query.texts import TextHits
from app.store.column_slices import ColumnSlices
from app.store.project import Project
from app.store.touched import Touched

NAMING: Mapping[str, tuple[str, ...]] = {
    PERSON: ("name", "email", "company"),
    STATUS: ("name", "order", "meaning", "color", "categories"),
    LABEL: ("name", "color"),
    LOCATION: ("name", "parent", "type"),
    ISSUE: ("number", "title"),
    ELEMENT: ("name",),
    NOTE: ("title",),
    CATEGORY: ("name", "of", "aliases", "template", "color", "order"),
}
"""By kind, the fields that say how references to its records are shown and sorted."""


class Loading:
    """The columns of one project. Fulfils ``app.domain.columns.Columns``."""

    def __init__(
        self,
        source: ProjectReader,
        context: Callable[[], Context],
        flagged: Callable[[str, str], Collection[bytes]] | None = None,
    ) -> None:
        """``context`` gives what values are shown with, as of now; ``flagged`` the records of which one of
        ``app.query.steps.FLAGS`` holds, where somebody keeps them already.
        """
        self._source = source
        self._context = context
        self._flagged = flagged
        self._frames: dict[str, Frame] = {}
        self._nodes: dict[tuple[str, str], Node] = {}
        self._catalog = Catalog(self)
        self._merged: dict[str, Mapping[bytes, object]] = {}
        self.directory = LiveDirectory(self, self._numbered, self._called)
        """The names in the project, as they are now."""
        self.reader: Reader = (
            SlicedReader(ColumnSlices(source), self, source.reader)
            if isinstance(source, Project)
            else WholeReader(source, self)
        )
        """Where columns are read from."""
        self.texts = TextHits(source, lambda: self.reader)
        """What was found in the texts."""
        self._came: list[Touched] = []
        """What was touched while columns were being filled."""
        self._filling = 0

    # What there is

    @property
    def catalog(self) -> Catalog:
        """The fields and paths of every kind."""
        return self._catalog

    @property
    def context(self) -> Context:
        """What values are shown and sorted with."""
        return replace(self._context(), directory=self.directory)

    @property
    def merges(self) -> Merges:
        """What was merged into what."""
        return self.directory.merges

    def frame(self, kind: str) -> Frame:
        """The records of a kind."""
        if kind not in self._frames:
            for _ in self._frame_steps(kind):
                pass
        return self._frames[kind]

    def ids(self, kind: str) -> list[bytes]:
        """The records of a kind that are not deleted, the newest first."""
        return self.frame(kind).ids

    def fields(self, kind: str) -> FieldSet:
        """The fields that the records of a kind have."""
        return self._catalog.fields(kind)

    def spec(self, kind: str, path: str) -> ColumnSpec:
        """What a column is called and how it is shown. Raises SitebookError that says what there is."""
        return self._catalog.resolve(kind, path).spec()

    def available(self, kind: str) -> list[ColumnSpec]:
        """The columns to choose from: own fields, who and when, what is behind references, roll-ups."""
        return [path.spec() for path in self._catalog.available(kind)]

    def column(self, kind: str, field: str) -> Mapping[bytes, object]:
        """The shown value of each record that has one; the view follows every change."""
        if field == MERGED_INTO:  # asked of records that are not there any more
            if kind not in self._merged:
                self._merged[kind] = self._source.column(kind, field)
            return self._merged[kind]
        known = self._nodes.get((kind, field))
        if known is None:
            path = _stored(kind, field) or self._catalog.find(kind, field)
            if path is None:
                # Of a field whose definition has not arrived, only the values are known.
                path = Path(kind, field, field, Field(field, FieldType.BYTES, field))
            known = self.node(path)
        self._ready(known)
        return ColumnView(known)

    def _numbered(self, number: int) -> Sequence[bytes]:
        node = self.node_at(ISSUE, "number")
        code = node.column.known_code(number)
        rows = [] if code is None else node.column.rows_of([code]).tolist()
        return [node.frame.records[row] for row in rows if node.frame.alive[row]]

    def _called(self, kind: str, wanted: str) -> Sequence[bytes]:
        node = self.node_at(kind, KINDS[kind].heading)
        column, frame = node.column, node.frame
        if column.is_searchable:
            codes: Sequence[int] = np.flatnonzero(meeting(column, Equals(wanted))).tolist()
        else:  # Making them searchable would take several times as long as looking at each once.
            codes = [code for code, name in enumerate(column.values) if _is_called(name, wanted)]
        return [frame.records[row] for row in column.rows_of(codes).tolist() if frame.alive[row]]

    # Columns

    def node_at(self, kind: str, path: str) -> Node:
        """The column of a path and its origin, with its values. Raises SitebookError for an unknown path."""
        known = self._nodes.get((kind, path))
        if known is None:
            known = self.node(self._catalog.resolve(kind, path))
        self._ready(known)
        return known

    def node(self, path: Path) -> Node:
        """The column of a path; it may not have its values yet."""
        known = self._nodes.get((path.kind, path.text))
        if known is None:
            known = self._made(path)
            # What it is made from was made before it, so the order of this mapping is one to follow.
            self._nodes[known.key] = known
        return known

    def _made(self, path: Path) -> Node:
        if path.reverse:
            parent = self._catalog.resolve(LOCATION, "parent") if path.kind == LOCATION else None
            return ReverseNode(self, path, pointing_fields(self._catalog, path.reverse, path.kind), parent)
        if path.base is not None:
            return MappedNode(self, path)
        if path.kind == LOCATION and path.text in PLACES and path.text not in KINDS[LOCATION].fields:
            needs = [self._catalog.resolve(LOCATION, name) for name in ("name", "parent", "type")]
            return PlaceNode(self, path, needs)
        if path.field.type is FieldType.FORMULA:
            return FormulaNode(self, path, self._catalog.formula(path.field), self._catalog)
        if path.field.type is FieldType.AUTO_NUMBER and "number" in KINDS[path.kind].fields:
            return CopyNode(self, path, self._catalog.resolve(path.kind, "number"))
        return StoredNode(self, path)

    # Filling

    def _frame_steps(self, kind: str) -> Iterator[None]:
        """Read the records of a kind, in steps."""
        if kind in self._frames:
            return
        self._filling += 1
        seen = len(self._came)
        try:
            frame = Frame(self, kind)
            yield from frame.fill(self.reader.records(kind))
            if kind not in self._frames:
                self._frames[kind] = frame
                self._missed(kind, seen)
        finally:
            self._filled()

    def _missed(self, kind: str, seen: int) -> None:
        """Records that came or went while those of their kind were being read."""
        for touched in self._came[seen:]:
            for record in touched.created | touched.visibility:
                if touched.kinds.get(record) == kind:
                    view = self._source.get(record, kind)
                    self._frames[kind].place(record, view is not None and not view.deleted)

    def _filled(self) -> None:
        self._filling -= 1
        if not self._filling:
            self._came.clear()

    def _ready(self, node: Node) -> Column:
        if not node.full:
            for _ in self._fill(node):
                pass
        return node.column

    def _fill(self, node: Node) -> Iterator[None]:
        """Fill a column and what it is made from, in steps; what is touched meanwhile is taken in after."""
        for each in node.parts():
            yield from self._fill(each)
        if not node.full:
            yield from self._refill(node)

    def _refill(self, node: Node) -> Iterator[None]:
        self._filling += 1
        seen = len(self._came)
        try:
            yield from node.fill()
            if len(self._came) > seen and isinstance(node, StoredNode):
                for touched in self._came[seen:]:
                    self._again(node, touched)
            elif len(self._came) > seen:
                for _ in node.fill():
                    pass
        finally:
            self._filled()

    def _again(self, node: StoredNode, touched: Touched) -> None:
        """Set the cells of records that were touched while a column was read."""
        for record in touched.records:
            row = node.frame.row(record) if touched.kinds.get(record) == node.path.kind else None
            view = None if row is None else self._source.get(record, node.path.kind)
            if row is not None and view is not None:
                node.column.set(row, node.read(view))

    def is_loaded(self, kind: str, paths: Iterable[str]) -> bool:
        """Whether all of these columns are in memory."""
        return kind in self._frames and all(self._is_ready(kind, path) for path in paths)

    def _is_ready(self, kind: str, path: str) -> bool:
        found = self._catalog.find(kind, path)
        node = None if found is None else self._nodes.get((kind, found.text))
        if found is None or found.field.type is FieldType.RICH:
            return True
        if node is None or not node.full:
            return False
        return not isinstance(path, Need) or node.column.is_ready(path)

    def load_steps(self, kind: str, paths: Iterable[str]) -> Iterator[None]:
        """Build what is missing, a few milliseconds a step. Paths that are unknown are left out."""
        yield from self._frame_steps(kind)
        for each in paths:
            path = self._catalog.find(kind, each)
            if path is None or path.field.type is FieldType.RICH:
                continue
            node = self.node(path)
            yield from self._fill(node)
            if node.column.points or (isinstance(each, Need) and each.searched and node.column.field.many):
                yield from node.column.member_steps()
            if isinstance(each, Need) and each.searched and not node.column.points:
                members = node.column.members() if node.column.field.many else None
                yield from (node.column if members is None else members.column).search_steps()
            if node.column.points:
                yield from self._names_steps(node.column.field.target)
            if isinstance(each, Need) and each.ranked:
                yield from node.column.rank_steps(key_of(node.column, self.context))
            if isinstance(each, Need) and each.counted:
                yield from node.column.amount_steps()
            if isinstance(each, Need) and each.grouped and node.column.points:
                yield from node.column.first_steps()

    def _names_steps(self, target: str) -> Iterator[None]:
        """Read what references to records of a kind, or of any, are shown as."""
        for kind in (target,) if target else NAMING:
            yield from self._frame_steps(kind)
            for name in NAMING.get(kind, ()):
                yield from self._fill(self.node(self._catalog.resolve(kind, name)))


def _is_called(name: object, wanted: str) -> bool:
    return isinstance(name, str) and fold(name.strip()) == wanted


def key_of(column: Column, context: Context) -> Callable[[object], Key]:
    """What the values of a column are sorted by."""
    return lambda value: sort_key(column.field, value, context)


def _stored(kind: str, name: str) -> Path | None:
    """The path of a field of the schema, known without the project's definitions."""
    known = KINDS[kind].fields.get(name) if kind in KINDS else None
    return None if known is None else Path(kind, name, known.typed_name, known)
