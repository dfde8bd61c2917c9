"""The values of any path, record by record in plain Python: what the columns in memory and the SQL must agree with.

It is also what answers where neither is at hand, and for leaves of a query that SQL does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.domain.columns import Columns
from app.domain.directory import Context, location_paths
from app.domain.formula import Formula
from app.domain.merged import Merges
from app.domain.schema import LOCATION, MERGED_INTO, FieldType
from app.query.authors import people_of_devices
from app.query.paths import BY, CREATOR, PLACES, Catalog, Path, pointing_fields
from app.query.places import places_of
from app.query.project import ProjectReader
from app.query.totals import distinct, resolved, total_of

Values = Mapping[bytes, object]


class PlainValues:
    """The columns of a project by path, each worked out once. Fulfils ``app.domain.columns.Columns``."""

    def __init__(self, project: ProjectReader, columns: Columns | None = None) -> None:
        """``columns`` are those that somebody keeps in memory already, if any."""
        self._project = project
        self._columns: Columns = project if columns is None else columns
        self.catalog = Catalog(self._columns)
        self.context: Context | None = None
        """What formulas and extremes are worked out with; needed for those only."""
        self._known: dict[tuple[str, str], Values] = {}
        self._merges: Merges | None = None

    def column(self, kind: str, field: str) -> Values:
        """The value of each record that has one."""
        if field == MERGED_INTO:
            return self._columns.column(kind, field)
        key = (kind, field)
        if key not in self._known:
            path = self.catalog.find(kind, field)
            plain = path is None or (path.field.key and path.base is None)
            self._known[key] = (
                self._columns.column(kind, field) if plain or path is None else self._values(path)
            )
        return self._known[key]

    def of(self, path: Path) -> Values:
        """The values of a path, of one parameter where it names that."""
        values = self.column(path.kind, path.text)
        if path.field.key and path.base is None:
            key, whole = path.field.key, self._columns.column(path.kind, path.field.name)
            values = {
                record: value.get(key) if isinstance(value, Mapping) else value
                for record, value in whole.items()
            }
        return values

    def _values(self, path: Path) -> Values:
        if path.base is not None:
            return self._behind(path, path.base)
        if path.reverse:
            return self._reverse(path)
        if path.kind == LOCATION and path.text in PLACES:
            names, parents, types = (self.column(LOCATION, name) for name in ("name", "parent", "type"))
            return places_of(names, parents, types, path.text)
        if path.text in (BY, CREATOR):
            stamps = getattr(self._project, "updated" if path.text == BY else "created")(path.kind)
            people = people_of_devices(self._columns)
            return {record: people.get(stamp.device[:16]) for record, stamp in stamps.items()}
        if path.field.type is FieldType.FORMULA:
            return self._formula(path)
        if path.field.type is FieldType.AUTO_NUMBER:
            return self._columns.column(path.kind, "number")
        values = self._columns.column(path.kind, path.field.name)
        if path.points and self.merges:
            return {record: resolved(self.merges, value) for record, value in values.items()}
        return values

    @property
    def merges(self) -> Merges:
        """What was merged into what."""
        if self._merges is None:
            self._merges = Merges.read(self._columns)
        return self._merges

    def _given(self) -> Context:
        assert self.context is not None, "formulas are worked out in a context"
        return self.context

    def _formula(self, path: Path) -> Values:
        formula = self.catalog.formula(path.field)
        records = self._project.records(path.kind)
        if not isinstance(formula, Formula):
            return dict.fromkeys(records, formula)
        inputs = {name: self.of(self.catalog.resolve(path.kind, name)) for name in formula.paths}
        context = self._given()
        return {
            record: formula.evaluate(lambda name, record=record: inputs[name].get(record), context)  # type: ignore[misc]
            for record in records
        }

    def _behind(self, path: Path, base: Path) -> Values:
        there = {kind: frozenset(self._project.records(kind)) for kind in path.kinds}
        target = {} if path.target is None else self.of(path.target)
        many = path.target is not None and path.target.field.many
        pointing = self.of(base)
        found: dict[bytes, object] = {}
        for record in self._project.records(path.kind):
            values: list[object] = []
            for each in _ids(pointing.get(record)):
                kind = next((kind for kind, ids in there.items() if each in ids), None)
                value = None if kind is None else kind if path.target is None else target.get(each)
                if many:
                    values += value if isinstance(value, tuple) else ()
                elif value is not None and value != "":
                    values.append(value)
            if path.total is not None:
                single = path.field if path.target is None else replace(path.target.field, many=False)
                found[record] = total_of(path.total, single, values, self._given())
            else:
                found[record] = distinct(values) if path.field.many else next(iter(values), None)
        return found

    def _reverse(self, path: Path) -> Values:
        above: dict[bytes, tuple[bytes, ...]] = {}
        if path.kind == LOCATION:
            there = dict.fromkeys(self._project.records(LOCATION))
            entries = location_paths(there, self.column(LOCATION, "parent"))
            above = {record: entry.ancestors for record, entry in entries.items()}
        found: dict[bytes, set[bytes]] = {}
        for field in pointing_fields(self.catalog, path.reverse, path.kind):
            for record, value in self.of(field).items():
                for each in _ids(value):
                    for target in (each, *above.get(each, ())):
                        found.setdefault(target, set()).add(record)
        return {record: tuple(sorted(ids, reverse=True)) for record, ids in found.items()}


def _ids(value: object) -> Iterable[bytes]:
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, bytes):
            yield each
