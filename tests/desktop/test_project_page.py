from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.commands import Commands
from app.desktop.lists.cells import Row
from app.desktop.lists.view import RowList
from app.desktop.places import ATTENTION, CONFLICTS, ISSUES, NOTES, PEOPLE, TRASH
from app.desktop.project_commands import project_commands
from app.desktop.project_page import ProjectPage
from app.desktop.session import ProjectInfo, SyncPhase, SyncView
from app.desktop.tokens import Density, ThemeName
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE, NOTE, PERSON
from app.store.project import Project
from tests.desktop import stage


class Holder:
    """The window that holds the page, as far as commands ask for it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def new_project(self) -> None:
        self.asked.append("new_project")

    def join_project(self) -> None:
        self.asked.append("join_project")

    def sync_now(self) -> None:
        self.asked.append("sync_now")

    def export_project(self) -> None:
        self.asked.append("export_project")

    def backup(self) -> None:
        self.asked.append("backup")

    def choose_theme(self, name: ThemeName) -> None:
        self.asked.append(name)

    def choose_density(self, density: Density) -> None:
        self.asked.append(density)

    def close_window(self) -> None:
        self.asked.append("close_window")


@pytest.fixture
def holder() -> Holder:
    return Holder()


@pytest.fixture
def page(qtbot: QtBot, look: Look, project: Project, holder: Holder) -> Iterator[ProjectPage]:
    workspace = Workspace(
        project, ProjectInfo(project.id, "Harbour Tower", "https://sync.example"), stage.stage_now
    )
    made = ProjectPage(look, workspace, stage.PlainPanel)
    made.commands = Commands(look, made, project_commands(made, holder))  # type: ignore[attr-defined]
    qtbot.addWidget(made)
    made.resize(1366, 768)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    workspace.finish_steps()
    made.start()
    qtbot.waitUntil(lambda: rows(made).hasFocus())
    yield made
    made.finish()
    made.close()


def rows(page: ProjectPage) -> RowList:
    shown = page.list_page
    assert shown is not None
    return shown.list


def press(
    qtbot: QtBot, key: Qt.Key | str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Press a key where the focus is, as a person does."""
    target = QApplication.focusWidget()
    assert target is not None
    if isinstance(key, str):
        QTest.keyClicks(target, key)
    else:
        QTest.keyClick(target, key, modifier)


def panel(page: ProjectPage) -> stage.PlainPanel:
    found = page._panel
    assert isinstance(found, stage.PlainPanel)
    return found


def test_arrows_move_and_enter_opens_beside_then_alone(qtbot: QtBot, page: ProjectPage) -> None:
    newest = page.workspace.ids(ISSUE)
    press(qtbot, Qt.Key.Key_Down)
    press(qtbot, Qt.Key.Key_Down)
    assert rows(page).current_key() == newest[1]
    assert page._panel is None
    press(qtbot, Qt.Key.Key_Return)
    assert page.open_record == newest[1]
    assert panel(page).isVisible()
    assert page.stack.isVisible()
    press(qtbot, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: page.open_record == newest[2])
    assert panel(page).record == newest[2]
    press(qtbot, Qt.Key.Key_Return)
    assert not page.stack.isVisible()
    QTest.keyClick(panel(page), Qt.Key.Key_Escape)
    qtbot.waitUntil(page.stack.isVisible)
    assert page.open_record == newest[2]
    press(qtbot, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.open_record is None)
    assert not panel(page).isVisible()
    assert rows(page).hasFocus()


def test_a_click_opens_the_item_at_forty_percent(qtbot: QtBot, page: ProjectPage) -> None:
    view = rows(page)
    rect = view.visualRect(view.keys.index(3))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, rect.center().y()))
    assert page.open_record == page.workspace.ids(ISSUE)[3]
    share = panel(page).width() / (page.width() - page.side_bar.width())
    assert share == pytest.approx(0.4, abs=0.02)


def test_the_row_of_what_is_opened_from_elsewhere_is_marked(page: ProjectPage) -> None:
    record = page.workspace.ids(ISSUE)[30]
    page.open_item(record)
    assert rows(page).current_key() == record
    assert rows(page).selected_keys() == [record]
    assert page.open_record == record


def test_letters_are_keys_of_commands(qtbot: QtBot, page: ProjectPage) -> None:
    newest = page.workspace.ids(ISSUE)
    press(qtbot, "jjj")
    assert rows(page).current_key() == newest[2]
    press(qtbot, "k")
    assert rows(page).current_key() == newest[1]
    press(qtbot, Qt.Key.Key_End)
    assert rows(page).current_key() == newest[-1]
    press(qtbot, Qt.Key.Key_Home)
    assert rows(page).current_key() == newest[0]


