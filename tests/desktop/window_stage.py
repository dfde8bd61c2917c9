"""A window over the projects of a test, shown and in front, as a person finds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.project_page import ProjectPage
from app.desktop.widgets import Look
from app.desktop.window import Window
from tests.desktop import stage


def page_of(window: Window) -> ProjectPage:
    """The project that it shows."""
    assert window.project_page is not None
    return window.project_page


@contextmanager
def shown(qtbot: QtBot, look: Look, session: stage.StageSession) -> Iterator[Window]:
    """The window, closed afterwards."""
    window = Window(look, now=stage.stage_now, version="0.1.0")
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.use(session, stage.PlainPanel)
    page_of(window).workspace.finish_steps()
    window.activateWindow()
    page_of(window).start()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    yield window
    window.close()
