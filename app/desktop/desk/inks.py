"""How the cells of a column are drawn, by the type of the field. One ink a column; it is asked for each cell
that is seen, and works out a value once for all rows that have it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.desktop.desk.brush import Brush
from app.desktop.desk.order import SYNC
from app.desktop.glyphs import CHIP_GAP
from app.desktop.item.fields.pieces import PRIORITY_ICONS, capital
from app.desktop.lists.rows import cost_text, parse_day
from app.desktop.translate import tr
from app.desktop.words import exact_text, moment_text, overdue_text, record_sync_text, weekday_text
from app.desktop.workspace import Workspace
from app.domain.schema import CLOSED_MEANINGS, ISSUE, KINDS, PERSON, FieldType
from app.query.frames import Frame
from app.query.paths import ColumnSpec

_NAMED_FROM = 64
"""A column of people shows the first one's name from this many pixels on; of statuses, the status's."""
_LEAST_TITLE = 120
_CHIPS = 2
_MOST_KNOWN = 20_000


class Scene:
    """What all inks of a table share. ``today`` and ``frame`` hold for one pass over the cells."""

    def __init__(self, brush: Brush, workspace: Workspace, kind: str) -> None:
        self.brush = brush
        self.workspace = workspace
        self.kind = kind
        self.begin()

    def begin(self) -> None:
        """Another pass begins."""
        self.brush.begin()
        self.today = self.workspace.now().date()
        self.frame: Frame = self.workspace.columns.frame(self.kind)


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
        return self.scene.frame.value(self.path, row)

    def text(self, row: int) -> str:
        """The value as it is drawn."""
        return self.scene.frame.text(self.path, row)

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
        text = self.scene.frame.text(self.path, row).strip()
        return text or tr("No name")


class PersonNameInk(NameInk):
    """A person's initials and name."""

    def draw(
        self, painter: QPainter, row: int, left: int, top: int, room: int, height: int, *, soft: bool
    ) -> None:
        name = self.text(row)
        taken = self.brush.avatar(painter, left, top, height, name) + self.brush.metrics.gap - 2
        tone = "muted" if soft else "text"
        self.brush.text(painter, left + taken, top, room - taken, height, name, tone)


class _TextOfValue(Ink):
    """Draws ``work_out``'s text."""

    def text(self, row: int) -> str:
        value = self.value(row)
        return "" if value is None or value == () else self.worked_out(value)


class PlaceInk(_TextOfValue):
    """A location with the places around it."""

    tone = "muted"

    def text(self, row: int) -> str:
        return self.scene.frame.text(self.path, row).replace("/", " / ")


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
        status = self.scene.frame.value("status", row)
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


class CheckInk(Ink):
    """A box with or without its tick."""

    def text(self, row: int) -> str:
        value = self.value(row)
        if value is None:
            return ""
        return tr("yes") if value is True else tr("no")

    def width(self, row: int) -> int:
        return self.brush.metrics.icon

    def draw(
        self, painter: QPainter, row: int, left: int, top: int, room: int, height: int, *, soft: bool
    ) -> None:
        ticked = self.value(row) is True
        side = self.brush.metrics.icon
        theme = self.brush.look.theme

        def paint(inner: QPainter, box: QRect) -> None:
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            inner.setPen(QPen(theme.color("accent" if ticked else "muted"), 1.5))
            inner.setBrush(theme.color("accent") if ticked else Qt.BrushStyle.NoBrush)
            inner.drawRoundedRect(QRectF(box).adjusted(1.5, 1.5, -1.5, -1.5), 3, 3)

        at = top + (height - side) // 2
        self.brush.stamp(painter, left, at, side, side, ("check", ticked), paint)
        if ticked:
            self.brush.look.icons.pixmap("check", "on_accent")
            picture = self.brush.look.icons.pixmap(
                "check", "on_accent", ratio=painter.device().devicePixelRatioF(), size=side - 6
            )
            painter.drawPixmap(left + 3, at + 3, picture)


class StatusInk(Ink):
    """The round glyph; with the name where there is room."""

    def _entry(self, row: int) -> Any:
        value = self.value(row)
        return self.scene.workspace.directory.statuses.get(value) if isinstance(value, bytes) else None

    def text(self, row: int) -> str:
        entry = self._entry(row)
        return capital(entry.name) if entry is not None else ""

    def hint(self, row: int) -> str:
        if self._contested(row):
            return tr("Two people changed this")
        entry = self._entry(row)
        return entry.name if entry is not None else ""

    def _contested(self, row: int) -> bool:
        """Whether two values stand somewhere in the record: the sign of that goes before the status."""
        contested = self.scene.workspace.conflicted
        return bool(contested) and self.scene.frame.record(row) in contested

    def width(self, row: int) -> int:
        return super().width(row) + self.brush.metrics.icon + self.brush.metrics.gap

    def draw(
        self, painter: QPainter, row: int, left: int, top: int, room: int, height: int, *, soft: bool
    ) -> None:
        entry = self._entry(row)
        if self._contested(row):
            taken = self.brush.icon(painter, left, top, height, "git-merge", "warning")
        else:
            taken = self.brush.status(painter, left, top, height, str(entry.meaning) if entry else "open")
        if room >= _NAMED_FROM and entry is not None:
            taken += self.brush.metrics.gap
            tone = "muted" if soft else "text"
            self.brush.text(painter, left + taken, top, room - taken, height, capital(entry.name), tone)


