"""All columns of a project that somebody uses, in memory and kept in step with it.

A column is read when it is first asked for, in steps of a few milliseconds where ``load_steps`` is used, and
from then on follows what operations and the sync thread touched: one edit changes one number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.domain.directory import Context
from app.domain.fields import FieldSet
from app.domain.schema import (
    ATTACHMENT,
    COMMENT,
    ELEMENT,
    FIELD,
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
from app.query.answer import Answer, Group, Need, compiled_for, needs_of, run
from app.query.ast import Query
from app.query.authors import people_of_devices
from app.query.column import Column
from app.query.frame import ColumnView, Frame, Rows
from app.query.nodes import Changes, MappedNode, Node, PlaceNode, ReverseNode, StoredNode
from app.query.paths import BY, CREATOR, PLACES, POINTING, Catalog, ColumnSpec, Path
from app.query.project import ProjectReader, RecordReader
from app.query.ranking import Key, Ranks
from app.query.reading import Reader, SlicedReader, WholeReader
from app.query.steps import FieldStep, part
from app.store.column_slices import ColumnSlices
from app.store.reading import Reading
from app.store.touched import Touched

__all__ = ["Answer", "Frame", "Frames", "Group", "Moved", "Need"]

_FEW = 40
"""Up to so many touched records are read at once; more are read in steps."""
_NAMING = {
    PERSON: ("name", "email"),
    STATUS: ("name", "order", "meaning", "color"),
    LABEL: ("name", "color"),
    LOCATION: ("name", "parent", "order"),
    ISSUE: ("number", "title"),
    ELEMENT: ("name",),
    NOTE: ("title",),
}
"""By kind, the fields that change how references to its records are shown or sorted."""
_STAMPED = ("updated", BY)
_NOT_OWN = frozenset({"watchers", "mentions"})
"""Fields that name people without making the issue theirs."""


@dataclass
class Moved:
    """What became of a change: which cells show something else, and which records came or went.

    ``stale``: more is to come, ``stale_steps`` must run. ``fields``: the fields of a kind are others now, so
    columns may have gone or changed their type.
    """

    cells: dict[tuple[str, str], Rows] = field(default_factory=dict)
    came: dict[str, set[bytes]] = field(default_factory=dict)
    gone: dict[str, set[bytes]] = field(default_factory=dict)
    stale: bool = False
    fields: bool = False


class Frames:
    """The columns of one project. Fulfils ``app.domain.fields.Columns``."""

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
        self.reader: Reader = (
            SlicedReader(ColumnSlices(source), self)
            if isinstance(source, Reading)
            else WholeReader(source, self)
        )
        """Where columns are read from."""
        self._waiting = Touched()
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
        return self._context()

    def frame(self, kind: str) -> Frame:
        """The records of a kind."""
        for _ in self._frame_steps(kind):
            pass
        return self._frames[kind]

    def _frame_steps(self, kind: str) -> Iterator[None]:
        """Read the records of a kind, in steps."""
        if kind in self._frames:
            return
        self._filling += 1
        seen = len(self._came)
        ids: list[tuple[bytes, int]] = []
        try:
            for part in self.reader.records(kind):
                ids += part
                yield
            ids.sort()
            yield
            if kind not in self._frames:
                self._frames[kind] = Frame(self, kind, ids)
                for touched in self._came[seen:]:
                    self._take_all(touched, Changes())
        finally:
            self._filled()

    def _filled(self) -> None:
        self._filling -= 1
        if not self._filling:
            self._came.clear()

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
            return self._source.column(kind, field)
        known = self._nodes.get((kind, field))
        if known is None:
            path = _stored(kind, field) or self._catalog.find(kind, field)
            if path is None:
                # Of a field whose definition has not arrived, only the values are known.
                path = Path(kind, field, field, Field(field, FieldType.BYTES, field))
            known = self.node(path)
        return ColumnView(self.frame(kind), self._ready(known))

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
            return ReverseNode(self, path, self._pointing(path.reverse, path.kind), parent)
        if path.base is not None:
            return MappedNode(self, path)
        if path.kind == LOCATION and path.text in PLACES and path.text not in KINDS[LOCATION].fields:
            needs = [self._catalog.resolve(LOCATION, name) for name in ("name", "parent", "type")]
            return PlaceNode(self, path, needs)
        return StoredNode(self, path)

    def _pointing(self, kind: str, target: str) -> list[Path]:
        """The fields by which records of a kind are those of another record."""
        fields = self._catalog.fields(kind)
        return [
            self._catalog.resolve(kind, each.name)
            for each in fields.fields
            if each.type in POINTING and each.target in ("", target) and each.name not in _NOT_OWN
        ]

    def _ready(self, node: Node) -> Column:
        if not node.full:
            for _ in self._fill(node):
                pass
        return node.column

    def _fill(self, node: Node) -> Iterator[None]:
        """Fill a column and what it is made from, in steps; what is touched meanwhile is taken in after."""
        for each in node.parts():
            yield from self._fill(each)
        if node.full:
            return
        self._filling += 1
        seen = len(self._came)
        try:
            yield from node.fill()
            self._replay(node, seen)
        finally:
            self._filled()

    def _replay(self, node: Node, seen: int) -> None:
        if len(self._came) == seen:
            return
        if not isinstance(node, StoredNode):
            node.full = False
            for _ in node.fill():
                pass
            return
        for touched in self._came[seen:]:
            for record in touched.records:
                if touched.kinds.get(record) == node.path.kind:
                    self._take(node.path.kind, record, Changes(), [node])

    def needed(
        self, kind: str, query: Query, paths: Iterable[str] = (), sums: Iterable[str] = ()
    ) -> list[str]:
        """The columns that showing some paths of what a query finds takes: for ``load_steps``."""
        compiled = compiled_for(self, kind, query, self.context)
        added = [Need(path, counted=True) for path in sums]
        return [*needs_of(compiled), *paths, *added]

    def is_loaded(self, kind: str, paths: Iterable[str]) -> bool:
        """Whether all of these columns are in memory."""
        return kind in self._frames and all(self._is_ready(kind, path) for path in paths)

    def _is_ready(self, kind: str, path: str) -> bool:
        found = self._catalog.find(kind, path)
        node = None if found is None else self._nodes.get((kind, found.text))
        return found is None or (node is not None and node.full)

    def load_steps(self, kind: str, paths: Iterable[str]) -> Iterator[None]:
        """Build what is missing, a few milliseconds a step. Paths that are unknown are left out."""
        yield from self._frame_steps(kind)
        for each in paths:
            path = self._catalog.find(kind, each)
            if path is None:
                continue
            node = self.node(path)
            yield from self._fill(node)
            if isinstance(each, Need) and each.ranked:
                yield from node.column.rank_steps(self._key(node.column, self.context))
            if isinstance(each, Need) and each.searched:
                yield from node.column.search_steps()
            if isinstance(each, Need) and each.counted:
                yield from node.column.amount_steps()

    # Queries

    def run(self, kind: str, query: Query, context: Context, sums: Sequence[str] = ()) -> Answer:
        """Answer a query; columns that are missing are read now."""
        return run(self, compiled_for(self, kind, query, context), context, sums)

    def flagged(self, kind: str, flag: str) -> Collection[bytes]:
        """The records of which a flag holds."""
        child = {"attachments": ATTACHMENT, "comments": COMMENT}.get(flag)
        if child is not None:
            return {each for each in self.column(child, "parent").values() if isinstance(each, bytes)}
        return (self._flagged or self._source.flagged)(kind, flag)

    def text_hits(self, kind: str, step: FieldStep) -> Collection[bytes] | None:
        """The records whose text meets a condition."""
        texts = self._source.texts(kind)
        ids = self.frame(kind).ids
        return [record for record in ids if step.test(texts.get(record) or None)]

    def ranks(self, kind: str, path: str, context: Context, *, descending: bool) -> tuple[Ranks, int]:
        """The ranks of a column's distinct values, and how many ranks there are."""
        column = self.node_at(kind, path).column
        ranking = column.ranked(self._key(column, context))
        return ranking.ranks(descending=descending), ranking.count

    @staticmethod
    def _key(column: Column, context: Context) -> Callable[[object], Key]:
        return lambda value: sort_key(column.field, value, context)

    # Following changes

    def apply(self, touched: Touched) -> Moved:
        """Follow what was touched."""
        if self._filling:
            self._came.append(touched)
        if len(touched.records) + len(touched.visibility) > _FEW:
            self._waiting.merge(touched)
            return Moved(stale=True)
        changes = Changes()
        self._take_all(touched, changes)
        return self._settle(changes)

    def stale_steps(self) -> Generator[None, None, Moved]:
        """Take in what waits, in steps; gives what became of it. Until then the values of before are shown."""
        touched, self._waiting = self._waiting, Touched()
        changes = Changes()
        for record in {*touched.records, *touched.visibility}:
            self._take_record(touched, record, changes)
            yield
        return self._settle(changes)

    def _take_all(self, touched: Touched, changes: Changes) -> None:
        for record in {*touched.records, *touched.visibility, *touched.created}:
            self._take_record(touched, record, changes)

    def _take_record(self, touched: Touched, record: bytes, changes: Changes) -> None:
        kind = touched.kinds.get(record, "")
        fields = touched.records.get(record, set())
        appeared = record in touched.created or record in touched.visibility
        if appeared or not {*_NAMING.get(kind, ())}.isdisjoint(fields):
            changes.renamed.setdefault(kind, set()).add(record)
        if kind not in self._frames:
            return
        nodes = [
            node
            for node in self._nodes.values()
            if node.path.kind == kind
            and isinstance(node, StoredNode)
            and node.full
            and (appeared or node.path.field.name in fields or node.path.field.name in _STAMPED)
        ]
        self._take(kind, record, changes, nodes, appeared=appeared)

    def _take(
        self,
        kind: str,
        record: bytes,
        changes: Changes,
        nodes: Sequence[Node],
        *,
        appeared: bool = False,
    ) -> None:
        """Read one record and set its cells."""
        frame = self._frames[kind]
        view = self._source.get(record, kind)
        there = view is not None and not view.deleted
        if appeared:
            row = frame.place(record, there)
            if row is not None:
                changes.moved.setdefault(kind, set()).add(row)
                for node in self._nodes.values():
                    if node.path.kind == kind:
                        node.column.resize(frame.size)
        place = frame.row(record)
        if view is None or place is None:
            return
        for node in nodes:
            value = self._value(view, node.path.field)
            if node.column.set(place, value):
                changes.note(kind, node.path.text, (place,))

    def _value(self, view: RecordReader, field: Field) -> object:
        if field.name in ("created", "updated"):
            return getattr(view, field.name).at
        if field.name in (BY, CREATOR):
            stamp = view.updated if field.name == BY else view.created
            return people_of_devices(self).get(stamp.device[:16])
        state = view.fields.get(field.name)
        if state is None:
            return None
        return part(field, state.values if state.many else state.value)

    def _settle(self, changes: Changes) -> Moved:
        """Let every column follow, in the order in which they are made from one another."""
        moved = Moved()
        for node in self._nodes.values():
            if node.full:
                rows = node.follow(changes)
                if rows:
                    changes.rows[node.key] = rows
        for kind in changes.moved:
            frame = self._frames[kind]
            for row in changes.moved[kind]:
                where = moved.came if frame.alive[row] else moved.gone
                where.setdefault(kind, set()).add(frame.records[row])
            changes.renamed.setdefault(kind, set()).update(frame.records[row] for row in changes.moved[kind])
        for kind in {LOCATION, STATUS} & {*changes.renamed}:
            # A location is shown with the names of those it is in; statuses are sorted by their order.
            changes.renamed[kind] = {*changes.renamed[kind], *self.frame(kind).records}
        for node in self._nodes.values():
            if not (node.full and node.column.points):
                continue
            target = node.column.field.target
            ids = [each for kind, ids in changes.renamed.items() if target in ("", kind) for each in ids]
            codes = node.column.holding(ids) if ids else []
            if codes:
                node.column.forget(codes)
                changes.note(*node.key, node.column.rows_of(codes).tolist())
        for key, rows in changes.rows.items():
            moved.cells[key] = np.array(sorted(rows), np.int32)
        if FIELD in changes.renamed or any(kind == FIELD for kind, _ in changes.rows):
            self._fields_changed()
            moved.fields = True
        return moved

    def _fields_changed(self) -> None:
        """Definitions are others now: columns whose field is another one are read anew when asked for."""
        self._catalog = Catalog(self)
        kept: dict[tuple[str, str], Node] = {}
        for key, node in self._nodes.items():
            found = self._catalog.find(*key) if node.path.field.custom or node.parts() else node.path
            if found == node.path and all(kept.get(each.key) is each for each in node.parts()):
                kept[key] = node
        self._nodes = kept


def _stored(kind: str, name: str) -> Path | None:
    """The path of a field of the schema, known without the project's definitions."""
    known = KINDS[kind].fields.get(name) if kind in KINDS else None
    return None if known is None else Path(kind, name, known.typed_name, known)
