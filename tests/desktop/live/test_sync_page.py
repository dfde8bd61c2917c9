"""The page of sync over a real server: each device is told by itself, and a check finds everything in order."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.places import ISSUES, SYNC
from app.desktop.syncing.page import SyncPage
from app.desktop.widgets import Look, Text
from app.desktop.window import Window
from tests.desktop import stage
from tests.desktop.live.conftest import Pair
from tests.desktop.window_stage import page_of


def words(page: SyncPage) -> str:
    return "\n".join(each.text() for each in page.findChildren(Text) if each.isVisible())


def test_it_tells_of_each_device_and_checks_everything(qtbot: QtBot, look: Look, pair: Pair) -> None:
    session = pair.ben.session
    session.device_states(pair.project)
    window = Window(look, now=stage.stage_now, version="0.1.0")
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    ada = pair.ada.session
    window.use(ada, stage.PlainPanel)
    try:
        page_of(window).show_page(SYNC)
        page = page_of(window).stack.currentWidget()
        assert isinstance(page, SyncPage)
        qtbot.waitUntil(lambda: "This device" in words(page), timeout=20_000)
        qtbot.waitUntil(lambda: "Ben Okafor" in words(page), timeout=20_000)
        QTest.mouseClick(page.check, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: "Everything is in order." in words(page), timeout=30_000)
        assert "our changes were sent" in words(page), "what the command line did is told as well"
        page_of(window).show_page(ISSUES)
        page_of(window).show_page(SYNC)
        again = page_of(window).stack.currentWidget()
        assert isinstance(again, SyncPage)
        qtbot.waitUntil(lambda: "Checked everything." in words(again))
    finally:
        window.close()
