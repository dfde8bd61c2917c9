from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout
from pytestqt.qtbot import QtBot

from app.desktop.item import comments as comments_module
from app.desktop.item.authors import ProjectAuthors
from app.desktop.item.comment_card import CommentCard
from app.desktop.item.comments import FIRST, Comments
from app.desktop.item.desk import Desk
from app.desktop.widgets import Look, Surface
from app.domain.schema import COMMENT
from app.richtext.delta import Insert, plain_text
from app.richtext.lines import split_lines
from tests.desktop import stage
from tests.desktop.item.scene import Scene

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(qtbot: QtBot, look: Look) -> Iterator[Surface]:
    made = Surface(look, "surface")
    qtbot.addWidget(made)
    yield made
    made.hide()


@pytest.fixture
def talk(qtbot: QtBot, look: Look, scene: Scene, page: Surface) -> Comments:
    """The comments of the scene's issue in front: one from elsewhere, one from here."""
    say(scene, "Tell-tale reads 0.4 mm.", here=False)
    say(scene, "Agreed.")
    desk = Desk(look, scene.here, authors=ProjectAuthors(scene.here, scene.here.device), now=stage.stage_now)
    desk.setParent(page)
    made = Comments(desk)
    layout = QVBoxLayout(page)
    layout.addWidget(made)
    layout.addStretch(1)
    page.resize(452, 900)
    show(made, scene)
    page.show()
    page.activateWindow()
    qtbot.waitExposed(page)
    return made


def say(scene: Scene, text: str | list[Insert], *, here: bool = True) -> bytes:
    project = scene.here if here else scene.there
    document = [Insert(text + "\n")] if isinstance(text, str) else text
    record, _ = project.create(COMMENT, {"parent": scene.issue}, text=document)
    scene.bring() if not here else scene.bring(scene.there)
    return record


def show(talk: Comments, scene: Scene) -> None:
    record = scene.here.get(scene.issue)
    assert record is not None
    talk.show_record(record)


def texts(talk: Comments) -> list[str]:
    return [card.said.text for card in talk.cards.values()]


def card(talk: Comments, at: int) -> CommentCard:
    return list(talk.cards.values())[at]


def focus() -> object:
    return QApplication.focusWidget()


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, modifiers)


def test_a_comment_is_written_with_formats_and_sent_by_key(talk: Comments, scene: Scene) -> None:
    talk.box.setFocus()
    QTest.keyClicks(talk.box, "- [ ] prop **now**")
    press(Qt.Key.Key_Return)
    QTest.keyClicks(talk.box, "inject")
    press(Qt.Key.Key_Return, CTRL)
    made = scene.here.children(scene.issue, COMMENT)[-1]
    lines = split_lines(scene.here.text_document(made))
    assert [(line.text, line.attributes.get("list")) for line in lines] == [
        ("prop now", "unchecked"), ("inject", "unchecked"),
    ]  # fmt: skip
    assert Insert("now", {"bold": True}) in lines[0].pieces
    assert texts(talk)[-1] == "prop now\ninject"
    assert talk.composer.document() == []
    assert not talk.send.isVisible()


def test_nothing_but_blank_lines_is_not_sent(talk: Comments, scene: Scene) -> None:
    talk.box.setFocus()
    QTest.keyClicks(talk.box, "  ")
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Return, CTRL)
    assert len(scene.here.children(scene.issue, COMMENT)) == 2


def test_ones_own_comment_is_edited_in_place(talk: Comments, scene: Scene) -> None:
    own = card(talk, 1)
    own.view.setFocus()
    press(Qt.Key.Key_E)
    assert own.editor is not None
    assert focus() is own.editor.box
    QTest.keyClicks(own.editor.box, " Friday.")
    assert scene.here.plain_text(own.said.id) == "Agreed."
    press(Qt.Key.Key_Return, CTRL)
    assert scene.here.plain_text(own.said.id) == "Agreed. Friday."
    assert texts(talk)[1] == "Agreed. Friday."
    assert own.said.edited
    assert focus() is own.view
    scene.here.undo()
    assert scene.here.plain_text(own.said.id) == "Agreed."


