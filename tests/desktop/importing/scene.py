"""What a person does on the page that takes a table in."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desktop.importing.choices import Checked
from app.desktop.importing.page import ImportPage

_LONG = 20_000


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def checked(importing: ImportPage) -> Checked:
    """What was checked last."""
    assert importing._checked is not None
    return importing._checked


def wait_checked(qtbot: QtBot, importing: ImportPage) -> Checked:
    """Wait until nothing is being checked any more."""
    qtbot.waitUntil(lambda: importing._checked is not None and not importing._importer.busy, timeout=_LONG)
    importing._workspace.finish_steps()
    return checked(importing)


def open_typed(qtbot: QtBot, importing: ImportPage, path: Path) -> Checked:
    """Type where the file is."""
    importing.file.setFocus()
    importing.file.selectAll()
    QTest.keyClicks(importing.file, str(path))
    QTest.keyClick(importing.file, Qt.Key.Key_Return)
    return wait_checked(qtbot, importing)


def said(importing: ImportPage) -> str:
    """What the foot says."""
    return importing.foot.counts.text()
