"""Where columns get their values from, and how each follows what has changed.

A node fills its column in steps of a few milliseconds, and afterwards takes in changes: of its own records, of
the columns that it is made from, and of the names of the records that its values point to.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from app.domain.directory import Context, location_paths
from app.domain.merged import Merges
from app.query.column import Column
from app.query.pace import Pace
from app.query.paths import BY, CREATOR, POINTING, Path
from app.query.places import places_of
from app.query.project import FieldReader, RecordReader
from app.query.reading import Change, Reader
from app.query.steps import part
from app.query.totals import distinct, resolved, total_of

if TYPE_CHECKING:
    from app.query.frame import Frame

_PART = 100
"""So many values are read between two looks at the clock."""


@dataclass
class Changes:
    """What happened since the columns were right: rows by column, rows that came or went and records with
    another name by kind.
    """

    rows: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    moved: dict[str, set[int]] = field(default_factory=dict)
    renamed: dict[str, set[bytes]] = field(default_factory=dict)
    fields: bool = False
    """Definitions of fields changed."""
    parameters: bool = False
    """Parameters of elements changed, of which there may be others now."""
    merges: bool = False
    """What was merged into what may have changed."""

    def note(self, kind: str, path: str, rows: Iterable[int]) -> None:
        """Rows of one column have other values now."""
        self.rows.setdefault((kind, path), set()).update(rows)


class Project(Protocol):
    """What a node needs to know of the project around it."""

    def frame(self, kind: str) -> Frame:
        """The records of a kind."""
        ...

    def node(self, path: Path) -> Node:
        """The column of a path, made where it is not there."""
        ...

    @property
    def merges(self) -> Merges:
        """What was merged into what."""
        ...

    @property
    def reader(self) -> Reader:
        """Where stored fields are read."""
        ...

    @property
    def context(self) -> Context:
        """What values are shown and sorted with."""
        ...


class Node(ABC):
    """One column and its origin."""

    def __init__(self, project: Project, path: Path) -> None:
        self.project = project
        self.path = path
        self.frame = project.frame(path.kind)
        self.column = Column(path, self.frame.size)
        self.full = False
        """Whether the column has its values."""

    @property
    def key(self) -> tuple[str, str]:
        """Kind and path."""
        return self.path.kind, self.path.text

    def fill(self) -> Iterator[None]:
        """Work out all values, in steps. The column that was there stays until the new one is ready."""
        fresh = Column(self.path, self.frame.size)
        yield from self._fill(fresh)
        fresh.resize(self.frame.size)
        self.column, self.full = fresh, True

    def parts(self) -> Sequence[Node]:
        """The columns that this is made from."""
        return ()

    @abstractmethod
    def _fill(self, column: Column) -> Iterator[None]: ...

    @abstractmethod
    def follow(self, changes: Changes) -> set[int]:
        """Take in changes of what this is made from; the rows whose value is another now."""

    def _rows(self, column: Column, get: Callable[[bytes], object]) -> Iterator[None]:
        """Fill a column from what ``get`` gives for each record."""
        records, code_of = self.frame.records, column.code_of
        pace = Pace()
        for start in range(0, len(records), _PART):
            part = records[start : start + _PART]
            column.put(np.arange(start, start + len(part)), [code_of(get(record)) for record in part])
            if pace.due():
                yield


class StoredNode(Node):
    """A field of the records themselves. Its changes come from the project, through ``Frames.apply``."""

    def _fill(self, column: Column) -> Iterator[None]:
        field = self.path.field
        yield from self.project.reader.fill(self.frame, column, field, self._change())

    def _change(self) -> Change | None:
        """What is made of a stored value before it stands in the column; None where it stands as it is."""
        field, merges = self.path.field, self.project.merges
        if field.key:
            return lambda value: part(field, value)
        if field.type in POINTING and merges:
            return lambda value: resolved(merges, value)
        return None

    def read(self, view: RecordReader) -> object:
        """The value of one record."""
        name = self.path.field.name
        if name in ("created", "updated"):
            return (view.created if name == "created" else view.updated).at
        if name in (BY, CREATOR):
            stamp = view.updated if name == BY else view.created
            return self.project.reader.person(stamp.device)
        state = view.fields.get(name)
        return None if state is None else self.shown(state)

    def shown(self, state: FieldReader) -> object:
        """The value of what stands in the field of one record."""
        value = state.values if state.many else state.value
        change = self._change()
        return value if change is None else change(value)

    def follow(self, changes: Changes) -> set[int]:
        """What was set is in the changes already."""
        return changes.rows.get(self.key, set())


class MappedNode(Node):
    """What stands behind a reference: worked out once for each distinct value of the reference."""

    def __init__(self, project: Project, path: Path) -> None:
        super().__init__(project, path)
        assert path.base is not None
        self.base = project.node(path.base)
        self.targets = {kind: project.frame(kind) for kind in path.kinds}
        self.target = None if path.target is None else project.node(path.target)
        self._codes: list[int] = []
        """The own code of each code of the reference."""

    def parts(self) -> Sequence[Node]:
        """The reference, and the field behind it."""
        return (self.base,) if self.target is None else (self.base, self.target)

    def _fill(self, column: Column) -> Iterator[None]:
        base = self.base.column
        codes: list[int] = []
        pace = Pace()
        while len(codes) < len(base.values):
            part = base.values[len(codes) : len(codes) + _PART]
            codes += [column.code_of(self._behind(value)) for value in part]
            if pace.due():
                yield
        column.resize(len(base.codes))
        column.put(np.arange(len(base.codes)), np.array(codes, np.int32)[base.codes])
        self._codes = codes

    def _behind(self, value: object) -> object:
        """What stands behind one value of the reference."""
        found: list[object] = []
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, bytes):
                self._find(each, found)
        path = self.path
        if path.total is not None:
            single = path.field if path.target is None else replace(path.target.field, many=False)
            return total_of(path.total, single, found, self.project.context)
        if not path.field.many:
            return found[0] if found else None
        return distinct(found)

    def _find(self, record: bytes, found: list[object]) -> None:
        """Add what one record behind the reference has."""
        for kind, frame in self.targets.items():
            row = frame.row(record)
            if row is None:
                continue
            value: object = kind if self.target is None else self.target.column.value(row)
            if self.target is not None and self.target.path.field.many:
                found += value if isinstance(value, tuple) else ()
            elif value is not None:
                found.append(value)
            return

    def follow(self, changes: Changes) -> set[int]:
        """Follow the reference first, then what stands behind it."""
        base, own = self.base.column, self.column
        self._extend()
        ids: set[bytes] = set()
        for kind, frame in self.targets.items():
            rows = set(changes.moved.get(kind, ()))
            if self.target is not None and self.target.path.kind == kind:
                rows |= changes.rows.get(self.target.key, set())
            ids.update(frame.records[row] for row in rows)
        others: list[int] = []
        for code in base.holding(ids) if ids else ():
            new = own.code_of(self._behind(base.values[code]))
            if new != self._codes[code]:
                self._codes[code] = new
                others.append(code)
        # One pass over all rows, however many codes of theirs mean something else now.
        rows_now = base.rows_of(others)
        if len(rows_now):
            own.put(rows_now, np.array(self._codes, np.int32)[base.codes[rows_now]])
        changed = set(rows_now.tolist())
        for row in changes.rows.get(self.base.key, set()) | changes.moved.get(self.path.kind, set()):
            if own.set_code(row, self._codes[base.codes[row]]):
                changed.add(row)
        return changed

    def _extend(self) -> None:
        values = self.base.column.values
        while len(self._codes) < len(values):
            self._codes.append(self.column.code_of(self._behind(values[len(self._codes)])))


class DerivedNode(Node):
    """Values that are worked out by record from few other records, and anew when one of those changes."""

    def __init__(self, project: Project, path: Path, needs: Iterable[Path]) -> None:
        super().__init__(project, path)
        self.needs = [project.node(each) for each in needs]

    def parts(self) -> Sequence[Node]:
        """What the values are worked out from."""
        return self.needs

    @abstractmethod
    def _values(self) -> Mapping[bytes, object]: ...

    def _fill(self, column: Column) -> Iterator[None]:
        # All at once, so it is a step of its own.
        yield
        values = self._values()
        yield
        yield from self._rows(column, values.get)

    def follow(self, changes: Changes) -> set[int]:
        """Work out all values again where a value or a record came, changed or went."""
        kinds = {node.path.kind for node in self.needs}
        if not any(node.key in changes.rows for node in self.needs) and kinds.isdisjoint(changes.moved):
            return set()
        values, own = self._values(), self.column
        return {row for row, record in enumerate(self.frame.records) if own.set(row, values.get(record))}


class PlaceNode(DerivedNode):
    """The name of the building, level or room that a location is, or is in."""

    def _values(self) -> Mapping[bytes, object]:
        names, parents, types = (
            {
                record: node.column.value(row)
                for row, record in enumerate(node.frame.records)
                if node.frame.alive[row]
            }
            for node in self.needs
        )
        return places_of(names, parents, types, self.path.text)


class ReverseNode(Node):
    """The records of another kind that refer to each record, the newest first."""

    def __init__(self, project: Project, path: Path, pointing: Sequence[Path], parent: Path | None) -> None:
        """``parent``, for locations: what is in a room is in its level too."""
        super().__init__(project, path)
        self.pointing = [project.node(each) for each in pointing]
        self.parent = None if parent is None else project.node(parent)
        self.other = project.frame(path.reverse)
        self._seen: dict[bytes, frozenset[bytes]] = {}
        """What each of the other records refers to."""
        self._here: dict[bytes, set[bytes]] = {}
        """Who refers to each record of this kind."""

    def parts(self) -> Sequence[Node]:
        """The fields that refer, and the parents of locations."""
        return self.pointing if self.parent is None else (*self.pointing, self.parent)

    def _above(self) -> Mapping[bytes, Sequence[bytes]]:
        if self.parent is None:
            return {}
        frame, column = self.parent.frame, self.parent.column
        there = {frame.records[row]: None for row in frame.order.tolist()}
        parents = {frame.records[row]: column.value(row) for row in frame.order.tolist()}
        return {record: entry.ancestors for record, entry in location_paths(there, parents).items()}

    def _targets(self, row: int, above: Mapping[bytes, Sequence[bytes]]) -> frozenset[bytes]:
        if not self.other.alive[row]:
            return frozenset()
        found: set[bytes] = set()
        for node in self.pointing:
            value = node.column.value(row)
            found.update(
                each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, bytes)
            )
        if above:
            found.update([outer for each in found for outer in above.get(each, ())])
        return frozenset(found)

    def _gather(self) -> Iterator[None]:
        """Read anew who refers to what."""
        pace = Pace()
        seen: dict[bytes, frozenset[bytes]] = {}
        here: dict[bytes, set[bytes]] = {}
        above = self._above()
        for row, record in enumerate(self.other.records):
            targets = self._targets(row, above)
            if targets:
                seen[record] = targets
                for each in targets:
                    here.setdefault(each, set()).add(record)
            if row % _PART == 0 and pace.due():
                yield
        self._seen, self._here = seen, here

    def _fill(self, column: Column) -> Iterator[None]:
        yield from self._gather()
        here = self._here
        yield from self._rows(column, lambda record: _newest(here.get(record, ())))

    def follow(self, changes: Changes) -> set[int]:
        """Follow what the other records refer to now."""
        kind = self.other.kind
        if self.parent is not None and (
            self.parent.key in changes.rows or self.parent.path.kind in changes.moved
        ):
            for _ in self._gather():
                pass
            here = self._here
            return {
                row
                for row, record in enumerate(self.frame.records)
                if self.column.set(row, _newest(here.get(record, ())))
            }
        rows = set(changes.moved.get(kind, ()))
        for node in self.pointing:
            rows |= changes.rows.get(node.key, set())
        above = self._above() if rows else {}
        touched: set[bytes] = {self.frame.records[row] for row in changes.moved.get(self.frame.kind, ())}
        for row in rows:
            record = self.other.records[row]
            old, new = self._seen.get(record, frozenset()), self._targets(row, above)
            self._seen[record] = new
            for each in old - new:
                self._here[each].discard(record)
            for each in new - old:
                self._here.setdefault(each, set()).add(record)
            touched |= old ^ new
        changed = set()
        for target in touched:
            place = self.frame.any_row(target)
            if place is not None and self.column.set(place, _newest(self._here.get(target, ()))):
                changed.add(place)
        return changed


def _newest(ids: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(ids, reverse=True))
