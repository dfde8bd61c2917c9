"""Makes the page of a review over an open project."""

from __future__ import annotations

from app.desktop.item.project_desk import project_desk
from app.desktop.places import ISSUES
from app.desktop.project_page import ProjectPage
from app.desktop.review.page import ReviewPage
from app.desktop.widgets import Look


def make_review(look: Look, page: ProjectPage) -> ReviewPage:
    """The page; the issue that is looked at stands in the item panel beside it."""
    workspace = page.workspace
    desk = project_desk(look, workspace)
    review = ReviewPage(look, desk, workspace, workspace.source)
    desk.setParent(review)
    review.left.connect(lambda: page.show_page(ISSUES))
    review.record_asked.connect(page.open_item)
    review.record_left.connect(page.close_item)
    review.entered.connect(page.enter_item)
    return review
