"""Cells that are more than text: glyphs, initials, labels, boxes; and which ink a column gets."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app.desktop.desk.brush import Brush
from app.desktop.desk.ink import (
    DateInk,
    Ink,
    MomentInk,
    MoneyInk,
    MutedInk,
    NameInk,
    NumberInk,
    PlaceInk,
    RelatedNumberInk,
    Scene,
)
from app.desktop.glyphs import CHIP_GAP
from app.desktop.item.fields.pieces import PRIORITY_ICONS, capital
from app.desktop.translate import tr
from app.desktop.words import record_sync_text
from app.domain.schema import ISSUE, KINDS, PERSON, FieldType
from app.query.paths import ColumnSpec
from app.workspace.view_columns import SYNC

NAMED_FROM = 64
"""A column of people shows the first one's name from this many pixels on; of statuses, the status's."""
_LEAST_TITLE = 120
_SUFFIX_GAP = 4
_CHIPS = 2


class PersonNameInk(NameInk):
    """A person's initials and name."""

    def draw(
        self, painter: QPainter, row: int, left: int, top: int, room: int, height: int, *, soft: bool
    ) -> None:
        name = self.text(row)
        taken = self.brush.avatar(painter, left, top, height, name) + self.brush.metrics.gap - 2
        tone = "muted" if soft else "text"
        self.brush.text(painter, left + taken, top, room - taken, height, name, tone)


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
        if room >= NAMED_FROM and entry is not None:
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
        return tuple(
            sorted((people[each].shown for each in _records(value) if each in people), key=str.casefold)
        )

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
        if room < NAMED_FROM:
            count = min(len(names), max(1, (room + side // 3) // (side - 4)))
            for place in range(count):
                brush.avatar(painter, left + place * (side - 4), top, height, names[place])
            return
        taken = brush.avatar(painter, left, top, height, names[0]) + brush.metrics.gap - 2
        suffix = f"+{len(names) - 1}" if len(names) > 1 else ""
        # A gap, and no blank within the text: the kept picture of a text covers what stands right before it.
        extra = brush.width(suffix) + _SUFFIX_GAP if suffix else 0
        tone = "muted" if soft else "text"
        brush.text(painter, left + taken, top, room - taken - extra, height, names[0], tone)
        if suffix:
            used = brush.exact(names[0], room - taken - extra)
            brush.text(painter, left + taken + used + _SUFFIX_GAP, top, extra + 5, height, suffix, "muted")


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
            found = [(labels[each].name, labels[each].color) for each in _records(value) if each in labels]
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
        return self._own(row) or tr("Untitled")

    def _own(self, row: int) -> str:
        return self.plain(row).strip() or self.scene.made_name(row)

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
        text = self._own(row)
        tone = "text" if text and not soft else "muted"
        text = text or tr("Untitled")
        labelled = self.labels is not None and self.scene.ready("labels")
        chips = self.labels.chips(row) if self.labels is not None and labelled else ()
        if not chips:
            brush.text(painter, left, top, room, height, text, tone)
            return
        least = min(brush.width(text[:200]), max(_LEAST_TITLE, room * 62 // 100))
        shown = fitting(brush, chips, room - least - 2 * CHIP_GAP, _CHIPS)
        taken = sum(brush.chip_width(name) + CHIP_GAP for name, _ in shown) + (CHIP_GAP if shown else 0)
        brush.text(painter, left, top, room - taken, height, text, tone)
        at = left + brush.exact(text, room - taken) + 2 * CHIP_GAP
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


def _records(value: Any) -> tuple[bytes, ...]:
    """The records that a value names; other programs may have put anything into it."""
    members = value if isinstance(value, tuple | list) else (value,)
    return tuple(each for each in members if isinstance(each, bytes))
