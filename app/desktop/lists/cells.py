"""What a row of a list consists of. Values only; ``delegate`` paints them, ``rows`` makes them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextCell:
    """Text in the colour of a token; ``hint`` stands over it when the pointer rests there."""

    text: str
    tone: str = "text"
    hint: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class TitleCell:
    """A title with up to two labels (name, hue) after it; more are counted."""

    text: str
    chips: tuple[tuple[str, str], ...] = ()
    more: int = 0
    tone: str = "text"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class StatusCell:
    """A status as its round glyph."""

    meaning: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class IconCell:
    """An icon of Phosphor's in the colour of a token."""

    icon: str
    tone: str = "muted"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class PeopleCell:
    """People by name: initials, and the first one's name where there is room."""

    names: tuple[str, ...] = ()

    @property
    def hint(self) -> str:
        """All names."""
        return ", ".join(self.names)


@dataclass(frozen=True, slots=True)
class DateCell:
    """A day as people say it."""

    text: str
    overdue: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SyncCell:
    """Where a record is: pending, synced or attention."""

    state: str
    hint: str = ""


Cell = TextCell | TitleCell | StatusCell | IconCell | PeopleCell | DateCell | SyncCell

EMPTY = TextCell("")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``key`` tells it apart in its list; ``spoken`` is what a screen reader says."""

    key: bytes
    record: bytes | None
    kind: str
    cells: tuple[Cell, ...]
    spoken: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``width`` in pixels at the base font, 0 for what takes the rest.

    ``from_width`` is the width of the list from which it is shown; ``wide`` its width from ``wide_from`` on.
    """

    key: str
    title: str
    width: int = 0
    from_width: int = 0
    wide: int = 0
    wide_from: int = 0
    right: bool = False
    sortable: bool = True
    show_title: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column lies in a row: its index, left edge and width in pixels."""

    index: int
    left: int
    width: int


def arrange(columns: tuple[Column, ...], width: int, scale: float, margin: int, gap: int) -> list[Place]:
    """Lay the columns out over ``width`` pixels; columns that do not fit are left out."""
    shown = [(index, each) for index, each in enumerate(columns) if width >= each.from_width * scale]
    widths = {}
    for index, each in shown:
        wide = each.wide and width >= each.wide_from * scale
        widths[index] = round((each.wide if wide else each.width) * scale)
    fixed = sum(widths.values()) + gap * (len(shown) - 1) + 2 * margin
    stretching = [index for index, each in shown if not each.width]
    places = []
    left = margin
    for index, _each in shown:
        own = widths[index]
        if index in stretching:
            own = max(0, (width - fixed) // len(stretching))
        places.append(Place(index, left, own))
        left += own + gap
    return places
