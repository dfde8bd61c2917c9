"""Makes the page of a review over an open project."""

from __future__ import annotations

from app.desktop.item.desk import Desk
from app.desktop.places import ISSUES
from app.desktop.project_page import ProjectPage
from app.desktop.review.page import ReviewPage
from app.desktop.session import Session
from app.desktop.widgets import Look


def make_review(look: Look, session: Session, page: ProjectPage) -> ReviewPage:
    """The page; the issue that is looked at stands in the item panel beside it."""
    workspace = page.workspace
    desk = Desk(
        look,
        workspace.source,
        columns=workspace.columns,
        authors=session.authors(workspace.info.id),
        now=workspace.now,
        me=lambda: workspace.me,
    )
    review = ReviewPage(look, desk, workspace, workspace.source)
    desk.setParent(review)
    desk.touched.connect(workspace.written)
    workspace.touched.connect(desk.forget)
    review.left.connect(lambda: page.show_page(ISSUES))
    review.record_asked.connect(page.open_item)
    review.record_left.connect(page.close_item)
    review.entered.connect(page.enter_item)
    return review
