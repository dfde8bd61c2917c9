from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from app.desktop.item.desk import Desk
from app.desktop.session import ProjectInfo
from app.desktop.walk.page import WalkPage
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import ATTACHMENT, ISSUE, PHRASE
from app.store.attachments import Attachments
from app.store.project import Project
from app.store.records import Record
from tests.desktop import stage

MOST_ACTIONS = 4


class Person:
    """Whoever walks: counts what he does. A run of typing is one action, as are a key with its modifiers, a
    press of the mouse, a drop."""

    def __init__(self, page: WalkPage) -> None:
        self.page = page
        self.actions = 0

    def types(self, text: str) -> None:
        self.actions += 1
        QTest.keyClicks(self._focus(), text)

    def presses(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.actions += 1
        QTest.keyClick(self._focus(), key, modifier)

    def clicks(self, widget: QWidget) -> None:
        self.actions += 1
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def _focus(self) -> QWidget:
        found = QApplication.focusWidget()
        assert found is not None
        return found


@pytest.fixture
def store(project: Project, tmp_path: Path) -> Attachments:
    (tmp_path / "files").mkdir()
    return Attachments(project, tmp_path / "files", zone=UTC)


@pytest.fixture
def make(qtbot: QtBot, look: Look, project: Project, store: Attachments) -> Iterator[Callable[[], WalkPage]]:
    pages: list[WalkPage] = []
    kept = [""]

    def build() -> WalkPage:
        workspace = Workspace(project, ProjectInfo(project.id, "Harbour Tower", ""), stage.stage_now)
        desk = Desk(look, project, columns=workspace.columns, authors=stage.Names(), now=stage.stage_now)
        desk.touched.connect(workspace.written)

        def keep(text: str) -> None:
            kept[0] = text

        page = WalkPage(look, desk, workspace, store, kept[0], keep)
        workspace.setParent(page)
        pages.append(page)
        qtbot.addWidget(page)
        page.resize(1000, 700)
        with qtbot.waitExposed(page):
            page.show()
        page.activateWindow()
        page.start()
        qtbot.waitUntil(page.line.hasFocus)
        workspace.finish_steps()
        return page

    yield build
    for page in pages:
        page.stop()
        page.close()


@pytest.fixture
def walk(make: Callable[[], WalkPage]) -> WalkPage:
    return make()


@pytest.fixture
def person(walk: WalkPage) -> Person:
    return Person(walk)


def newest(project: Project) -> Record:
    found = project.get(project.records(ISSUE)[0], ISSUE)
    assert found is not None
    return found


def choose(person: Person, name: str, typed: str) -> None:
    """Choose a value of the walk by its key, as one does once."""
    field = person.page.fields[name]
    keys = {
        "location": Qt.Key.Key_L,
        "category": Qt.Key.Key_T,
        "assignees": Qt.Key.Key_A,
        "due": Qt.Key.Key_D,
    }
    person.presses(keys[name], Qt.KeyboardModifier.AltModifier)
    picker = field.picker
    assert picker is not None
    QTest.keyClicks(picker.search, typed)
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    if field.picker is not None:
        QTest.keyClick(picker.search, Qt.Key.Key_Escape)
    person.page.activateWindow()
    person.page.line.setFocus()


def test_sixty_defects_take_two_actions_each(project: Project, walk: WalkPage, person: Person) -> None:
    choose(person, "location", "2.14")
    choose(person, "category", "Paint")
    choose(person, "assignees", "Jon Tan")
    choose(person, "due", "+7d")
    before = len(project.records(ISSUE))
    person.actions = 0
    for number in range(60):
        person.types(f"Scratch {number}")
        person.presses(Qt.Key.Key_Return)
    assert len(project.records(ISSUE)) == before + 60
    assert person.actions == 120
    made = newest(project)
    directory = walk._desk.context.directory
    assert made.value("title") == "Scratch 59"
    assert directory.locations[made.value("location")].path == "Level 2/2.14"
    assert made.value("category") == "Paint"
    assert made.value("due") == "2026-03-15"
    (assignee,) = made.fields["assignees"].values
    assert directory.people[assignee].name == "Jon Tan"
    assert walk.made.entries[0].text == "Scratch 59"
    assert walk.made.entries[0].right.startswith("#")


def test_no_issue_takes_more_than_four_actions(
    qtbot: QtBot, project: Project, walk: WalkPage, person: Person, tmp_path: Path
) -> None:
    """In the next room, with a photo, by a phrase: next place, paste, type, take."""
    choose(person, "location", "2.09")
    walk._workspace.written(project.create(PHRASE, {"text": "Door closer missing"})[1])
    walk._workspace.finish_steps()
    person.actions = 0
    person.presses(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    QGuiApplication.clipboard().setImage(picture())
    person.presses(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    person.types("closer mis")
    assert walk.line.offering
    assert walk.line._list is not None
    entries = walk.line._list
    person.actions += 1
    QTest.mouseClick(
        entries.viewport(),
        Qt.MouseButton.LeftButton,
        pos=entries.visualRect(entries.model().index(0, 0)).center(),
    )
    QGuiApplication.clipboard().clear()
    assert person.actions <= MOST_ACTIONS
    made = newest(project)
    assert made.value("title") in ("Door closer missing", "Door closer missing, stair 3")
    assert walk._desk.context.directory.locations[made.value("location")].path == "Level 2/2.14"
    qtbot.waitUntil(lambda: len(project.children(made.id, ATTACHMENT)) == 1)


def picture() -> QImage:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    return image


def test_the_last_one_comes_back(project: Project, walk: WalkPage, person: Person) -> None:
    person.types("Crack")
    person.presses(Qt.Key.Key_Return)
    person.actions = 0
    person.presses(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert person.actions == 1
    assert newest(project).value("title") == "Crack"
    person.types("Leak")
    person.presses(Qt.Key.Key_Return)
    person.presses(Qt.Key.Key_Up)
    person.presses(Qt.Key.Key_Up)
    assert walk.line.text() == "Crack"
    person.presses(Qt.Key.Key_Down)
    person.presses(Qt.Key.Key_Return)
    assert newest(project).value("title") == "Leak"


def test_an_empty_line_makes_nothing_and_says_so(project: Project, walk: WalkPage, person: Person) -> None:
    before = project.records(ISSUE)
    person.presses(Qt.Key.Key_Return)
    person.types("   ")
    person.presses(Qt.Key.Key_Return)
    assert project.records(ISSUE) == before
    assert walk.problem.isVisible()


def test_a_phrase_is_kept_and_offered(project: Project, walk: WalkPage, person: Person) -> None:
    person.types("Sealant gap at cill")
    person.presses(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    person.presses(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert list(project.column(PHRASE, "text").values()) == ["Sealant gap at cill"]
    walk.line.clear()
    walk._workspace.finish_steps()
    person.types("seal")
    person.presses(Qt.Key.Key_Down)
    person.presses(Qt.Key.Key_Return)
    assert newest(project).value("title") == "Sealant gap at cill"


def test_a_template_brings_its_fields(project: Project, walk: WalkPage, person: Person) -> None:
    template = {"title": "Fire door check", "template": True, "priority": "high", "cost": ["40.00", "GBP"]}
    walk._workspace.written(project.create(ISSUE, template)[1])
    walk._workspace.finish_steps()
    person.types("fire door")
    person.presses(Qt.Key.Key_Down)
    person.presses(Qt.Key.Key_Return)
    made = newest(project)
    assert (made.value("priority"), made.value("cost")) == ("high", ["40.00", "GBP"])
    assert made.value("template") is None


def test_photos_are_dropped_and_left_out_again(
    qtbot: QtBot, project: Project, walk: WalkPage, person: Person, tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    picture().save(str(path))
    drop(walk, path)
    drop(walk, path)
    assert walk.tray is not None
    assert walk.tray.count == 2
    person.clicks(walk.tray._photos[0].button)
    assert walk.tray.count == 1
    person.presses(Qt.Key.Key_Tab)  # whatever has the focus now: the line takes it back by its key
    walk.line.setFocus()
    person.types("Crack")
    person.presses(Qt.Key.Key_Return)
    made = newest(project)
    qtbot.waitUntil(lambda: len(project.children(made.id, ATTACHMENT)) == 1)
    assert walk.tray.count == 0


def test_a_photo_is_left_out_while_it_is_read(qtbot: QtBot, walk: WalkPage, tmp_path: Path) -> None:
    """Its reading ends, cancelled or not, after its button is gone."""
    path = tmp_path / "photo.png"
    picture().save(str(path))
    tray = walk.tray
    assert tray is not None
    for _ in range(20):
        drop(walk, path)
        photo = tray._photos[-1]
        QTest.mouseClick(photo.button, Qt.MouseButton.LeftButton)
        tray._refused(photo, "The reading was stopped.")
    qtbot.waitUntil(lambda: not tray._workers.busy)
    assert tray.count == 0
    assert not walk.problem.isVisible()


def drop(walk: WalkPage, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    held = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(walk.line, QDragEnterEvent(QPoint(5, 5), *held))
    QApplication.sendEvent(walk.line, QDropEvent(QPointF(5, 5), *held))


def test_photos_come_from_a_watched_folder(
    qtbot: QtBot, project: Project, walk: WalkPage, person: Person, tmp_path: Path
) -> None:
    folder = tmp_path / "camera"
    folder.mkdir()
    picture().save(str(folder / "old.png"))
    with qtbot.waitSignal(walk.watcher.began):
        walk.watch_folder(str(folder))
    picture().save(str(folder / "new.png"))
    (folder / "notes.txt").write_text("no photo")
    assert walk.tray is not None
    tray = walk.tray
    qtbot.waitUntil(lambda: tray.count == 1)
    person.presses(Qt.Key.Key_Return)
    made = newest(project)
    qtbot.waitUntil(lambda: len(project.children(made.id, ATTACHMENT)) == 1)
    assert walk.walk.folder == str(folder)


def test_a_folder_that_is_gone_is_told_of(qtbot: QtBot, walk: WalkPage, tmp_path: Path) -> None:
    walk.watch_folder(str(tmp_path / "nowhere"))
    qtbot.waitUntil(walk.problem.isVisible)
    assert walk.walk.folder == ""


def test_a_walk_goes_on_where_it_was(make: Callable[[], WalkPage], project: Project) -> None:
    first = make()
    person = Person(first)
    choose(person, "location", "2.14")
    person.types("Crack")
    person.presses(Qt.Key.Key_Return)
    again = make()
    assert again.walk == first.walk
    assert again.walk.titles == ("Crack",)


def test_escape_goes_back_step_by_step(qtbot: QtBot, walk: WalkPage, person: Person) -> None:
    person.types("crack")
    offered = walk.line.offering
    person.presses(Qt.Key.Key_Escape)
    assert (offered, walk.line.offering) == (True, False)
    person.presses(Qt.Key.Key_Escape)
    assert walk.line.text() == ""
    with qtbot.waitSignal(walk.left):
        person.presses(Qt.Key.Key_Escape)


def test_tab_puts_a_phrase_into_the_line(walk: WalkPage, person: Person) -> None:
    person.types("glazing")
    person.presses(Qt.Key.Key_Tab)
    assert walk.line.text() == "Glazing scratched, two panes"
    assert walk.line.hasFocus()


def test_a_walk_that_is_over_hears_no_more_of_changes(
    qtbot: QtBot, look: Look, project: Project, store: Attachments
) -> None:
    workspace = Workspace(project, ProjectInfo(project.id, "Harbour Tower", ""), stage.stage_now)
    desk = Desk(look, project, columns=workspace.columns, authors=stage.Names(), now=stage.stage_now)
    page = WalkPage(look, desk, workspace, store, "", lambda _text: None)
    page.start()
    page.stop()
    Shiboken.delete(page)

    with qtbot.captureExceptions() as raised:
        workspace.written(project.create(ISSUE, {"title": "Door scratched"})[1])
    assert raised == []
