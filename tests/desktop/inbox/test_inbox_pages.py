from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.desktop.inbox.page import ConcernPage
from app.desktop.inbox.reader import InboxReader
from app.desktop.inbox.words import Line
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.domain.schema import COMMENT, ISSUE
from app.richtext.delta import Insert
from app.richtext.formats import mention
from app.workspace.inbox import read_inbox
from tests.desktop import stage
from tests.desktop.item import scene as scenes
from tests.desktop.item.scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = scenes.build(tmp_path)
    yield made
    made.close()


@pytest.fixture
def reader(scene: Scene, tmp_path: Path) -> Iterator[InboxReader]:
    session = stage.StageSession(tmp_path)
    session.opened[scene.here.id] = scene.here
    session.infos.append(ProjectInfo(scene.here.id, "Harbour Tower", ""))
    made = InboxReader(session, stage.stage_now)
    yield made
    made.stop()


def make(qtbot: QtBot, look: Look, reader: InboxReader, *, work: bool) -> ConcernPage:
    page = ConcernPage(look, reader, stage.stage_now, work=work)
    qtbot.addWidget(page)
    page.resize(700, 500)
    with qtbot.waitExposed(page):
        page.show()
    page.activateWindow()
    with qtbot.waitSignal(reader.read):
        page.start()
    qtbot.waitUntil(page.hasFocus)
    return page


def given_to_me(scene: Scene, title: str) -> bytes:
    """Somebody else makes an issue for whoever sits here, and it arrives."""
    fields = {"title": title, "assignees": [scene.people["Jon Tan"]], "status": scene.statuses["open"]}
    record, _ = scene.there.create(ISSUE, fields)
    scene.bring()
    return record


def titles(page: ConcernPage) -> list[str]:
    return [entry.text for entry in page.list.entries if not entry.heading]


def me(scene: Scene) -> bytes:
    return scene.people["Jon Tan"]


def test_lines_are_done_put_off_and_taken_back(
    qtbot: QtBot, look: Look, reader: InboxReader, scene: Scene
) -> None:
    for title in ("First", "Second", "Third"):
        given_to_me(scene, title)
    page = make(qtbot, look, reader, work=False)
    assert titles(page) == ["Third", "Second", "First"]
    assert page.list.entries[0].heading
    assert "Mina Okafor" in page.list.entries[1].below
    QTest.keyClick(page, Qt.Key.Key_E)
    assert titles(page) == ["Second", "First"]
    qtbot.waitUntil(lambda: len(read_inbox(scene.here, me(scene))) == 2)
    QTest.keyClick(page, Qt.Key.Key_J)
    QTest.keyClick(page, Qt.Key.Key_H)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert titles(page) == ["Second"]
    qtbot.waitUntil(lambda: len(read_inbox(scene.here, me(scene))) == 1)
    QTest.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: titles(page) == ["Second", "First"])


def test_enter_opens_what_is_told(qtbot: QtBot, look: Look, reader: InboxReader, scene: Scene) -> None:
    record = given_to_me(scene, "Crack")
    page = make(qtbot, look, reader, work=False)
    with qtbot.waitSignal(page.asked) as asked:
        QTest.keyClick(page, Qt.Key.Key_Return)
    assert asked.args
    line = asked.args[0]
    assert isinstance(line, Line)
    assert (line.project, line.record) == (scene.here.id, record)
    with qtbot.waitSignal(page.left):
        QTest.keyClick(page, Qt.Key.Key_Escape)


def test_a_mention_in_a_comment_on_another_device_is_told_with_its_sentence(
    qtbot: QtBot, look: Look, reader: InboxReader, scene: Scene
) -> None:
    said = [Insert("Dry now. "), Insert(mention(me(scene))), Insert(" please check B4. Thanks.\n")]
    scene.there.create(COMMENT, {"parent": scene.issue}, text=said)
    scene.there.create(
        ISSUE, {"title": "Seal it"}, text=[Insert(mention(me(scene))), Insert(" knows where\n")]
    )
    scene.bring()
    page = make(qtbot, look, reader, work=False)
    lines = {entry.text: entry.below for entry in page.list.entries if not entry.heading}
    assert lines["Crack in slab at grid B4, 2.1 m, widening"] == (
        "Mina Okafor mentioned you in a comment · today 14:32 · “@Jon Tan please check B4.”"
    )
    assert lines["Seal it"] == "Mina Okafor mentioned you · today 14:32 · “@Jon Tan knows where”"


def test_news_does_not_move_what_is_selected(
    qtbot: QtBot, look: Look, reader: InboxReader, scene: Scene
) -> None:
    given_to_me(scene, "First")
    given_to_me(scene, "Second")
    page = make(qtbot, look, reader, work=False)
    QTest.keyClick(page, Qt.Key.Key_J)
    given_to_me(scene, "Third")
    with qtbot.waitSignal(reader.read):
        reader.refresh()
    assert page.list.current is not None
    assert page.list.current.text == "First"


def test_work_stands_by_its_date(qtbot: QtBot, look: Look, reader: InboxReader, scene: Scene) -> None:
    today = stage.NOW.date()
    for title, due in (
        ("No date", None),
        ("Next month", today + timedelta(days=30)),
        ("Today", today),
        ("Long ago", date(2020, 1, 1)),
    ):
        fields = {"title": title, "assignees": [me(scene)], "status": scene.statuses["open"]}
        scene.here.create(ISSUE, {**fields, "due": due.isoformat() if due else None})
    page = make(qtbot, look, reader, work=True)
    found = [name for name in titles(page) if name in ("No date", "Next month", "Today", "Long ago")]
    assert found == ["Long ago", "Today", "Next month", "No date"]
    assert not page.done.isVisible()


def test_an_empty_inbox_says_what_belongs_there(qtbot: QtBot, look: Look, reader: InboxReader) -> None:
    page = make(qtbot, look, reader, work=False)
    assert page.words.isVisible()
    assert not page.done.isEnabled()
    QTest.keyClick(page, Qt.Key.Key_E)
