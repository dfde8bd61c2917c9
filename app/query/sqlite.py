"""A query run by the project file itself: for the command line, where no columns are in memory.

The structure of the condition is SQL, and so is what stands behind references. What a value means is Python's: a
scalar function, called with values as they are stored. What is worked out from many records (roll-ups, formulas,
who wrote something) is worked out in Python and given to SQL as a set of ids.
"""

# What is put into the statements is written here; all that comes from outside is bound.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import apsw
import msgspec

from app.domain.directory import Context
from app.domain.schema import MERGED_INTO, FieldType
from app.query.archive import outside_archive
from app.query.ast import Query
from app.query.evaluate import Compiled, compile_query, sort_keys, sort_records
from app.query.parser import parse
from app.query.paths import BY, CREATOR, Path
from app.query.predicates import Either, Empty, HasWords, Opposite, Some, Test, is_empty
from app.query.source import ProjectSource
from app.query.steps import AllStep, AnyStep, FieldStep, FlagStep, Loader, NotStep, Step, part, path_of
from app.query.totals import resolved
from app.store.deletion import DELETED, EMPTY
from app.store.project import Project
from app.store.word_index import WORDS

_MEETS = "query_meets"
_NAMES = "query_names"
_NIL = "x'c0'"
_decode = msgspec.msgpack.Decoder().decode


def search(
    text: str,
    project: Project,
    kind: str,
    context: Context,
    *,
    sort: Sequence[str] = (),
    limit: int | None = None,
    archive: bool = True,
    among: Collection[bytes] | None = None,
) -> list[bytes]:
    """Read a query strictly and run it on a project file. Raises SitebookError for the first thing wrong in it.

    Without ``archive`` what lies there is left out, unless the query asks for it. ``among``: only these records are
    asked for, deleted ones too, by what stands in them.
    """
    source = ProjectSource(project, context=context)
    query = parse(text, strict=True)
    if not archive:
        query = outside_archive(query, kind)
    fields = source.catalog.fields(kind)
    compiled = compile_query(query, fields, context, strict=True, paths=source.catalog)
    keys = compiled.sort or sort_keys(sort, fields)
    found = find(compiled, project, source, among)
    if keys:
        found = sort_records(found, keys, Loader(kind, source), context)
    return found if limit is None else found[: max(limit, 0)]


def answer(query: Query, project: Project, kind: str, context: Context) -> list[bytes]:
    """Run a query that may have errors: what is wrong in it is left out."""
    source = ProjectSource(project, context=context)
    compiled = compile_query(query, source.catalog.fields(kind), context, paths=source.catalog)
    found = find(compiled, project, source)
    return sort_records(found, compiled.sort, Loader(kind, source), context) if compiled.sort else found


def find(
    compiled: Compiled, project: Project, source: ProjectSource, among: Collection[bytes] | None = None
) -> list[bytes]:
    """The records that meet a condition, the newest first; ``among`` as in ``search``."""
    if compiled.step is None:
        records = project.records(compiled.fields.kind.name)
        return records if among is None else sorted(among, reverse=True)
    try:
        return _Statement(compiled, project, source).run(compiled.step, among)
    except apsw.CorruptError:
        # A damaged index is made anew in a quiet moment; until then the texts themselves are read.
        return _Statement(compiled, project, source, indexed=False).run(compiled.step, among)


