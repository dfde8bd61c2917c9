"""A project file as a source of columns for queries, where none are kept in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from app.domain.columns import Columns
from app.domain.directory import Context
from app.domain.merged import Merges
from app.domain.schema import ATTACHMENT, COMMENT
from app.query.paths import Catalog, Path
from app.query.plain import PlainValues
from app.query.project import ProjectReader


class ProjectSource:
    """A project as a ``Source``; what stands behind references is worked out when it is asked for."""

    def __init__(
        self, project: ProjectReader, columns: Columns | None = None, context: Context | None = None
    ) -> None:
        """``columns`` are those that somebody keeps in memory already; ``context`` is needed for formulas."""
        self.project = project
        self._values = PlainValues(project, columns)
        self._values.context = context

    @property
    def catalog(self) -> Catalog:
        """The fields and paths of every kind."""
        return self._values.catalog

    @property
    def merges(self) -> Merges:
        """What was merged into what."""
        return self._values.merges

    def values(self, path: Path) -> Mapping[bytes, object]:
        """The values of a path, of one parameter where it names that."""
        return self._values.of(path)

    def records(self, kind: str) -> Sequence[bytes]:
        """The ids of a kind, newest first."""
        return self.project.records(kind)

    def column(self, kind: str, field: str) -> Mapping[bytes, object]:
        """The shown values of a field, or of a path."""
        return self._values.column(kind, field)

    def texts(self, kind: str) -> Mapping[bytes, str]:
        """The plain texts."""
        return self.project.texts(kind)

    def flagged(self, kind: str, flag: str) -> Collection[bytes]:
        """The records of which one of ``app.query.steps.FLAGS`` holds."""
        child = {"attachments": ATTACHMENT, "comments": COMMENT}.get(flag)
        if child is None:
            return self.project.flagged(kind, flag)
        return {parent for parent in self.column(child, "parent").values() if isinstance(parent, bytes)}
