"""What the settings ask about a server's certificate, and whether others see the user."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.pages.settings import SettingsPage
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.desktop.workers import Workers
from tests.desktop import stage

MARK = bytes(range(32))


@pytest.fixture
def session(tmp_path: Path) -> stage.StageSession:
    return stage.StageSession(tmp_path)


@pytest.fixture
def settings(qtbot: QtBot, look: Look, session: stage.StageSession) -> SettingsPage:
    info = ProjectInfo(b"p" * 32, "Harbour Tower", "")
    page = SettingsPage(look, session, Workers(), info, "0.1.0")
    qtbot.addWidget(page)
    page.show()
    return page


def test_a_certificate_that_nobody_knows_is_compared_and_accepted(
    qtbot: QtBot, settings: SettingsPage, session: stage.StageSession
) -> None:
    session.certificate = MARK
    settings.server.edit.setText("https://sitebook.local:8750")
    settings._set_server()
    qtbot.waitUntil(settings.certificate.isVisible)
    assert session.given == [("set_server", "https://sitebook.local:8750")]
    shown = settings.certificate.digits.text()
    assert "".join(shown.split()) == MARK.hex()
    with qtbot.waitSignal(settings.server_changed):
        settings.certificate.accept.click()
    assert session.given[-1] == ("accept", "https://sitebook.local:8750", MARK)
    assert not settings.certificate.isVisible()


def test_nothing_is_accepted_by_saying_nothing(
    qtbot: QtBot, settings: SettingsPage, session: stage.StageSession
) -> None:
    session.certificate = MARK
    settings.server.edit.setText("https://sitebook.local:8750")
    settings._set_server()
    qtbot.waitUntil(settings.certificate.isVisible)
    settings.certificate.refuse.click()
    assert [name for name, *_ in session.given] == ["set_server"]


def test_others_are_told_where_the_user_is_unless_he_does_not_want_it(
    qtbot: QtBot, settings: SettingsPage
) -> None:
    assert settings.shown.isChecked()
    with qtbot.waitSignal(settings.shown_chosen) as told:
        settings.shown.click()
    assert told.args == [False]
