"""A project with a folder, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path

from app.domain.directory import Context, ProjectDirectory
from app.interchange.folder.folder import Folder
from app.interchange.folder.work import Report
from app.richtext.delta import Insert
from app.richtext.markdown_read import read_markdown
from app.store.attachments import Attachments
from app.store.project import Project
from tests.app.store.replicas import replica


@dataclass
class Desk:
    """One project beside one folder."""

    project: Project
    path: Path
    attachments: Attachments
    folder: Folder

    @classmethod
    def at(cls, directory: Path, *, vault: bool = False, number: int = 1, on: bool = True) -> Desk:
        project = replica(directory, number, alone=True)
        project.furnish("Harbour")
        path = directory / f"folder{number}"
        attachments = Attachments(project, directory / f"files{number}")
        context = lambda: Context(ProjectDirectory(project), date(2026, 11, 22), UTC, "GBP")  # noqa: E731
        found = cls(project, path, attachments, Folder(project, context, attachments))
        if on:
            found.folder.switch_on(path, vault=vault)
        return found

    def sync(self, *, missing: bool | None = None) -> Report:
        """One pass, and a look whether a second one would find nothing to do."""
        for _ in self.folder.steps(missing=missing):
            pass
        return self.folder.report

    def note(self, title: str, text: str = "", parent: bytes | None = None, **fields: object) -> bytes:
        made = {"title": title, "parent": parent, **fields}
        return self.project.create("note", made, text=read_markdown(text))[0]

    def file(self, path: str) -> str:
        return (self.path / path).read_bytes().decode()

    def write(self, path: str, text: str | bytes) -> None:
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)

    def edit(self, path: str, old: str, new: str) -> None:
        text = self.file(path)
        assert old in text, text
        self.write(path, text.replace(old, new, 1))

    def files(self) -> set[str]:
        return {
            str(each.relative_to(self.path)).replace("\\", "/")
            for each in self.path.rglob("*")
            if each.is_file() and not each.name.startswith(".")
        }

    def text(self, record: bytes) -> str:
        return self.project.plain_text(record)

    def document(self, record: bytes) -> list[Insert]:
        return self.project.text_document(record)

    def titles(self, kind: str = "note") -> dict[str, bytes]:
        return {str(title): record for record, title in self.project.column(kind, "title").items()}

    def value(self, record: bytes, name: str) -> object:
        return self.project.field(record, name).value
