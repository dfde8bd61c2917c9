"""The window at work, off-screen: prints how long each event kept the GUI thread, by what was being done.

A step is one event that Qt delivers with all that follows from it at once; painting is one too.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.desktop.app import device_now, dress, make_panel
from app.desktop.desk.page import DeskPage
from app.desktop.item.title import TitleLine
from app.desktop.profile_session import ProfileSession
from app.desktop.project_page import ProjectPage
from app.desktop.window import Window
from app.domain.schema import ISSUE
from app.keys.profile import Profile
from app.store.operations import Edit
from app.store.project import Project
from app.store.touched import Touched
from tests.benchmarks.keyring import FileKeyring

Step = tuple[float, float, str]
"""Seconds, seconds of processor time, what it was."""


class Watched(QApplication):
    """Notes how long each event takes that was not caused by another one."""

    def __init__(self) -> None:
        super().__init__(sys.argv[:1])
        self.steps: list[Step] = []
        self._depth = 0

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        if self._depth:
            return super().notify(receiver, event)
        what = f"{event.type().name} to {type(receiver).__name__}"
        self._depth += 1
        begun, processor = time.perf_counter(), time.thread_time()
        try:
            return super().notify(receiver, event)
        finally:
            self._depth -= 1
            self.steps.append((time.perf_counter() - begun, time.thread_time() - processor, what))


class Show:
    """Drives the window and takes the steps of each thing that is done."""

    def __init__(
        self, application: Watched, window: Window, session: ProfileSession, patience: float
    ) -> None:
        self._patience = patience
        self._application = application
        self._session = session
        self.found: dict[str, list[Step]] = {}
        page = window.project_page
        assert page is not None
        self._page: ProjectPage = page

    @contextmanager
    def _doing(self, what: str) -> Iterator[None]:
        self._application.steps = []
        yield
        self.found[what] = self._application.steps

    def wait(self, seconds: float) -> None:
        """Let the event loop run."""
        end = time.perf_counter() + seconds * self._patience
        while time.perf_counter() < end:
            self._application.processEvents()
            time.sleep(0.001)

    def _type(self, widget: QWidget, text: str, pause: float) -> None:
        for letter in text:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter)
                self._application.postEvent(widget, event)
            self.wait(pause)

    def everything(self, touched: int) -> None:
        """All scenes; ``touched``: records in a large page of others' changes."""
        page, workspace = self._page, self._page.workspace
        issues = workspace.ids(ISSUE)
        with self._doing("opening an item for the first time"):
            page.open_item(issues[5])
            self.wait(0.5)
        with self._doing("going from item to item"):
            for record in issues[6:16]:
                page.open_item(record)
                self.wait(0.15)
        with self._doing("typing in the title"):
            title = page.findChild(TitleLine)
            assert title is not None
            title.setFocus()
            self._type(title, "Crack in slab at grid B4, widening", 0.02)
            self.wait(1.6)
        filter_field = page.list_page.filter if page.list_page is not None else None
        assert filter_field is not None
        with self._doing("typing in the filter, words"):
            filter_field.setFocus()
            self._type(filter_field, "crack slab", 0.05)
            self.wait(0.4)
            filter_field.clear()
            self.wait(0.4)
        with self._doing("typing in the filter, a query"):
            self._type(filter_field, "status:open cost>500 due<2027-01-01", 0.02)
            self.wait(0.4)
            filter_field.clear()
            self.wait(0.4)
        with self._doing("sorting by columns"):
            assert isinstance(page.list_page, DeskPage)
            for key in ("title", "due", "cost", "assignees", "title"):
                page.list_page.sort_by(key)
                self.wait(0.2)
        for count in (20, touched):
            with self._doing(f"following a page of others' changes, {count:,} records"):
                changed = self._as_if_remote(count)
                QTimer.singleShot(0, lambda changed=changed: workspace.apply_touched(changed))
                self.wait(2.0)
        with self._doing("scrolling"):
            bar = page.list_page.list.verticalScrollBar()
            for at in range(40):
                bar.setValue(at * 200)
                self.wait(0.01)

    def _as_if_remote(self, count: int) -> Touched:
        """Write to many records on another connection, as sync would."""
        project: Project = self._session.open(self._page.workspace.info.id)
        second = project.second()
        chance = random.Random(1)
        touched = Touched()
        with second.writing():
            for record in chance.sample(second.records(ISSUE), count):
                second.append(second.replacement(record, "text", "Seen again, worse."), touched)
                for field, value in (("title", "Crack, wider"), ("due", "2027-03-01")):
                    operations = second.edits(record, [Edit(field, value)])
                    second.append(operations, touched)
        second.close()
        return touched


def main(profile: Path, touched: int, patience: float) -> None:
    """Run all scenes on the profile's project and print their steps. ``patience``: 1 for a person's pauses."""
    application = Watched()
    look = dress(application)
    window = Window(look, now=device_now, version="0")
    window.resize(1440, 900)
    window.show()
    session = ProfileSession(
        Profile.at(profile), lambda: device_now().date(), keyring=FileKeyring(profile / "keyring.json")
    )
    window.use(session, lambda panel_look, workspace: make_panel(panel_look, workspace, session))
    show = Show(application, window, session, patience)
    show.wait(1.0)
    show.everything(touched)
    print(json.dumps(show.found))
    window.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
