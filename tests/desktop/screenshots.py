"""Renders the window off-screen: ``python -m tests.desktop.screenshots DIRECTORY``.

One picture for each thing that must be judged: sizes, 150 %, themes, few, many and no rows, long words.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.desktop.pages.entry import Entered
    from app.desktop.widgets import Look
    from app.desktop.window import Window

SIZES = ((1366, 768), (1440, 900))


def main(arguments: list[str]) -> int:
    """Render everything; 150 % needs a process of its own, since Qt reads the scale at its start."""
    target = Path(arguments[0] if arguments else "screenshots")
    target.mkdir(parents=True, exist_ok=True)
    if os.environ.get("SITEBOOK_SHOTS") == "scaled":
        _render(target, scaled=True)
        return 0
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _render(target, scaled=False)
    scaled = {**os.environ, "QT_SCALE_FACTOR": "1.5", "SITEBOOK_SHOTS": "scaled"}
    return subprocess.run(
        [sys.executable, "-m", "tests.desktop.screenshots", str(target)], env=scaled, check=False
    ).returncode


def _render(target: Path, *, scaled: bool) -> None:
    from PySide6.QtCore import QLocale
    from PySide6.QtWidgets import QApplication

    from app.desktop.app import dress
    from app.desktop.tokens import ThemeName

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    look = dress(application, ThemeName.LIGHT)
    with tempfile.TemporaryDirectory() as directory:
        from tests.desktop.sync_shots import SyncShots

        shots = Shots(application, look, Path(directory), target)
        synced = SyncShots(shots, look, Path(directory))
        if scaled:
            shots.scaled()
            synced.scaled()
        else:
            shots.everything()
            synced.everything()


class Shots:
    """Makes windows and pictures of them."""

    def __init__(self, application: QApplication, look: Look, directory: Path, target: Path) -> None:
        self.application = application
        self.look = look
        self.directory = directory
        self.target = target
        self.made = 0

    def window(self, count: int, *, german: bool = False, server: str = "https://sync.example") -> Window:
        from app.desktop.app import make_panel
        from app.desktop.session import SyncPhase, SyncView
        from app.desktop.window import Window
        from tests.desktop import stage

        self.made += 1
        project = stage.new_project(
            self.directory / f"{self.made}.sitebook",
            "Krankenhauserweiterungsbau Süd" if german else "Harbour Tower",
        )
        issues = stage.fill(project, count, german=german)
        if len(issues) > 3:
            for index, record in enumerate(issues[-3:]):
                project.set(record, "priority", ("high", "low", "urgent")[index])
            stage.disagree(project, issues[2:4])
            project.delete(issues[0])
        stage.settle_sync(project, keep=3)
        session = stage.StageSession(self.directory)
        session.add(project, server=server)
        window = Window(self.look, now=stage.stage_now, version="0.1.0")
        window.use(session, lambda look, workspace: make_panel(look, workspace, session))
        page = window.project_page
        assert page is not None
        page.workspace.finish_steps()
        if server:
            page.set_sync(
                SyncView(SyncPhase.OFFLINE, last_success_ms=int(stage.NOW.timestamp() * 1000) - 4_000_000)
            )
        return window

    def grab(self, window: Window, name: str, size: tuple[int, int] = (1440, 900)) -> None:
        window.resize(*size)
        window.show()
        for _ in range(6):
            self.application.processEvents()
        page = window.project_page
        if page is not None:
            page.workspace.finish_steps()
            page.reporter.count()
        for _ in range(4):
            self.application.processEvents()
        window.grab().save(str(self.target / f"{name}.png"))

    def close(self, window: Window) -> None:
        from PySide6.QtCore import QCoreApplication, QEvent

        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.application.processEvents()

    def everything(self) -> None:
        from app.desktop.tokens import Density, ThemeName

        window = self.window(300)
        page = _page(window)
        self.grab(window, "list-light-1440")
        self.grab(window, "list-light-1366", SIZES[0])
        self._open_item(window)
        for theme in (ThemeName.LIGHT, ThemeName.DARK, ThemeName.SUN):
            self.look.theme.choose(theme)
            self.grab(window, f"item-{theme}-1440")
            self.grab(window, f"item-{theme}-1366", SIZES[0])
        self.look.theme.choose(ThemeName.LIGHT, Density.TOUCH)
        self.grab(window, "item-touch-1440")
        self.look.theme.choose(ThemeName.LIGHT, Density.DENSE)
        self.grab(window, "item-dense-1440")
        self.look.theme.choose(ThemeName.LIGHT, Density.NORMAL)
        self._filters(window)
        for name in ("notes", "people", "elements", "conflicts", "trash", "settings", "shape", "invite"):
            page.show_page(name)
            self.grab(window, f"page-{name}")
        self._layouts(window)
        self._import(window)
        self.close(window)
        self._small()
        self._ways()

    def _import(self, window: Window) -> None:
        from app.desktop.importing.page import ImportPage
        from app.desktop.tokens import ThemeName
        from tests.desktop import stage

        page = _page(window)
        table = self.directory / "Snag list.csv"
        rows = [
            f"S-{row:03},{stage.TITLES[row % 14].replace(',', ';')},{row % 12 + 1:02}/04/2026,"
            f"{'2026-04-31' if row % 9 == 3 else '2026-05-02'},{stage.PEOPLE[row % 3][0]},{row * 5}"
            for row in range(60)
        ]
        table.write_text("\n".join(("Ref,title,Found on,due,assignees,cost", *rows, "S-999,Short")))
        page.table_dropped.emit(table)
        importing = page.findChild(ImportPage)
        assert importing is not None
        while not importing.wrong.model.problems:
            self.application.processEvents()
        self.grab(window, "import-light")
        self.look.theme.choose(ThemeName.DARK)
        self.grab(window, "import-dark", SIZES[0])
        importing.wrong_tab.click()
        self.grab(window, "import-wrong-dark", SIZES[0])
        self.look.theme.choose(ThemeName.LIGHT)

    def _open_item(self, window: Window) -> None:
        page = _page(window)
        page.list_page.list.move_by(1)
        row = page.list_page.list.current_row()
        page.open_item(row.record)

    def _filters(self, window: Window) -> None:
        page = _page(window)
        page.close_item()
        for text, name in (
            ('status:open location:"Level 2" crack', "filter-terms"),
            ("stauts:open crack", "filter-error"),
            ("zzzz", "filter-nothing"),
        ):
            page.list_page.set_filter(text)
            self.grab(window, name, SIZES[0])
        page.list_page.set_filter("")

    def _layouts(self, window: Window) -> None:
        """Board and calendar, with saved views beside them."""
        from app.desktop.places import ISSUES
        from app.desktop.tokens import ThemeName

        page = _page(window)
        page.show_page(ISSUES)
        desk, keeper = page.list_page, page.views.keeper
        for name, parts in (
            ("All open", {"query": "status:open"}),
            ("Overdue", {"query": "is:overdue"}),
            ("Fire safety board", {"query": "label:fire", "layout": "board"}),
        ):
            desk.change(**parts)
            keeper.create(desk.kind, name, shared=True)
            page.show_page(ISSUES)
        for theme in (ThemeName.LIGHT, ThemeName.DARK, ThemeName.SUN):
            self.look.theme.choose(theme)
            for layout in ("board", "calendar", "list"):
                desk.change(layout=layout)
                self.grab(window, f"{layout}-{theme}-1440")
        self.look.theme.choose(ThemeName.LIGHT)
        page.show_view(keeper.views[2].id)
        desk.change(query="label:fire,paint")
        self.grab(window, "view-changed", SIZES[0])
        page.show_page(ISSUES)

    def _small(self) -> None:
        from app.desktop.tokens import ThemeName

        for count, name in ((0, "empty"), (5, "five")):
            window = self.window(count, server="")
            self.grab(window, f"list-{name}-light")
            self.look.theme.choose(ThemeName.DARK)
            self.grab(window, f"list-{name}-dark", SIZES[0])
            self.look.theme.choose(ThemeName.LIGHT)
            self.close(window)
        window = self.window(12, german=True)
        self._open_item(window)
        self.grab(window, "item-german-1366", SIZES[0])
        self.close(window)

    def _ways(self) -> None:
        from app.desktop.pages.entry import Way
        from app.desktop.session import ProfileState
        from app.desktop.window import Window
        from tests.desktop import stage

        session = stage.StageSession(self.directory, profile=ProfileState.NEW, keyring=False)
        window = Window(self.look, now=stage.stage_now, version="0.1.0", person="Priya Kaur")
        window.use(session, stage.PlainPanel)
        self.grab(window, "welcome")
        window._ensure_entrance().new_project()
        self.grab(window, "welcome-new", SIZES[0])
        window._ensure_entrance().follow(Way.NEW, _entered())
        self.grab(window, "recovery", SIZES[0])
        session.profile = ProfileState.LOCKED
        window.begin()
        self.grab(window, "unlock", SIZES[0])
        self.close(window)

    def scaled(self) -> None:
        from app.desktop.tokens import ThemeName

        window = self.window(60)
        self.grab(window, "scaled-list-light", (960, 600))
        self._open_item(window)
        self.grab(window, "scaled-item-light", (960, 600))
        self.look.theme.choose(ThemeName.DARK)
        self.grab(window, "scaled-item-dark", (960, 600))
        _page(window).close_item()
        for layout in ("board", "calendar"):
            _page(window).list_page.change(layout=layout)
            self.grab(window, f"scaled-{layout}-dark", (960, 600))
        self.close(window)


def _page(window: Window) -> Any:
    page = window.project_page
    assert page is not None
    return page


def _entered() -> Entered:
    from app.desktop.pages.entry import Entered
    from tests.desktop import stage

    return Entered(None, stage.WORDS24)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
