"""The window on a large project, off-screen: starts it, works in it, and prints what took how long as JSON.

``python -m tests.benchmarks.desk_scenes PROFILE start|work PATIENCE``. Run by ``desk_window``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.desk_questions import NUMBER, WINDOW_COLUMNS
from tests.benchmarks.measure import resident
from tests.benchmarks.open_window import since_start

if TYPE_CHECKING:
    from app.desktop.window import Window
    from tests.benchmarks.gui_steps import Watched

_SIZE = (1200, 800)
_FRAMES = 200


def start(profile: Path) -> dict[str, Any]:
    """From the start of the process until the table shows its rows and knows how many there are; and memory then."""
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    from app.desktop.app import device_now, dress
    from app.desktop.desk.page import DeskPage
    from app.desktop.desk.table import Table
    from app.desktop.garbage import GarbageCollector
    from app.desktop.window import Window

    times: dict[str, float] = {}
    spent: dict[str, float] = {}
    memory: dict[str, int] = {}

    def note(part: str) -> None:
        if part not in times:
            times[part] = since_start()
            spent[part] = time.process_time()
            memory[part] = resident()

    note("imports")

    class Watch(QObject):
        """Notes the first paint of a table that has rows."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and "table usable" not in times:
                table = watched.parent()
                if isinstance(table, Table) and len(table.lines):
                    QTimer.singleShot(0, painted)
            return False

    def painted() -> None:
        note("table usable")
        QTimer.singleShot(0, finished)

    def finished() -> None:
        page = window.project_page
        assert page is not None
        page.workspace.finish_steps()
        application.processEvents()
        note("all read")
        assert isinstance(page.list_page, DeskPage)
        rows.append(len(page.list_page.list.lines))
        window.close()

    def begin() -> None:
        note("opening begins")
        use(window, profile)
        note("project open")

    rows: list[int] = []
    application = QApplication(sys.argv[:1])
    GarbageCollector(application).begin()  # as the program does
    window = Window(dress(application), now=device_now, version="0")
    watch = Watch()
    application.installEventFilter(watch)
    window.resize(1440, 900)
    window.show()
    application.processEvents()
    note("window shown")
    QTimer.singleShot(0, begin)
    application.exec()
    return {"times": times, "spent": spent, "memory": memory, "rows": rows[0]}


def use(window: Window, profile: Path) -> None:
    """Let a window show the only project of a profile."""
    from app.desktop.app import device_now, make_panel
    from app.desktop.profile_session import ProfileSession
    from app.keys.profile import Profile
    from tests.benchmarks.keyring import FileKeyring

    session = ProfileSession(
        Profile.at(profile), lambda: device_now().date(), keyring=FileKeyring(profile / "keyring.json")
    )
    window.use(session, lambda panel_look, workspace: make_panel(panel_look, workspace, session))


