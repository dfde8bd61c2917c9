"""The conflicts of a project in one place, settled by key and by click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.lists.conflicts import ConflictPage
from app.desktop.places import CONFLICTS
from app.desktop.project_page import ProjectPage
from app.domain.schema import ISSUE
from app.store.operations import Edit
from app.store.project import Project
from sync.change import Delete
from tests.desktop.page_stage import keys, press, rows, spoken


def _contest(page: ProjectPage, project: Project, count: int, field: str = "priority") -> list[bytes]:
    records = sorted(page.workspace.ids(ISSUE)[:count])
    first, second = ("high", "low") if field == "priority" else ("Crack", "Gap")
    for value, seen in ((first, None), (second, ())):
        bulk = project.bulk()
        for record in records:
            bulk.update(record, [Edit(field, value, "set", seen)])
        page.workspace.apply_touched(bulk.commit())
    page.workspace.finish_steps()
    return records


def _open(qtbot: QtBot, page: ProjectPage) -> ConflictPage:
    press(qtbot, "G")
    press(qtbot, "C")
    page.workspace.finish_steps()
    assert page.page == CONFLICTS
    shown = page.list_page
    assert isinstance(shown, ConflictPage)
    return shown


def test_values_stand_beside_each_other_with_who_and_when(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    records = _contest(page, project, 3)
    shown = _open(qtbot, page)
    assert keys(page) == [record + b"priority" for record in records]
    assert "Low, High" in spoken(page, 0)
    cards = shown.settling.choices
    assert [card.said for card in cards] == ["Low", "High"]
    assert shown.settling.isVisible()
    assert cards[0].take.accessibleName().startswith("Keep Low, by ")
    assert cards[0].geometry().top() == cards[1].geometry().top()


def test_a_number_settles_and_the_next_opens_by_itself(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    records = _contest(page, project, 4)
    shown = _open(qtbot, page)
    press(qtbot, "2")
    assert project.field(records[0], "priority", ISSUE).value == "high"
    assert not project.field(records[0], "priority", ISSUE).conflicted
    assert rows(page).current_key() == records[1] + b"priority"
    press(qtbot, "1")
    assert project.field(records[1], "priority", ISSUE).value == "low"
    QTest.mouseClick(shown.settling.choices[1].take, Qt.MouseButton.LeftButton)
    assert project.field(records[2], "priority", ISSUE).value == "high"
    assert keys(page) == [records[3] + b"priority"]
    press(qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    page.workspace.finish_steps()
    assert len(project.conflicts()) == 1
    assert project.field(records[2], "priority", ISSUE).value == "low"


def test_texts_can_both_be_kept(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    records = _contest(page, project, 2, "title")
    shown = _open(qtbot, page)
    assert shown.settling.both.isVisible()
    press(qtbot, "B")
    assert project.field(records[0], "title", ISSUE).value == "Gap / Crack"
    QTest.mouseClick(shown.settling.both, Qt.MouseButton.LeftButton)
    assert project.field(records[1], "title", ISSUE).value == "Gap / Crack"
    assert shown._empty.isVisible()
    assert not shown.settling.isVisible()


def test_what_one_deleted_and_another_changed(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    record = page.workspace.ids(ISSUE)[0]
    # As somebody deletes who has not seen what the record holds.
    touched, _ = project.commit(lambda _touched: [Delete(ISSUE, record, ())])
    page.workspace.apply_touched(touched)
    page.workspace.finish_steps()
    shown = _open(qtbot, page)
    assert [card.said for card in shown.settling.choices] == ["Keep it", "Delete it"]
    press(qtbot, "2")
    assert record not in page.workspace.ids(ISSUE)
    assert not keys(page)


def test_thousands_are_read_without_a_wait(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    bulk = project.bulk()
    for number in range(1_000):
        bulk.create(ISSUE, {"number": 100 + number, "title": f"Issue {number}"})
    page.workspace.apply_touched(bulk.commit())
    page.workspace.finish_steps()
    _contest(page, project, 1_000)
    steps = sum(1 for _ in page.workspace.contested.steps())
    assert len(page.workspace.conflicts) == 1_000
    assert steps > 10, "they are read a few at a time"
    _open(qtbot, page)
    assert len(keys(page)) == 1_000
    press(qtbot, "1")
    assert len(keys(page)) == 999
