"""A desk on the stage, and what a person in front of it does and sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.desk.cell_line import CellLine
from app.desktop.desk.page import DeskPage
from app.desktop.desk.table import Table
from app.desktop.item.fields.picker import Picker
from app.desktop.project_page import ProjectPage
from app.domain.schema import ISSUE
from app.store.project import Project
from tests.desktop.page_stage import press


class Hand:
    """The user's hand on one desk."""

    def __init__(self, qtbot: QtBot, page: ProjectPage, project: Project) -> None:
        self.qtbot = qtbot
        self.page = page
        self.project = project
        assert isinstance(page.list_page, DeskPage)
        self.desk: DeskPage = page.list_page
        self.table: Table = page.list_page.list

    # What stands there

    def shown(self) -> list[bytes]:
        """The records of the rows."""
        return self.table.shown_keys()

    def value(self, record: bytes, field: str) -> Any:
        """What is stored."""
        state = self.project.field(record, field, ISSUE)
        return state.values if state.many else state.value

    def text(self, record: bytes, path: str) -> str:
        """What a cell says."""
        row = self.table.scene.frame.row(record)
        column = self.table.plan.named(path)
        assert row is not None
        assert column is not None
        return column.ink.text(row)

    def heads(self) -> list[tuple[str, int]]:
        """The heads of the groups with their counts."""
        return [(self.table.head_text(each), each.count) for each in self.table.lines.heads]

    # What is done

    def press(
        self, key: Qt.Key | str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        """Press a key, or one after the other, where the focus is by then."""
        for each in key if isinstance(key, str) else (key,):
            press(self.qtbot, each, modifier)

    def ask(self, query: str) -> None:
        """Filter, sort, group."""
        self.desk.set_filter(query)
        self.page.workspace.finish_steps()

    def columns(self, *texts: str, frozen: int = 0) -> None:
        """Show these columns."""
        self.desk.change(columns=texts, frozen=frozen)
        self.page.workspace.finish_steps()

    def stand(self, record: bytes, path: str = "") -> None:
        """Stand on a row, and in a cell of it."""
        assert self.table.select_key(record)
        self.table.setFocus()
        if path:
            self.table.stand_in(path)

    def cell(self, record: bytes, path: str) -> QPoint:
        """The middle of a cell."""
        return self.table.cell_rect(record, path).center()

    def click(
        self,
        record: bytes,
        path: str = "title",
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        """Press a mouse button on a cell."""
        QTest.mouseClick(
            self.table.viewport(), Qt.MouseButton.LeftButton, modifier, pos=self.cell(record, path)
        )

    def double_click(self, record: bytes, path: str) -> None:
        """Press twice at one place, which held a cell at first."""
        at = self.cell(record, path)
        QTest.mouseClick(self.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        QTest.mouseDClick(self.table.viewport(), Qt.MouseButton.LeftButton, pos=at)

    def line(self) -> CellLine:
        """The line that is open in a cell, once it has the focus."""
        line = self.desk.edit.line
        assert isinstance(line, CellLine)
        self.qtbot.waitUntil(line.hasFocus)
        return line

    def picker(self) -> Picker:
        """The list that floats over a cell."""
        picker = self.desk.edit.picker
        assert picker is not None
        self.qtbot.waitUntil(picker.search.hasFocus)
        return picker

    def choose(self, *words: str) -> None:
        """Type into the list of choices and take what is found."""
        for each in words:
            picker = self.picker()
            QTest.keyClicks(picker.search, each)
            QTest.keyClick(picker.search, Qt.Key.Key_Return)

    def elsewhere(self, change: Callable[[], Any]) -> None:
        """Something comes from another device."""
        touched = change()
        self.page.workspace.apply_touched(touched[1] if isinstance(touched, tuple) else touched)

    def undo(self) -> None:
        """Take back the last action."""
        self.table.setFocus()
        self.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    def focus(self) -> object:
        """What has the focus."""
        return QApplication.focusWidget()
