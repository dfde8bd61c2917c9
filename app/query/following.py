"""Following what operations and the sync thread touched: one edit changes one number and what is made from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.domain.directory import Context
from app.domain.schema import DEVICE, ELEMENT, FIELD, LOCATION, MERGEABLE, MERGED_INTO, PERSON, STATUS
from app.query.formulas import FormulaNode
from app.query.frame import Rows
from app.query.loading import NAMING, Loading
from app.query.nodes import Changes, Node, StoredNode
from app.query.paths import BY, CREATOR, POINTING, Catalog
from app.query.project import ProjectReader
from app.store.touched import Touched

_FEW = 30
"""Up to so many touched records are read at once; more are read in steps."""
_MANY = 1_500
"""For more touched records than this, whole columns are read again."""
_PLACED = 8
"""So many records come or go in a step: each moves all numbers of rows behind it."""
_FIELDS = 4
"""Up to so many fields of one record are read one by one."""
_TOGETHER = frozenset({LOCATION, STATUS})
"""A location is shown with the names of those it is in; a status is sorted by its place among all."""
_TEXT = "text"
_STAMPED = frozenset({"updated", BY})


@dataclass
class Moved:
    """What became of a change: which cells show something else, and which records came or went.

    ``stale``: more is to come, ``stale_steps`` must run. ``whole``: so much changed that cells were not told apart.
    ``fields``: the fields of a kind are others now, so columns may have gone or changed their type.
    """

    cells: dict[tuple[str, str], Rows] = field(default_factory=dict)
    came: dict[str, set[bytes]] = field(default_factory=dict)
    gone: dict[str, set[bytes]] = field(default_factory=dict)
    stale: bool = False
    whole: bool = False
    fields: bool = False

    def rows_changed(self, kind: str) -> set[int]:
        """The rows of a kind of which any cell changed."""
        found: set[int] = set()
        for (of, _), rows in self.cells.items():
            if of == kind:
                found.update(rows.tolist())
        return found


class Following(Loading):
    """Columns that follow the project."""

    def __init__(
        self,
        source: ProjectReader,
        context: Callable[[], Context],
        flagged: Callable[[str, str], Collection[bytes]] | None = None,
    ) -> None:
        super().__init__(source, context, flagged)
        self._waiting = Touched()
        self._stale: set[tuple[str, str]] = set()
        """Columns that must be read again."""

    def apply(self, touched: Touched) -> Moved:
        """Follow what was touched. Large changes, and such that concern whole columns, only in ``stale_steps``."""
        if self._filling:
            self._came.append(touched)
        if len(touched.records) + len(touched.visibility) > _FEW:
            self._waiting.merge(touched)
            return Moved(stale=True)
        changes = Changes()
        for record in _records(touched):
            self._take(touched, record, changes)
        moved = Moved()
        for _ in self._settle(changes, moved):
            pass
        moved.stale = bool(self._stale)
        return moved

    def stale_steps(self) -> Generator[None, None, Moved]:
        """Take in what waits, in steps; gives what became of it. Until then the values of before are shown."""
        touched, self._waiting = self._waiting, Touched()
        changes, moved = Changes(), Moved()
        records = _records(touched)
        if len(records) <= _MANY:
            for record in records:
                self._take(touched, record, changes)
                yield
        else:
            yield from self._take_whole(touched, changes)
        yield from self._settle(changes, moved)
        stale, self._stale = self._stale, set()
        read: set[tuple[str, str]] = set()
        for key, node in list(self._nodes.items()):
            if node.full and (key in stale or any(each.key in read for each in node.parts())):
                read.add(key)
                yield from self._refill(node)
        moved.whole = bool(read)
        return moved

    def day_changed(self) -> Moved:
        """Another day has begun: formulas that ask for it are worked out anew, in ``stale_steps``."""
        dated = {key for key, node in self._nodes.items() if isinstance(node, FormulaNode) and node.is_dated}
        self._stale |= dated
        return Moved(stale=bool(dated))

    # Records

    def _take(self, touched: Touched, record: bytes, changes: Changes) -> None:
        """Read one record and set its cells."""
        kind = touched.kinds.get(record, "")
        fields = touched.records.get(record, set())
        appeared = record in touched.created or record in touched.visibility
        self._note(kind, fields, appeared, changes)
        if appeared or _TEXT in fields:
            self.texts.follow(kind, record)
        if appeared or not fields.isdisjoint(NAMING.get(kind, ())):
            changes.renamed.setdefault(kind, set()).add(record)
        frame = self._frames.get(kind)
        nodes = self._stored_of(kind, None if appeared else fields)
        if frame is None or (not nodes and not appeared):
            return
        if (
            not appeared
            and len(nodes) <= _FIELDS
            and not any(node.path.field.name in _STAMPED for node in nodes)
        ):
            # One field lies in one place; a whole record, in as many as it has fields.
            self._take_fields(record, nodes, changes)
            return
        view = self._source.get(record, kind)
        if appeared:
            self._place(kind, record, view is not None and not view.deleted, changes)
        row = frame.row(record)
        if row is None or view is None:
            return
        for node in nodes:
            if node.column.set(row, node.read(view)):
                changes.note(*node.key, (row,))

    def _take_fields(self, record: bytes, nodes: Sequence[StoredNode], changes: Changes) -> None:
        """Read a few fields of a record."""
        for node in nodes:
            row = node.frame.row(record)
            if row is not None:
                state = self._source.field(record, node.path.field.name, node.path.kind)
                if node.column.set(row, node.shown(state)):
                    changes.note(*node.key, (row,))

    def _stored_of(self, kind: str, fields: Collection[str] | None) -> list[StoredNode]:
        """The columns of stored fields of a kind, of all fields or of some that were touched."""
        return [
            node
            for node in self._nodes.values()
            if isinstance(node, StoredNode)
            and node.full
            and node.path.kind == kind
            and (fields is None or node.path.field.name in fields or node.path.field.name in _STAMPED)
        ]

    def _place(self, kind: str, record: bytes, there: bool, changes: Changes) -> None:
        """Take a record in, or let it go."""
        frame = self._frames[kind]
        size = frame.size
        row = frame.place(record, there)
        if row is None:
            return
        changes.moved.setdefault(kind, set()).add(row)
        if frame.size > size:
            for node in self._nodes.values():
                if node.path.kind == kind:
                    node.column.resize(frame.size)

    def _note(self, kind: str, fields: Collection[str], appeared: bool, changes: Changes) -> None:
        """Remember what concerns more than the record itself."""
        if kind == FIELD:
            changes.fields = True
        if kind == ELEMENT and (appeared or "parameters" in fields):
            changes.parameters = True
        if MERGED_INTO in fields or (appeared and kind in MERGEABLE):
            changes.merges = True
        if kind in (DEVICE, PERSON) and (appeared or "member" in fields):
            self._stale |= {key for key in self._nodes if key[1] in (BY, CREATOR)}

    def _take_whole(self, touched: Touched, changes: Changes) -> Iterator[None]:
        """Read whole columns again, and which records there are."""
        fields: dict[str, set[str]] = {}
        appeared = touched.created | touched.visibility
        for record, names in touched.records.items():
            fields.setdefault(touched.kinds.get(record, ""), set()).update(names)
        came = {touched.kinds.get(record, "") for record in appeared}
        for kind in {*fields, *came}:
            self._note(kind, fields.get(kind, set()), kind in came, changes)
            if kind in came or _TEXT in fields.get(kind, ()):
                self.texts.forget(kind)
            if kind in self._frames:
                if kind in came:
                    yield from self._place_all(kind, changes)
                wanted = None if kind in came else fields[kind]
                self._stale |= {node.key for node in self._stored_of(kind, wanted)}
        for place, record in enumerate(_records(touched)):
            kind = touched.kinds.get(record, "")
            if record in appeared or not touched.records.get(record, set()).isdisjoint(NAMING.get(kind, ())):
                changes.renamed.setdefault(kind, set()).add(record)
            if place % 1_000 == 0:
                yield

    def _place_all(self, kind: str, changes: Changes) -> Iterator[None]:
        there: set[bytes] = set()
        for part in self.reader.records(kind):
            there.update(record for record, _ in part)
            yield
        different = there.symmetric_difference(self._frames[kind].ids)
        for place, record in enumerate(sorted(different)):
            self._place(kind, record, record in there, changes)
            if place % _PLACED == 0:
                yield

    # Columns

    def _settle(self, changes: Changes, moved: Moved) -> Iterator[None]:
        """Let every column follow, in the order in which they are made from one another."""
        self._names_changed(changes)
        for node in list(self._nodes.values()):
            if not node.full:
                continue
            rows = node.follow(changes)
            if node.column.points:
                rows |= self._renamed(node, changes)
            if rows:
                changes.rows[node.key] = rows
            yield
        for kind, places in changes.moved.items():
            frame = self._frames[kind]
            for row in places:
                where = moved.came if frame.alive[row] else moved.gone
                where.setdefault(kind, set()).add(frame.records[row])
        for key, rows in changes.rows.items():
            moved.cells[key] = np.array(sorted(rows), np.int32)
        if changes.fields or changes.parameters:
            self._fields_changed()
            moved.fields = True

    def _names_changed(self, changes: Changes) -> None:
        """Read names anew where they changed, before anything is shown with them."""
        self.directory.forget(changes.renamed)
        if changes.merges:
            before = self._merged_into()
            self._merged.clear()
            if before != self._merged_into():
                self.directory.forget_merges()
                self._stale |= {
                    key
                    for key, node in self._nodes.items()
                    if isinstance(node, StoredNode) and node.path.field.type in POINTING
                }

    def _merged_into(self) -> list[Mapping[bytes, object]]:
        return [dict(self.column(kind, MERGED_INTO)) for kind in MERGEABLE]

    @staticmethod
    def _renamed(node: Node, changes: Changes) -> set[int]:
        """The rows that show a record that has another name now."""
        target, column = node.column.field.target, node.column
        kinds = {kind for kind in changes.renamed if target in ("", kind)}
        if kinds & _TOGETHER:
            codes: Sequence[int] = range(1, len(column.values))
        else:
            codes = column.holding([each for kind in kinds for each in changes.renamed[kind]])
        node.column.forget(codes)
        return set(node.column.rows_of(codes).tolist())

    def _fields_changed(self) -> None:
        """Definitions are others now: columns whose field is another one are read anew when asked for."""
        self._catalog = Catalog(self)
        kept: dict[tuple[str, str], Node] = {}
        for key, node in self._nodes.items():
            found = self._catalog.find(*key) if node.path.field.custom or node.parts() else node.path
            if found == node.path and all(kept.get(each.key) is each for each in node.parts()):
                kept[key] = node
        self._nodes = kept


def _records(touched: Touched) -> Sequence[bytes]:
    return list(dict.fromkeys([*touched.records, *touched.visibility, *touched.created]))
