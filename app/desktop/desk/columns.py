"""Where the columns of a table lie: widths chosen or by type, one that takes the rest, some that stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.desktop.desk.ink import Ink, Scene
from app.desktop.desk.inks import make_ink
from app.desktop.item.speech import field_title
from app.desktop.translate import tr
from app.domain.schema import ISSUE, KINDS, Field, FieldType
from app.query.frames import Frames
from app.query.paths import ColumnSpec
from app.workspace.view_columns import SYNC
from app.workspace.views import read_column

_WIDTHS = {
    FieldType.LONG_TEXT: 220,
    FieldType.NUMBER: 92,
    FieldType.INTEGER: 72,
    FieldType.MONEY: 104,
    FieldType.DATE: 112,
    FieldType.MOMENT: 132,
    FieldType.CHECKBOX: 84,
    FieldType.CHOICE: 124,
    FieldType.CHOICES: 160,
    FieldType.LABELS: 168,
    FieldType.PERSON: 156,
    FieldType.PEOPLE: 156,
    FieldType.REFERENCE: 190,
    FieldType.REFERENCES: 190,
    FieldType.LINK: 180,
    FieldType.EMAIL: 190,
    FieldType.PHONE: 140,
}
_USUAL = 150
_BY_PATH = {"status": 28, "number": 54, SYNC: 30}
_LEAST = 28
_LEAST_REST = 200
"""The column that takes the rest is never narrower, in pixels at the base font."""
_DROPPED_LATER = ("location", "due", "assignees")
"""Where the usual columns do not fit, these go last."""
FIT_TYPES = (frozenset(_WIDTHS) | {FieldType.TEXT}) - {FieldType.LONG_TEXT, FieldType.REFERENCES}
"""The types whose values fit into a cell."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One column where it lies: ``left`` and ``width`` in pixels, before any scrolling sideways."""

    path: str
    title: str
    spec: ColumnSpec
    ink: Ink
    left: int
    width: int
    chosen: int
    """The width that somebody chose, in pixels at the base font; 0 for none."""
    rest: bool = False
    frozen: bool = False

    @property
    def right(self) -> int:
        """The first pixel that is not the column's."""
        return self.left + self.width

    @property
    def headless(self) -> bool:
        """Whether the column is too narrow for its name."""
        return self.path in (SYNC, "status") and self.width < 64

    @property
    def sortable(self) -> bool:
        """Whether a query can sort by it."""
        return self.path != SYNC


def sync_spec() -> ColumnSpec:
    """The column of the dot, as if it were a field."""
    return ColumnSpec(SYNC, tr("Sync"), Field(SYNC, FieldType.BYTES, "Sync", writable=False))


def find_spec(frames: Frames, kind: str, path: str) -> ColumnSpec | None:
    """What a column shows; None for a path that means nothing here (yet)."""
    found = frames.catalog.find(kind, path)
    return None if found is None else found.spec()


def column_title(spec: ColumnSpec) -> str:
    """What stands over a column."""
    if spec.path == "number":
        return tr("No.")
    if spec.path == "issues.count":
        return tr("Issues")
    return spec.title if spec.related else field_title(spec.field)


def default_width(spec: ColumnSpec) -> int:
    """How wide a column is that nobody resized, in pixels at the base font."""
    return _BY_PATH.get(spec.path) or _WIDTHS.get(spec.field.shown_as, _USUAL)


class ColumnPlan:
    """The columns of one table, laid out for a width."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._columns: list[Placed] = []
        self._usual = False
        self._kept = ""
        self.placed: tuple[Placed, ...] = ()
        self.total = 0
        """The width of all columns together, in pixels."""
        self.frozen_right = 0
        """Where the columns end that stay when scrolling sideways."""

    def choose(self, texts: Sequence[str], frozen: int, *, usual: bool) -> None:
        """Show these columns (``path`` or ``path=width``). ``usual`` ones leave where they do not fit."""
        self._usual = usual
        columns = self._scene.workspace.columns
        kind = self._scene.kind
        heading = KINDS[kind].heading
        paths = {read_column(each)[0] for each in texts}
        found: list[Placed] = []
        for text in texts:
            path, width = read_column(text)
            spec = sync_spec() if path == SYNC else find_spec(columns, kind, path)
            if spec is None or any(each.path == spec.path for each in found):
                continue  # a field whose definition has not come, or was taken away, has no column
            ink = make_ink(self._scene, spec, labels=kind == ISSUE and "labels" not in paths)
            rest = spec.path == heading and not width
            frozen_one = len(found) < frozen
            found.append(Placed(spec.path, column_title(spec), spec, ink, 0, 0, width or 0, rest, frozen_one))
        self._columns = found

    def keep(self, path: str) -> None:
        """Leave a column out least of all: the user stands in it."""
        self._kept = path

    def forget(self) -> None:
        """Names, or the day, are others now: inks work everything out again."""
        for each in self._columns:
            each.ink.forget()

    def paths(self) -> list[str]:
        """The paths that the columns read."""
        found = [each.path for each in self._columns if each.path != SYNC]
        if self._scene.kind == ISSUE and "title" in found:
            found += [name for name in ("labels", "status") if name not in found]
        return found

    def every(self) -> Sequence[Placed]:
        """All columns, those too that do not fit."""
        return self._columns

    def texts(self) -> list[str]:
        """The columns as a view keeps them."""
        return [f"{each.path}={each.chosen}" if each.chosen else each.path for each in self._columns]

    def place(self, room: int) -> None:
        """Lay the columns out over ``room`` pixels."""
        brush = self._scene.brush
        scale = brush.metrics.base / 13
        edge = brush.metrics.gap_medium // 2
        shown = list(self._columns)
        widths = {id(each): self._natural(each, scale) for each in shown}
        least = round(_LEAST_REST * scale)
        if self._usual:
            for each in self._by_need(shown):
                if 2 * edge + sum(widths[id(one)] or least for one in shown) <= room:
                    break
                shown.remove(each)
        fixed = sum(widths[id(each)] for each in shown)
        left = edge
        placed = []
        for each in shown:
            width = widths[id(each)] or max(least, room - fixed - 2 * edge)
            placed.append(replace(each, left=left, width=width))
            left += width
        self.placed = tuple(placed)
        self.total = left + edge
        self.frozen_right = max((each.right for each in placed if each.frozen), default=0)

    def _natural(self, column: Placed, scale: float) -> int:
        """In pixels; 0 for the column that takes the rest."""
        if column.rest:
            return 0
        width = round((column.chosen or default_width(column.spec)) * scale)
        if column.path == "status" and not column.chosen:
            width = self._scene.brush.metrics.icon + self._scene.brush.metrics.gap_medium
        return max(width, _LEAST)

    def _by_need(self, columns: Sequence[Placed]) -> list[Placed]:
        """What may leave where there is no room, the least needed first."""
        always = {KINDS[self._scene.kind].heading, "status", "number", SYNC, self._kept}
        may = [each for each in reversed(columns) if each.path not in always]
        later = [each for name in _DROPPED_LATER for each in may if each.path == name]
        return [each for each in may if each not in later] + later

    def at(self, x: int, scrolled: int) -> Placed | None:
        """The column below a pixel of the viewport."""
        for each in self.placed:
            left = each.left if each.frozen else each.left - scrolled
            if left <= x < left + each.width and (each.frozen or x >= self.frozen_right):
                return each
        return None

    def named(self, path: str) -> Placed | None:
        """The column of a path."""
        return next((each for each in self.placed if each.path == path), None)