class PeopleInk(Ink):
    """People: initials, and the first one's name where there is room."""

    def names(self, row: int) -> tuple[str, ...]:
        """Who, in the order of the alphabet."""
        value = self.value(row)
        if not value:
            return ()
        names: tuple[str, ...] = self.worked_out(value)
        return names

    def work_out(self, value: Any) -> tuple[str, ...]:
        people = self.scene.workspace.directory.people
        members = value if isinstance(value, tuple | list) else (value,)
        return tuple(sorted((people[each].shown for each in members if each in people), key=str.casefold))

    def text(self, row: int) -> str:
        return ", ".join(self.names(row))

    def width(self, row: int) -> int:
        return super().width(row) + self.brush.avatar_side + self.brush.metrics.gap

    def draw(
        self, painter: QPainter, row: int, left: int, top: int, room: int, height: int, *, soft: bool
    ) -> None:
        names = self.names(row)
        if not names:
            return
        brush = self.brush
        side = brush.avatar_side
        if room < _NAMED_FROM:
            count = min(len(names), max(1, (room + side // 3) // (side - 4)))
            for place in range(count):
                brush.avatar(painter, left + place * (side - 4), top, height, names[place])
            return
        taken = brush.avatar(painter, left, top, height, names[0]) + brush.metrics.gap - 2
        suffix = f" +{len(names) - 1}" if len(names) > 1 else ""
        extra = brush.width(suffix) if suffix else 0
        tone = "muted" if soft else "text"
        used = brush.text(painter, left + taken, top, room - taken - extra, height, names[0], tone)
        if suffix:
            brush.text(painter, left + taken + used, top, extra + 5, height, suffix, "muted")


class ChipsInk(Ink):
    """Labels, or several choices: as many as fit, the others counted."""

    def chips(self, row: int) -> tuple[tuple[str, str], ...]:
        """Names with their hues, in the order of the alphabet."""
        value = self.value(row)
        if not value:
            return ()
        chips: tuple[tuple[str, str], ...] = self.worked_out(value)
        return chips

    def work_out(self, value: Any) -> tuple[tuple[str, str], ...]:
        members = value if isinstance(value, tuple | list) else (value,)
        labels = self.scene.workspace.directory.labels
        if self.field.type is FieldType.LABELS:
            found = [(labels[each].name, labels[each].color) for each in members if each in labels]
        else:
            found = [(str(each), "") for each in members]
        return tuple(sorted(found, key=lambda chip: chip[0].casefold()))

    def text(self, row: int) -> str:
        return ", ".join(name for name, _ in self.chips(row))

    def width(self, row: int) -> int:
        return sum(self.brush.chip_width(name) + CHIP_GAP for name, _ in self.chips(row))

    def draw(
        self, painter: QPainter, row: int, left: int, top: int, room: int, height: int, *, soft: bool
    ) -> None:
        draw_chips(self.brush, painter, self.chips(row), left, top, room, height)


def fitting(brush: Brush, chips: tuple[tuple[str, str], ...], room: int, most: int) -> list[tuple[str, str]]:
    """As many chips as fit into ``room``, and the count of the others as one more."""
    shown: list[tuple[str, str]] = []
    for place, chip in enumerate(chips):
        left_out = len(chips) - place - 1
        reserve = brush.chip_width(f"+{left_out}") + CHIP_GAP if left_out else 0
        width = brush.chip_width(chip[0]) + CHIP_GAP
        if len(shown) == most or width + reserve > room:
            count = f"+{len(chips) - place}"
            if shown or brush.chip_width(count) <= room:
                shown.append((count, ""))
            break
        room -= width
        shown.append(chip)
    return shown


def draw_chips(
    brush: Brush,
    painter: QPainter,
    chips: tuple[tuple[str, str], ...],
    left: int,
    top: int,
    room: int,
    height: int,
    most: int = 99,
) -> None:
    """Draw chips beside each other."""
    for name, hue in fitting(brush, chips, room, most) if chips else ():
        left += brush.chip(painter, left, top, height, name, hue) + CHIP_GAP


class PriorityInk(Ink):
    """An icon and the word."""

    def text(self, row: int) -> str:
        return capital(super().text(row))

    def width(self, row: int) -> int:
        return super().width(row) + self.brush.metrics.icon + self.brush.metrics.gap

    def draw(
        self, painter: QPainter, row: int, left: int, top: int, room: int, height: int, *, soft: bool
    ) -> None:
        value = self.value(row)
        if value is None:
            return
        icon = PRIORITY_ICONS.get(str(value), "minus")
        taken = self.brush.icon(painter, left, top, height, icon, "muted") + self.brush.metrics.gap - 2
        self.brush.text(painter, left + taken, top, room - taken, height, self.text(row), "muted")


class TitleInk(Ink):
    """An issue's title with up to two labels after it, where ``labels`` is given."""

    labels: ChipsInk | None = None

    def text(self, row: int) -> str:
        return self.scene.frame.text(self.path, row).strip() or tr("Untitled")

    def hint(self, row: int) -> str:
        labels = self.labels.text(row) if self.labels is not None else ""
        return f"{self.text(row)}, {labels}" if labels else self.text(row)

    def forget(self) -> None:
        super().forget()
        if self.labels is not None:
            self.labels.forget()

    def draw(
        self, painter: QPainter, row: int, left: int, top: int, room: int, height: int, *, soft: bool
    ) -> None:
        brush = self.brush
        text = self.scene.frame.text(self.path, row).strip()
        tone = "text" if text and not soft else "muted"
        text = text or tr("Untitled")
        chips = self.labels.chips(row) if self.labels is not None else ()
        if not chips:
            brush.text(painter, left, top, room, height, text, tone)
            return
        least = min(brush.width(text[:200]), max(_LEAST_TITLE, room * 62 // 100))
        shown = fitting(brush, chips, room - least - 2 * CHIP_GAP, _CHIPS)
        taken = sum(brush.chip_width(name) + CHIP_GAP for name, _ in shown) + (CHIP_GAP if shown else 0)
        used = brush.text(painter, left, top, room - taken, height, text, tone)
        at = left + used + 2 * CHIP_GAP
        for name, hue in shown:
            at += brush.chip(painter, at, top, height, name, hue) + CHIP_GAP


class SyncInk(Ink):
    """The dot that says where a record is."""

    def text(self, row: int) -> str:
        return record_sync_text(self._state(row))

    def _state(self, row: int) -> str:
        return self.scene.workspace.sync_of(self.scene.frame.record(row))

    def width(self, row: int) -> int:
        return 12

    def draw(
        self, painter: QPainter, row: int, left: int, top: int, room: int, height: int, *, soft: bool
    ) -> None:
        self.brush.dot(painter, left + (room - 12) // 2, top, height, self._state(row))


_INKS: dict[FieldType, type[Ink]] = {
    FieldType.STATUS: StatusInk,
    FieldType.PERSON: PeopleInk,
    FieldType.PEOPLE: PeopleInk,
    FieldType.LABELS: ChipsInk,
    FieldType.CHOICES: ChipsInk,
    FieldType.DATE: DateInk,
    FieldType.MOMENT: MomentInk,
    FieldType.MONEY: MoneyInk,
    FieldType.NUMBER: NumberInk,
    FieldType.INTEGER: NumberInk,
    FieldType.CHECKBOX: CheckInk,
    FieldType.LOCATION: PlaceInk,
    FieldType.PHONE: MutedInk,
    FieldType.EMAIL: MutedInk,
    FieldType.LINK: MutedInk,
}


def make_ink(scene: Scene, column: ColumnSpec, *, labels: bool = False) -> Ink:
    """The ink of a column. ``labels``: an issue's labels stand after its title."""
    if column.path == SYNC:
        return SyncInk(scene, column)
    if column.related:
        # What stands behind a reference may be one value or several: it is said, not drawn.
        return RelatedNumberInk(scene, column) if column.field.type in _NUMBERS else MutedInk(scene, column)
    if column.path == KINDS[scene.kind].heading:
        if scene.kind != ISSUE:
            return (PersonNameInk if scene.kind == PERSON else NameInk)(scene, column)
        ink = TitleInk(scene, column)
        if labels:
            field = scene.workspace.fields(ISSUE).resolve("labels")
            ink.labels = ChipsInk(scene, ColumnSpec("labels", field.title, field))
        return ink
    if column.path == "number":
        return MutedInk(scene, column)
    if column.path == "priority":
        return PriorityInk(scene, column)
    return _INKS.get(column.field.shown_as, Ink)(scene, column)


_NUMBERS = frozenset({FieldType.NUMBER, FieldType.INTEGER, FieldType.MONEY})