def test_one_key_makes_an_issue_and_stands_in_its_title(qtbot: QtBot, page: ProjectPage) -> None:
    before = len(page.workspace.ids(ISSUE))
    press(qtbot, "n")
    assert len(page.workspace.ids(ISSUE)) == before + 1
    record = page.workspace.ids(ISSUE)[0]
    assert page.open_record == record
    assert rows(page).current_key() == record
    qtbot.waitUntil(lambda: panel(page).title.hasFocus())
    press(qtbot, "nnj")
    assert panel(page).title.text() == "nnj"
    assert len(page.workspace.ids(ISSUE)) == before + 1


def test_a_new_issue_is_taken_back_by_undo(qtbot: QtBot, page: ProjectPage) -> None:
    before = page.workspace.ids(ISSUE)
    press(qtbot, "n")
    rows(page).setFocus()
    press(qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.workspace.ids(ISSUE) == before
    qtbot.waitUntil(lambda: page.open_record in before)


def test_the_filter_follows_typing_and_escape_goes_back(qtbot: QtBot, page: ProjectPage) -> None:
    shown = page.list_page
    assert shown is not None
    assert shown.filter is not None
    every = len(rows(page).keys.keys)
    press(qtbot, "/")
    assert shown.filter.hasFocus()
    press(qtbot, "crack")
    qtbot.waitUntil(lambda: len(rows(page).keys.keys) < every)
    assert shown.summary().startswith("3 of 40 shown")
    press(qtbot, Qt.Key.Key_Return)
    assert rows(page).hasFocus()
    assert rows(page).currentIndex().isValid()
    press(qtbot, "/")
    press(qtbot, Qt.Key.Key_Escape)
    assert shown.filter.text() == ""
    assert len(rows(page).keys.keys) == every
    press(qtbot, Qt.Key.Key_Escape)
    assert rows(page).hasFocus()


def test_a_filter_error_is_underlined_with_its_reason(qtbot: QtBot, page: ProjectPage) -> None:
    shown = page.list_page
    assert shown is not None
    assert shown.filter is not None
    press(qtbot, "/")
    press(qtbot, "stauts:open")
    qtbot.waitUntil(lambda: shown._problem.isVisible())
    assert "stauts" in shown._problem.text()
    assert "stauts" in shown.filter.accessibleDescription()
    shown.filter.clear()
    qtbot.waitUntil(lambda: not shown._problem.isVisible())


def test_nothing_found_offers_to_clear_the_filter(qtbot: QtBot, page: ProjectPage) -> None:
    shown = page.list_page
    assert shown is not None
    shown.set_filter("zzzz")
    assert shown._empty.isVisible()
    assert shown._empty._button.text() == "Clear the filter"
    QTest.mouseClick(shown._empty._button, Qt.MouseButton.LeftButton)
    assert rows(page).isVisible()
    assert len(rows(page).keys.keys) == 40


def test_selection_and_place_outlive_a_refresh(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    view = rows(page)
    key = page.workspace.ids(ISSUE)[25]
    view.select_key(key)
    view.scrollTo(view.currentIndex())
    top = view.visualRect(view.currentIndex()).top()
    for title in ("One", "Two", "Three"):
        page.workspace.apply_touched(project.create(ISSUE, {"title": title})[1])
    assert view.current_key() == key
    assert view.selected_keys() == [key]
    assert view.visualRect(view.currentIndex()).top() == top


def test_when_the_row_goes_the_next_one_is_stood_on(qtbot: QtBot, page: ProjectPage) -> None:
    newest = list(page.workspace.ids(ISSUE))
    press(qtbot, "jj")
    press(qtbot, Qt.Key.Key_Delete)
    assert newest[1] not in page.workspace.ids(ISSUE)
    assert rows(page).current_key() == newest[2]
    press(qtbot, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.workspace.ids(ISSUE) == newest


def test_only_rows_that_were_touched_are_made_again(page: ProjectPage, project: Project) -> None:
    model = rows(page).keys
    for position in range(20):
        model.row(position)
    made: list[bytes] = []
    build = model._build

    def counted(key: bytes) -> Row:
        made.append(key)
        return build(key)

    model._build = counted
    record = page.workspace.ids(ISSUE)[4]
    page.workspace.apply_touched(project.set(record, "title", "Changed elsewhere"))
    assert "Changed elsewhere" in model.row(4).spoken
    for position in range(20):
        model.row(position)
    assert made == [record]


def test_many_remote_changes_arrive_between_presses(
    qtbot: QtBot, page: ProjectPage, project: Project
) -> None:
    bulk = project.bulk()
    for index in range(120):
        bulk.create(ISSUE, {"title": f"From elsewhere {index}"})
    page.workspace.apply_touched(bulk.commit())
    qtbot.waitUntil(lambda: len(rows(page).keys.keys) == 160)
    page.workspace.finish_steps()
    assert "From elsewhere 119" in rows(page).keys.row(0).spoken


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
    assert rows(page).keys.keys == [record]
    press(qtbot, "j")
    shown = page.list_page
    assert shown is not None
    QTest.mouseClick(shown.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not rows(page).keys.keys)
    assert record in page.workspace.ids(ISSUE)
    assert shown._empty.isVisible()


def test_conflicts_are_counted_listed_and_opened(qtbot: QtBot, page: ProjectPage, project: Project) -> None:
    record = page.workspace.ids(ISSUE)[2]
    page.workspace.apply_touched(project.set(record, "priority", "high"))
    page.workspace.apply_touched(project.set(record, "priority", "low", seen=()))
    qtbot.waitUntil(lambda: page.side_bar._entries[CONFLICTS].accessibleName() == "Conflicts, 1")
    page.show_page(CONFLICTS)
    qtbot.waitUntil(lambda: len(rows(page).keys.keys) == 1)
    press(qtbot, "j")
    press(qtbot, Qt.Key.Key_Return)
    assert page.open_record == record
    page.workspace.apply_touched(project.settle(record, "priority", "low"))
    qtbot.waitUntil(lambda: not rows(page).keys.keys)


def test_the_bottom_line_counts_what_is_written_here(qtbot: QtBot, page: ProjectPage) -> None:
    page.set_sync(SyncView(SyncPhase.OFFLINE))
    qtbot.waitUntil(lambda: page.status.sentence == "Offline, 3 changes waiting")
    record = page.workspace.ids(ISSUE)[9]
    page.workspace.written(page.workspace.source.set(record, "title", "Written here"))
    qtbot.waitUntil(lambda: page.status.sentence == "Offline, 4 changes waiting")
    assert "Only on this device" in rows(page).keys.row(9).spoken


def test_a_pressed_sentence_syncs_or_shows_what_needs_attention(qtbot: QtBot, page: ProjectPage) -> None:
    with qtbot.waitSignal(page.sync_pressed):
        QTest.mouseClick(page.status._sentence, Qt.MouseButton.LeftButton)
    page.set_sync(SyncView(SyncPhase.SYNCED, attention=1))
    QTest.mouseClick(page.status._sentence, Qt.MouseButton.LeftButton)
    assert page.page == ATTENTION


def test_sorting_by_the_header(qtbot: QtBot, page: ProjectPage) -> None:
    shown = page.list_page
    assert shown is not None
    head = next(each for each in shown.header._heads if each.column.key == "title")
    QTest.mouseClick(head, Qt.MouseButton.LeftButton)
    first = rows(page).keys.row(0).spoken
    assert head.accessibleDescription() == "ascending"
    QTest.mouseClick(head, Qt.MouseButton.LeftButton)
    assert head.accessibleDescription() == "descending"
    assert rows(page).keys.row(0).spoken != first


def test_the_tab_key_follows_the_eye(qtbot: QtBot, page: ProjectPage) -> None:
    shown = page.list_page
    assert shown is not None
    assert shown.filter is not None
    shown.filter.setFocus()
    seen = []
    for _ in range(12):
        press(qtbot, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        seen.append(focus)
        if focus is rows(page):
            break
    assert seen[0] is shown.action
    assert seen[-1] is rows(page)
    heads = [head for head in seen[1:-1] if head in shown.header.heads]
    assert len(heads) == len(seen) - 2
    assert [head.x() for head in heads] == sorted(head.x() for head in heads)


def test_a_screen_reader_hears_the_row(page: ProjectPage) -> None:
    rows(page).move_by(1)
    table = QAccessible.queryAccessibleInterface(rows(page))
    assert table.text(QAccessible.Text.Name) == "Issues"
    assert table.role() == QAccessible.Role.Table
    heard = {table.child(index).text(QAccessible.Text.Name) for index in range(4)}
    assert rows(page).keys.row(0).spoken in heard


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


def test_several_selected_are_counted_and_deleted_together(qtbot: QtBot, page: ProjectPage) -> None:
    press(qtbot, "j")
    for _ in range(4):
        press(qtbot, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    shown = page.list_page
    assert shown is not None
    assert shown.summary().startswith("5 selected")
    press(qtbot, Qt.Key.Key_Delete)
    assert len(page.workspace.ids(ISSUE)) == 35


@pytest.mark.parametrize("density", list(Density))
@pytest.mark.parametrize("theme", [ThemeName.LIGHT, ThemeName.DARK, ThemeName.SUN])
def test_every_theme_and_density_paints(
    page: ProjectPage, look: Look, theme: ThemeName, density: Density
) -> None:
    look.theme.choose(theme, density)
    view = rows(page)
    assert view.rowHeight(0) == {"normal": 32, "dense": 26, "touch": 44}[density]
    image = page.grab().toImage()
    corner = image.pixelColor(image.width() // 2, image.height() - 60)
    expected = look.theme.color("surface")
    assert abs(corner.lightness() - expected.lightness()) < 40
