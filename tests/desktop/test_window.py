from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.desktop.pages.entry import EntryForm, Way
from app.desktop.pages.invite import InvitePage
from app.desktop.pages.person import PersonPage
from app.desktop.pages.recovery import RecoveryPage
from app.desktop.pages.settings import SettingsPage
from app.desktop.pages.unlock import UnlockPage
from app.desktop.pages.welcome import WelcomePage
from app.desktop.places import INVITE, SETTINGS, SHAPE
from app.desktop.session import PersonChoice, ProfileState, SyncPhase, SyncView
from app.desktop.shaping.page import ShapePage
from app.desktop.tokens import Density, ThemeName
from app.desktop.widgets import Look
from app.desktop.window import Window
from app.domain.schema import ISSUE
from app.workspace.join_watch import JoinProgress, JoinWatch
from tests.desktop import stage


@pytest.fixture
def session(tmp_path: Path) -> stage.StageSession:
    return stage.StageSession(tmp_path, profile=ProfileState.NEW)


@pytest.fixture
def window(qtbot: QtBot, look: Look, session: stage.StageSession) -> Iterator[Window]:
    made = Window(look, now=stage.stage_now, version="0.1.0", person="Priya Kaur")
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    yield made
    made.close()


@pytest.fixture
def opened(qtbot: QtBot, window: Window, session: stage.StageSession, tmp_path: Path) -> Window:
    """A window on a project with a server and a sync thread."""
    session.profile = ProfileState.OPEN
    session.feed = stage.Feed()
    for name in ("Harbour Tower", "Mill Lane"):
        project = stage.new_project(tmp_path / f"{name}.sitebook", name, seed=len(name))
        stage.fill(project, 5)
        session.add(project, server="https://sync.example")
    window.use(session, stage.PlainPanel)
    page = window.project_page
    assert page is not None
    page.workspace.finish_steps()
    return window


def shown(window: Window) -> QWidget:
    found = window._stack.currentWidget()
    assert found is not None
    return found


def begin(window: Window, session: stage.StageSession, way: Way, qtbot: QtBot) -> EntryForm:
    window.use(session, stage.PlainPanel)
    welcome = shown(window)
    assert isinstance(welcome, WelcomePage)
    QTest.mouseClick(welcome.ways[way], Qt.MouseButton.LeftButton)
    form = shown(window)
    assert isinstance(form, EntryForm)
    return form


def test_what_is_no_address_is_said_before_anything_is_made(
    qtbot: QtBot, window: Window, session: stage.StageSession
) -> None:
    form = begin(window, session, Way.NEW, qtbot)
    assert form.name is not None
    assert form.server is not None
    form.name.edit.setText("Harbour Tower")
    form.server.edit.setText("foo bar")
    form.submit()
    assert shown(window) is form
    assert session.given == []
    assert form.server.edit.hasFocus()


def test_a_new_project_from_nothing(qtbot: QtBot, window: Window, session: stage.StageSession) -> None:
    form = begin(window, session, Way.NEW, qtbot)
    assert form.name is not None
    assert form.person is not None
    assert form.person.text() == "Priya Kaur"
    qtbot.waitUntil(lambda: form.name is not None and form.name.edit.hasFocus())
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClicks(focus, "Harbour Tower")
    for _ in range(5):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(shown(window), RecoveryPage))
    assert session.given == [("create_vault", "Priya Kaur", None), ("new_project", "Harbour Tower", "")]
    recovery = shown(window)
    assert isinstance(recovery, RecoveryPage)
    assert not recovery.action.isEnabled()
    recovery.promise.setFocus()
    QTest.keyClick(recovery.promise, Qt.Key.Key_Space)
    assert recovery.action.isEnabled()
    QTest.keyClick(recovery.action, Qt.Key.Key_Return)
    assert shown(window) is recovery
    assert not recovery.action.isEnabled()
    assert recovery.action.text() == "One moment …"
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_N)
    qtbot.waitUntil(lambda: window.project_page is not None)
    page = window.project_page
    assert page is not None
    assert shown(window) is page
    page.workspace.finish_steps()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert window._entrance is not None
    keys = window._entrance._keys
    keys.begin()  # a slow machine may have taken longer until here, and keys do something again
    keys.end()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_N)
    assert page.workspace.ids(ISSUE) == []
    qtbot.waitUntil(lambda: not keys.ending)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_N)
    qtbot.waitUntil(lambda: len(page.workspace.ids(ISSUE)) == 1)
    assert window.windowTitle() == "Harbour Tower – Sitebook"


