from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.item.authors import ProjectAuthors
from app.desktop.item.desk import Desk
from app.desktop.review.page import ReviewPage
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import COMMENT, ISSUE
from app.workspace.review import looked_through, read_queue
from tests.desktop import stage
from tests.desktop.item import scene as scenes
from tests.desktop.item.scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = scenes.build(tmp_path)
    for issue in read_queue(made.here).waiting:
        made.here.set(issue, "status", made.statuses["done"])
    looked_through(made.here, read_queue(made.here), ())
    yield made
    made.close()


def elsewhere(scene: Scene, title: str, **fields: object) -> bytes:
    """Somebody else makes an issue, and it arrives."""
    record, _ = scene.there.create(ISSUE, {"title": title, "status": scene.statuses["open"], **fields})
    scene.bring()
    return record


def review(scene: Scene, issue: bytes) -> None:
    scene.there.set(issue, "status", scene.statuses["in review"])
    scene.bring()


@pytest.fixture
def page(qtbot: QtBot, look: Look, scene: Scene) -> Iterator[ReviewPage]:
    workspace = Workspace(scene.here, ProjectInfo(scene.here.id, "Harbour Tower", ""), stage.stage_now)
    desk = Desk(
        look,
        scene.here,
        columns=workspace.columns,
        authors=ProjectAuthors(scene.here, scene.here.device),
        now=stage.stage_now,
    )
    desk.touched.connect(workspace.written)
    made = ReviewPage(look, desk, workspace, scene.here)
    workspace.setParent(made)
    qtbot.addWidget(made)
    made.resize(700, 600)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    yield made
    made.stop()


def begin(qtbot: QtBot, page: ReviewPage) -> None:
    page.start()
    qtbot.waitUntil(lambda: page._queue is not None)
    qtbot.waitUntil(page.hasFocus)


def status(scene: Scene, issue: bytes) -> str:
    value = scene.here.field(issue, "status", ISSUE).value
    return next(name for name, each in scene.statuses.items() if each == value)


def test_accept_and_the_next_one_opens(qtbot: QtBot, page: ReviewPage, scene: Scene) -> None:
    first, second = elsewhere(scene, "First"), elsewhere(scene, "Second")
    for issue in (first, second):
        review(scene, issue)
    opened: list[bytes] = []
    page.record_asked.connect(opened.append)
    begin(qtbot, page)
    assert opened == [first]
    QTest.keyClick(page, Qt.Key.Key_A)
    assert status(scene, first) == "done"
    assert opened == [first, second]
    QTest.keyClick(page, Qt.Key.Key_S)
    assert page.steps.reason.hasFocus()
    QTest.keyClicks(page.steps.reason, "Not dry yet")
    with qtbot.waitSignal(page.record_left):
        QTest.keyClick(page.steps.reason, Qt.Key.Key_Return)
    assert status(scene, second) == "open"
    assert scene.here.plain_text(scene.here.children(second, COMMENT)[0]) == "Not dry yet"
    assert page.words.isVisible()


def test_what_was_looked_at_does_not_come_again(qtbot: QtBot, page: ReviewPage, scene: Scene) -> None:
    first, second, third = (elsewhere(scene, title) for title in ("First", "Second", "Third"))
    begin(qtbot, page)
    assert [entry.data for entry in page.list.entries if not entry.heading] == [first, second, third]
    QTest.keyClick(page, Qt.Key.Key_N)
    assert read_queue(scene.here).records == [second, third]
    QTest.keyClick(page, Qt.Key.Key_J)
    QTest.mouseClick(page.next, Qt.MouseButton.LeftButton)
    assert [entry.data for entry in page.list.entries if not entry.heading] == [second]
    # Out of turn: what stands before it is still to be looked at, so both come again.
    assert read_queue(scene.here).records == [second, third]
    QTest.keyClick(page, Qt.Key.Key_N)
    assert read_queue(scene.here).records == []
    scene.there.set(first, "title", "First, changed")
    scene.bring()
    assert read_queue(scene.here).records == [first]


def test_what_one_did_oneself_is_no_news(scene: Scene) -> None:
    scene.here.create(ISSUE, {"title": "Mine"})
    assert read_queue(scene.here).records == []


def test_decided_in_the_item_it_needs_no_word_here(qtbot: QtBot, page: ReviewPage, scene: Scene) -> None:
    first, second = elsewhere(scene, "First"), elsewhere(scene, "Second")
    for issue in (first, second):
        review(scene, issue)
    begin(qtbot, page)
    page._workspace.written(scene.here.set(first, "status", scene.statuses["done"]))
    qtbot.waitUntil(lambda: page._current == second)


def test_nothing_new_is_said(qtbot: QtBot, page: ReviewPage) -> None:
    begin(qtbot, page)
    assert page.words.isVisible()
    assert not page.next.isEnabled()
    with qtbot.waitSignal(page.left):
        QTest.keyClick(page, Qt.Key.Key_Escape)


def test_an_issue_that_goes_meanwhile_is_passed_over(qtbot: QtBot, page: ReviewPage, scene: Scene) -> None:
    first, second = elsewhere(scene, "First"), elsewhere(scene, "Second")
    begin(qtbot, page)
    page._workspace.written(scene.here.delete(second))
    QTest.keyClick(page, Qt.Key.Key_N)
    assert (page._current, page._left) == (None, [])
    assert read_queue(scene.here).records == []
    assert scene.here.get(first) is not None
