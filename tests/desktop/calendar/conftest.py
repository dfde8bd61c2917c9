from __future__ import annotations

import pytest

from app.desktop.project_page import ProjectPage
from app.desktop.views.layouts import CalendarLayout
from tests.desktop.calendar.scene import calendar_of


@pytest.fixture
def calendar(page: ProjectPage) -> CalendarLayout:
    """The issues of the project on a calendar by due date, without anything chosen."""
    return calendar_of(page)
