from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.places import CONFLICTS, ISSUES, NOTES, PEOPLE, SYNC, TRASH
from app.desktop.project_page import ProjectPage
from app.desktop.session import SyncPhase, SyncView
from app.desktop.tokens import Density, ThemeName
from app.desktop.widgets import Look
from app.domain.schema import ISSUE, NOTE, PERSON
from app.store.project import Project
from tests.desktop.page_stage import keys, press, rows, spoken, table


def test_many_remote_changes_arrive_between_presses(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    bulk = project.bulk()
    for index in range(120):
        bulk.create(ISSUE, {"title": f"From elsewhere {index}"})
    page.workspace.apply_touched(bulk.commit())
    qtbot.waitUntil(lambda: len(keys(page)) == 160)
    page.workspace.finish_steps()
    assert "From elsewhere 119" in spoken(page, 0)


@pytest.mark.parametrize(
    ("keys", "name"),
    [("2", NOTES), ("3", PEOPLE), ("4", CONFLICTS), ("5", TRASH), ("1", ISSUES)],
)
def test_pages_by_key(qtbot: QtBot, page: ProjectPage, keys: str, name: str) -> None:
    press(qtbot, getattr(Qt.Key, f"Key_{keys}"), Qt.KeyboardModifier.ControlModifier)
    page.workspace.finish_steps()
    assert page.page == name
    assert page.list_page is not None
    assert page.side_bar._entries[name].isChecked()


def test_pages_by_click_and_their_buttons(qtbot: QtBot, page: ProjectPage) -> None:
    for name, kind in ((NOTES, NOTE), (PEOPLE, PERSON)):
        QTest.mouseClick(page.side_bar._entries[name], Qt.MouseButton.LeftButton)
        page.workspace.finish_steps()
        before = len(page.workspace.ids(kind))
        shown = page.list_page
        assert shown is not None
        QTest.mouseClick(shown.action, Qt.MouseButton.LeftButton)
        assert len(page.workspace.ids(kind)) == before + 1
        assert page.open_record == page.workspace.ids(kind)[0]


def test_the_trash_gives_back(qtbot: QtBot, page: ProjectPage) -> None:
    press(qtbot, "j")
    record = rows(page).current_key()
    press(qtbot, Qt.Key.Key_Delete)
    page.show_page(TRASH)
    page.workspace.finish_steps()
    assert keys(page) == [record]
    press(qtbot, "j")
    shown = page.list_page
    assert shown is not None
    QTest.mouseClick(shown.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not keys(page))
    assert record in page.workspace.ids(ISSUE)
    assert shown._empty.isVisible()


def test_conflicts_are_counted_listed_and_opened(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    record = page.workspace.ids(ISSUE)[2]
    page.workspace.apply_touched(project.set(record, "priority", "high"))
    page.workspace.apply_touched(project.set(record, "priority", "low", seen=()))
    qtbot.waitUntil(lambda: page.side_bar._entries[CONFLICTS].accessibleName() == "Conflicts, 1")
    page.show_page(CONFLICTS)
    qtbot.waitUntil(lambda: len(keys(page)) == 1)
    press(qtbot, "j")
    press(qtbot, Qt.Key.Key_Return)
    assert page.open_record == record
    page.workspace.apply_touched(project.settle(record, "priority", "low"))
    qtbot.waitUntil(lambda: not keys(page))


def test_the_bottom_line_counts_what_is_written_here(qtbot: QtBot, page: ProjectPage) -> None:
    page.set_sync(SyncView(SyncPhase.OFFLINE))
    qtbot.waitUntil(lambda: page.status.sentence == "Offline, 3 changes waiting")
    record = page.workspace.ids(ISSUE)[9]
    page.workspace.written(page.workspace.source.set(record, "title", "Written here"))
    qtbot.waitUntil(lambda: page.status.sentence == "Offline, 4 changes waiting")
    assert "Only on this device" in spoken(page, 9)


def test_a_pressed_sentence_asks_for_the_page_of_sync(qtbot: QtBot, page: ProjectPage) -> None:
    with qtbot.waitSignal(page.page_asked, check_params_cb=lambda name: name == SYNC):
        QTest.mouseClick(page.status._sentence, Qt.MouseButton.LeftButton)


def test_the_side_bar_makes_room_for_the_item(qtbot: QtBot, page: ProjectPage) -> None:
    assert page.side_bar.width() == 220
    page.resize(1000, 700)
    assert page.side_bar.width() == 220
    press(qtbot, "j")
    press(qtbot, Qt.Key.Key_Return)
    assert page.side_bar.width() == 56
    press(qtbot, Qt.Key.Key_Escape)
    assert page.side_bar.width() == 220
    press(qtbot, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert page.side_bar.width() == 56


def test_a_refusal_is_said_and_nothing_else_happens(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    with project.writing():
        project.put_meta("role", "viewer")
    before = page.workspace.ids(ISSUE)
    press(qtbot, "n")
    assert "may read this project" in page.status._notice.text()
    assert page.workspace.ids(ISSUE) == before
    assert page.open_record is None


@pytest.mark.parametrize("density", list(Density))
@pytest.mark.parametrize("theme", [ThemeName.LIGHT, ThemeName.DARK, ThemeName.SUN])
def test_every_theme_and_density_paints(
    page: ProjectPage, look: Look, theme: ThemeName, density: Density
) -> None:
    look.theme.choose(theme, density)
    assert table(page).row_height == {"normal": 32, "dense": 26, "touch": 44}[density]
    image = page.grab().toImage()
    corner = image.pixelColor(image.width() // 2, image.height() - 60)
    expected = look.theme.color("surface")
    assert abs(corner.lightness() - expected.lightness()) < 40
