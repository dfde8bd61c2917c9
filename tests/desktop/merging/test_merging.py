"""People and elements that are the same become one, from the table, with what follows said before."""

from __future__ import annotations

from pathlib import Path
from time import thread_time

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.desk.page import DeskPage
from app.desktop.merging.panel import MergePanel, Merger
from app.desktop.merging.running import merging
from app.desktop.places import ELEMENTS, ISSUES, PEOPLE
from app.desktop.project_page import ProjectPage
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import ELEMENT, ISSUE, PERSON
from app.store.project import Project
from tests.desktop import stage
from tests.desktop.page_stage import press


def desk(page: ProjectPage, name: str) -> DeskPage:
    page.show_page(name)
    page.workspace.finish_steps()
    assert isinstance(page.list_page, DeskPage)
    return page.list_page


def merger(people: DeskPage) -> Merger:
    found = people.findChild(Merger)
    assert isinstance(found, Merger)
    return found


def panel(people: DeskPage) -> MergePanel:
    found = merger(people).panel
    assert found is not None
    return found


def twins(project: Project, page: ProjectPage) -> tuple[bytes, bytes]:
    """A person, and the same one written another way."""
    own = next(each for each, name in project.column(PERSON, "name").items() if name == "Priya Kaur")
    twin, touched = project.create(PERSON, {"name": "Kaur, Priya", "email": "p@kaur.example"})
    page.workspace.written(touched)
    return own, twin


def test_two_selected_people_become_one(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    own, twin = twins(project, page)
    page.workspace.written(project.set(page.workspace.ids(ISSUE)[0], "assignees", [twin]))
    people = desk(page, PEOPLE)
    people.list.select_key(own)
    people.list.setFocus()
    people.list.selection.records.add(twin)
    people.list.selected()
    assert people.bulk.merge_button.isVisible()
    QTest.mouseClick(people.bulk.merge_button, Qt.MouseButton.LeftButton)
    page.workspace.finish_steps()
    box = panel(people).box
    assert box.keep == own
    assert "1 issue" in box._follows.text()
    assert "Priya Kaur" in box._follows.text()
    focused = box.buttons.checkedButton()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_Return)
    page.workspace.finish_steps()
    assert twin not in project.records(PERSON)
    assert project.field(own, "email", PERSON).value == "p@kaur.example"
    assert project.field(page.workspace.ids(ISSUE)[0], "assignees").values == (own,)
    assert merger(people).panel is None
    assert people.list.hasFocus()
    page.workspace.undo()
    page.workspace.finish_steps()
    assert twin in project.records(PERSON)
    assert project.field(page.workspace.ids(ISSUE)[0], "assignees").values == (twin,)


def test_one_person_is_merged_with_another_that_is_looked_for(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    own, twin = twins(project, page)
    people = desk(page, PEOPLE)
    people.list.select_key(twin)
    people.list.setFocus()
    press(qtbot, "m")
    picker = merger(people).picker
    assert picker is not None
    # Who has the same words in his name is offered first.
    assert picker.model.options[0].value == own
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    page.workspace.finish_steps()
    box = panel(people).box
    assert set(box.records) == {own, twin}
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert merger(people).panel is None
    assert set(project.records(PERSON)) >= {own, twin}


def test_two_who_take_part_themselves_cannot_be_merged(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    own, twin = twins(project, page)
    page.workspace.written(project.set(own, "member", b"1" * 32))
    page.workspace.written(project.set(twin, "member", b"2" * 32))
    people = desk(page, PEOPLE)
    people.list.select_key(own)
    people.list.selection.records.add(twin)
    people.list.selected()
    people.bulk.merge_button.click()
    box = panel(people).box
    assert not box.merge_button.isEnabled()
    assert "two people" in box._problem.text()


def test_elements_merge_and_issues_do_not(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    made = []
    for name in ("Door 7", "door 07"):
        record, touched = project.create(ELEMENT, {"name": name, "type": "Door"})
        page.workspace.written(touched)
        made.append(record)
    elements = desk(page, ELEMENTS)
    elements.list.select_key(made[0])
    elements.list.selection.records.add(made[1])
    elements.list.selected()
    elements.bulk.merge_button.click()
    panel(elements).box.merge_button.click()
    page.workspace.finish_steps()
    assert len(project.records(ELEMENT)) == 1
    issues = desk(page, ISSUES)
    issues.list.setFocus()
    press(qtbot, "m")
    assert issues.findChild(Merger) is None


def test_a_large_merge_lets_the_window_answer(look: Look, tmp_path: Path) -> None:
    project = stage.new_project(tmp_path / "large.sitebook")
    stage.fill(project, 600)
    workspace = Workspace(project, ProjectInfo(project.id, "Large"), stage.stage_now)
    keep, *gone = project.records(PERSON)
    sentences: list[str] = []
    longest = 0.0
    steps = merging(workspace, PERSON, keep, gone, sentences.append)
    count = 0
    while True:
        # The thread's own time: what others do on the machine meanwhile is not the step's doing.
        begun = thread_time()
        if next(steps, steps) is steps:
            break
        count += 1
        longest = max(longest, thread_time() - begun)
    assert sentences == [""]
    assert project.records(PERSON) == [keep]
    assert {value for value in project.column(ISSUE, "assignees").values() if value} == {(keep,)}
    assert count > 20
    assert longest < 0.2, "most take a few milliseconds"
    workspace.stop()
    project.close()