def test_errors_stand_at_their_fields(qtbot: QtBot, window: Window, session: stage.StageSession) -> None:
    session.keyring = False
    form = begin(window, session, Way.NEW, qtbot)
    assert form.name is not None
    assert form.passphrase is not None
    assert form.again is not None
    QTest.mouseClick(form.action, Qt.MouseButton.LeftButton)
    assert form.name._note.text() == "Give the project a name."
    assert form.passphrase._note.text() == "Choose a passphrase of eight characters or more."
    assert form.name.edit.hasFocus()
    assert form.name.edit.accessibleDescription() == "Give the project a name."
    QTest.keyClicks(form.name.edit, "Mill Lane")
    assert form.name._note.text() == ""
    QTest.keyClicks(form.passphrase.edit, "correct horse")
    QTest.keyClicks(form.again.edit, "correct house")
    QTest.mouseClick(form.action, Qt.MouseButton.LeftButton)
    assert form.again._note.text() == "The two are not the same."
    assert session.given == []
    form.again.edit.setText("correct horse")
    QTest.mouseClick(form.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: isinstance(shown(window), RecoveryPage))
    assert session.given[0] == ("create_vault", "Priya Kaur", "correct horse")


def test_a_vault_made_for_a_join_that_failed_still_shows_its_words(
    qtbot: QtBot, window: Window, session: stage.StageSession
) -> None:
    session.problem = "The server does not answer; try again when there is a connection."
    form = begin(window, session, Way.JOIN, qtbot)
    assert form.code is not None
    QTest.keyClicks(form.code.edit, "SB1-CODE")
    QTest.mouseClick(form.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: isinstance(shown(window), RecoveryPage))
    recovery = shown(window)
    assert isinstance(recovery, RecoveryPage)
    recovery.kept.emit()
    qtbot.waitUntil(lambda: isinstance(shown(window), EntryForm))
    again = shown(window)
    assert isinstance(again, EntryForm)
    assert window._entrance is not None
    keys = window._entrance._keys
    qtbot.waitUntil(lambda: not keys.ending)
    assert again.problem.text() == session.problem
    assert again.passphrase is None
    session.problem = ""
    assert again.code is not None
    QTest.keyClicks(again.code.edit, "SB1-CODE")
    QTest.mouseClick(again.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.project_page is not None)


def test_a_failure_leaves_the_form_as_it_was(
    qtbot: QtBot, window: Window, session: stage.StageSession
) -> None:
    session.profile = ProfileState.OPEN
    session.problem = "The invite has expired; ask for a new one."
    form = begin(window, session, Way.JOIN, qtbot)
    assert form.code is not None
    form.code.edit.setText("SB1-CODE")
    QTest.mouseClick(form.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: form.problem.isVisible())
    assert form.problem.text() == session.problem
    assert form.action.isEnabled()
    assert form.code.text() == "SB1-CODE"
    QTest.keyClick(form, Qt.Key.Key_Escape)
    assert isinstance(shown(window), WelcomePage)


