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
    """A title."""

    text: str
    tone: str = "text"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class IconCell:
    """An icon of Phosphor's in the colour of a token."""

    icon: str
    tone: str = "muted"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class DateCell:
    """A day as people say it."""

    text: str
    hint: str = ""


Cell = TextCell | TitleCell | IconCell | DateCell

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
    """A column. ``widths`` are pairs in pixels at the base font: from which width of the list on, how wide.

    Below the first it is not shown. A column without widths takes the rest.
    """

    key: str
    title: str
    widths: tuple[tuple[int, int], ...] = ()
    right: bool = False
    sortable: bool = True
    show_title: bool = True

    def width_in(self, room: float) -> int | None:
        """How wide the column is in a list of ``room`` pixels; None where it is left out, 0 for the rest."""
        if not self.widths:
            return 0
        fitting = [width for least, width in self.widths if room >= least]
        return fitting[-1] if fitting else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column lies in a row: its index, left edge and width in pixels."""

    index: int
    left: int
    width: int


def arrange(columns: tuple[Column, ...], width: int, scale: float, margin: int, gap: int) -> list[Place]:
    """Lay the columns out over ``width`` pixels; columns that do not fit are left out."""
    room = width / scale
    sized = [(index, column.width_in(room)) for index, column in enumerate(columns)]
    shown = [(index, round(own * scale)) for index, own in sized if own is not None]
    fixed = sum(own for _, own in shown) + gap * (len(shown) - 1) + 2 * margin
    stretching = sum(1 for _, own in shown if not own)
    rest = max(0, (width - fixed) // stretching) if stretching else 0
    places = []
    left = margin
    for index, own in shown:
        places.append(Place(index, left, own or rest))
        left += (own or rest) + gap
    return places
