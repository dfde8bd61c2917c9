"""What a project knows that can stand in a filter, kept ready for the next key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QObject, Signal

from app.desktop.workspace import Workspace
from app.domain.directory import Context
from app.domain.fields import FieldSet
from app.domain.schema import FIELD, LABEL, LOCATION, PERSON, STATUS, Field
from app.query.completion import Completer
from app.store.touched import Touched

_NAMING = frozenset({PERSON, STATUS, LABEL, LOCATION, FIELD})


class ProjectVocabulary(QObject):
    """The vocabulary of one kind in an open project, and the completer over it."""

    def __init__(self, workspace: Workspace, kind: str, parent: QObject | None = None) -> None:
        super().__init__(parent or workspace)
        self._workspace = workspace
        self._kind = kind
        self._completer: Completer | None = None
        self._waiting: set[str] = set()
        workspace.touched.connect(self._forget)

    more = Signal()
    """Values that had to be read first can be offered now."""

    def __call__(self) -> tuple[Completer, Context]:
        """What completes a filter now, and what its values are shown with."""
        if self._completer is None:
            self._completer = Completer(self)
            self._workspace.run_steps(self._completer.prepare())
        return self._completer, self.context

    def _forget(self, touched: Touched) -> None:
        if _NAMING.intersection(touched.kinds.values()):
            self._completer = None
        elif self._completer is not None:
            self._completer.forget({name for names in touched.records.values() for name in names})

    @property
    def fields(self) -> FieldSet:
        """The fields of the kind."""
        return self._workspace.fields(self._kind)

    @property
    def context(self) -> Context:
        """People, statuses, labels, locations, and today."""
        return self._workspace.context()

    def related(self) -> Iterator[tuple[str, str, Field]]:
        """Fields of what fields point to, roll-ups, and who made and changed a record."""
        own = self.fields
        for path in self._workspace.columns.catalog.each_available(self._kind):
            if own.find(path.typed) is None:
                spec = path.spec()
                yield spec.typed, spec.title, spec.field

    def used(self, path: str) -> Iterable[str]:
        """The different texts that stand in a field, or stood there since the project was opened.

        A column that is not in memory is read in steps; ``more`` tells when it is there.
        """
        columns = self._workspace.columns
        if not columns.is_loaded(self._kind, (path,)):
            if path not in self._waiting:
                self._waiting.add(path)
                self._workspace.run_steps(self._load(path))
            return ()
        found: set[str] = set()
        for value in columns.node_at(self._kind, path).column.values:
            if isinstance(value, str):
                found.add(value)
            elif isinstance(value, list | tuple):
                found.update(each for each in value if isinstance(each, str))
        return found

    def _load(self, path: str) -> Iterator[None]:
        yield from self._workspace.columns.load_steps(self._kind, (path,))
        self._waiting.discard(path)
        if self._completer is not None:
            self._completer.forget({path, *path.split(".")})
        self.more.emit()

    def titled(self, kind: str, typed: str) -> Sequence[tuple[str, str, bytes]]:
        """Issues whose title or number fits."""
        return ()
