"""All columns of a project that somebody uses, in memory and kept in step with it.

A column is read when it is first asked for, in steps of a few milliseconds where ``load_steps`` is used, and
from then on follows what operations and the sync thread touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from app.domain.directory import Context
from app.domain.schema import ATTACHMENT, COMMENT
from app.query.answer import Answer, compiled_for, needs_of, run, text_tests
from app.query.ast import Query
from app.query.column import Mask
from app.query.following import Following, Moved
from app.query.frame import Frame
from app.query.grouping import Group, Groups
from app.query.loading import key_of
from app.query.needs import Need
from app.query.ranking import Ranks
from app.query.steps import FieldStep

__all__ = ["Answer", "Frame", "Frames", "Group", "Groups", "Moved", "Need"]


class Frames(Following):
    """The columns of one project, and queries on them. Fulfils ``app.domain.columns.Columns``."""

    def needed(
        self, kind: str, query: Query, paths: Iterable[str] = (), sums: Iterable[str] = ()
    ) -> list[str]:
        """The columns that showing some paths of what a query finds takes: for ``load_steps``."""
        compiled = compiled_for(self, kind, query, self.context)
        added = [Need(path, counted=True) for path in sums]
        return [*needs_of(compiled), *paths, *added]

    def run(self, kind: str, query: Query, context: Context, sums: Sequence[str] = ()) -> Answer:
        """Answer a query; columns that are missing are read now."""
        return run(self, compiled_for(self, kind, query, context), context, sums)

    def flagged(self, kind: str, flag: str) -> Collection[bytes]:
        """The records of which a flag holds."""
        child = {"attachments": ATTACHMENT, "comments": COMMENT}.get(flag)
        if child is not None:
            return {each for each in self.column(child, "parent").values() if isinstance(each, bytes)}
        return (self._flagged or self._source.flagged)(kind, flag)

    def text_hits(self, kind: str, step: FieldStep) -> Mask | None:
        """The rows whose text meets a condition; None where nobody has looked yet."""
        hits = self.texts.known(kind, step.test)
        return None if hits is None else hits.rows(self.frame(kind))

    def text_steps(self, kind: str, query: Query) -> Iterator[None]:
        """Look into the texts for what an answer says is pending, in steps; then the query is to be run again."""
        compiled = compiled_for(self, kind, query, self.context)
        tests = [step.test for step in text_tests(compiled)]
        frame = self.frame(kind)
        yield from self.texts.look_steps(kind, tests, frame.ids)
        for test in tests:
            hits = self.texts.known(kind, test)
            if hits is not None:
                yield from hits.row_steps(frame)

    def ranks(self, kind: str, path: str, context: Context, *, descending: bool) -> tuple[Ranks, int]:
        """The ranks of a column's distinct values, and how many ranks there are."""
        column = self.node_at(kind, path).column
        ranking = column.ranked(key_of(column, context))
        return ranking.ranks(descending=descending), ranking.count
