"""Makes the page of fields and categories over an open project."""

from __future__ import annotations

from app.desktop.places import ISSUES
from app.desktop.project_page import ProjectPage
from app.desktop.shaping.page import ShapePage
from app.desktop.widgets import Look


def make_shape(look: Look, page: ProjectPage) -> ShapePage:
    """The page; what it tells stands in the bottom line."""
    shape = ShapePage(look, page.workspace)
    shape.back_asked.connect(lambda: page.show_page(ISSUES))
    shape.told.connect(page.tell)
    shape.failed.connect(page.say)
    return shape
