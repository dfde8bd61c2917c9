"""The import as the window offers it: by the palette's command, by dropping, and while one looks at something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.desktop.importing.importer import Importer
from app.desktop.importing.page import ImportPage
from app.desktop.widgets import Look
from app.desktop.window import Window
from app.domain.schema import ISSUE
from app.store.project import Project
from tests.desktop import stage
from tests.desktop.importing.scene import click, wait_checked
from tests.desktop.page_stage import press
from tests.desktop.window_stage import page_of, shown


@pytest.fixture
def window(qtbot: QtBot, look: Look, project: Project, tmp_path: Path) -> Iterator[Window]:
    session = stage.StageSession(tmp_path)
    session.add(project)
    with shown(qtbot, look, session) as made:
        yield made


def importing_of(qtbot: QtBot, window: Window) -> ImportPage:
    qtbot.waitUntil(lambda: page_of(window).page == "import")
    found = page_of(window).findChild(ImportPage)
    assert found is not None
    return found


def many(directory: Path) -> Path:
    path = directory / "many.csv"
    path.write_text("title\n" + "".join(f"Number {number}\n" for number in range(400)))
    return path


def test_the_palette_knows_it(qtbot: QtBot, window: Window) -> None:
    press(qtbot, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    target = QApplication.focusWidget()
    assert target is not None
    QTest.keyClicks(target, "import a table")
    QTest.keyClick(target, Qt.Key.Key_Return)
    importing = importing_of(qtbot, window)
    assert importing.file.hasFocus()
    QTest.keyClick(importing.file, Qt.Key.Key_Escape)
    assert page_of(window).page == "issues"


def test_a_dropped_table_is_read_at_once(qtbot: QtBot, window: Window, table: Path) -> None:
    page_of(window).table_dropped.emit(table)
    importing = importing_of(qtbot, window)
    assert wait_checked(qtbot, importing).created == 2


def test_it_goes_on_while_one_looks_at_something_else(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    page = page_of(window)
    page.table_dropped.emit(many(tmp_path))
    importing = importing_of(qtbot, window)
    wait_checked(qtbot, importing)
    click(importing.foot.accept)
    page.show_page("notes")
    importer = page.workspace.findChild(Importer)
    assert importer is not None
    assert importer.is_writing
    page.show_page("import")
    again = page._other
    assert isinstance(again, ImportPage)
    assert again is not importing
    assert again.foot.cancel.hasFocus()
    page.show_page("issues")
    qtbot.waitUntil(lambda: "400 issues made" in page.status._notice.text(), timeout=20_000)
    page.workspace.finish_steps()
    assert len(page.workspace.ids(ISSUE)) == 440


def test_a_window_that_closes_does_not_wait_for_the_rest(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.desktop.importing.importer._TELL_SECONDS", 0.0)
    page = page_of(window)
    page.table_dropped.emit(many(tmp_path))
    importing = importing_of(qtbot, window)
    wait_checked(qtbot, importing)
    click(importing.foot.accept)
    qtbot.waitUntil(lambda: importing.foot.counts.text().startswith("Importing row"))
    window.close()
    assert not window.isVisible()
