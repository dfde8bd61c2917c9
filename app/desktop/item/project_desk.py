"""What parts of an open item share, for other places of the window that show and edit fields."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.desktop.item.authors import ProjectAuthors
from app.desktop.item.desk import Desk
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace


def project_desk(look: Look, workspace: Workspace, parent: QObject | None = None) -> Desk:
    """A desk over the open project: what is written at it is followed by the window, and the other way round."""
    desk = Desk(
        look,
        workspace.source,
        columns=workspace.columns,
        authors=ProjectAuthors(workspace.columns, workspace.source.device),
        now=workspace.now,
        me=lambda: workspace.me,
        parent=parent,
    )
    desk.touched.connect(workspace.written)
    workspace.touched.connect(desk.forget)
    return desk
