"""The Markdown folder as the window offers it: switched on, watched, settled, switched off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from app.desktop.folder.page import FolderPage
from app.desktop.folder.running import FolderKeeper
from app.desktop.folder.watcher import FolderWatcher
from app.desktop.places import FOLDER
from app.desktop.widgets import Look, Text
from app.desktop.window import Window
from app.domain.schema import NOTE
from app.richtext.delta import Insert
from app.store.project import Project
from tests.desktop import stage
from tests.desktop.window_stage import page_of, shown

_LONG = 20_000


@pytest.fixture
def window(qtbot: QtBot, look: Look, project: Project, tmp_path: Path) -> Iterator[Window]:
    session = stage.StageSession(tmp_path)
    session.add(project)
    with shown(qtbot, look, session) as made:
        yield made


def keeper_of(window: Window) -> FolderKeeper:
    found = page_of(window).findChild(FolderKeeper)
    assert found is not None
    return found


def folder_page(window: Window) -> FolderPage:
    if page_of(window).page != FOLDER:
        page_of(window).show_page(FOLDER)
    found = page_of(window).findChild(FolderPage)
    assert found is not None
    return found


def click(widget: QAbstractButton) -> None:
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def buttons(page: FolderPage) -> dict[str, QAbstractButton]:
    """What can be pressed, by name."""
    return {each.accessibleName(): each for each in page.findChildren(QAbstractButton) if each.isVisible()}


def idle(keeper: FolderKeeper) -> bool:
    return not keeper.view.busy and keeper.view.report is not None


def switched_on(qtbot: QtBot, window: Window, path: Path) -> FolderPage:
    page = folder_page(window)
    QTest.keyClicks(page.path.edit, str(path))
    QTest.keyClick(page.path.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: keeper_of(window).view.path is not None and idle(keeper_of(window)), timeout=_LONG
    )
    return page


def test_it_is_switched_on_and_follows_both_ways(
    qtbot: QtBot, window: Window, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "copy"
    page = folder_page(window)
    assert "NOT encrypted" in page.warning.text()
    click(page.keep)
    assert keeper_of(window).view.path is None
    page = switched_on(qtbot, window, path)
    assert page.where.text() == str(path)
    assert page.state.text() == "43 texts, up to date."
    diary = path / "Site diary.md"
    assert "Dry, 6 degrees" in diary.read_text()
    assert len(list((path / "Issues").glob("*.md"))) == 40
    note = next(each for each, title in project.column(NOTE, "title").items() if title == "Site diary")
    with qtbot.waitSignal(page_of(window).workspace.touched, timeout=_LONG):
        diary.write_text(diary.read_text().replace("Dry, 6 degrees", "Wet, 7 degrees"))
    assert project.plain_text(note).startswith("Wet, 7 degrees")
    page_of(window).workspace.written(project.change_text(note, "text", [Insert("Monday: ")]))
    qtbot.waitUntil(lambda: "Monday: Wet, 7 degrees" in diary.read_text(), timeout=_LONG)
    (path / "Weekly meeting.md").unlink()
    qtbot.waitUntil(lambda: "Weekly meeting" not in project.column(NOTE, "title").values(), timeout=_LONG)
    qtbot.waitUntil(lambda: idle(keeper_of(window)), timeout=_LONG)
    assert page_of(window).workspace.undo()
    qtbot.waitUntil((path / "Weekly meeting.md").exists, timeout=_LONG)
    click(page.off)
    qtbot.waitUntil(lambda: keeper_of(window).view.path is None, timeout=_LONG)
    assert diary.exists()
    assert page.keep.isVisible()
    assert not keeper_of(window).watcher.is_watching


def test_what_cannot_be_is_said(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    page = folder_page(window)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x.txt").write_text("x")
    page.path.edit.setText(str(tmp_path / "full"))
    click(page.keep)
    qtbot.waitUntil(lambda: "is not empty" in page.problem.text(), timeout=_LONG)
    assert page.problem.isVisible()
    assert page.keep.isVisible()


def test_a_vault_comes_in_and_a_conflict_is_settled(
    qtbot: QtBot, window: Window, project: Project, tmp_path: Path
) -> None:
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "Mine.md").write_text("[[Other]] and #tag\n")
    (vault / "Other.md").write_text("other\n")
    page = folder_page(window)
    page.path.edit.setText(str(vault))
    click(page.vault)
    keeper = keeper_of(window)
    qtbot.waitUntil(lambda: keeper.view.path is not None and idle(keeper), timeout=_LONG)
    titles = {str(title): record for record, title in project.column(NOTE, "title").items()}
    assert {"Mine", "Other"} <= titles.keys()
    assert (vault / "Mine.md").read_text() == "[[Other]] and #tag\n"
    diary = vault / "Site diary.md"
    diary.write_text(
        diary.read_text().replace("sitebook-base: ", "sitebook-base: 0").replace("Dry", "Very dry")
    )
    name = "Take the text of Site diary.md in"
    qtbot.waitUntil(lambda: name in buttons(page), timeout=_LONG)
    assert any("Site diary.md comes from an export" in each.text() for each in page.findChildren(Text))
    click(buttons(page)[name])
    qtbot.waitUntil(lambda: idle(keeper) and not keeper.view.problems, timeout=_LONG)
    assert "Very dry" in project.plain_text(titles["Site diary"])


def test_it_catches_up_when_the_project_is_opened_again(
    qtbot: QtBot, window: Window, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "copy"
    switched_on(qtbot, window, path)
    before = page_of(window)
    before.finish()
    (path / "New.md").write_text("made while nobody looked\n")
    (path / "Site diary.md").write_text((path / "Site diary.md").read_text() + "\nMore\n")
    window.open_project(before.workspace.info)
    keeper = next(each for each in page_of(window).findChildren(FolderKeeper))
    qtbot.waitUntil(lambda: "New" in project.column(NOTE, "title").values(), timeout=_LONG)
    qtbot.waitUntil(lambda: idle(keeper), timeout=_LONG)


def test_a_folder_that_goes_away_is_said_and_nothing_is_lost(
    qtbot: QtBot, window: Window, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "copy"
    page = switched_on(qtbot, window, path)
    path.rename(tmp_path / "away")
    click(page.look_now)
    qtbot.waitUntil(lambda: "is not there" in page.problem.text(), timeout=_LONG)
    assert len(project.column(NOTE, "title")) == 3
    (tmp_path / "away").rename(path)
    for each in (path / "Issues").glob("*.md"):
        each.unlink()
    click(page.look_now)
    qtbot.waitUntil(page.deleted.isVisible, timeout=_LONG)
    assert page.state.text() == "40 files are gone at once, so nothing was done."
    click(page.again)
    qtbot.waitUntil(lambda: len(list((path / "Issues").glob("*.md"))) == 40, timeout=_LONG)
    qtbot.waitUntil(lambda: not page.deleted.isVisible(), timeout=_LONG)


def test_a_watcher_hears_of_what_concerns_it(qtbot: QtBot, tmp_path: Path) -> None:
    watcher = FolderWatcher()
    (tmp_path / "deep").mkdir()
    watcher.watch(tmp_path)
    with qtbot.waitSignal(watcher.disturbed, timeout=_LONG):
        # The thread may need a moment until the system tells it of anything.
        qtbot.waitUntil(lambda: _touched(tmp_path / "deep" / "note.md", watcher), timeout=_LONG)
    watcher.stop()
    assert not watcher.is_watching
    with qtbot.waitSignal(watcher.lost, timeout=_LONG):
        watcher.watch(tmp_path / "none")
    watcher.stop()


def _touched(path: Path, watcher: FolderWatcher) -> bool:
    heard = getattr(watcher, "heard_once", False)
    if not heard:
        watcher.disturbed.connect(lambda: setattr(watcher, "heard_once", True))
    path.write_text(f"{path.stat().st_mtime_ns if path.exists() else 0}")
    return bool(getattr(watcher, "heard_once", False))
