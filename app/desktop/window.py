"""The window: the ways in while there is no project, then a project's page. One object per window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.places import (
    FOLDER,
    GALLERY,
    IMPORT,
    INBOX,
    INVITE,
    ISSUES,
    REVIEW,
    SETTINGS,
    SHAPE,
    SYNC,
    WALK,
    WORK,
)
from app.desktop.session import ProfileState, ProjectInfo, Session, SyncFeed, SyncView
from app.desktop.tokens import Density, ThemeName
from app.desktop.translate import tr
from app.desktop.widgets import Button, ButtonKind, Look
from app.desktop.workers import Workers
from sync.errors import SitebookError

if TYPE_CHECKING:
    from app.desktop.commands import Commands
    from app.desktop.entrance import Entrance
    from app.desktop.folder.running import FolderKeeper
    from app.desktop.inbox.desk import InboxDesk
    from app.desktop.live.here import Here
    from app.desktop.pages.settings import SettingsPage
    from app.desktop.palette.finder import Finder
    from app.desktop.palette.finding import Find
    from app.desktop.palette.items import Goal
    from app.desktop.project_page import MakePanel, ProjectPage
    from app.desktop.workspace import Workspace
    from app.store.touched import Touched


class Window(QWidget):
    """The top-level window over one profile."""

    project_opened = Signal()
    """The page of a project is there."""

    def __init__(
        self,
        look: Look,
        *,
        now: Callable[[], datetime],
        version: str,
        person: str = "",
    ) -> None:
        super().__init__()
        self._look = look
        self._session: Session
        self._make_panel: MakePanel
        self._now = now
        self._in_use = False
        self._version = version
        self._person = person
        self._workers = Workers(self)
        self._feed: SyncFeed | None = None
        self._page: ProjectPage | None = None
        self._commands: Commands | None = None
        self._finder: Finder | None = None
        self._inbox: InboxDesk | None = None
        self._folder: FolderKeeper | None = None
        self._here: Here | None = None
        self._entrance: Entrance | None = None
        self._gallery_of: bytes | None = None
        """The record whose photos the gallery is to show when it opens; None for all."""
        self.setWindowTitle(tr("Sitebook"))
        room = self.screen().availableSize()
        self.resize(min(1440, room.width()), min(900, room.height()))
        self._stack = QStackedWidget(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    @property
    def project_page(self) -> ProjectPage | None:
        """The page of the open project."""
        return self._page

    @property
    def commands(self) -> Commands | None:
        """The commands of the open project."""
        return self._commands

    # The ways in

    def use(self, session: Session, make_panel: MakePanel) -> None:
        """Begin to show a profile."""
        self._session = session
        self._make_panel = make_panel
        self._in_use = True
        self.begin()

    def cannot_begin(self, sentence: str) -> None:
        """Say why there is nothing to show, and offer to close."""
        from app.desktop.pages.frame import PageFrame, Problem

        page = PageFrame(self._look, tr("Sitebook cannot open"), back=False)
        problem = Problem(self._look)
        problem.say(sentence)
        page.column.addWidget(problem)
        close = Button(self._look, tr("Close"), kind=ButtonKind.PRIMARY)
        close.clicked.connect(lambda _checked=False: self.close())
        page.row(close)
        page.column.addStretch(1)
        self._show(page)
        close.setFocus()

    def say(self, sentence: str) -> None:
        """Tell for a while what went wrong."""
        if self._page is not None:
            self._page.say(sentence)

    def begin(self) -> None:
        """Show what the profile's state asks for."""
        state = self._session.state()
        if state is ProfileState.LOCKED:
            self._ensure_entrance().unlock()
            return
        if state is ProfileState.OPEN:
            self._take_over_look()
        projects = self._session.projects() if state is ProfileState.OPEN else ()
        if not projects:
            self._ensure_entrance().welcome()
            return
        last = self._session.setting("window.project", "")
        self.open_project(next((each for each in projects if each.id.hex() == last), projects[0]))

    def _take_over_look(self) -> None:
        """What the user chose on this device holds again."""
        theme = self._look.theme
        names = {str(each): each for each in ThemeName}
        densities = {str(each): each for each in Density}
        name = names.get(str(self._session.setting("window.theme", "")), theme.name)
        density = densities.get(str(self._session.setting("window.density", "")), theme.density)
        if name is not theme.name or density is not theme.density:
            theme.choose(name, density)

    def _ensure_entrance(self) -> Entrance:
        if self._entrance is None:
            from app.desktop.entrance import Entrance

            self._entrance = Entrance(self._look, self._session, self._workers, self._person, self)
            self._entrance.shown.connect(self._show)
            self._entrance.unlocked.connect(self.begin)
            self._entrance.entered.connect(self.open_project)
            self._entrance.left.connect(self._leave_form)
        return self._entrance

    def _leave_form(self) -> None:
        if self._page is not None:
            self._show(self._page)
        else:
            self._ensure_entrance().welcome()

    def _show(self, widget: Any) -> None:
        """Show a page; forms that are left are gone."""
        before = self._stack.currentWidget()
        if self._stack.indexOf(widget) < 0:
            self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)
        if before is not None and before is not widget and before is not self._page:
            self._stack.removeWidget(before)
            before.deleteLater()
        start = getattr(widget, "start", None)
        if start is not None:
            start()

    # The project

    def open_project(self, info: ProjectInfo) -> None:
        """Open a project and show its issues."""
        # Here and not above: the window stands before what a project needs is read from the disk.
        from app.desktop.commands import Commands
        from app.desktop.folder.running import FolderKeeper
        from app.desktop.inbox.desk import InboxDesk
        from app.desktop.live.attach import attach_page, attach_panel
        from app.desktop.palette.finder import Finder
        from app.desktop.project_commands import project_commands
        from app.desktop.project_page import ProjectPage
        from app.desktop.workspace import Workspace

        try:
            source = self._session.open(info.id)
        except SitebookError as error:
            if self._page is not None:
                self._page.say(str(error))
            else:
                self.cannot_begin(str(error))
            return
        workspace = Workspace(
            source,
            info,
            self._now,
            self._session.me(info.id),
            attachments=self._session.attachments(info.id),
        )
        self._follow_files(workspace)
        here = self._make_here(info)
        page = ProjectPage(
            self._look, workspace, lambda look, space: attach_panel(self._make_panel(look, space), here)
        )
        here.setParent(page)
        attach_page(self._look, page, here)
        workspace.setParent(page)
        self._folder = FolderKeeper(workspace, page)
        page.switcher_pressed.connect(self._project_menu)
        page.sync_pressed.connect(self.sync_now)
        page.page_asked.connect(self._other_page)
        page.table_dropped.connect(self._import_table)
        page.export_asked.connect(self._export_view)
        page.note_menu_asked.connect(self._note_menu)
        page.command_asked.connect(self._run_command)
        before, self._page = self._page, page
        self._commands = Commands(self._look, page, project_commands(page, self))
        self._finder = Finder(self._look, page, self._commands, self._session, self._switch)
        self._inbox = InboxDesk(self._look, self._session, page, self._go_to)
        self._show(page)
        if self._here is not None:
            self._here.leave()
        self._here = here
        if before is not None:
            before.finish()
            self._stack.removeWidget(before)
            before.deleteLater()
        self.setWindowTitle(tr("{project} – Sitebook").format(project=info.name))
        self._session.set_setting("window.project", info.id.hex())
        self._follow_sync(workspace)
        self._folder.start()
        self.project_opened.emit()

    def projects(self) -> Sequence[ProjectInfo]:
        """The projects of the profile that is open."""
        return self._session.projects()

    def go_to(self, goal: Goal) -> None:
        """Show a record of the open project in the list that it stands in."""
        assert self._finder is not None
        self._finder.go_to(goal)

    def _go_to(self, project: bytes, record: bytes) -> None:
        """Open a record of another project."""
        info = next((each for each in self._session.projects() if each.id == project), None)
        if info is not None:
            self.open_project(info)
            if self._page is not None and self._page.workspace.info.id == project:
                self._page.open_item(record)

    def _make_here(self, info: ProjectInfo) -> Here:
        """Who is in a project, besides the user."""
        from app.desktop.live.here import SETTING, Here

        self._ensure_feed()
        return Here(
            info.id,
            None if self._feed is None else self._feed.lines,
            lambda: self._session.authors(info.id),
            shown=self._session.setting(SETTING, True) is not False,
        )

    def show_gallery(self) -> None:
        """Show the photos of what is open or selected."""
        page = self._page
        assert page is not None
        records = page.selected_records()
        self._gallery_of = page.open_record or (records[0] if len(records) == 1 else None)
        page.show_page(GALLERY)

    def show_me(self, shown: bool) -> None:
        """Let others see where the user is, or not, on this device."""
        from app.desktop.live.here import SETTING

        self._session.set_setting(SETTING, shown)
        if self._here is not None:
            self._here.show_me(shown)

    def _ensure_feed(self) -> None:
        if self._feed is None:
            self._feed = self._session.sync_feed()
            if self._feed is not None:
                self._feed.state_changed.connect(self._sync_state, Qt.ConnectionType.QueuedConnection)
                self._feed.touched.connect(self._remote, Qt.ConnectionType.QueuedConnection)
                self._feed.failed.connect(
                    lambda _project, sentence: self.say(sentence), Qt.ConnectionType.QueuedConnection
                )

    def _follow_sync(self, workspace: Workspace) -> None:
        self._ensure_feed()
        if self._feed is not None:
            feed, project = self._feed, workspace.info.id
            feed.open_first(project)
            workspace.wrote.connect(lambda: feed.poke(project))
            workspace.drop_asked.connect(lambda hashed: feed.drop(project, hashed))

    def _follow_files(self, workspace: Workspace) -> None:
        """Files travel in a thread of their own, which begins with that of sync."""
        from app.desktop.file_desk import FileDesk

        self._ensure_feed()
        feed, project = self._session.file_feed(), workspace.info.id
        workspace.files = FileDesk(
            project, workspace.source, feed if workspace.info.server else None, workspace
        )
        workspace.wrote.connect(workspace.files.poke)

    def _sync_state(self, project: bytes, view: SyncView) -> None:
        if self._page is not None and self._page.workspace.info.id == project:
            self._page.set_sync(view)

    def _remote(self, project: bytes, touched: Touched) -> None:
        if self._page is not None and self._page.workspace.info.id == project:
            self._page.workspace.apply_touched(touched)

    def _project_menu(self) -> None:
        """The switcher's menu: other projects, ways to more, and what can be done with this one."""
        from app.desktop.project_commands import ITEM_MENU, PROJECT_MENU, VIEW_MENU

        page, commands = self._page, self._commands
        assert page is not None
        assert commands is not None
        menu = QMenu(page)
        menu.setAccessibleName(tr("Project"))
        for info in self._session.projects():
            action = QAction(info.name, menu)
            action.setCheckable(True)
            action.setChecked(info.id == page.workspace.info.id)
            action.triggered.connect(lambda _checked=False, info=info: self._switch(info))
            menu.addAction(action)
        menu.addSeparator()
        commands.fill(menu, "projects")
        menu.addSeparator()
        commands.fill(menu, PROJECT_MENU)
        menu.addSeparator()
        for title, group in ((tr("Entry"), ITEM_MENU), (tr("View"), VIEW_MENU)):
            inner = menu.addMenu(title)
            commands.fill(inner, group)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        switcher = page.side_bar.switcher
        menu.setMinimumWidth(self._look.theme.metrics.side_bar)
        menu.popup(switcher.mapToGlobal(QPoint(0, switcher.height() + 2)))

    def _note_menu(self, at: QPoint) -> None:
        """What can be done with the selected notes."""
        from app.desktop.notes.commands import NOTE_MENU

        assert self._page is not None
        assert self._commands is not None
        menu = QMenu(self._page)
        menu.setAccessibleName(tr("Note"))
        menu.addAction(self._commands.action("edit"))
        self._commands.fill(menu, NOTE_MENU)
        menu.addSeparator()
        menu.addAction(self._commands.action("delete"))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def _run_command(self, name: str) -> None:
        if self._commands is not None:
            self._commands.run(name)

    def _switch(self, info: ProjectInfo) -> None:
        if self._page is None or info.id != self._page.workspace.info.id:
            self.open_project(info)

    def _other_page(self, name: str) -> None:
        page = self._page
        assert page is not None
        info = page.workspace.info
        if name == INVITE:
            from app.desktop.pages.invite import InvitePage

            invite = InvitePage(self._look, self._session, page.workspace, info)
            invite.back_asked.connect(lambda: page.show_page(ISSUES))
            page.show_other(name, invite)
            invite.start()
        elif name == WALK:
            from app.desktop.walk.opening import make_walk

            walk = make_walk(self._look, self._session, page)
            page.show_other(name, walk)
            walk.start()
        elif name in (INBOX, WORK) and self._inbox is not None:
            concerns = self._inbox.make(name)
            page.show_other(name, concerns)
            concerns.start()
        elif name == REVIEW:
            from app.desktop.review.opening import make_review

            review = make_review(self._look, page)
            page.show_other(name, review)
            review.start()
        elif name == IMPORT:
            self._import_table()
        elif name == SHAPE:
            from app.desktop.shaping.opening import make_shape

            shape = make_shape(self._look, page)
            page.show_other(name, shape)
            shape.start()
        elif name == FOLDER and self._folder is not None:
            from app.desktop.folder.page import FolderPage

            folder = FolderPage(self._look, self._folder)
            folder.back_asked.connect(lambda: page.show_page(ISSUES))
            page.show_other(name, folder)
            folder.start()
        elif name == GALLERY:
            from app.desktop.gallery.page import GalleryPage

            gallery = GalleryPage(self._look, page.workspace, self._gallery_of)
            self._gallery_of = None
            gallery.back_asked.connect(lambda: page.show_page(ISSUES))
            gallery.record_asked.connect(page.open_item)
            page.show_other(name, gallery)
            gallery.start()
        elif name == SYNC:
            from app.desktop.syncing.opening import make_sync_page

            sync = make_sync_page(self._look, page, self._session)
            page.show_other(name, sync)
            sync.start()
        elif name == SETTINGS:
            settings = self._settings(info)
            page.show_other(name, settings)
            settings.start()

    def _import_table(self, path: Path | None = None) -> None:
        """Show the page that takes a table in, with the file that is known already."""
        from app.desktop.importing.opening import make_import

        page = self._page
        assert page is not None
        importing = make_import(self._look, page)
        page.show_other(IMPORT, importing)
        importing.start()
        if path is not None:
            importing.open_file(path)

    def _export_view(self) -> None:
        """Ask where to, then write what the list shows."""
        from app.desktop.exporting.exporter import export_page

        assert self._page is not None
        export_page(self._page)

    def _settings(self, info: ProjectInfo) -> SettingsPage:
        from app.desktop.pages.settings import SettingsPage

        page = self._page
        assert page is not None
        settings = SettingsPage(
            self._look, self._session, self._workers, info, self._version, files=page.workspace.source
        )
        settings.back_asked.connect(lambda: page.show_page(ISSUES))
        settings.shape_asked.connect(lambda: page.show_page(SHAPE))
        settings.folder_asked.connect(lambda: page.show_page(FOLDER))
        settings.theme_chosen.connect(self.choose_theme)
        settings.density_chosen.connect(self.choose_density)
        settings.server_changed.connect(self._server_changed)
        settings.shown_chosen.connect(self.show_me)
        return settings

    def _server_changed(self, address: str) -> None:
        assert self._page is not None
        self._page.server_changed(address)
        self.sync_now()

    # What commands ask for

    def new_project(self) -> None:
        """Show the form of a new project."""
        self._ensure_entrance().new_project()

    def join_project(self) -> None:
        """Show the form for joining."""
        self._ensure_entrance().join()

    def sync_now(self) -> None:
        """Sync without waiting; without a server, say where one is set."""
        assert self._page is not None
        info = self._page.workspace.info
        if not info.server:
            self._page.show_page(SETTINGS)
        elif self._feed is not None:
            self._feed.sync_now(info.id)

    def export_project(self) -> None:
        """Ask where to, then export."""
        settings = self._shown_settings()
        settings.choose_export()

    def backup(self) -> None:
        """Ask where to, then back up."""
        settings = self._shown_settings()
        settings.choose_backup()

    def _shown_settings(self) -> SettingsPage:
        page = self._page
        assert page is not None
        settings = self._settings(page.workspace.info)
        page.show_other(SETTINGS, settings)
        return settings

    def choose_theme(self, name: ThemeName) -> None:
        """Change the theme of this device."""
        self._look.theme.choose(name=ThemeName(name))
        self._session.set_setting("window.theme", str(name))

    def choose_density(self, density: Density) -> None:
        """Change the size of rows on this device."""
        self._look.theme.choose(density=Density(density))
        self._session.set_setting("window.density", str(density))

    def open_finder(self, what: Find, field: str = "") -> None:
        """Open the palette, the search, the shortcuts, or the values of a field."""
        assert self._finder is not None
        self._finder.open(what, field)

    def close_window(self) -> None:
        """Close."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Write down what is being typed, stop the sync thread, close the files."""
        page, self._page = self._page, None
        if page is not None:
            page.finish()
            page.hide()
            page.deleteLater()
        if self._feed is not None:
            self._feed.stop()
        self._workers.wait()
        if self._in_use:
            self._session.close()
        super().closeEvent(event)
