from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.editor.reading import ReadingView
from app.desktop.tokens import Density
from app.desktop.widgets import Look
from app.richtext.delta import Insert
from app.richtext.formats import reference

NOTE = bytes(range(16))
DOCUMENT = [
    Insert("Propping 😀 stays, see "),
    Insert("the statement", {"link": "https://kaur.example/ms", "bold": True}),
    Insert(" of K", {"link": "https://kaur.example/ms"}),
    Insert(" or "),
    Insert(reference(NOTE)),
    Insert(" and "),
    Insert("this", {"link": "javascript:alert(1)"}),
    Insert(".\n"),
]


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def view(qtbot: QtBot, look: Look, page: QWidget) -> ReadingView:
    layout = QVBoxLayout(page)
    made = ReadingView(look, "Comment")
    layout.addWidget(QLineEdit())
    layout.addWidget(made)
    layout.addWidget(QLineEdit())
    layout.addStretch(1)
    made.show_document(DOCUMENT)
    page.resize(400, 300)
    page.show()
    page.activateWindow()
    qtbot.waitExposed(page)
    return made


def center(view: ReadingView, at: int) -> QPoint:
    return view.goal_rect(at).center().toPoint()


def test_is_as_high_as_its_words(view: ReadingView, qtbot: QtBot) -> None:
    wide = view.height()
    view.window().resize(160, 300)
    qtbot.waitUntil(lambda: view.height() > wide)


def test_leads_only_where_links_may_lead(view: ReadingView) -> None:
    assert [(goal.address, goal.record) for goal in view.goals] == [
        ("https://kaur.example/ms", None), ("", NOTE),
    ]  # fmt: skip


def test_a_press_on_a_link_opens_it_and_a_press_beside_does_not(view: ReadingView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.link_opened) as opened:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=center(view, 0))
    assert opened.args == ["https://kaur.example/ms"]
    with qtbot.waitSignal(view.record_opened) as shown:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=center(view, 1))
    assert shown.args == [NOTE]
    with qtbot.assertNotEmitted(view.link_opened):
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))


def test_tab_goes_through_the_links_and_on(view: ReadingView, qtbot: QtBot) -> None:
    first, last = view.window().findChildren(QLineEdit)
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Tab)
    assert view.hasFocus()
    QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key.Key_Tab)
    with qtbot.waitSignal(view.record_opened) as shown:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert shown.args == [NOTE]
    QTest.keyClick(view, Qt.Key.Key_Tab)
    assert last.hasFocus()
    QTest.keyClick(last, Qt.Key.Key_Backtab)
    assert view.hasFocus()
    with qtbot.waitSignal(view.record_opened):
        QTest.keyClick(view, Qt.Key.Key_Return)


def test_words_are_selected_and_copied(view: ReadingView) -> None:
    view.setFocus()
    assert view.selected() == []
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("Propping 😀 stays, see the statement of K or ")
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseDClick(
        view, Qt.MouseButton.LeftButton, pos=(view.goal_rect(0).topLeft() + QPointF(8, 8)).toPoint()
    )
    assert view.selected() == [Insert("the", DOCUMENT[1].attributes)]
    assert view.selection() == (22, 25)


def test_larger_letters_make_it_higher(view: ReadingView, look: Look) -> None:
    before = view.height()
    look.theme.choose(density=Density.TOUCH)
    assert view.height() > before