def test_a_download_shows_bytes_and_time_and_can_be_stopped(
    qtbot: QtBot, window: Window, session: stage.StageSession
) -> None:
    stopped = threading.Event()

    def download(watch: JoinWatch) -> None:
        watch.progress(JoinProgress(12_300_000, 41_000_000, 7.2))
        while not watch.cancelled():
            stopped.wait(0.01)
        watch.check()

    session.profile = ProfileState.OPEN
    session.downloads = download
    form = begin(window, session, Way.JOIN, qtbot)
    assert form.code is not None
    form.code.edit.setText("SB1-CODE")
    QTest.mouseClick(form.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(form.download.isVisible)
    assert form.download.words.text() == "12.3 of 41.0 MB, about 7 s left"
    assert form.download.line.accessibleName() == "30 % done"
    QTest.mouseClick(form.download.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(form.problem.isVisible)
    assert "kept for the next try" in form.problem.text()
    assert not form.download.isVisible()
    assert form.action.isEnabled()


def test_who_joins_may_be_one_of_the_people(
    qtbot: QtBot, window: Window, session: stage.StageSession
) -> None:
    session.profile = ProfileState.OPEN
    session.candidates = [PersonChoice(b"p" * 16, "Priya Kaur", "Kaur Structures")]
    form = begin(window, session, Way.JOIN, qtbot)
    assert form.code is not None
    form.code.edit.setText("SB1-CODE")
    QTest.mouseClick(form.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: isinstance(shown(window), PersonPage))
    page = shown(window)
    assert isinstance(page, PersonPage)
    QTest.mouseClick(page.buttons[0], Qt.MouseButton.LeftButton)
    assert session.given[-1] == ("choose_person", b"p" * 16)
    assert window.project_page is not None


def test_the_sample_needs_only_a_name(qtbot: QtBot, window: Window, session: stage.StageSession) -> None:
    form = begin(window, session, Way.SAMPLE, qtbot)
    QTest.mouseClick(form.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: isinstance(shown(window), RecoveryPage))


def test_a_locked_profile_asks_and_says_what_is_wrong(
    qtbot: QtBot, window: Window, session: stage.StageSession
) -> None:
    session.profile = ProfileState.LOCKED
    window.use(session, stage.PlainPanel)
    page = shown(window)
    assert isinstance(page, UnlockPage)
    QTest.keyClick(page.secret.edit, Qt.Key.Key_Return)
    assert page.secret._note.text() == "Type the passphrase first."
    QTest.keyClicks(page.secret.edit, "wrong")
    QTest.keyClick(page.secret.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.problem.isVisible())
    assert "does not open the vault" in page.problem.text()
    page.secret.edit.setText("correct horse")
    QTest.keyClick(page.secret.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(shown(window), WelcomePage))


def test_the_recovery_key_is_copied_and_saved_for_the_user_alone(
    qtbot: QtBot, look: Look, tmp_path: Path
) -> None:
    page = RecoveryPage(look, stage.WORDS24)
    qtbot.addWidget(page)
    page._copy()
    assert QGuiApplication.clipboard().text().split() == list(stage.WORDS24)
    file = tmp_path / "key.txt"
    page.save(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert all(word in file.read_text() for word in stage.WORDS24)
    page.save(tmp_path / "no such folder" / "key.txt")
    assert "could not be written" in page.problem.text()


def test_a_profile_that_cannot_be_opened_is_told_in_the_window(qtbot: QtBot, window: Window) -> None:
    window.cannot_begin("Sitebook is already open for this profile; close the other one first.")
    texts = [each.text() for each in shown(window).findChildren(QWidget) if hasattr(each, "text")]
    assert any("already open" in text for text in texts)
    close = next(each for each in shown(window).findChildren(QAbstractButton) if each.text() == "Close")
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not window.isVisible()


def test_sync_is_followed_and_poked(qtbot: QtBot, opened: Window, session: stage.StageSession) -> None:
    page, feed = opened.project_page, session.feed
    assert page is not None
    assert feed is not None
    assert feed.calls == ["open_first"]
    project = page.workspace.info.id
    feed.state_changed.emit(project, SyncView(SyncPhase.SYNCING))
    qtbot.waitUntil(lambda: page.status.sentence == "Syncing")
    feed.state_changed.emit(b"another", SyncView(SyncPhase.OFFLINE))
    page.workspace.create(ISSUE, {"title": "Here"})
    assert feed.calls[-1] == "poke"
    assert opened.commands is not None
    opened.commands.run("sync")
    assert feed.calls[-1] == "sync_now"
    touched = session.opened[project].create(ISSUE, {"title": "From elsewhere"})[1]
    feed.touched.emit(project, touched)
    qtbot.waitUntil(lambda: len(page.workspace.ids(ISSUE)) == 7)
    opened.close()
    assert feed.calls[-1] == "stop"


def test_projects_are_switched_from_the_menu(
    qtbot: QtBot, opened: Window, session: stage.StageSession
) -> None:
    page = opened.project_page
    assert page is not None
    QTest.mouseClick(page.side_bar.switcher, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    actions = {action.text(): action for action in menu.actions()}
    assert actions["Harbour Tower"].isChecked()
    assert {"New project", "Join with a code", "Invite someone", "Sync now", "Settings"} <= set(actions)
    actions["Mill Lane"].trigger()
    menu.close()
    assert opened.project_page is not None
    assert opened.project_page.workspace.info.name == "Mill Lane"
    assert session.settings["window.project"] == session.infos[1].id.hex()


def test_an_invite_is_made_copied_and_cancelled(
    qtbot: QtBot, opened: Window, session: stage.StageSession
) -> None:
    page = opened.project_page
    assert page is not None
    page.show_page(INVITE)
    invite = page.stack.currentWidget()
    assert isinstance(invite, InvitePage)
    session.problem = "Only owners and editors may invite; ask one of them."
    QTest.mouseClick(invite.action, Qt.MouseButton.LeftButton)
    assert invite.problem.text() == session.problem
    session.problem = ""
    QTest.mouseClick(invite.action, Qt.MouseButton.LeftButton)
    assert invite.code.text().startswith("SB1-")
    QTest.mouseClick(invite.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == invite.code.text()
    cancel = next(
        each for each in invite.findChildren(QAbstractButton) if each.accessibleName() == "Cancel this invite"
    )
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert session.given_out == []
    QTest.keyClick(invite, Qt.Key.Key_Escape)
    assert page.list_page is not None


def test_settings_hold_at_once(qtbot: QtBot, opened: Window, session: stage.StageSession, look: Look) -> None:
    page = opened.project_page
    assert page is not None
    page.show_page(SETTINGS)
    settings = page.stack.currentWidget()
    assert isinstance(settings, SettingsPage)
    dark = next(each for each in settings._themes.buttons() if each.text() == "Dark")
    QTest.mouseClick(dark, Qt.MouseButton.LeftButton, pos=QPoint(10, dark.height() // 2))
    assert look.theme.name is ThemeName.DARK
    assert session.settings["window.theme"] == "dark"
    large = next(each for each in settings._densities.buttons() if each.text().startswith("Large"))
    QTest.mouseClick(large, Qt.MouseButton.LeftButton, pos=QPoint(10, large.height() // 2))
    assert look.theme.density is Density.TOUCH
    settings.server.edit.setText("nonsense")
    QTest.keyClick(settings.server.edit, Qt.Key.Key_Return)
    assert "begins with https" in settings.server._note.text()
    settings.server.edit.setText("")
    QTest.keyClick(settings.server.edit, Qt.Key.Key_Return)
    assert session.given[-1] == ("set_server", "")
    assert page.status.sentence.startswith("Only on this device")


def test_what_was_chosen_on_this_device_holds_again(
    window: Window, session: stage.StageSession, look: Look, tmp_path: Path
) -> None:
    session.profile = ProfileState.OPEN
    session.settings = {"window.theme": "sun", "window.density": "dense"}
    session.add(stage.new_project(tmp_path / "one.sitebook"))
    window.use(session, stage.PlainPanel)
    assert look.theme.name is ThemeName.SUN
    assert look.theme.density is Density.DENSE


def test_a_project_just_joined_says_that_it_is_still_to_come(
    window: Window, session: stage.StageSession, tmp_path: Path
) -> None:
    session.profile = ProfileState.OPEN
    source = stage.new_project(tmp_path / "one.sitebook", furnished=False)
    session.add(source, server="https://sync.example")
    window.use(session, stage.PlainPanel)
    page = window.project_page
    assert page is not None
    page.workspace.finish_steps()
    assert page.list_page is not None
    assert page.list_page._empty._title.text() == "Waiting for the project"
    page.workspace.apply_touched(source.furnish("Harbour Tower"))
    assert page.list_page._empty._title.text() == "No issues yet"


def test_copies_are_written_on_the_worker(
    qtbot: QtBot, opened: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.zip"
    monkeypatch.setattr(
        "app.desktop.pages.settings.QFileDialog.getSaveFileName", lambda *_arguments: (str(target), "")
    )
    opened.export_project()
    qtbot.waitUntil(target.exists)
    page = opened.project_page
    assert page is not None
    settings = page.stack.currentWidget()
    assert isinstance(settings, SettingsPage)
    qtbot.waitUntil(lambda: settings.note.text().startswith("Written to"))


def test_every_control_has_a_name(qtbot: QtBot, opened: Window) -> None:
    page = opened.project_page
    assert page is not None
    for name in ("issues", "notes", "people", "conflicts", "attention", "trash", INVITE, SETTINGS):
        page.show_page(name)
        page.workspace.finish_steps()
        for control in opened.findChildren(QWidget):
            if not control.isVisible() or control.focusPolicy() == Qt.FocusPolicy.NoFocus:
                continue
            if isinstance(control, QAbstractButton | QLineEdit | QComboBox):
                assert control.accessibleName() or getattr(control, "text", str)(), (name, control)


def test_fields_and_categories_are_reached_from_the_settings(opened: Window, qtbot: QtBot) -> None:
    page = opened.project_page
    assert page is not None
    page.show_page(SETTINGS)
    settings = page.stack.currentWidget()
    assert isinstance(settings, SettingsPage)
    QTest.mouseClick(settings.shape, Qt.MouseButton.LeftButton)
    shape = page.stack.currentWidget()
    assert isinstance(shape, ShapePage)
    assert page.page == SHAPE
    assert opened.focusWidget() is shape.list
    QTest.keyClick(shape.list, Qt.Key.Key_Escape)
    assert page.list_page is not None
