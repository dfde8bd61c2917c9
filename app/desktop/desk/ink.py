"""How the cells of a column are drawn: what all inks share, and the ones that are text.

One ink a column; it is asked for each cell that is seen, and works out a value once for all rows that have it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from PySide6.QtGui import QPainter

from app.desktop.desk.brush import Brush
from app.desktop.lists.rows import cost_text, parse_day
from app.desktop.translate import tr
from app.desktop.words import exact_text, moment_text, overdue_text, weekday_text
from app.desktop.workspace import Workspace
from app.domain.schema import CLOSED_MEANINGS, ISSUE
from app.query.column import Column
from app.query.frames import Frame
from app.query.made_names import MadeNames
from app.query.paths import ColumnSpec
from app.workspace.view_columns import SYNC

_MOST_KNOWN = 20_000


class Scene:
    """What all inks of a table share. ``today`` and ``frame`` hold for one pass over the cells."""

    def __init__(self, brush: Brush, workspace: Workspace, kind: str) -> None:
        self.brush = brush
        self.workspace = workspace
        self.kind = kind
        self.begin()
        self.end()

    def begin(self, ratio: float = 0.0) -> None:
        """Another pass begins, on a screen of this ratio."""
        self.brush.begin(ratio)
        self.today = self.workspace.now().date()
        self.frame: Frame = self.workspace.columns.frame(self.kind)
        self._ready: dict[str, bool] = {}
        self._columns: dict[str, Column] | None = {}
        self._made = MadeNames(self.workspace.columns)
        self._makes: bool | None = None

    def end(self) -> None:
        """The pass is over: columns may be others from now on."""
        self._columns = None

    def column(self, path: str) -> Column:
        """A column in memory, looked up once in a pass: for each of its cells that takes longer than the rest."""
        if self._columns is None:
            return self.frame.column(path)
        known = self._columns.get(path)
        if known is None:
            known = self._columns[path] = self.frame.column(path)
        return known

    def made_name(self, row: int) -> str:
        """The name that a template makes for a record without one; empty where there is none, or not yet."""
        if self._makes is None:
            self._makes = self._made.ready(self.kind)
        return self._made.name(self.kind, row) if self._makes else ""

    def ready(self, path: str) -> bool:
        """Whether a column is in memory: what is still being read is drawn when it has come."""
        known = self._ready.get(path)
        if known is None:
            known = path == SYNC or self.workspace.columns.is_loaded(self.kind, [path])
            self._ready[path] = known
        return known


class Ink:
    """Text as the engine says it; the base of all others."""

    right = False
    tone = "text"

    def __init__(self, scene: Scene, column: ColumnSpec) -> None:
        self.scene = scene
        self.brush = scene.brush
        self.column = column
        self.path = column.path
        self.field = column.field
        self._known: dict[Any, Any] = {}

    def forget(self) -> None:
        """What was worked out for values may say something else now: a name changed, or the day."""
        self._known.clear()

    def value(self, row: int) -> Any:
        """The value in a row."""
        return self.scene.column(self.path).value(row)

    def text(self, row: int) -> str:
        """The value as it is drawn."""
        return self.plain(row)

    def plain(self, row: int) -> str:
        """The value as the engine says it."""
        column = self.scene.column(self.path)
        code = int(column.codes[row])
        known = column.texts.get(code)
        return self.scene.frame.shown(column, code) if known is None else known

    def hint(self, row: int) -> str:
        """The value as it is spoken, and shown when the pointer rests on it."""
        return self.text(row)

    def width(self, row: int) -> int:
        """How much room the value needs, in pixels."""
        return self.brush.width(self.text(row)[:200])

    def draw(
        self, painter: QPainter, row: int, left: int, top: int, room: int, height: int, *, soft: bool
    ) -> None:
        """Draw the cell of a row; ``soft`` for a row that is about to leave."""
        text = self.text(row)
        if text:
            tone = "muted" if soft else self.tone
            self.brush.text(painter, left, top, room, height, text, tone, right=self.right)

    def worked_out(self, value: Any) -> Any:
        """What ``work_out`` gave for a value, kept."""
        try:
            known = self._known.get(value)
        except TypeError:
            # Lists come from JSON; what is in them is plain.
            return self.work_out(value)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[value] = self.work_out(value)
        return known

    def work_out(self, value: Any) -> Any:
        """What is drawn for a value."""
        raise NotImplementedError


class MutedInk(Ink):
    """Text that stands back: related values, places, phone numbers."""

    tone = "muted"


class NumberInk(Ink):
    """Numbers of equal width, at the right."""

    right = True


class RelatedNumberInk(NumberInk):
    """Numbers from behind a reference."""

    tone = "muted"


class NameInk(Ink):
    """What a record that is not an issue is called."""

    def text(self, row: int) -> str:
        text = self.plain(row).strip()
        return text or self.scene.made_name(row) or tr("No name")


class _TextOfValue(Ink):
    """Draws ``work_out``'s text."""

    def text(self, row: int) -> str:
        value = self.value(row)
        return "" if value is None or value == () else self.worked_out(value)


