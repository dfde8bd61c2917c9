"""Everything that can be done in a project's window, as commands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Protocol

from app.desktop.commands import Command
from app.desktop.places import CONFLICTS, INVITE, ISSUES, NOTES, PEOPLE, SETTINGS, TRASH
from app.desktop.project_page import ProjectPage
from app.desktop.tokens import Density, ThemeName
from app.desktop.translate import tr
from app.domain.schema import ISSUE, NOTE, PERSON

PROJECT_MENU = "project"
VIEW_MENU = "view"
ITEM_MENU = "item"


class WindowActions(Protocol):
    """What commands ask of the window that holds the project's page."""

    def new_project(self) -> None: ...

    def join_project(self) -> None: ...

    def sync_now(self) -> None: ...

    def export_project(self) -> None: ...

    def backup(self) -> None: ...

    def choose_theme(self, name: ThemeName) -> None: ...

    def choose_density(self, density: Density) -> None: ...

    def close_window(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the commands of one page in one window."""

    page: ProjectPage
    window: WindowActions

    def commands(self) -> list[Command]:
        return [*self._making(), *self._moving(), *self._going(), *self._project(), *self._looking()]

    def _making(self) -> list[Command]:
        page = self.page
        return [
            Command(
                "new-issue", tr("New issue"), lambda: page.create_record(ISSUE), ("N",), "plus", ITEM_MENU
            ),
            Command(
                "new-note", tr("New note"), lambda: page.create_record(NOTE), ("Shift+N",), "note", ITEM_MENU
            ),
            Command(
                "new-person",
                tr("New person"),
                lambda: page.create_record(PERSON),
                (),
                "user-plus",
                ITEM_MENU,
            ),
            Command(
                "delete",
                tr("Move to the trash"),
                page.delete_selected,
                ("Del",),
                "trash",
                ITEM_MENU,
                lambda: page.page != TRASH and self._selected(),
            ),
            Command(
                "restore",
                tr("Restore"),
                page.restore_selected,
                ("R",),
                "arrow-counter-clockwise",
                ITEM_MENU,
                lambda: page.page == TRASH and self._selected(),
            ),
            Command("undo", tr("Undo"), lambda: _ignore(page.workspace.undo()), ("Ctrl+Z",), "", ITEM_MENU),
            Command(
                "redo", tr("Redo"), lambda: _ignore(page.workspace.redo()), ("Ctrl+Shift+Z",), "", ITEM_MENU
            ),
            Command("filter", tr("Filter"), self._filter, ("/", "Ctrl+F"), "funnel", VIEW_MENU),
        ]

    def _moving(self) -> list[Command]:
        page = self.page
        return [
            Command("next", tr("Next entry"), lambda: page.move_by(1), ("J",)),
            Command("previous", tr("Previous entry"), lambda: page.move_by(-1), ("K",)),
        ]

    def _going(self) -> list[Command]:
        places = (
            (ISSUES, tr("Go to issues"), "Ctrl+1"),
            (NOTES, tr("Go to notes"), "Ctrl+2"),
            (PEOPLE, tr("Go to people"), "Ctrl+3"),
            (CONFLICTS, tr("Go to conflicts"), "Ctrl+4"),
            (TRASH, tr("Go to the trash"), "Ctrl+5"),
        )
        return [
            Command(f"go-{name}", title, partial(self.page.show_page, name), (key,))
            for name, title, key in places
        ]

    def _project(self) -> list[Command]:
        page, window = self.page, self.window
        return [
            Command(
                "invite",
                tr("Invite someone"),
                lambda: page.show_page(INVITE),
                (),
                "user-plus",
                PROJECT_MENU,
            ),
            Command(
                "sync",
                tr("Sync now"),
                window.sync_now,
                ("F5",),
                "arrows-clockwise",
                PROJECT_MENU,
                self._shared,
            ),
            Command(
                "server", tr("Server"), lambda: page.show_page(SETTINGS), (), "hard-drives", PROJECT_MENU
            ),
            Command("export", tr("Export this project"), window.export_project, (), "export", PROJECT_MENU),
            Command("backup", tr("Back up"), window.backup, (), "floppy-disk", PROJECT_MENU),
            Command(
                "settings",
                tr("Settings"),
                lambda: page.show_page(SETTINGS),
                ("Ctrl+,",),
                "gear-six",
                PROJECT_MENU,
            ),
            Command("new-project", tr("New project"), window.new_project, (), "plus", "projects"),
            Command("join", tr("Join with a code"), window.join_project, (), "sign-in", "projects"),
            Command("quit", tr("Close Sitebook"), window.close_window, ("Ctrl+Q",), "", PROJECT_MENU),
        ]

    def _looking(self) -> list[Command]:
        themes = (
            (ThemeName.SYSTEM, tr("Theme as the system")),
            (ThemeName.LIGHT, tr("Light theme")),
            (ThemeName.DARK, tr("Dark theme")),
            (ThemeName.SUN, tr("Sun theme")),
        )
        densities = (
            (Density.NORMAL, tr("Normal rows")),
            (Density.DENSE, tr("Dense rows")),
            (Density.TOUCH, tr("Large rows for touch")),
        )
        return [
            Command(
                "side-bar",
                tr("Narrow or wide side bar"),
                self.page.toggle_side_bar,
                ("Ctrl+B",),
                "layout",
                VIEW_MENU,
            ),
            *(
                Command(f"theme-{name}", title, partial(self.window.choose_theme, name), menu=VIEW_MENU)
                for name, title in themes
            ),
            *(
                Command(f"density-{each}", title, partial(self.window.choose_density, each), menu=VIEW_MENU)
                for each, title in densities
            ),
        ]

    def _selected(self) -> bool:
        return bool(self.page.selected_records())

    def _shared(self) -> bool:
        return bool(self.page.workspace.info.server)

    def _filter(self) -> None:
        page = self.page.list_page
        if page is not None and page.filter is not None:
            page.filter.setFocus()
            page.filter.selectAll()


def _ignore(_done: bool) -> None:
    """Undo says whether there was something; a command needs no answer."""


def project_commands(page: ProjectPage, window: WindowActions) -> list[Command]:
    """The commands of a project's page."""
    return _Maker(page, window).commands()
