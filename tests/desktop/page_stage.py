"""A project's page on the stage, and the keys of a person in front of it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.desk.table import Table
from app.desktop.lists.view import RowList
from app.desktop.notes.page import NotesPage
from app.desktop.palette.finding import Find
from app.desktop.project_page import ProjectPage
from app.desktop.tokens import Density, ThemeName
from tests.desktop import stage


class Holder:
    """The window that holds the page, as far as commands ask for it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def new_project(self) -> None:
        self.asked.append("new_project")

    def join_project(self) -> None:
        self.asked.append("join_project")

    def show_gallery(self) -> None:
        self.asked.append("gallery")

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

    def open_finder(self, what: Find, field: str = "") -> None:
        self.asked.append(f"{what} {field}".strip())

    def close_window(self) -> None:
        self.asked.append("close_window")


def rows(page: ProjectPage) -> RowList | Table:
    shown = page.list_page
    assert shown is not None
    assert not isinstance(shown, NotesPage)
    return shown.list


def table(page: ProjectPage) -> Table:
    """The table of the page."""
    found = rows(page)
    assert isinstance(found, Table)
    return found


def keys(page: ProjectPage) -> list[bytes]:
    """What the rows of the page are, from top to bottom."""
    found = rows(page)
    return found.shown_keys() if isinstance(found, Table) else list(found.keys.keys)


def spoken(page: ProjectPage, position: int) -> str:
    """What is said of a row."""
    found = rows(page)
    if isinstance(found, Table):
        return found.spoken(found.shown_keys()[position])
    return found.keys.row(position).spoken


def at_row(page: ProjectPage, key: bytes, x: int = 200) -> QPoint:
    """A point on the row of a record, in the viewport."""
    found = rows(page)
    if isinstance(found, Table):
        return QPoint(x, found.row_rect(key).center().y())
    position = found.keys.position(key)
    assert position is not None
    return QPoint(x, found.visualRect(found.keys.index(position)).center().y())


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