def edited(one: CommentCard) -> bool:
    return one.editor is not None


def test_esc_gives_an_edit_up(talk: Comments, scene: Scene) -> None:
    own = card(talk, 1)
    own.view.setFocus()
    press(Qt.Key.Key_E)
    assert own.editor is not None
    QTest.keyClicks(own.editor.box, "x")
    press(Qt.Key.Key_Escape)
    assert not edited(own)
    assert texts(talk)[1] == "Agreed."
    assert focus() is own.view


def test_what_others_write_into_a_comment_that_is_edited_stays(talk: Comments, scene: Scene) -> None:
    own = card(talk, 1)
    own.view.setFocus()
    press(Qt.Key.Key_E)
    assert own.editor is not None
    QTest.keyClicks(own.editor.box, " Mine.")
    scene.there.insert_text(own.said.id, "text", 0, "Theirs: ")
    scene.bring()
    talk.refresh()
    press(Qt.Key.Key_Return, CTRL)
    assert scene.here.plain_text(own.said.id) == "Theirs: Agreed. Mine."


def test_an_edit_is_kept_when_one_goes_to_another_item(talk: Comments, scene: Scene) -> None:
    own = card(talk, 1)
    own.view.setFocus()
    press(Qt.Key.Key_E)
    assert own.editor is not None
    QTest.keyClicks(own.editor.box, " More.")
    other = scene.here.get(next(each for each in scene.here.records("issue") if each != scene.issue))
    assert other is not None
    talk.show_record(other)
    assert scene.here.plain_text(own.said.id) == "Agreed. More."


def test_others_comments_are_not_edited_here(talk: Comments, scene: Scene) -> None:
    theirs = card(talk, 0)
    assert {deed.name for deed in theirs.deeds()} == {"quote", "resolve"}
    theirs.view.setFocus()
    press(Qt.Key.Key_E)
    press(Qt.Key.Key_Delete)
    assert theirs.editor is None
    assert len(texts(talk)) == 2


def test_a_quote_says_who_said_it(talk: Comments, scene: Scene) -> None:
    QTest.keyClicks(talk.box, "Well")
    card(talk, 0).view.setFocus()
    press(Qt.Key.Key_Q)
    assert focus() is talk.box
    QTest.keyClicks(talk.box, "Since when?")
    lines = split_lines(talk.composer.document())
    assert [(line.text, line.attributes.get("blockquote")) for line in lines] == [
        ("Well", None), ("Mina Okafor", True), ("Tell-tale reads 0.4 mm.", True), ("Since when?", None),
    ]  # fmt: skip


