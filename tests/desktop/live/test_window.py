"""Two real windows over a real server process: who is there, who looks at what, and carets that stay right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.app import make_panel
from app.desktop.item.panel import ItemPanel
from app.desktop.live.attach import FaceRow
from app.desktop.widgets import Look
from app.desktop.window import Window
from app.domain.schema import ISSUE
from tests.desktop import stage
from tests.desktop.live.conftest import Device, Pair


class Screen:
    """One person's window."""

    def __init__(self, qtbot: QtBot, look: Look, device: Device) -> None:
        self.device = device
        self.window = Window(look, now=stage.stage_now, version="0.1.0")
        qtbot.addWidget(self.window)
        self.window.use(device.session, lambda look, workspace: make_panel(look, workspace, device.session))
        self.window.resize(1366, 768)
        with qtbot.waitExposed(self.window):
            self.window.show()
        assert self.window.project_page is not None
        self.page = self.window.project_page

    def open(self, record: bytes) -> ItemPanel:
        self.page.open_item(record)
        panel = self.page.panel
        assert isinstance(panel, ItemPanel)
        return panel

    @property
    def faces(self) -> list[str]:
        [row] = self.page.side_bar.findChildren(FaceRow)
        return row.faces.names


@pytest.fixture
def screens(
    qtbot: QtBot, look: Look, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Screen, Screen, bytes]]:
    # The speller's library does not bear two windows in one process.
    monkeypatch.setattr("app.desktop.editor.dictionary.load_dictionary", lambda languages: None)
    record = pair.ada.session.open(pair.project).create(ISSUE, {"title": "Crack"}, text="Runs to the north.")
    pair.ada.session.workspace.sync(pair.project)
    pair.ben.session.workspace.sync(pair.project)
    ada, ben = Screen(qtbot, look, pair.ada), Screen(qtbot, look, pair.ben)
    yield ada, ben, record if isinstance(record, bytes) else record[0]
    for screen in (ada, ben):
        screen.window.close()


def carets(panel: ItemPanel) -> list[tuple[str, int]]:
    return [(each.name, each.position) for each in panel.text.editor.carets]


def test_others_are_seen_where_they_are(qtbot: QtBot, screens: tuple[Screen, Screen, bytes]) -> None:
    ada, ben, record = screens
    qtbot.waitUntil(lambda: ada.faces == ["Ben Okafor"] and ben.faces == ["Ada Bricklayer"], timeout=20_000)
    theirs = ben.open(record)
    ours = ada.open(record)
    qtbot.waitUntil(lambda: ours.header.faces.names == ["Ben Okafor"], timeout=10_000)
    assert carets(ours) == []
    # Ben writes at the end, Ada in front of him: his caret stays with his words.
    ben.window.activateWindow()
    editor = theirs.text.editor
    editor.setFocus(Qt.FocusReason.OtherFocusReason)
    qtbot.waitUntil(editor.hasFocus)
    editor.set_selection(18, 18)
    QTest.keyClicks(editor, " It is wet.")
    qtbot.waitUntil(lambda: carets(ours) == [("Ben Okafor", 29)], timeout=10_000)
    assert ours.text.editor.toPlainText() == "Runs to the north. It is wet."
    ada.window.activateWindow()
    mine = ours.text.editor
    mine.setFocus(Qt.FocusReason.OtherFocusReason)
    qtbot.waitUntil(mine.hasFocus)
    mine.set_selection(0, 0)
    QTest.keyClicks(mine, "Here: ")
    qtbot.waitUntil(lambda: carets(ours) == [("Ben Okafor", 35)], timeout=10_000)
    qtbot.waitUntil(lambda: editor.toPlainText().startswith("Here: "), timeout=10_000)
    # He goes on to another place of the window, and then out of the issue.
    qtbot.waitUntil(lambda: carets(ours) == [], timeout=10_000)
    ben.page.close_item()
    qtbot.waitUntil(lambda: ours.header.faces.names == [], timeout=10_000)
    assert ada.faces == ["Ben Okafor"]
    # Who does not want to be seen is not, and sees the others all the same.
    ben.window.show_me(False)
    qtbot.waitUntil(lambda: ada.faces == [], timeout=10_000)
    assert ben.faces == ["Ada Bricklayer"]
    ben.window.show_me(True)
    qtbot.waitUntil(lambda: ada.faces == ["Ben Okafor"], timeout=10_000)
    ben.window.close()
    qtbot.waitUntil(lambda: ada.faces == [], timeout=10_000)
