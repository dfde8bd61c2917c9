"""What pickers and words in cells need of the project: the same that an open item needs."""

from __future__ import annotations

from app.desktop.desk.table import Table
from app.desktop.item.authors import ProjectAuthors
from app.desktop.item.desk import Desk
from app.desktop.widgets import Look


def new_desk(look: Look, table: Table) -> Desk:
    """What pickers need of the project, kept in step with it."""
    workspace = table.scene.workspace
    desk = Desk(
        look,
        workspace.source,
        columns=workspace.columns,
        authors=ProjectAuthors(workspace.columns, workspace.source.device),
        now=workspace.now,
        me=lambda: workspace.me,
        parent=table,
    )
    desk.touched.connect(workspace.written)
    workspace.touched.connect(desk.forget)
    return desk
