"""Board and calendar as layouts of a desk: they follow its spec, and say what is stood on as its table does."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent

from app.desktop.board.view import BoardView
from app.desktop.calendar.view import CalendarView
from app.desktop.desk.page import DeskPage
from app.desktop.lists.cells import Row
from app.desktop.translate import tr
from app.desktop.views.choices import lane_fields
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.query.parser import parse
from app.workspace.views import BOARD, CALENDAR, TABLE, ViewSpec, standard_board, standard_date
from sync.errors import SitebookError

_Ask = Callable[[str], None]


def _connect(layout: BoardView | CalendarView, desk: DeskPage) -> None:
    layout.chosen.connect(lambda record: desk.row_chosen.emit(_row(layout, record)))
    layout.opened.connect(lambda record: desk.row_opened.emit(_row(layout, record)))
    layout.entered.connect(lambda record: desk.row_entered.emit(_row(layout, record)))
    layout.left.connect(desk.left)
    layout.selection_changed.connect(desk.summary_changed)
    layout.new_asked.connect(desk.action_asked)


def _row(layout: BoardView | CalendarView, record: bytes | None) -> Row | None:
    """A record as the other parts of the window know it."""
    if record is None:
        return None
    return Row(record, record, layout.model.kind, (), layout.faces.face(record).spoken)


def _ask(workspace: Workspace, path: str, usual: str, ask: _Ask) -> None:
    """Ask by a field; where that is gone, or has another type by now, by the usual one, saying so."""
    if path and path != usual:
        try:
            ask(path)
        except SitebookError as error:
            workspace.failed.emit(str(error))
        else:
            return
    ask(usual)


class BoardLayout(BoardView):
    """The board of a desk."""

    def __init__(self, look: Look, workspace: Workspace, desk: DeskPage) -> None:
        super().__init__(look, workspace, desk.kind)
        self._desk = desk
        _connect(self, desk)
        desk.spec_changed.connect(self._follow)
        self._follow(desk.spec)

    def _follow(self, spec: ViewSpec) -> None:
        if spec.layout != BOARD:
            return
        query, sums = parse(spec.query), self._desk.live.sums

        def ask(path: str) -> None:
            self.model.ask(
                query,
                path,
                paths=self.faces.paths(),
                sum_path=sums[0] if sums else "",
                hide_empty=spec.hide_empty,
            )

        fields = [each.path for each in lane_fields(self.workspace.columns, spec.kind)]
        if not fields:
            self.workspace.failed.emit(
                tr("Nothing here has values that could be the columns of a board: a field of choices would.")
            )
            QTimer.singleShot(0, self, lambda: self._desk.change(layout=TABLE))
            return
        usual = standard_board(spec.kind)
        _ask(self.workspace, spec.board, usual if usual in fields else fields[0], ask)

    def current_row(self) -> Row | None:
        """The card that the user stands on."""
        return _row(self, self.current)

    def selected_keys(self) -> list[bytes]:
        """The selected records."""
        return self.selected

    def select_key(self, record: bytes) -> bool:
        """Stand on the card of a record."""
        return self.stand_on(record)

    def keep(self, record: bytes | None) -> None:
        """Keep the card of an open record on the board, whatever the filter says."""
        self.model.keep(record)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.model.live.eager = True

    def hideEvent(self, event: QHideEvent) -> None:
        """What nobody sees follows when there is time."""
        super().hideEvent(event)
        self.model.live.eager = False


class CalendarLayout(CalendarView):
    """The calendar of a desk."""

    def __init__(self, look: Look, workspace: Workspace, desk: DeskPage) -> None:
        super().__init__(look, workspace, desk.kind)
        _connect(self, desk)
        desk.spec_changed.connect(self._follow)
        self._follow(desk.spec)

    def _follow(self, spec: ViewSpec) -> None:
        if spec.layout == CALENDAR:
            query = parse(spec.query)
            _ask(
                self.workspace,
                spec.date,
                standard_date(spec.kind),
                lambda path: self.model.ask(query, path, paths=self.faces.paths()),
            )

    def current_row(self) -> Row | None:
        """The record that the user stands on."""
        return _row(self, self.current)

    def selected_keys(self) -> list[bytes]:
        """The selected records."""
        return self.selected

    def select_key(self, record: bytes) -> bool:
        """Stand on a record, showing its day."""
        return self.stand_on(record)

    def keep(self, record: bytes | None) -> None:
        """Keep an open record on its day, whatever the filter says."""
        self.model.keep(record)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.model.live.eager = True

    def hideEvent(self, event: QHideEvent) -> None:
        """What nobody sees follows when there is time."""
        super().hideEvent(event)
        self.model.live.eager = False
