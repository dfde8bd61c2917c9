"""What texts point to, by name: as Markdown and HTML write it, and as Markdown that came in names it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from app.domain.names import fold
from app.domain.schema import ISSUE, NOTE
from app.store.plain_texts import one_line
from app.store.project import Project


class TextNames:
    """The names of one project, as they are when they are first asked for. ``paths``: those of attachments' files."""

    def __init__(self, project: Project, paths: Mapping[bytes, str] | None = None) -> None:
        self._name_of = project.texts_store.values.name_of
        self._project = project
        self._paths = paths or {}

    def title(self, record: bytes) -> str | None:
        """What a record is called; None where it has no name."""
        return one_line(self._name_of(record)) or None

    def person(self, person: bytes) -> str | None:
        """What a person is called; None where nobody is known by this id."""
        return self.title(person)

    def path(self, attachment: bytes) -> str | None:
        """The path of an attachment's file; None where it has none."""
        return self._paths.get(attachment)

    def record(self, title: str) -> bytes | None:
        """The note, or else the issue, that alone has a title; None where there is none, or several."""
        found = self._titles.get(fold(title.strip()))
        return found[0] if found is not None and len(found) == 1 else None

    def attachment(self, path: str) -> bytes | None:
        """The attachment whose file has a path."""
        return self._by_path.get(path)

    @cached_property
    def _by_path(self) -> dict[str, bytes]:
        return {path: attachment for attachment, path in self._paths.items()}

    @cached_property
    def _titles(self) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        for kind in (ISSUE, NOTE):
            titles: dict[str, list[bytes]] = {}
            for record, title in self._project.column(kind, "title").items():
                if isinstance(title, str):
                    titles.setdefault(fold(one_line(title)), []).append(record)
            found.update(titles)
        return found
