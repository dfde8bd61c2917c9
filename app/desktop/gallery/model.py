"""What a gallery shows, and where it lies: days from the newest back, their files in rows of equal tiles."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from app.domain.schema import ATTACHMENT, COMMENT
from app.query.frames import Frames
from app.query.paths import CREATOR

FIELDS = ("parent", "name", "media_type", "captured", CREATOR)
"""The columns of files that are read; of comments it is what they were written on."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo or file. ``at`` is when it was taken, or else when it was added; ``folded`` is searched.

    ``parent`` is the issue, note or element, also where the file hangs on a comment; ``person`` added it.
    """

    record: bytes
    parent: bytes
    name: str
    media: str
    at: datetime
    title: str
    folded: str
    person: str = ""
    day: date = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "day", self.at.date())

    @property
    def is_photo(self) -> bool:
        """Whether it is a picture that can be seen large."""
        return self.media.startswith("image/")


def read_shots(columns: Frames, now: datetime) -> Iterator[Shot]:
    """All files of the project, in no order; the columns are loaded."""
    directory = columns.directory
    read = [columns.column(ATTACHMENT, each) for each in FIELDS]
    commented = columns.column(COMMENT, "parent")
    for record in columns.ids(ATTACHMENT):
        parent, name, kind, taken, creator = (each.get(record) for each in read)
        moment = taken if isinstance(taken, int) else int.from_bytes(record[:6], "big")
        try:
            at = datetime.fromtimestamp(moment / 1000, now.tzinfo)
        except (OverflowError, ValueError, OSError):  # a camera that tells a year beyond all calendars
            at = now
        above = parent if isinstance(parent, bytes) else b""
        on = commented.get(above)
        above = on if isinstance(on, bytes) else above
        number, heading = directory.number(above), directory.heading(above) or ""
        title = f"#{number} {heading}".strip() if number is not None else heading
        shown = name if isinstance(name, str) else ""
        person = (directory.heading(creator) or "") if isinstance(creator, bytes) else ""
        yield Shot(
            record,
            above,
            shown,
            kind if isinstance(kind, str) else "",
            at,
            title,
            f"{shown} {title} {person}".casefold(),
            person,
        )


def newest_first(shots: list[Shot]) -> Iterator[None]:
    """Sort them, in steps: comparing moments is slow."""
    shots.sort(key=attrgetter("record"), reverse=True)
    yield
    shots.sort(key=lambda shot: shot.at.timestamp(), reverse=True)


def choose(
    shots: Sequence[Shot], words: str, *, photos: bool = False, parent: bytes | None = None
) -> list[Shot]:
    """Those that have all the words, in the order in which they are given."""
    wanted = words.casefold().split()
    return [
        shot
        for shot in shots
        if (parent is None or shot.parent == parent)
        and (not photos or shot.is_photo)
        and all(word in shot.folded for word in wanted)
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """A day's head (``count`` is 0) or a row of tiles."""

    top: int
    height: int
    day: date
    first: int
    count: int


class Layout:
    """Where everything lies in a width; only lines that are seen are looked at."""

    def __init__(
        self,
        shots: Sequence[Shot],
        width: int,
        side: int,
        gap: int,
        head: int,
        caption: int,
        edge: int | None = None,
    ) -> None:
        """``edge``: what is left free at both sides, where it is more than the gap."""
        self.side, self.gap, self.caption = side, gap, caption
        self.edge = gap if edge is None else edge
        self.columns = max(1, (width - 2 * self.edge + gap) // (side + gap))
        self.lines: list[Line] = []
        self._line_of: list[int] = []
        top = gap
        first = 0
        self.days: dict[date, int] = {}
        for day, each in groupby(shots, key=attrgetter("day")):
            self.lines.append(Line(top, head, day, first, 0))
            top += head
            left = len(list(each))
            self.days[day] = left
            while left:
                count = min(left, self.columns)
                self._line_of += [len(self.lines)] * count
                self.lines.append(Line(top, side + caption + gap, day, first, count))
                top += side + caption + gap
                first += count
                left -= count
        self.height = top
        self._tops = [line.top for line in self.lines]

    def seen(self, top: int, bottom: int) -> list[Line]:
        """The lines between two heights."""
        at = max(0, bisect_right(self._tops, top) - 1)
        found = []
        while at < len(self.lines) and self.lines[at].top < bottom:
            found.append(self.lines[at])
            at += 1
        return found

    def place(self, index: int) -> tuple[int, int]:
        """The corner of a tile."""
        line = self.lines[self._line_of[index]]
        return self.edge + (index - line.first) * (self.side + self.gap), line.top

    def at(self, x: int, y: int) -> int | None:
        """The tile at a point."""
        found = self.seen(y, y + 1)
        column, inside = divmod(x - self.edge, self.side + self.gap)
        if not found or column < 0 or inside >= self.side or column >= found[0].count:
            return None
        return found[0].first + column

    def beside(self, index: int, rows: int) -> int:
        """The tile so many rows below (or above), in the same column where there is one."""
        column = index - self.lines[self._line_of[index]].first
        at = self._line_of[index]
        step = 1 if rows > 0 else -1
        for _ in range(abs(rows)):
            following = at + step
            while 0 <= following < len(self.lines) and not self.lines[following].count:
                following += step
            if not 0 <= following < len(self.lines):
                break
            at = following
        line = self.lines[at]
        return line.first + min(column, line.count - 1)