class Work:
    """Drives a window; takes how long each frame and each event took."""

    def __init__(self, application: Watched, window: Window, patience: float) -> None:
        from app.desktop.desk.page import DeskPage

        self._application = application
        self._patience = patience
        self.steps: dict[str, Any] = {}
        self.frames: dict[str, list[tuple[float, float]]] = {}
        page = window.project_page
        assert page is not None
        self._workspace = page.workspace
        assert isinstance(page.list_page, DeskPage)
        self._desk = page.list_page
        self.finish()

    def wait(self, seconds: float) -> None:
        """Let the event loop run."""
        end = time.perf_counter() + seconds * self._patience
        while time.perf_counter() < end:
            self._application.processEvents()
            time.sleep(0.001)

    def finish(self) -> None:
        """Let everything that goes in steps come to its end."""
        self._application.processEvents()
        self._workspace.finish_steps()
        self._application.processEvents()

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Take the steps of one thing."""
        self._application.steps = []
        yield
        self._settle()
        self.steps[what], self._application.steps = self._application.steps, []

    def _settle(self) -> None:
        """Until nothing is left to be done, at the pace of the event loop."""
        quiet = 0
        while quiet < 5:
            before = len(self._application.steps)
            self._application.processEvents()
            time.sleep(0.002)
            quiet = 0 if len(self._application.steps) > before else quiet + 1

    def type(self, text: str, pause: float) -> None:
        """Type into the filter."""
        from PySide6.QtCore import QEvent, Qt
        from PySide6.QtGui import QKeyEvent

        for letter in text:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter)
                self._application.postEvent(self._desk.filter, event)
            self.wait(pause)

    def everything(self, window: Window) -> None:
        """All scenes."""
        desk = self._desk
        with self.doing("choosing twelve columns"):
            desk.change(columns=WINDOW_COLUMNS)
        self._fit(window)
        self.memory = resident()
        self._scroll()
        for what, query in (
            ("filtering", "status=open sort:title"),
            ("filtering by a related field", 'assignees.company:"Hilti Services"'),
            ("sorting by text", "sort:title"),
            ("sorting by a number", f"sort:-{NUMBER}"),
            ("sorting by two keys", "sort:category,-due"),
            ("grouping, with sums", "status=open group:category"),
            ("grouping by a related field", "group:assignees.company sort:due"),
        ):
            with self.doing(f"{what}, for the first time"):
                desk.set_filter(query)
            with self.doing("back to everything"):
                desk.set_filter("")
            with self.doing(what):
                desk.set_filter(query)
            desk.set_filter("")
            self._settle()
        for what, text in (("words", "crack wall"), ("a query", "status:open cost>500 due<2027-01-01")):
            with self.doing(f"typing {what} into the filter"):
                desk.filter.setFocus()
                self.type(text, 0.05)
                self.wait(0.3)
            desk.filter.clear()
            self._settle()
        self._edits()

    def _edits(self) -> None:
        from app.domain.schema import ISSUE, PERSON
        from app.store.operations import Edit

        desk, workspace = self._desk, self._workspace
        desk.set_filter("status=open sort:due")
        self._settle()
        records = desk.live.records()
        for what, field, value in (
            ("editing what is not sorted by", "priority", "urgent"),
            ("editing what is sorted by", "due", "2027-05-05"),
        ):
            with self.doing(what):
                for record in records[:10]:
                    workspace.edit({record: [Edit(field, value)]})
                    self.wait(0.02)
        with self.doing("a person's phone"):
            workspace.edit({workspace.ids(PERSON)[0]: [Edit("phone", "+44 20 7946 1234")]})
        with self.doing("undo and redo"):
            workspace.undo()
            self.wait(0.05)
            workspace.redo()
        with self.doing("editing 500 at once"):
            workspace.edit({record: [Edit("priority", "low")] for record in records[:500]})
        for count in (20, min(1_000, len(workspace.ids(ISSUE)) // 2)):
            touched = self._as_if_remote(count)
            with self.doing(f"following others' changes to {count:,} records"):
                workspace.apply_touched(touched)

    def _as_if_remote(self, count: int) -> Any:
        """Write to many records on another connection, as sync would."""
        from app.domain.schema import ISSUE
        from app.store.operations import Edit
        from app.store.touched import Touched

        second = self._workspace.source.second()
        touched = Touched()
        records = second.records(ISSUE)
        with second.writing():
            for record in records[:: max(1, len(records) // count)][:count]:
                edits = [Edit("title", "Crack, wider"), Edit("due", "2027-03-01")]
                second.append(second.edits(record, edits), touched)
        second.close()
        return touched

    def _fit(self, window: Window) -> None:
        """Make the window so large that the rows alone fill 1,200 by 800."""
        for _ in range(3):
            port = self._desk.list.viewport().size()
            window.resize(
                window.width() + _SIZE[0] - port.width(), window.height() + _SIZE[1] - port.height()
            )
            self._settle()
        port = self._desk.list.viewport().size()
        assert (port.width(), port.height()) == _SIZE, port

    def _scroll(self) -> None:
        bar = self._desk.list.verticalScrollBar()
        page, end = bar.pageStep(), bar.maximum()
        line = max(1, bar.singleStep())
        self.frames["by wheel, three rows a frame"] = self._frames(bar.setValue, lambda at: at * 3 * line)
        self.frames["by page"] = self._frames(bar.setValue, lambda at: at * page % max(1, end))
        self.frames["by dragging the bar"] = self._frames(
            bar.setValue, lambda at: at * 7919 * line % max(1, end)
        )
        across = self._desk.list.horizontalScrollBar()
        self.frames["sideways"] = self._frames(across.setValue, lambda at: at * 9 % max(1, across.maximum()))
        bar.setValue(0)
        across.setValue(0)
        self._settle()

    def _frames(
        self, scroll: Callable[[int], None], place: Callable[[int], int]
    ) -> list[tuple[float, float]]:
        """How long each frame takes, and of processor: moving the bar and all that is painted of it."""
        found = []
        for at in range(max(5, int(_FRAMES * min(1.0, self._patience)))):
            self._application.processEvents()
            begun, processor = time.perf_counter(), time.thread_time()
            scroll(place(at + 1))
            self._application.processEvents()
            found.append((time.perf_counter() - begun, time.thread_time() - processor))
        return found


def work(profile: Path, patience: float) -> dict[str, Any]:
    """Run all scenes."""
    from app.desktop.app import device_now, dress
    from app.desktop.window import Window
    from tests.benchmarks.gui_steps import Watched

    application = Watched()
    window = Window(dress(application), now=device_now, version="0")
    window.resize(1440, 900)
    window.show()
    use(window, profile)
    scenes = Work(application, window, patience)
    scenes.everything(window)
    found = {"steps": scenes.steps, "frames": scenes.frames, "memory": scenes.memory}
    window.close()
    return found


if __name__ == "__main__":
    where, what = Path(sys.argv[1]), sys.argv[2]
    print(json.dumps(start(where) if what == "start" else work(where, float(sys.argv[3]))))
