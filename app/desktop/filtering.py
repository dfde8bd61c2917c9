"""The quick filter's road to ``app.query``: a text in, the records that fit out, with marks for the field."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from app.desktop.filter.marks import Mark
from app.desktop.lists.listing import Found
from app.desktop.workspace import Workspace
from app.domain.schema import ATTACHMENT, COMMENT
from app.query.ast import Compare, Flag
from app.query.evaluate import compile_query, sort_records
from app.query.parser import parse
from app.query.steps import Loader
from app.store.touched import Touched


class WorkspaceSource:
    """The columns in memory as a ``Source`` of ``app.query``. Texts are read once and kept until touched."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._texts: dict[str, Mapping[bytes, str]] = {}
        workspace.touched.connect(self._forget)

    def _forget(self, touched: Touched) -> None:
        if any("text" in fields for fields in touched.records.values()):
            self._texts.clear()

    def records(self, kind: str) -> Sequence[bytes]:
        """The ids of a kind, newest first."""
        return self._workspace.ids(kind)

    def column(self, kind: str, field: str) -> Mapping[bytes, object]:
        """The shown values of a field."""
        return self._workspace.columns.column(kind, field)

    def texts(self, kind: str) -> Mapping[bytes, str]:
        """The plain texts."""
        known = self._texts.get(kind)
        if known is None:
            known = self._workspace.source.texts(kind)
            self._texts[kind] = known
        return known

    def flagged(self, kind: str, flag: str) -> Collection[bytes]:
        """The records of which one of the query language's flags holds."""
        if flag == "unsynced":
            return self._workspace.pending
        if flag == "attention":
            return self._workspace.troubled
        if flag == "conflict":
            return self._workspace.conflicted
        child = {"attachments": ATTACHMENT, "comments": COMMENT}[flag]
        return {parent for parent in self.column(child, "parent").values() if isinstance(parent, bytes)}


class QueryFilter:
    """Filters the records of a project by texts in the language of queries. Fulfils ``Filter``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._source = WorkspaceSource(workspace)

    def __call__(self, text: str, kind: str, every: Sequence[bytes]) -> Found:
        query = parse(text)
        compiled = compile_query(query, self._workspace.fields(kind), self._workspace.context())
        loader = Loader(kind, self._source)
        keys = compiled.select(every, loader)
        if compiled.sort:
            keys = sort_records(keys, compiled.sort, loader, compiled.context)
        errors = [Mark(*error.span, _sentence(error.message)) for error in compiled.errors]
        understood = [
            Mark(*node.span)
            for node in query.nodes()
            if isinstance(node, Compare | Flag) and not any(_touch(node.span, mark) for mark in errors)
        ]
        return Found(keys, bool(compiled.sort), (*understood, *errors))


def _touch(span: tuple[int, int], mark: Mark) -> bool:
    return span[0] < mark.end and mark.start < span[1]


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:]
