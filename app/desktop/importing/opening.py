"""Makes the page that takes a table in, over an open project."""

from __future__ import annotations

from app.desktop.importing.choices import Written
from app.desktop.importing.importer import Importer
from app.desktop.importing.page import ImportPage
from app.desktop.importing.words import written_text
from app.desktop.places import ISSUES
from app.desktop.project_page import ProjectPage
from app.desktop.reporter import KIND_PLACES
from app.desktop.widgets import Look
from app.domain.dates import moment_iso


def make_import(look: Look, page: ProjectPage) -> ImportPage:
    """The page of the project's one import: what is being written goes on while one looks at something else."""
    workspace = page.workspace
    importer = workspace.findChild(Importer)
    if importer is None:
        importer = Importer(workspace, workspace)
        importer.written.connect(lambda written: page.tell(written_text(written)))
    made = ImportPage(look, workspace, importer)
    made.left.connect(lambda: page.show_page(ISSUES))
    made.show_asked.connect(lambda written: _show(page, written))
    return made


def _show(page: ProjectPage, written: Written) -> None:
    """Show what came in: everything that was changed since the import began."""
    page.show_page(KIND_PLACES[written.kind])
    shown = page.list_page
    if shown is not None and shown.filter is not None:
        shown.filter.setText(f"updated>={moment_iso(written.begun_ms)}")
