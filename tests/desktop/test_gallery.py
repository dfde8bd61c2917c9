"""The gallery by keys and mouse: days, filter, viewer, files that are not here, thousands of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desktop.file_desk import FileDesk
from app.desktop.gallery.model import Layout, Shot, choose
from app.desktop.gallery.page import GalleryPage
from app.desktop.pages.files import FilesPart
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.store.attachments import Attachments
from app.store.file_places import Keep, KeepMode, keep
from tests.desktop.item.scene import picture
from tests.desktop.stage import NOW, new_project


class Feed(QObject):
    progressed = Signal(object, object)
    changed = Signal(object, object)
    came = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[tuple[bytes, bool]] = []

    def want(self, project: bytes, files: Sequence[bytes], *, wanted: bool = True) -> None:
        self.wanted += [(file, wanted) for file in files]

    def open_first(self, project: bytes) -> None: ...

    def poke(self, project: bytes) -> None: ...


def shot(number: int, at: datetime, title: str = "#1 Crack") -> Shot:
    name = f"IMG_{number}.jpg"
    return Shot(number.to_bytes(16, "big"), b"", name, "image/jpeg", at, title, f"{name} {title}".casefold())


def test_days_rows_and_what_lies_where() -> None:
    shots = choose([shot(number, NOW - timedelta(hours=9 * number)) for number in range(12)], "crack img")
    layout = Layout(shots, 500, 100, 10, 30, 20)
    assert layout.columns == 4
    days = [line for line in layout.lines if not line.count]
    assert [line.day for line in days] == sorted({each.at.date() for each in shots}, reverse=True)
    for index in range(len(shots)):
        x, y = layout.place(index)
        assert layout.at(x + 5, y + 5) == index
        assert layout.at(x + 105, y + 5) is None
        assert layout.beside(layout.beside(index, 1), -1) <= index
    assert layout.at(5, 5) is None
    assert layout.seen(0, layout.height) == layout.lines


def test_finding_what_lies_where_in_thousands_takes_no_time() -> None:
    shots = [shot(number, NOW - timedelta(minutes=40 * number)) for number in range(5_000)]
    layout = Layout(shots, 1200, 148, 8, 36, 20)
    assert len(layout.seen(layout.height // 2, layout.height // 2 + 900)) < 30


@pytest.fixture
def workspace(qtbot: QtBot, tmp_path: Path) -> Iterator[Workspace]:
    project = new_project(tmp_path / "p.sitebook")
    made = Workspace(
        project,
        ProjectInfo(project.id, "Harbour"),
        lambda: NOW,
        attachments=Attachments(project, tmp_path / "files"),
    )
    yield made
    made.stop()
    project.close()


def fill(workspace: Workspace) -> list[bytes]:
    assert workspace.attachments is not None
    issue, _ = workspace.source.create("issue", {"title": "Crack in the slab"})
    other, _ = workspace.source.create("issue", {"title": "Door sticks"})
    return [
        workspace.attachments.add_bytes(parent, name, picture("#222222", "#dddddd"))[0]
        for parent, name in ((issue, "a.jpg"), (issue, "b.jpg"), (other, "c.jpg"))
    ] + [workspace.attachments.add_bytes(other, "plan.txt", b"text")[0], issue, other]


def show(qtbot: QtBot, page: GalleryPage) -> None:
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    page.activateWindow()
    qtbot.waitExposed(page)
    page.start()


def test_photos_by_day_filtered_and_seen_large(qtbot: QtBot, look: Look, workspace: Workspace) -> None:
    *_, issue, other = fill(workspace)
    page = GalleryPage(look, workspace)
    show(qtbot, page)
    qtbot.waitUntil(lambda: len(page.view.shots) == 4)
    assert page.count.text() == "4 files"
    qtbot.waitUntil(
        lambda: sum(page.view.pictures.peek(each.record) is not None for each in page.view.shots) == 3
    )
    QTest.keyClicks(page.filter, "slab")
    assert {each.parent for each in page.view.shots} == {issue}
    page.filter.clear()
    QTest.mouseClick(page.photos, Qt.MouseButton.LeftButton)
    assert len(page.view.shots) == 3
    page.view.setFocus()
    QTest.keyClick(page.view, Qt.Key.Key_End)
    QTest.keyClick(page.view, Qt.Key.Key_Left)
    assert page.view.current == 1
    QTest.keyClick(page.view, Qt.Key.Key_Return)
    assert page.viewer is not None
    viewer = page.viewer
    qtbot.waitUntil(lambda: viewer.image is not None)
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    with qtbot.waitSignal(page.record_asked) as asked:
        QTest.keyClick(page.view, Qt.Key.Key_O)
    assert asked.args[0] in (issue, other)
    with qtbot.waitSignal(page.back_asked):
        QTest.keyClick(page.view, Qt.Key.Key_Escape)
    page.view.pictures.wait()


def test_the_photos_of_one_issue_and_a_new_one(qtbot: QtBot, look: Look, workspace: Workspace) -> None:
    *_, issue, _other = fill(workspace)
    page = GalleryPage(look, workspace, issue)
    show(qtbot, page)
    qtbot.waitUntil(lambda: len(page.view.shots) == 2)
    assert workspace.attachments is not None
    _, touched = workspace.attachments.add_bytes(issue, "d.jpg", picture("#222222", "#dddddd"))
    workspace.apply_touched(touched)
    qtbot.waitUntil(lambda: len(page.view.shots) == 3)
    QTest.mouseClick(page.everywhere, Qt.MouseButton.LeftButton)
    assert len(page.view.shots) == 5
    page.view.pictures.wait()


def test_a_press_fetches_what_is_not_here(qtbot: QtBot, look: Look, workspace: Workspace) -> None:
    records = fill(workspace)
    feed = Feed()
    workspace.files = FileDesk(workspace.info.id, workspace.source, feed, workspace)
    with workspace.source.writing():
        for record, held in ((records[0], 0), (records[1], 1)):
            workspace.source.db.run(
                "INSERT INTO local_files (rid, first, size, made_ms, used_ms, held, served)"
                " SELECT rid, x'00', 10, 0, 0, ?, 1 FROM records WHERE id = ?",
                (held, record),
            )
    page = GalleryPage(look, workspace)
    show(qtbot, page)
    qtbot.waitUntil(lambda: len(page.view.shots) == 4)
    index = next(at for at, each in enumerate(page.view.shots) if each.record == records[0])
    page.open(index)
    assert feed.wanted == [(records[0], True)]
    assert page.viewer is None
    with workspace.source.writing():
        workspace.source.db.run("UPDATE local_files SET held = 1")
    feed.came.emit(workspace.info.id, (records[0],))
    qtbot.waitUntil(lambda: workspace.files is not None and bool(workspace.files.place(records[0])))
    qtbot.waitUntil(lambda: workspace.files.place(records[0]).held)  # type: ignore[union-attr]
    page.view.pictures.wait()


def test_an_empty_gallery_says_what_belongs_there(qtbot: QtBot, look: Look, workspace: Workspace) -> None:
    page = GalleryPage(look, workspace)
    show(qtbot, page)
    qtbot.waitUntil(page.empty.isVisible)


def test_what_is_kept_is_chosen_in_the_settings(qtbot: QtBot, look: Look, workspace: Workspace) -> None:
    fill(workspace)
    part = FilesPart(look, workspace.source)
    qtbot.addWidget(part)
    part.show()
    recent = part._buttons[KeepMode.RECENT]
    with qtbot.waitSignal(part.changed):
        recent.click()
    part.days.setValue(14)
    part.gigabytes.setValue(2)
    assert keep(workspace.source) == Keep(KeepMode.RECENT, 14, 2_000_000_000)
    assert not part.free.isEnabled()
