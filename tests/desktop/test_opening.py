from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop.app import make_panel
from app.desktop.editor.hints import shown_address
from app.desktop.editor.rich import RichTextEditor
from app.desktop.opening import AddressOpener, open_link
from app.desktop.places import PEOPLE
from app.desktop.project_page import ProjectPage
from app.desktop.widgets import Look
from app.desktop.window import Window
from app.domain.addresses import address_of, read_address
from app.domain.schema import ISSUE, PERSON
from app.richtext.delta import Insert
from tests.desktop import stage

SCHEMES = ("http", "https", "mailto", "tel", "sitebook", "file", "javascript", "data", "ftp", "smb")


class System(QObject):
    """Stands in for the system's own programs."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        for scheme in SCHEMES:
            QDesktopServices.setUrlHandler(scheme, self, "open_url")  # type: ignore[arg-type]

    @Slot(QUrl)
    def open_url(self, url: QUrl) -> None:
        self.opened.append(url.toString())

    def leave(self) -> None:
        for scheme in SCHEMES:
            QDesktopServices.unsetUrlHandler(scheme)


@pytest.fixture
def system(qapp: QApplication) -> Iterator[System]:
    made = System()
    yield made
    made.leave()


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/a?b=c#d",
        "http://example.com",
        "mailto:ann@example.com",
        "tel:+441234567",
        "sitebook://0001/issue/1",
        "HTTPS://EXAMPLE.COM/",
    ],
)
def test_links_of_a_few_schemes_open(system: System, address: str) -> None:
    assert open_link(address) == ""
    assert [each.lower() for each in system.opened] == [QUrl(address).toString().lower()]


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>",
        "ftp://example.com/x",
        "smb://server/share",
        "//example.com/x",
        "/etc/passwd",
        "C:\\Windows\\system32\\calc.exe",
        "\\\\server\\share",
        "https://example.com/\r\nfile:///etc/passwd",
        "https://exa mple.com\0",
        "",
        "example.com",
        "x" * 10_000,
    ],
)
def test_nothing_else_is_opened_and_it_is_said_why(system: System, address: str) -> None:
    told = open_link(address)
    assert "not opened" in told
    assert len(told) < 300
    assert system.opened == []


def test_a_link_shows_where_it_leads() -> None:
    assert shown_address("https://example.com/a b") == "https://example.com/a%20b"
    assert shown_address("https://bank.example@evil.example/") == "https://bank.example@evil.example/"
    turned = shown_address("https://example.com/\u202egpj.exe")
    assert turned.isascii()
    assert shown_address("https://\u0430pple.com/").startswith("https://xn--")
    long = shown_address("https://evil.example/" + "bank.example/" * 100)
    assert long.startswith("https://evil.example/bank")
    assert len(long) < 140
    assert shown_address(f"https://{'bank.example-' * 100}@evil.example/x") == "https://… evil.example …"
    assert shown_address(f"https://{'bank.example.' * 100}evil.example/x").endswith(".evil.example …")
    assert "\n" not in shown_address("https://example.com/\nhttps://bank.example/")


@pytest.fixture
def opened(qtbot: QtBot, look: Look, tmp_path: Path) -> Iterator[tuple[Window, stage.StageSession]]:
    """A window that has not begun, and a session with two projects."""
    session = stage.StageSession(tmp_path)
    for name in ("Harbour Tower", "Mill Lane"):
        project = stage.new_project(tmp_path / f"{name}.sitebook", name, seed=len(name))
        stage.fill(project, 5)
        session.add(project)
    window = Window(look, now=stage.stage_now, version="0.1.0", person="Priya Kaur")
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    yield window, session
    window.close()


@pytest.fixture
def opener(opened: tuple[Window, stage.StageSession]) -> Iterator[AddressOpener]:
    made = AddressOpener(opened[0])
    yield made
    made.close()


def shown_item(window: Window) -> tuple[str, bytes | None]:
    page = window.project_page
    assert page is not None
    return page.workspace.info.name, page.open_record


def notice(window: Window) -> str:
    page = window.project_page
    assert page is not None
    return page.status._notice.text()


def test_an_address_opens_its_item_also_in_another_project(
    opened: tuple[Window, stage.StageSession], opener: AddressOpener
) -> None:
    window, session = opened
    harbour, mill = (session.opened[each.id] for each in session.infos)
    issue, person = list(mill.column(ISSUE, "title"))[2], next(iter(harbour.column(PERSON, "name")))
    opener.open(address_of(mill.id, ISSUE, issue))
    window.use(session, stage.PlainPanel)
    assert shown_item(window) == ("Mill Lane", issue)
    assert open_link(address_of(harbour.id, PERSON, person)) == ""
    assert shown_item(window) == ("Harbour Tower", person)
    page = window.project_page
    assert page is not None
    assert page.page == PEOPLE


def test_an_address_in_a_text_opens_its_item_after_a_click(
    qtbot: QtBot, opened: tuple[Window, stage.StageSession], opener: AddressOpener
) -> None:
    window, session = opened
    harbour, mill = (session.opened[each.id] for each in session.infos)
    start, goal = next(iter(harbour.column(ISSUE, "title"))), list(mill.column(ISSUE, "title"))[2]
    harbour.replace_text(
        start,
        "text",
        [Insert("See the other one", {"link": address_of(mill.id, ISSUE, goal)}), Insert("\n")],
    )
    window.use(session, lambda look, workspace: make_panel(look, workspace, session))
    opener.open(address_of(harbour.id, ISSUE, start))
    page = window.project_page
    assert page is not None
    editor = page.findChild(RichTextEditor)
    assert editor is not None
    qtbot.waitUntil(lambda: editor.toPlainText() == "See the other one")
    place = editor.cursor_rect(6).center()
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown_item(window) == ("Harbour Tower", start), "a click alone puts the cursor there"
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, place)
    assert shown_item(window) == ("Mill Lane", goal)


def test_an_address_that_leads_nowhere_here_says_so(
    opened: tuple[Window, stage.StageSession], opener: AddressOpener
) -> None:
    window, session = opened
    window.use(session, stage.PlainPanel)
    name, before = shown_item(window)
    harbour = session.opened[session.infos[0].id]
    opener.open(address_of(bytes(32), ISSUE, bytes(16)))
    assert "a project that is not on this device" in notice(window)
    opener.open(address_of(harbour.id, ISSUE, bytes(16)))
    assert "is not here" in notice(window)
    opener.open(address_of(harbour.id, PERSON, next(iter(harbour.column(ISSUE, "title")))))
    assert "is not here" in notice(window)
    opener.open("sitebook://rm -rf/")
    assert "not an address" in notice(window)
    assert shown_item(window) == (name, before)


def test_a_window_that_is_asked_for_comes_to_the_front(
    opened: tuple[Window, stage.StageSession], opener: AddressOpener
) -> None:
    window, session = opened
    window.use(session, stage.PlainPanel)
    window.showMinimized()
    opener.open("")
    assert not window.isMinimized()
    assert window.isVisible()


def test_copy_link_puts_the_address_of_the_open_item_on_the_clipboard(
    qtbot: QtBot, page: ProjectPage
) -> None:
    record = page.workspace.ids(ISSUE)[3]
    page.open_item(record)
    QApplication.clipboard().clear()
    QTest.keyClick(
        page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    found = read_address(QApplication.clipboard().text())
    assert (found.kind, found.record) == (ISSUE, record)
    assert found.is_in(page.workspace.info.id)
