"""People and elements stand on desks of their own."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.desk.page import DeskPage
from app.desktop.places import ELEMENTS, PEOPLE, TRASH
from app.desktop.project_page import ProjectPage
from app.domain.schema import ELEMENT, FIELD, ISSUE, PERSON, custom_field_name
from app.store.project import Project
from tests.desktop.page_stage import keys, press, spoken


def desk(page: ProjectPage, name: str) -> DeskPage:
    page.show_page(name)
    page.workspace.finish_steps()
    assert isinstance(page.list_page, DeskPage)
    return page.list_page


def test_people_are_edited_in_the_table(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    people = desk(page, PEOPLE)
    assert people.summary() == "5 people"
    record = people.list.shown_keys()[0]
    people.list.select_key(record)
    people.list.setFocus()
    people.list.stand_in("phone")
    for each in "+49 1":
        press(qtbot, each)
    press(qtbot, Qt.Key.Key_Return)
    assert project.field(record, "phone", PERSON).value == "+49 1"


def test_elements_show_the_issues_at_them(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    workspace = page.workspace
    room, touched = project.create(ELEMENT, {"name": "Room 2.14", "type": "Room"})
    workspace.written(touched)
    door, touched = project.create(ELEMENT, {"name": "Door 7", "type": "Door", "within": room})
    workspace.written(touched)
    elements = desk(page, ELEMENTS)
    paths = [each.path for each in elements.list.plan.placed]
    assert paths == ["name", "type", "within", "location", "issues.count", "sync"]
    assert "Room 2.14" in spoken(page, 0) or "Room 2.14" in spoken(page, 1)
    for issue in workspace.ids(ISSUE)[:2]:
        workspace.written(project.set(issue, "at", [door]))
    row = elements.live.frame.row(door)
    column = elements.list.plan.named("issues.count")
    assert row is not None
    assert column is not None
    assert column.ink.text(row) == "2"
    elements.set_filter("issues.count>0")
    workspace.finish_steps()
    assert elements.list.shown_keys() == [door]


def test_an_element_is_made_and_goes_to_the_trash(qtbot: QtBot, page: ProjectPage) -> None:
    elements = desk(page, ELEMENTS)
    assert elements._empty.isVisible()
    QTest.mouseClick(elements.action, Qt.MouseButton.LeftButton)
    record = page.workspace.ids(ELEMENT)[0]
    assert page.open_record == record
    page.close_item()
    elements.list.setFocus()
    page.delete_selected()
    assert page.workspace.ids(ELEMENT) == []
    page.show_page(TRASH)
    page.workspace.finish_steps()
    assert record in keys(page)


def test_fields_of_elements_that_are_in_use_have_columns(page: ProjectPage, project: Project) -> None:
    workspace = page.workspace
    definition, touched = project.create(FIELD, {"name": "Rating", "type": "text", "of": ELEMENT})
    workspace.written(touched)
    rating = custom_field_name(definition)
    _door, touched = project.create(ELEMENT, {"name": "Door 7", rating: "F90"})
    workspace.written(touched)
    elements = desk(page, ELEMENTS)
    paths = [each.path for each in elements.list.plan.placed]
    assert paths == ["name", "type", "within", "location", rating, "issues.count", "sync"]
    assert "F90" in spoken(page, 0)
    assert "Issues" not in elements.summary()
