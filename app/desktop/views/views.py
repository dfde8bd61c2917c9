"""Everything about saved views in the window of one project: the shelf, the tools of the desks, what is open."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.desktop.desk.page import DeskPage
from app.desktop.places import DESK_PLACES
from app.desktop.side_bar import SideBar
from app.desktop.translate import tr
from app.desktop.views.keeper import ViewKeeper
from app.desktop.views.shelf import ViewShelf
from app.desktop.views.tools import ViewTools
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.workspace.views import BOARD, CALENDAR, SavedView


class Views(QObject):
    """Between the side bar and the desks. The project's page shows the places themselves."""

    open_asked = Signal(bytes)
    """Emits the view that is to be shown."""
    state_changed = Signal()
    """Another view is open, or none."""
    left = Signal()
    """Naming is over: the list has the word again."""

    def __init__(
        self, look: Look, workspace: Workspace, side_bar: SideBar, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._workspace = workspace
        self._side_bar = side_bar
        self.keeper = ViewKeeper(workspace, tuple(DESK_PLACES), self)
        self.shelf = ViewShelf(look, workspace, self.keeper)
        self.tools: dict[str, ViewTools] = {}
        side_bar.insert(self.shelf, tr("Project"))
        self.shelf.open_asked.connect(self.open_asked)
        self.shelf.left.connect(self.left)
        self.keeper.state_changed.connect(self.state_changed)

    def attach(self, desk: DeskPage) -> None:
        """Give a desk its layouts and tools, and look after what it shows."""
        desk.add_layout(BOARD, self._board)
        desk.add_layout(CALENDAR, self._calendar)
        self.keeper.attach(desk)
        tools = self.tools[desk.kind] = ViewTools(desk, self.keeper)
        tools.save_asked.connect(lambda: self.name_new(desk.kind))

    # Their modules are loaded when they are first shown: the table, which all desks begin with, needs none of them.

    def _board(self, desk: DeskPage) -> QWidget:
        from app.desktop.views.layouts import BoardLayout

        return BoardLayout(self._look, self._workspace, desk)

    def _calendar(self, desk: DeskPage) -> QWidget:
        from app.desktop.views.layouts import CalendarLayout

        return CalendarLayout(self._look, self._workspace, desk)

    def name_new(self, kind: str) -> None:
        """Ask for the name of a new view of what a desk shows."""
        if self._side_bar.narrow:
            self._side_bar.set_narrow(False)
        self.shelf.name_new(kind)

    def shown(self, place: str) -> SavedView | None:
        """The view that the desk of a place shows."""
        kind = next((kind for kind, name in DESK_PLACES.items() if name == place), "")
        return self.keeper.opened(kind)

    def mark(self, place: str) -> None:
        """Mark in the side bar where one is: in a view, or in the place itself."""
        view = self.shown(place)
        self._side_bar.set_page("" if view is not None else place)
        self.shelf.set_current(None if view is None else view.id)

    def leave(self, place: str) -> None:
        """A place is asked for itself: its desk shows what it showed before a view was opened."""
        for kind, name in DESK_PLACES.items():
            if name == place:
                self.keeper.leave(kind)
