"""A board on the stage, and the hands of a person over it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desktop.desk.page import DeskPage
from app.desktop.project_page import ProjectPage
from app.desktop.views.layouts import BoardLayout
from app.workspace.views import BOARD


def desk_of(page: ProjectPage) -> DeskPage:
    desk = page.list_page
    assert isinstance(desk, DeskPage)
    return desk


def board_of(page: ProjectPage, **parts: object) -> BoardLayout:
    desk = desk_of(page)
    desk.change(layout=BOARD, **parts)
    page.workspace.finish_steps()
    QApplication.processEvents()
    board = desk.front
    assert isinstance(board, BoardLayout)
    board.setFocus()
    return board


def lane(board: BoardLayout, title: str) -> int:
    return next(at for at, each in enumerate(board.model.lanes) if each.title == title)


def cards(board: BoardLayout, title: str) -> list[bytes]:
    return board.model.records(lane(board, title))


def middle(board: BoardLayout, record: bytes) -> QPoint:
    box = board.box_of(record)
    assert box is not None, "the card is not seen"
    return box.center()


def above(board: BoardLayout, record: bytes) -> QPoint:
    """A point at which what is carried lands before a card."""
    box = board.box_of(record)
    assert box is not None, "the card is not seen"
    return QPoint(box.center().x(), box.top() + 4)


def take(board: BoardLayout, record: bytes, to: QPoint) -> None:
    """Press on a card and carry it somewhere, the button still down."""
    start = middle(board, record)
    QTest.mousePress(board.viewport(), Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(board.viewport(), start + QPoint(6, 8))
    QTest.mouseMove(board.viewport(), to)


def drag(board: BoardLayout, record: bytes, to: QPoint) -> None:
    take(board, record, to)
    QTest.mouseRelease(board.viewport(), Qt.MouseButton.LeftButton, pos=to)