class _Statement:
    def __init__(
        self, compiled: Compiled, project: Project, source: ProjectSource, *, indexed: bool = True
    ) -> None:
        self.project = project
        self.source = source
        self.kind = compiled.fields.kind.name
        self.indexed = indexed
        self.values: list[Any] = []
        self.tests: list[Callable[[Any], bool]] = []
        self.depth = 0

    def run(self, step: Step, among: Collection[bytes] | None = None) -> list[bytes]:
        condition = self.step(step)
        asked = _there("r")
        if among is not None:
            asked = f"r.id IN ({', '.join('?' for _ in among)})"
            condition = f"({condition})"
        connection = self.project.db.connection
        tests = self.tests
        merges = self.source.merges

        def meets(*given: Any) -> bool:
            test, value = given
            return bool(tests[test](value))

        def names(*given: Any) -> bytes | None:
            record = _decode(given[0])
            return merges.resolve(record) if isinstance(record, bytes) else None

        connection.create_scalar_function(_MEETS, meets, 2, deterministic=True)
        connection.create_scalar_function(_NAMES, names, 1, deterministic=True)
        try:
            rows = self.project.db.all(
                f"SELECT r.id FROM records r WHERE r.kind = ? AND {asked} AND {condition} ORDER BY r.id DESC",
                (self.kind, *(among or ()), *self.values),
            )
        finally:
            connection.create_scalar_function(_MEETS, None, 2)
            connection.create_scalar_function(_NAMES, None, 1)
        return [bytes(record) for (record,) in rows]

    def bind(self, *values: Any) -> str:
        self.values += values
        return ", ".join("?" for _ in values)

    def meets(self, test: Callable[[Any], bool], value: str) -> str:
        self.tests.append(test)
        return f"{_MEETS}({len(self.tests) - 1}, {value})"

    # Steps

    def step(self, step: Step) -> str:
        if isinstance(step, AllStep | AnyStep):
            word = " AND " if isinstance(step, AllStep) else " OR "
            return f"({word.join([self.step(each) for each in step.steps])})"
        if isinstance(step, NotStep):
            return f"(NOT {self.step(step.step)})"
        if isinstance(step, FlagStep):
            return self.among("r", self.source.flagged(self.kind, step.name))
        assert isinstance(step, FieldStep)
        path = self.source.catalog.resolve(self.kind, path_of(step.field))
        return self.condition(path, step.test, "r")

    def among(self, alias: str, records: Collection[bytes]) -> str:
        """A record is one of some."""
        listed = msgspec.json.encode([each.hex() for each in records]).decode()
        return f"{alias}.id IN (SELECT unhex(value) FROM json_each({self.bind(listed)}))"

    # Conditions; ``alias`` is the row of ``records`` that they are about

    def condition(self, path: Path, test: Test, alias: str) -> str:
        if isinstance(test, Either):
            return f"({' OR '.join([self.condition(path, each, alias) for each in test.tests])})"
        if isinstance(test, Opposite):
            return f"(NOT {self.condition(path, test.test, alias)})"
        if path.field.type is FieldType.RICH:
            return self.text(path, test, alias)
        if path.base is not None:
            found = self.related(path, path.base, test, alias)
        elif path.text == "updated":
            clock = f"(SELECT c.clock FROM changes c WHERE c.cid = {alias}.updated)"
            return self.meets(test, clock)
        else:
            found = self.stored(path, test, alias) if self.is_stored(path) else None
        return self.worked_out(path, test, alias) if found is None else found

    def is_stored(self, path: Path) -> bool:
        derived = path.field.type in (FieldType.FORMULA, FieldType.AUTO_NUMBER)
        virtual = path.text in (BY, CREATOR, "created", MERGED_INTO) or path.reverse
        known = self.source.catalog.fields(path.kind)
        return not derived and not virtual and (bool(path.field.key) or known.stored(path.text) is not None)

    def worked_out(self, path: Path, test: Test, alias: str) -> str:
        """What is known of the records only when Python has gone through them."""
        values = self.source.values(path)
        kept = []
        for record in self.project.records(path.kind):
            value = values.get(record)
            if test(None if is_empty(value) else value):
                kept.append(record)
        return self.among(alias, kept)

    def member(self, path: Path, test: Test) -> Callable[[Any], bool]:
        """A test of one packed value."""
        field, merges = path.field, self.source.merges
        if field.many:

            def meets(packed: Any) -> bool:
                value = _decode(packed)
                return value is not None and test(resolved(merges, value) if path.points else value)

            return meets

        def single(packed: Any) -> bool:
            value = None if packed is None else part(field, _decode(packed))
            return test(resolved(merges, value) if path.points else value)

        return single

    def stored(self, path: Path, test: Test, alias: str) -> str | None:
        fid = self.project.numbers.known_field(path.kind, path.field.name)
        if fid is None:
            return "1" if test(None) else "0"
        here = f"SELECT 1 FROM writes w WHERE w.fid = ? AND w.rid = {alias}.rid"
        if path.field.many:
            if isinstance(test, Empty):
                self.bind(fid)
                return f"(NOT EXISTS ({here} AND w.value <> {_NIL}))"
            if not isinstance(test, Some):
                return None
            self.bind(fid)
            return f"EXISTS ({here} AND {self.meets(self.member(path, test.test), 'w.value')})"
        meets = self.member(path, test)
        if self.is_contested(fid):
            return self.shown_first(fid, meets, alias)
        self.bind(fid)
        if test(None):
            return f"(NOT EXISTS ({here} AND NOT {self.meets(meets, 'w.value')}))"
        return f"EXISTS ({here} AND {self.meets(meets, 'w.value')})"

    def is_contested(self, fid: int) -> bool:
        return self.project.db.one("SELECT 1 FROM contested WHERE fid = ? LIMIT 1", (fid,)) is not None

    def shown_first(self, fid: int, meets: Callable[[Any], bool], alias: str) -> str:
        """Of several values, the one that shows counts."""
        self.bind(fid)
        shown = (
            "SELECT w.value FROM writes w JOIN changes c USING (cid) JOIN devices d USING (did)"
            f" WHERE w.fid = ? AND w.rid = {alias}.rid"
            " ORDER BY c.clock DESC, d.key DESC, c.id DESC, w.idx DESC LIMIT 1"
        )
        return self.meets(meets, f"({shown})")

    def related(self, path: Path, base: Path, test: Test, alias: str) -> str | None:
        """What stands behind a reference; None where it has to be worked out."""
        target = path.target
        if path.total is not None or target is None or base.base is not None or not self.is_stored(base):
            return None
        fid = self.project.numbers.known_field(base.kind, base.field.name)
        if fid is None:
            return "1" if test(None) else "0"
        if not base.field.many and self.is_contested(fid):
            return None
        if path.field.many:
            if isinstance(test, Empty):
                return f"(NOT {self.behind(fid, path, Opposite(Empty()), alias)})"
            if not isinstance(test, Some):
                return None
            return self.behind(fid, path, test if target.field.many else test.test, alias)
        if test(None):
            return f"(NOT {self.behind(fid, path, Opposite(test), alias)})"
        return self.behind(fid, path, test, alias)

    def behind(self, fid: int, path: Path, test: Test, alias: str) -> str:
        """Some record behind a reference meets a test."""
        assert path.target is not None
        self.depth += 1
        other = f"r{self.depth}"
        self.bind(fid, path.kinds[0])
        condition = self.condition(path.target, test, other)
        return (
            f"EXISTS (SELECT 1 FROM writes w WHERE w.fid = ? AND w.rid = {alias}.rid AND {_NAMES}(w.value) IN"
            f" (SELECT {other}.id FROM records {other} WHERE {other}.kind = ? AND {_there(other)} AND {condition}))"
        )

    def text(self, path: Path, test: Test, alias: str) -> str:
        """Words in texts are the index's business, as far as it has come."""
        if not isinstance(test, HasWords) or not self.indexed:
            texts = self.project.texts(path.kind)
            kept = [each for each in self.project.records(path.kind) if test(texts.get(each) or None)]
            return self.among(alias, kept)
        if not test.words:
            return "0"
        waiting = self.project.db.all(
            "SELECT r.id FROM local_unindexed n JOIN records r USING (rid) WHERE r.kind = ?", (path.kind,)
        )
        fresh = [bytes(each) for (each,) in waiting if test(self.project.plain_text(bytes(each)))]
        wanted = self.bind(f"text : ({test.words.expression})")
        indexed = (
            f"{alias}.rid IN (SELECT rowid FROM {WORDS} WHERE {WORDS} MATCH {wanted}"
            " AND rowid NOT IN (SELECT rid FROM local_unindexed))"
        )
        return f"({indexed} OR {self.among(alias, fresh)})"


def _there(alias: str) -> str:
    return f"{alias}.state NOT IN ({DELETED}, {EMPTY})"
