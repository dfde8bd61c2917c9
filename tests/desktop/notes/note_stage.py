"""A tree of notes on the stage, and what a person sees and does there."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.notes.carrying import Target
from app.desktop.notes.page import NotesPage
from app.desktop.notes.view import NoteView
from app.desktop.places import NOTES
from app.desktop.project_page import ProjectPage
from tests.desktop.page_stage import press

NAMES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("Diary", "", "C", {"pinned": True, "tags": ["site"]}),
    ("Meetings", "", "M", {"tags": ["weekly", "client"]}),
    ("Monday", "Meetings", "M", {"tags": ["weekly"]}),
    ("Actions", "Monday", "M", {}),
    ("Friday", "Meetings", "V", {}),
    ("Ideas", "", "V", {}),
    ("Visit {{date}}", "", "M", {"template": True}),
)


def notes(page: ProjectPage) -> NotesPage:
    """The page of notes."""
    shown = page.list_page
    assert isinstance(shown, NotesPage)
    return shown


def show_notes(qtbot: QtBot, page: ProjectPage) -> NoteView:
    """Go to the notes by key, and wait for the tree."""
    press(qtbot, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    page.workspace.finish_steps()
    assert page.page == NOTES
    view = notes(page).list
    qtbot.waitUntil(view.hasFocus)
    return view


def drawn(page: ProjectPage) -> list[str]:
    """The lines as they stand there: dots for depth, heads of groups in brackets."""
    view = notes(page).list
    return [
        f"[{view.looks.group(line.group)}]"
        if line.record is None
        else "." * line.depth + view.looks.title(line.record)
        for line in view.model.lines
    ]


def opened(page: ProjectPage) -> bytes | None:
    """What is open beside the tree."""
    return page.open_record


def named(page: ProjectPage, name: str) -> bytes:
    """A note by its title."""
    view = notes(page).list
    return next(each for each in page.workspace.ids("note") if view.looks.title(each) == name)


def place_of(view: NoteView, record: bytes, part: float = 0.5, x: int | None = None) -> QPoint:
    """A point on the line of a note: ``part`` of the way down, on its title where no ``x`` is given."""
    number = view.model.places[record]
    rect = view.line_rect(number)
    left = view.painting.title_left(view.model.lines[number]) + 6 if x is None else x
    return QPoint(left, rect.top() + int(rect.height() * part))


def target(view: NoteView) -> Target | None:
    """Where what is carried would land."""
    return view.carrying.target


def drag(view: NoteView, record: bytes, to: QPoint, *, drop: bool = True) -> None:
    """Carry a note by the mouse."""
    port, start = view.viewport(), place_of(view, record)
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(port, start + QPoint(4, 6))
    for step in (start + QPoint(8, 14), (start + to) / 2, to):
        _move(view, step)
    if drop:
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=to)


def _move(view: NoteView, at: QPoint) -> None:
    port = view.viewport()
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        QPointF(port.mapToGlobal(at)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(port, event)