class PlaceInk(_TextOfValue):
    """A location with the places around it."""

    tone = "muted"

    def text(self, row: int) -> str:
        return self.plain(row).replace("/", " / ")


class MoneyInk(_TextOfValue):
    """An amount with its currency."""

    right = True

    def work_out(self, value: Any) -> str:
        return cost_text(value)


class MomentInk(_TextOfValue):
    """A moment as people say it, exact when the pointer rests on it."""

    tone = "muted"

    def work_out(self, value: Any) -> str:
        return moment_text(value, self.scene.workspace.now()) if isinstance(value, int) else str(value)

    def hint(self, row: int) -> str:
        value = self.value(row)
        return exact_text(value, self.scene.workspace.now().tzinfo) if isinstance(value, int) else ""


class DateInk(Ink):
    """A day as people say it. A due date of an open issue that has passed says so by a sign and its colour."""

    tone = "muted"
    right = True

    def text(self, row: int) -> str:
        value = self.value(row)
        return "" if value is None else self._day(value)[0]

    def _day(self, value: Any) -> tuple[str, date | None]:
        known: tuple[str, date | None] = self.worked_out(value)
        return known

    def work_out(self, value: Any) -> tuple[str, date | None]:
        day = parse_day(value)
        return (weekday_text(day, self.scene.today) if day is not None else str(value)), day

    def _late(self, row: int) -> bool:
        if self.path != "due" or self.scene.kind != ISSUE:
            return False
        day = self._day(self.value(row))[1]
        if day is None or day >= self.scene.today:
            return False
        status = self.scene.column("status").value(row)
        entry = self.scene.workspace.directory.statuses.get(status) if isinstance(status, bytes) else None
        return entry is None or entry.meaning not in CLOSED_MEANINGS

    def hint(self, row: int) -> str:
        text = self.text(row)
        if not text:
            return ""
        if self._late(row):
            day = self._day(self.value(row))[1]
            assert day is not None
            return f"{text}, {overdue_text(day, self.scene.today)}"
        return tr("due {day}").format(day=text) if self.path == "due" else text

    def width(self, row: int) -> int:
        return super().width(row) + self.brush.metrics.icon

    def draw(
        self, painter: QPainter, row: int, left: int, top: int, room: int, height: int, *, soft: bool
    ) -> None:
        text = self.text(row)
        if not text:
            return
        late = self._late(row)
        tone = "danger" if late else "muted"
        width = self.brush.text(painter, left, top, room, height, text, tone, right=True)
        sign = self.brush.metrics.icon
        if late and width + sign + 3 <= room + 6:
            at = left + room - width - sign - 3
            self.brush.icon(painter, at, top, height, "warning-circle", "danger")
