"""Everything that can be done in a project's window, as commands: the one list of them.

Menus, tool bars, the palette and the page of shortcuts are made from it, so that no key is told twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from app.desktop.aside import archive_selected
from app.desktop.commands import Command
from app.desktop.desk.page import DeskPage
from app.desktop.merging.panel import merge_selected
from app.desktop.notes.commands import note_commands
from app.desktop.notes.page import NotesPage
from app.desktop.opening import copy_links
from app.desktop.palette.finding import Find
from app.desktop.places import (
    ARCHIVE,
    CONFLICTS,
    ELEMENTS,
    FOLDER,
    GALLERY,
    IMPORT,
    INBOX,
    INVITE,
    ISSUES,
    NOTES,
    PEOPLE,
    REVIEW,
    SETTINGS,
    SHAPE,
    SYNC,
    TRASH,
    WALK,
    WORK,
)
from app.desktop.project_page import ProjectPage
from app.desktop.tokens import Density, ThemeName
from app.desktop.translate import tr
from app.desktop.trouble_commands import trouble_commands
from app.desktop.views.choices import layouts
from app.desktop.views.tools import LAYOUT_KEYS
from app.domain.schema import COMMENT, ELEMENT, ISSUE, KINDS, MERGEABLE, NOTE, PERSON

PROJECT_MENU = "project"
VIEW_MENU = "view"
ITEM_MENU = "item"


class WindowActions(Protocol):
    """What commands ask of the window that holds the project's page."""

    def new_project(self) -> None: ...

    def join_project(self) -> None: ...

    def sync_now(self) -> None: ...

    def show_gallery(self) -> None: ...

    def export_project(self) -> None: ...

    def backup(self) -> None: ...

    def choose_theme(self, name: ThemeName) -> None: ...

    def choose_density(self, density: Density) -> None: ...

    def close_window(self) -> None: ...

    def open_finder(self, what: Find, field: str = "") -> None:
        """Open what finds or sets: the palette, the search, the values of a field."""
        ...


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the commands of one page in one window."""

    page: ProjectPage
    window: WindowActions

    def commands(self) -> list[Command]:
        return [
            *self._making(),
            *self._changing(),
            *note_commands(self.page),
            *trouble_commands(self.page),
            *self._moving(),
            *self._finding(),
            *self._going(),
            *self._project(),
            *self._looking(),
            *self._viewing(),
        ]

    def _making(self) -> list[Command]:
        page = self.page
        make = partial(_command, section=tr("Make"), menu=ITEM_MENU)
        return [
            make("new-issue", tr("New issue"), lambda: page.create_record(ISSUE), "N", icon="plus"),
            make("new-note", tr("New note"), lambda: page.create_record(NOTE), "Shift+N", icon="note"),
            make("new-person", tr("New person"), lambda: page.create_record(PERSON), icon="user-plus"),
            make("new-element", tr("New element"), lambda: page.create_record(ELEMENT), icon="cube"),
        ]

    def _changing(self) -> list[Command]:
        """What is done with the item that is open or the rows that are selected."""
        page = self.page
        change = partial(_command, section=tr("Item"), menu=ITEM_MENU)
        in_trash = tr("Select something in the trash or the archive first.")
        selected = tr("Select something in a list first.")
        return [
            change(
                "edit", tr("Edit the title"), self._edit, "E", icon="pencil-simple",
                enabled=self._one, why=selected,
            ),
            *self._setting(),
            change(
                "gallery-item", tr("All its photos and files"), self.window.show_gallery, icon="image-square",
                enabled=self._one, why=selected,
            ),
            change(
                "delete", tr("Move to the trash"), page.delete_selected, "Del", icon="trash",
                enabled=lambda: page.page != TRASH and self._selected(), why=selected,
            ),
            change(
                "archive", tr("Archive, or bring back"), lambda: archive_selected(page), "Shift+E",
                icon="archive", enabled=self._issues, why=tr("Select issues first."),
            ),
            change(
                "restore", tr("Restore"), page.restore_selected, "R", icon="arrow-counter-clockwise",
                enabled=lambda: page.page in (ARCHIVE, TRASH) and self._selected(), why=in_trash,
            ),
            change(
                "merge", tr("Merge with …"), self._merge, "M", icon="git-merge",
                enabled=self._mergeable, why=tr("Select people or elements that are the same first."),
            ),
            change(
                "copy-link", tr("Copy link"), partial(copy_links, page), "Ctrl+Shift+C", icon="link",
                enabled=self._one_or_more, why=selected,
            ),
            change(
                "history", tr("History of the text"), page.show_history, "H", icon="clock-counter-clockwise",
                enabled=self._one, why=selected,
            ),
            change(
                "comment", tr("Write a comment"), self._comment, "Shift+C", "Ctrl+Shift+M", icon="chat-circle",
                enabled=lambda: self._talked_about() is not None,
                why=tr("Select one item that can be commented on first."),
            ),
            change("undo", tr("Undo"), lambda: _ignore(page.workspace.undo()), "Ctrl+Z"),
            change("redo", tr("Redo"), lambda: _ignore(page.workspace.redo()), "Ctrl+Shift+Z"),
        ]  # fmt: skip

    def _setting(self) -> list[Command]:
        """One key for each field that is set most; of all selected issues at once."""
        fields = (
            ("status", tr("Set the status"), "S", "circle-half"),
            ("assignees", tr("Assign to people"), "A", "user"),
            ("labels", tr("Set labels"), "L", "tag"),
            ("due", tr("Set the due date"), "D", "calendar-blank"),
            ("priority", tr("Set the priority"), "P", "cell-signal-high"),
            ("location", tr("Set the location"), "Shift+L", "map-pin"),
        )
        return [
            Command(
                f"set-{name}",
                title,
                partial(self.window.open_finder, Find.VALUES, name),
                (key,),
                icon,
                ITEM_MENU,
                self._issues,
                tr("Item"),
                tr("Select issues first."),
            )
            for name, title, key, icon in fields
        ]

    def _moving(self) -> list[Command]:
        page = self.page
        move = partial(_command, section=tr("In lists"), hidden=True, repeats=True)
        return [
            move("next", tr("Next entry"), lambda: page.move_by(1), "J"),
            move("previous", tr("Previous entry"), lambda: page.move_by(-1), "K"),
            move("next-item", tr("Next item, while one is open"), lambda: self._turn(1), "]"),
            move("previous-item", tr("Previous item, while one is open"), lambda: self._turn(-1), "["),
            _command(
                "select", tr("Select the entry"), self._select, "X",
                section=tr("In lists"), hidden=True,
            ),
        ]  # fmt: skip

    def _finding(self) -> list[Command]:
        find = partial(_command, section=tr("Find"))
        open_ = self.window.open_finder
        return [
            find("palette", tr("Commands and items"), partial(open_, Find.PALETTE), "Ctrl+K", hidden=True),
            find(
                "switch", tr("Go to an item"), partial(open_, Find.ITEMS), "Ctrl+P", "Ctrl+O",
                icon="arrow-elbow-down-right",
            ),
            find(
                "search", tr("Search all texts"), partial(open_, Find.SEARCH), "Ctrl+Shift+F",
                icon="magnifying-glass",
            ),
            find("filter", tr("Filter"), self._filter, "/", "Ctrl+F", icon="funnel", menu=VIEW_MENU),
            find("add-filter", tr("Add a filter"), self._add_filter, "F", icon="funnel-simple"),
            find("shortcuts", tr("All shortcuts"), partial(open_, Find.KEYS), "F1", "?", icon="keyboard"),
        ]  # fmt: skip

    def _going(self) -> list[Command]:
        places = (
            (ISSUES, tr("Go to issues"), ("Ctrl+1", "G, I"), "list-bullets"),
            (NOTES, tr("Go to notes"), ("Ctrl+2", "G, N"), "file-text"),
            (ELEMENTS, tr("Go to elements"), ("G, E",), "cube"),
            (PEOPLE, tr("Go to people"), ("Ctrl+3", "G, P"), "users"),
            (GALLERY, tr("Go to photos and files"), ("G, O",), "image-square"),
            (WALK, tr("Walk through the building"), ("Ctrl+6", "W"), "person-simple-walk"),
            (INBOX, tr("Go to the inbox"), ("Ctrl+8", "G, B"), "tray"),
            (WORK, tr("Go to my work"), ("Ctrl+9", "G, M"), "user-focus"),
            (REVIEW, tr("Review what is new"), ("Ctrl+7", "G, R"), "eye"),
            (CONFLICTS, tr("Go to conflicts"), ("Ctrl+4", "G, C"), "git-merge"),
            (ARCHIVE, tr("Go to the archive"), ("G, A",), "archive"),
            (TRASH, tr("Go to the trash"), ("Ctrl+5", "G, T"), "trash"),
        )
        return [
            _command(
                f"go-{name}", title, partial(self.page.show_page, name), *keys, icon=icon, section=tr("Go")
            )
            for name, title, keys, icon in places
        ]

    def _project(self) -> list[Command]:
        page, window = self.page, self.window
        project = partial(_command, section=tr("Project"), menu=PROJECT_MENU)
        projects = partial(_command, section=tr("Project"), menu="projects")
        return [
            project("invite", tr("Invite someone"), partial(page.show_page, INVITE), icon="user-plus"),
            project(
                "sync", tr("Sync now"), window.sync_now, "F5", icon="arrows-clockwise",
                enabled=self._shared, why=tr("Set a server for this project first."),
            ),
            project("sync-page", tr("How sync stands"), partial(page.show_page, SYNC), "G, Y", icon="cloud-check"),
            project("server", tr("Server"), partial(page.show_page, SETTINGS), icon="hard-drives"),
            project("import-table", tr("Import a table"), partial(page.show_page, IMPORT), icon="download-simple"),
            project(
                "export-view", tr("Export this view"), page.export_asked.emit, icon="table",
                enabled=self._on_desk, why=tr("Show issues first."),
            ),
            project("export", tr("Export this project"), window.export_project, icon="export"),
            project("backup", tr("Back up"), window.backup, icon="floppy-disk"),
            project(
                "shape", tr("Fields and categories"), partial(page.show_page, SHAPE), "G, F",
                icon="sliders",
            ),
            project("folder", tr("Markdown folder"), partial(page.show_page, FOLDER), "G, D", icon="folder-open"),
            project("settings", tr("Settings"), partial(page.show_page, SETTINGS), "Ctrl+,", icon="gear-six"),
            projects("new-project", tr("New project"), window.new_project, icon="plus"),
            projects("join", tr("Join with a code"), window.join_project, icon="sign-in"),
            project("quit", tr("Close Sitebook"), window.close_window, "Ctrl+Q"),
        ]  # fmt: skip

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
        look = partial(_command, section=tr("View"), menu=VIEW_MENU)
        return [
            look(
                "side-bar", tr("Narrow or wide side bar"), self.page.toggle_side_bar, "Ctrl+B", icon="layout"
            ),
            *(
                look(f"theme-{name}", title, partial(self.window.choose_theme, name))
                for name, title in themes
            ),
            *(
                look(f"density-{each}", title, partial(self.window.choose_density, each))
                for each, title in densities
            ),
        ]

    def _viewing(self) -> list[Command]:
        """How the list shows what it found, and keeping that as a view."""
        view = partial(
            _command, section=tr("View"), enabled=self._on_desk, why=tr("Show the issues or a view first.")
        )
        return [
            *(
                view(
                    f"layout-{name}", tr("Show as: {layout}").format(layout=title.lower()),
                    partial(self._tools, "show_layout", name), LAYOUT_KEYS[name], icon=icon, menu=VIEW_MENU,
                )
                for name, icon, title in layouts()
            ),
            view("sort-by", tr("Sort by"), partial(self._tools, "choose_sort"), icon="arrows-down-up"),
            view("group-by", tr("Group by"), partial(self._tools, "choose_group"), icon="stack"),
            view(
                "columns", tr("Choose columns"), partial(self._tools, "choose_columns"),
                icon="sliders-horizontal",
            ),
            view("save-view", tr("Save the view"), partial(self._tools, "save_view"), "Ctrl+S", icon="floppy-disk"),
            view("save-view-as", tr("Save as a new view"), self._save_as, "Ctrl+Shift+S", icon="plus"),
            view("discard-view", tr("Discard the changes of the view"), partial(self._tools, "discard_changes")),
        ]  # fmt: skip

    # What can be done now

    def _on_desk(self) -> bool:
        return isinstance(self.page.list_page, DeskPage)

    def _selected(self) -> bool:
        return bool(self.page.selected_records())

    def _one(self) -> bool:
        return len(self.page.selected_records()) == 1 or self.page.open_record is not None

    def _one_or_more(self) -> bool:
        return self._selected() or self.page.open_record is not None

    def _issues(self) -> bool:
        """Whether issues are selected, or one is open."""
        issues = self.page.workspace.columns.frame(ISSUE)
        opened = [] if self.page.open_record is None else [self.page.open_record]
        return any(issues.row(each) is not None for each in self.page.selected_records() or opened)

    def _mergeable(self) -> bool:
        """Whether what is selected can be made one with others of its kind."""
        desk = self.page.list_page
        return isinstance(desk, DeskPage) and desk.kind in MERGEABLE and self._selected()

    def _talked_about(self) -> bytes | None:
        """What a comment would be about: what is open, or the one item that is selected."""
        chosen, source = self.page.selected_records(), self.page.workspace.source
        record = self.page.open_record or (chosen[0] if len(chosen) == 1 else None)
        view = None if record is None else source.get(record)
        there = view is not None and not view.deleted and view.kind in KINDS[COMMENT].child_of
        return record if there else None

    def _shared(self) -> bool:
        return bool(self.page.workspace.info.server)

    # What is done

    def _edit(self) -> None:
        shown = self.page.list_page
        if isinstance(shown, NotesPage) and self.page.open_record is None and shown.rename():
            return
        records = self.page.selected_records()
        self.page.edit_item(records[0] if len(records) == 1 else self.page.open_record)

    def _comment(self) -> None:
        record = self._talked_about()
        if record is not None:
            self.page.write_comment(record)

    def _merge(self) -> None:
        desk = self.page.list_page
        if isinstance(desk, DeskPage):
            merge_selected(desk, self.page.tell)

    def _turn(self, step: int) -> None:
        if self.page.open_record is not None:
            self.page.move_by(step)

    def _select(self) -> None:
        page = self.page.list_page
        if page is not None:
            page.front.toggle_current()

    def _tools(self, what: str, *given: str) -> None:
        """Do what one of the tools above the desk does."""
        page = self.page.list_page
        if isinstance(page, DeskPage):
            getattr(self.page.views.tools[page.kind], what)(*given)

    def _save_as(self) -> None:
        page = self.page.list_page
        if isinstance(page, DeskPage):
            self.page.views.name_new(page.kind)

    def _filter(self) -> None:
        page = self.page.list_page
        if page is not None and page.filter is not None:
            page.filter.setFocus()
            page.filter.selectAll()

    def _add_filter(self) -> None:
        page = self.page.list_page
        if page is not None and page.chips is not None:
            page.chips.choose_field()


def _command(
    name: str,
    title: str,
    run: Callable[[], None],
    *keys: str,
    icon: str = "",
    menu: str = "",
    enabled: Callable[[], bool] | None = None,
    section: str = "",
    why: str = "",
    hidden: bool = False,
    repeats: bool = False,
) -> Command:
    return Command(
        name, title, run, keys, icon, menu, enabled or (lambda: True), section, why, hidden, repeats
    )


def _ignore(_done: bool) -> None:
    """Undo says whether there was something; a command needs no answer."""


def project_commands(page: ProjectPage, window: WindowActions) -> list[Command]:
    """The commands of a project's page."""
    return _Maker(page, window).commands()