def test_only_what_is_selected_is_quoted(talk: Comments, scene: Scene) -> None:
    view = card(talk, 0).view
    view.setFocus()
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(6, view.height() // 2))
    press(Qt.Key.Key_Q)
    QTest.keyClicks(talk.box, "Why?")
    lines = [(line.text, line.attributes.get("blockquote")) for line in split_lines(talk.composer.document())]
    assert lines == [("Mina Okafor", True), ("Tell", True), ("Why?", None)]


def test_what_is_settled_is_folded_and_comes_back(talk: Comments, scene: Scene) -> None:
    assert not talk.resolved.isVisible()
    card(talk, 0).view.setFocus()
    press(Qt.Key.Key_R)
    assert texts(talk) == ["Agreed."]
    assert talk.resolved.text() == "Show 1 resolved comment"
    assert focus() is card(talk, 0).view
    QTest.mouseClick(talk.resolved, Qt.MouseButton.LeftButton)
    assert texts(talk) == ["Tell-tale reads 0.4 mm.", "Agreed."]
    QTest.mouseMove(card(talk, 0))
    QTest.mouseClick(card(talk, 0).button("resolve"), Qt.MouseButton.LeftButton)
    assert not talk.resolved.isVisible()
    scene.here.undo()
    talk.refresh()
    assert talk.resolved.isVisible()


def test_a_deleted_comment_is_taken_back(talk: Comments, scene: Scene) -> None:
    own = card(talk, 1).said.id
    card(talk, 1).view.setFocus()
    press(Qt.Key.Key_Delete)
    assert texts(talk) == ["Tell-tale reads 0.4 mm."]
    assert focus() is card(talk, 0).view
    QTest.mouseClick(talk.undo, Qt.MouseButton.LeftButton)
    assert texts(talk) == ["Tell-tale reads 0.4 mm.", "Agreed."]
    assert focus() is talk.cards[own].view
    press(Qt.Key.Key_Delete)
    scene.here.undo()
    talk.refresh()
    assert len(texts(talk)) == 2


def test_up_and_down_go_through_the_comments(talk: Comments) -> None:
    card(talk, 0).view.setFocus()
    press(Qt.Key.Key_Down)
    assert focus() is card(talk, 1).view
    press(Qt.Key.Key_J)
    assert focus() is talk.box
    card(talk, 1).view.setFocus()
    press(Qt.Key.Key_K)
    assert focus() is card(talk, 0).view


def test_all_comments_are_one_stop_of_the_tab_key(talk: Comments) -> None:
    stops = [each for each in talk.cards.values() if each.view.focusPolicy() == Qt.FocusPolicy.StrongFocus]
    assert stops == [card(talk, 1)]
    card(talk, 0).view.setFocus()
    stops = [each for each in talk.cards.values() if each.view.focusPolicy() == Qt.FocusPolicy.StrongFocus]
    assert stops == [card(talk, 0)]


def test_what_came_is_marked_until_it_was_looked_at(
    talk: Comments, scene: Scene, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [each.said.new for each in talk.cards.values()] == [True, False]
    assert talk.cards[card(talk, 0).said.id].view.accessibleName().startswith("New: Mina Okafor")
    assert scene.here.unread_comments(scene.issue) == {card(talk, 0).said.id}
    talk.looking.setInterval(1)
    with qtbot.waitSignal(talk.news_changed, check_params_cb=lambda count: count == 0):
        talk.looking.start()
    assert scene.here.unread_comments(scene.issue) == set()
    # The mark stays while one reads, and is gone when one comes back.
    talk.refresh()
    assert card(talk, 0).said.new
    other = scene.here.get(next(each for each in scene.here.records("issue") if each != scene.issue))
    assert other is not None
    talk.show_record(other)
    show(talk, scene)
    assert [each.said.new for each in talk.cards.values()] == [False, False]


def test_what_nobody_sees_stays_new(talk: Comments, scene: Scene, page: Surface, qtbot: QtBot) -> None:
    page.hide()
    talk.looking.setInterval(1)
    talk.looking.start()
    qtbot.waitUntil(lambda: talk.looking.isActive())
    assert scene.here.unread_comments(scene.issue)


def test_of_many_the_newest_are_shown(talk: Comments, scene: Scene) -> None:
    for number in range(FIRST + 5):
        say(scene, f"Number {number}")
    scene.here.mark_comments_read(scene.issue)
    talk._new = frozenset()
    talk.refresh()
    assert len(talk.cards) == FIRST
    assert talk.earlier.text() == "Show 7 earlier comments"
    QTest.mouseClick(talk.earlier, Qt.MouseButton.LeftButton)
    assert len(talk.cards) == FIRST + 7
    assert not talk.earlier.isVisible()
    assert focus() is card(talk, 0).view


def test_edits_of_others_appear_and_leave_the_other_comments_alone(talk: Comments, scene: Scene) -> None:
    first, second = talk.cards.values()
    scene.there.insert_text(first.said.id, "text", 0, "Now: ")
    scene.bring()
    talk.refresh()
    assert list(talk.cards.values()) == [first, second]
    assert plain_text(first.view.document) == "Now: Tell-tale reads 0.4 mm.\n"
    assert first.said.edited


def test_the_menu_offers_what_the_keys_do(talk: Comments) -> None:
    own = card(talk, 1)
    own.view.select_all()
    QTest.keyClick(own.view, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text().strip() == "Agreed."
    assert [action.text() for action in own.make_menu().actions() if action.text()] == [
        "Copy", "Quote", "Resolve", "Edit", "Delete",
    ]  # fmt: skip


def test_a_moment_is_enough_to_look(talk: Comments) -> None:
    assert talk.looking.interval() == comments_module.LOOK_MS
