"""The quick filter's road to ``app.query``: a text in, the records that fit out, with marks for the field."""

from __future__ import annotations

from collections.abc import Sequence

from app.desktop.filter.marks import Mark
from app.desktop.lists.listing import Found
from app.desktop.workspace import Workspace
from app.query.answer import Answer, compiled_for
from app.query.ast import Compare, Flag, Query
from app.query.parser import parse


class QueryFilter:
    """Filters the records of a project by texts in the language of queries. Fulfils ``Filter``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __call__(self, text: str, kind: str, every: Sequence[bytes]) -> Found:
        query = parse(text)
        answer = self._answer(kind, query)
        record = self._workspace.columns.frame(kind).record
        found = [record(row) for row in answer.rows.tolist()]
        # What cannot be sorted by leaves the order of the list.
        compiled = compiled_for(self._workspace.columns, kind, query, self._workspace.context())
        if compiled.sort:
            among = set(every)
            keys = [each for each in found if each in among]
        else:
            fitting = set(found)
            keys = [each for each in every if each in fitting]
        errors = [Mark(*error.span, _sentence(error.message)) for error in answer.errors]
        understood = [
            Mark(*node.span)
            for node in query.nodes()
            if isinstance(node, Compare | Flag) and not any(_touch(node.span, mark) for mark in errors)
        ]
        return Found(keys, bool(compiled.sort), (*understood, *errors))

    def _answer(self, kind: str, query: Query) -> Answer:
        columns, context = self._workspace.columns, self._workspace.context()
        answer = columns.run(kind, query, context)
        if answer.texts_pending:
            for _ in columns.text_steps(kind, query):
                pass
            answer = columns.run(kind, query, context)
        return answer


def _touch(span: tuple[int, int], mark: Mark) -> bool:
    return span[0] < mark.end and mark.start < span[1]


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:]
