"""Opens what finds things in one project's window, and goes to what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.desktop.commands import Command, Commands
from app.desktop.filter.vocabulary import ProjectVocabulary
from app.desktop.palette.finding import Find
from app.desktop.palette.items import FOUND_KINDS, Goal, Place
from app.desktop.palette.keys import KeysPanel
from app.desktop.palette.palette import Palette
from app.desktop.palette.panel import AskPanel
from app.desktop.palette.recent import Recent
from app.desktop.palette.values import ValuesPanel
from app.desktop.places import DESK_PLACES, ISSUES, LISTS, SEARCH
from app.desktop.project_page import ProjectPage
from app.desktop.reporter import KIND_PLACES
from app.desktop.searching.page import SearchPage
from app.desktop.searching.searcher import Searcher
from app.desktop.session import ProjectInfo
from app.desktop.widgets import Look
from app.domain.schema import ISSUE, VIEW
from app.query.titles import Titled, Titles
from app.store.touched import Touched

_REMEMBERED = "window.recent"


class Memory(Protocol):
    """What is asked of the profile: its projects, and what this device remembers."""

    def projects(self) -> Sequence[ProjectInfo]: ...

    def setting(self, name: str, default: Any) -> Any: ...

    def set_setting(self, name: str, value: Any) -> None: ...


class Finder(QObject):
    """Belongs to one project's page; ``commands`` are those of its window."""

    def __init__(
        self,
        look: Look,
        page: ProjectPage,
        commands: Commands,
        session: Memory,
        switch: Callable[[ProjectInfo], None],
    ) -> None:
        """``switch`` opens another project in this window."""
        super().__init__(page)
        self._look = look
        self._page = page
        self._commands = commands
        self._session = session
        self._switch = switch
        self._recent = Recent(
            lambda: session.setting(_REMEMBERED, []), lambda names: session.set_setting(_REMEMBERED, names)
        )
        self._panel: AskPanel | None = None
        self._search: SearchPage | None = None
        workspace = page.workspace
        self._vocabulary = ProjectVocabulary(workspace, ISSUE, self)
        self.titles = Titles(workspace.columns, FOUND_KINDS)
        self.searcher = Searcher(workspace.source.reader, self)
        workspace.touched.connect(self._follow)
        workspace.stopping.connect(self._stop)
        page.page_changed.connect(self._page_changed)
        commands.ran.connect(self._ran)

    @property
    def panel(self) -> AskPanel | None:
        """What is open now."""
        return self._panel

    def load(self) -> None:
        """Read the titles, in steps; until then those that are read are found."""
        if self.titles.stale:
            self._page.workspace.run_steps(self.titles.load_steps())

    def _follow(self, touched: Touched) -> None:
        if self.titles.apply(touched) and self._is_used:
            self.load()

    @property
    def _is_used(self) -> bool:
        return self._panel is not None or self._search is not None

    def _stop(self) -> None:
        self.searcher.stop()

    def _ran(self, name: str) -> None:
        if not self._commands[name].hidden:
            self._recent.note(name)

    # What is opened

    def open(self, what: Find, field: str = "") -> None:
        """Open the palette, the switcher, the search, the shortcuts, or the values of a field."""
        self.load()
        if what is Find.SEARCH:
            self._open_search()
        elif what is Find.VALUES:
            self._open_values(field)
        elif what is Find.KEYS:
            panel = KeysPanel(self._look, self._window, self._commands)
            panel.chosen.connect(self._chosen)
            self._show(panel)
        else:
            palette = Palette(
                self._look,
                self._window,
                self._page.workspace,
                self.titles,
                self.searcher,
                self._commands,
                self._recent,
                self._places,
                self._is_shown,
                items_only=what is Find.ITEMS,
            )
            palette.chosen.connect(self._chosen)
            self._show(palette)

    @property
    def _window(self) -> QWidget:
        return self._page.window()

    def _show(self, panel: AskPanel) -> None:
        before, self._panel = self._panel, panel
        if before is not None:
            before.leave()

        def closed() -> None:
            if self._panel is panel:
                self._panel = None
            panel.deleteLater()

        panel.closed.connect(closed)
        panel.start()

    def _open_values(self, name: str) -> None:
        page = self._page
        issues = page.workspace.columns.frame(ISSUE)
        selected = page.selected_records() or ([page.open_record] if page.open_record is not None else [])
        records = [each for each in selected if issues.row(each) is not None]
        completer, _ = self._vocabulary()
        field = completer.words.fields.stored(name)
        if records and field is not None:
            panel = ValuesPanel(self._look, self._window, page.workspace, ISSUE, field, records, completer)
            self._show(panel)

    def _open_search(self) -> None:
        page = self._page
        if self._search is not None:
            self._search.start()
            return
        before = page.page if page.page in LISTS else ISSUES
        search = SearchPage(self._look, page.workspace, self.titles, self.searcher)
        search.chosen.connect(lambda goal: page.open_item(goal.record))
        search.left.connect(lambda: page.show_page(before))
        page.show_other(SEARCH, search)
        self._search = search
        search.start()

    def _page_changed(self, name: str) -> None:
        if name != SEARCH:
            self._search = None

    def _places(self) -> list[Place]:
        """The other projects."""
        current = self._page.workspace.info.id
        return [Place(each) for each in self._session.projects() if each.id != current]

    # What was found

    def _chosen(self, chosen: object) -> None:
        if isinstance(chosen, Command):
            self._commands.run(chosen.name)
        elif isinstance(chosen, Goal):
            self.go_to(chosen)
        elif isinstance(chosen, Place):
            self._switch(chosen.info)

    def go_to(self, goal: Goal) -> None:
        """Show a record beside the list that it stands in; of a view, what it shows."""
        page = self._page
        if goal.kind == VIEW:
            page.show_view(goal.record)
            return
        place = DESK_PLACES.get(goal.kind) or KIND_PLACES.get(goal.kind)
        if place is not None and place != page.page:
            page.show_page(place)
        page.open_item(goal.record)

    def _is_shown(self, found: Titled) -> bool:
        """Whether a find is for these eyes: views may be somebody else's own."""
        return found.kind != VIEW or self._page.views.keeper.find(found.record) is not None
