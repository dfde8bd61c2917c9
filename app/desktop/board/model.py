"""The answer to a query filed into lanes, and kept so while records change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.desktop.board.lanes import LANE_TYPES, Filer, Filing, Lane, Lanes
from app.desktop.board.order import RankOrder
from app.desktop.desk.answer import LiveAnswer, with_row
from app.desktop.desk.paint import sum_text
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE
from app.query.ast import Query
from app.query.frames import Moved
from sync.errors import SitebookError

_RANK = "rank"


class BoardModel(QObject):
    """Lanes and the cards in them. A card is a record in a lane: one with two people may stand in two."""

    changed = Signal()
    """Lanes, cards or their order are others now."""

    def __init__(self, workspace: Workspace, kind: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.kind = kind
        self.live = LiveAnswer(workspace, kind, eager=True, parent=self)
        self.path = ""
        self.sorted = False
        """Whether the query says in which order the cards stand; if not, they stand where they were put."""
        self.hide_empty = False
        self.kept: bytes | None = None
        self._sum = ""
        self._lanes: Lanes | None = None
        self._filer: Filer | None = None
        self._known: tuple[object, bytes] | None = None
        self._filing: Filing | None = None
        self._shown: tuple[int, ...] = ()
        self._places: dict[int, int] = {}
        """Where the lanes are shown, by their number among all."""
        self._sums: dict[int, str] = {}
        self._order: RankOrder | None = None
        self._ordered = False
        """Whether the order was read; until then the newest stand first."""
        self._missed = False
        self.live.changed.connect(lambda _structure: self._rebuild())
        self.live.cells_changed.connect(self._cells_changed)
        workspace.moved.connect(self._follow)

    # What is shown

    def ask(
        self,
        query: Query,
        path: str,
        *,
        paths: Sequence[str] = (),
        sum_path: str = "",
        hide_empty: bool = False,
    ) -> None:
        """Show the answer to a query in the lanes of a field. Raises SitebookError for a field without lanes."""
        spec = self._workspace.columns.spec(self.kind, path)
        if spec.field.type not in LANE_TYPES:
            raise SitebookError(f"“{spec.title}” has no values that could be the columns of a board.")
        self.path = spec.path
        self.sorted = bool(query.sort) or self.kind != ISSUE
        self.hide_empty = hide_empty
        self._sum = "" if spec.field.many else sum_path
        self._known = None
        sums = (self._sum,) if self._sum else ()
        if self.kind == ISSUE and self._order is None:
            self._order = RankOrder(self.live.frame)
            self._workspace.run_steps(self._load_order(self._order))
        grouped = replace(query, group=None if spec.field.many else self.path)
        self.live.ask(grouped, paths=(self.path, *paths), sums=sums)

    def keep(self, record: bytes | None) -> None:
        """Keep a record among the cards, whatever the query says."""
        if record != self.kept:
            self.kept = record
            self._rebuild()

    def _load_order(self, order: RankOrder) -> Iterator[None]:
        columns = self._workspace.columns
        yield from columns.load_steps(self.kind, (_RANK,))
        self._missed = True
        while self._missed:
            # What comes or moves while the order is read is in it the next time.
            self._missed = False
            yield from order.load(columns.column(self.kind, _RANK))
        self._ordered = True
        self._rebuild()

    @property
    def ready(self) -> bool:
        """Whether there is something to show yet."""
        return self._filing is not None

    @property
    def can_move(self) -> bool:
        """Whether cards may be moved from lane to lane."""
        return self._lanes is not None and self._lanes.field.writable

    @property
    def can_order(self) -> bool:
        """Whether cards may be put anywhere in a lane."""
        return self._ordered and not self.sorted

    @property
    def field_title(self) -> str:
        """What the lanes are of."""
        return "" if self._lanes is None else self._lanes.field.title

    @property
    def lanes(self) -> Sequence[Lane]:
        """The lanes that are shown."""
        return () if self._lanes is None else [self._lanes.lanes[place] for place in self._shown]

    @property
    def hidden(self) -> int:
        """How many empty lanes are not shown."""
        return 0 if self._lanes is None else len(self._lanes.lanes) - len(self._shown)

    def count(self, place: int) -> int:
        """How many cards a lane has."""
        return 0 if self._filing is None else self._filing.count(self._shown[place])

    def total(self, place: int) -> str:
        """What the cards of a lane add up to, empty where nothing is summed."""
        return self._sums.get(self._shown[place], "")

    def record(self, place: int, index: int) -> bytes:
        """The record of a card."""
        assert self._filing is not None
        return self.live.frame.record(int(self._filing.lane(self._shown[place])[index]))

    def records(self, place: int) -> list[bytes]:
        """All records of a lane."""
        if self._filing is None:
            return []
        frame = self.live.frame
        return [frame.record(row) for row in self._filing.lane(self._shown[place]).tolist()]

    def index(self, place: int, record: bytes) -> int | None:
        """Where in a lane a record stands; None where it does not."""
        row = self.live.frame.row(record)
        if row is None or self._filing is None or place >= len(self._shown):
            return None
        found = np.flatnonzero(self._filing.lane(self._shown[place]) == row)
        return int(found[0]) if len(found) else None

    def find(self, record: bytes) -> tuple[int, int] | None:
        """The first lane in which a record stands, and where in it."""
        row = self.live.frame.row(record)
        if row is None or self._filing is None:
            return None
        for at in np.flatnonzero(self._filing.rows == row).tolist():
            number = bisect_right(self._filing.starts, at) - 1
            if number in self._places:
                return self._places[number], at - self._filing.starts[number]
        return None

    def held(self, records: Iterable[bytes]) -> list[bytes]:
        """Those of some records that have a card, lane by lane from top to bottom, each once."""
        frame = self.live.frame
        rows = [row for row in map(frame.row, records) if row is not None]
        if self._filing is None or not rows:
            return []
        wanted = np.zeros(frame.size, np.bool_)
        wanted[rows] = True
        found = self._filing.rows[wanted[self._filing.rows]].tolist()
        return [frame.record(row) for row in dict.fromkeys(found)]

    def lane_at(self, value: object) -> int | None:
        """Where the lane of a value is shown."""
        lane = None if self._lanes is None else self._lanes.place(value)
        return None if lane is None else self._places.get(lane)

    # What moving means

    @property
    def all_lanes(self) -> Lanes:
        """The lanes, also those that are not shown."""
        assert self._lanes is not None
        return self._lanes

    def lane_number(self, place: int) -> int:
        """The number among all lanes of one that is shown."""
        return self._shown[place]

    def value(self, record: bytes) -> object:
        """What a record has in the field of the lanes."""
        row = self.live.frame.row(record)
        return None if row is None else self.live.frame.value(self.path, row)

    def key(self, record: bytes) -> str:
        """The key by which a record stands where it stands."""
        assert self._order is not None
        return self._order.key(record)

    # Following

    def _follow(self, moved: Moved) -> None:
        if self._order is None or not self._ordered:
            self._missed = True
            return
        came, gone = moved.came.get(self.kind, set()), moved.gone.get(self.kind, set())
        frame = self.live.frame
        rows = moved.cells.get((self.kind, _RANK))
        records = set(came)
        if rows is not None:
            records.update(frame.record(int(row)) for row in rows)
        if records or gone:
            ranks = self._workspace.columns.column(self.kind, _RANK)
            self._order.follow(came, gone, {record: ranks.get(record) for record in records})
            self._rebuild()

    def _cells_changed(self, cells: dict[str, object]) -> None:
        if self.path in cells:
            self._rebuild()

    def _rebuild(self) -> None:
        answer = self.live.answer
        if answer is None or not self.path:
            return
        frame = self.live.frame
        column = frame.column(self.path)
        used = np.unique(column.codes[frame.order])
        directory = self._workspace.directory
        known = (directory, used.tobytes())
        if self._known is None or self._known[0] is not directory or self._known[1] != known[1]:
            self._known = known
            values = [column.values[code] for code in used.tolist()]
            self._lanes = Lanes(column.field, self._workspace.context(), values)
            self._filer = Filer(self._lanes)
        assert self._filer is not None
        assert self._lanes is not None
        rows = with_row(answer.rows, None if self.kept is None else frame.row(self.kept))
        if not self.sorted and self._order is not None and self._ordered:
            rows = self._order.arranged(rows)
        self._filing = self._filer.file(rows, column)
        every = range(len(self._lanes.lanes))
        self._shown = tuple(
            place for place in every if not self.hide_empty or self._filing.count(place)
        ) or tuple(every)
        self._places = {number: place for place, number in enumerate(self._shown)}
        self._sums = self._read_sums()
        self.changed.emit()

    def _read_sums(self) -> dict[int, str]:
        answer, lanes = self.live.answer, self._lanes
        if not self._sum or answer is None or lanes is None:
            return {}
        field = self._workspace.columns.spec(self.kind, self._sum).field
        found = {}
        for group in answer.groups:
            places = lanes.places(group.value)
            total = group.sums.get(self._sum)
            if len(places) == 1 and total is not None:
                found[places[0]] = sum_text(field, total)
        return found
