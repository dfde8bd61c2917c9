"""Makes the page of a walk over an open project."""

from __future__ import annotations

from app.desktop.item.project_desk import project_desk
from app.desktop.places import ISSUES
from app.desktop.project_page import ProjectPage
from app.desktop.session import Session
from app.desktop.walk.page import WalkPage
from app.desktop.widgets import Look


def make_walk(look: Look, session: Session, page: ProjectPage) -> WalkPage:
    """The walk goes on where it was; what it makes is followed by the window."""
    workspace = page.workspace
    project = workspace.info.id
    desk = project_desk(look, workspace)
    setting = f"walk.{project.hex()}"
    walk = WalkPage(
        look,
        desk,
        workspace,
        session.attachments(project),
        str(session.setting(setting, "")),
        lambda text: session.set_setting(setting, text),
    )
    desk.setParent(walk)
    walk.left.connect(lambda: page.show_page(ISSUES))
    walk.record_asked.connect(page.open_item)
    return walk
